import { launchOptions, parse, readLaunchArguments, usageError, wholeNumber, type LaunchArguments } from '../launch/launch-arguments.ts';
import { loopbackAddress } from '../web/own-address.ts';

export interface ServeArguments extends LaunchArguments {
  listen: string;
  port: number;
  publicPorts: number[];
  open: boolean;
  json: boolean;
  tokenFile: string | undefined;
  idleExitMinutes: number;
}

/**
 * Reads the arguments after `serve`.
 * @throws INVALID_INPUT with words for a person, never with a value that may be a secret
 */
export function readServeArguments(args: readonly string[]): ServeArguments {
  const { values } = parse({
    args: [...args],
    options: {
      ...launchOptions,
      listen: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      'public-port': { type: 'string', multiple: true },
      'no-open': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'token-file': { type: 'string' },
      'idle-exit': { type: 'string' },
    },
    strict: true,
    allowPositionals: false,
  });
  if (values['token-file']?.trim() === '') throw usageError('--token-file is empty');
  loopbackAddress(values.listen);
  return {
    ...readLaunchArguments(values),
    listen: values.listen,
    port: wholeNumber('--port', values.port, 0, 65_535) ?? 0,
    publicPorts: (values['public-port'] ?? []).map((text) => wholeNumber('--public-port', text, 1, 65_535) ?? 0),
    open: !values['no-open'],
    json: values.json,
    tokenFile: values['token-file'],
    idleExitMinutes: wholeNumber('--idle-exit', values['idle-exit'], 1, 100_000) ?? 0,
  };
}
