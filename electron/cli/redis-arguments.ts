import type { ParseArgsConfig } from 'node:util';
import { usageError, wholeNumber } from '../launch/launch-arguments.ts';

/** Which Redis a command is about. */
export interface RedisArguments {
  /** Any text that names a Redis. May hold a secret. */
  url: string | undefined;
  /** Name or id of a saved workspace. */
  workspace: string | undefined;
  /** Overrides the database of the address. */
  db: number | undefined;
  dataFolder: string | undefined;
  json: boolean;
}

export const redisOptions = {
  url: { type: 'string' },
  workspace: { type: 'string' },
  db: { type: 'string' },
  'data-folder': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

export const redisHelp = `  --url TEXT              a Redis: URL (redis://, rediss://, redis+sentinel://, unix://), several hosts of a cluster,
                          a redis-cli line, host:port; LOOKASIDE_URL when it is not given
  --workspace NAME        a saved workspace instead of an address
  --db N                  another database than the address names
  --data-folder DIR       where workspaces, journals and exports are kept (default: LOOKASIDE_DATA, else the system's place)
  --json                  one JSON document on standard output, nothing else there

A password in an address is visible to other users of this machine while the command runs: put it into
LOOKASIDE_PASSWORD (or REDISCLI_AUTH), or the whole address into LOOKASIDE_URL.`;

/** @throws INVALID_INPUT when it names no Redis, or two */
export function readRedisArguments(
  values: { url?: string | undefined; workspace?: string | undefined; db?: string | undefined; 'data-folder'?: string | undefined; json?: boolean | undefined },
  environment: NodeJS.ProcessEnv,
): RedisArguments {
  for (const option of ['url', 'workspace', 'data-folder'] as const) {
    if (values[option]?.trim() === '') throw usageError(`--${option} is empty`);
  }
  if (values.url !== undefined && values.workspace !== undefined) throw usageError('--url and --workspace name two places');
  const url = values.url ?? (values.workspace === undefined ? environment['LOOKASIDE_URL'] || undefined : undefined);
  if (url === undefined && values.workspace === undefined) throw usageError('No Redis is named: give --url or --workspace');
  return {
    url,
    workspace: values.workspace,
    db: wholeNumber('--db', values.db, 0, 65_535),
    dataFolder: values['data-folder'],
    json: values.json ?? false,
  };
}
