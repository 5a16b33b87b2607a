import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { LookasideError } from '../../shared/contract/errors.ts';

/**
 * Where profiles, history and journals live: `--data-folder`, `LOOKASIDE_DATA`, else the place the system keeps for it
 * (XDG Base Directory, Application Support, APPDATA).
 */
export function dataFolderPath(given: string | undefined, environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  const chosen = given || environment['LOOKASIDE_DATA'];
  if (chosen) return resolve(chosen);
  const home = homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Lookaside');
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Lookaside');
  // The specification says to ignore a relative path.
  const xdg = environment['XDG_DATA_HOME'];
  return join(xdg && isAbsolute(xdg) ? xdg : join(home, '.local', 'share'), 'Lookaside');
}

/**
 * Creates the folder, for this user only.
 * @throws STORE_FAILED when it cannot be created
 */
export function createDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LookasideError('STORE_FAILED', `The data folder ${path} cannot be created: ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'Choose another with --data-folder or LOOKASIDE_DATA.',
      cause: error,
    });
  }
}
