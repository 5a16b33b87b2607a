import { parseArgs } from 'node:util';
import { launchOptions, readLaunchArguments, type LaunchArguments } from '../launch/launch-arguments.ts';

/**
 * What the desktop app was started with. Electron and Chromium have switches of their own beside ours, so unknown
 * ones pass.
 * @throws INVALID_INPUT
 */
export function readMainArguments(argv: readonly string[]): LaunchArguments {
  const { values } = parseArgs({ args: argv.slice(1), options: launchOptions, strict: false, allowPositionals: true });
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return readLaunchArguments({
    demo: values['demo'] === true,
    keys: text(values['keys']),
    rate: text(values['rate']),
    url: text(values['url']),
    pg: text(values['pg']),
    'data-folder': text(values['data-folder']),
  });
}
