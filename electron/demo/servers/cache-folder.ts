import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { identify, stillRuns, type ProcessIdentity } from './process-identity.ts';

/** The checkout this file runs from (directly or built into `dist/`), or `null` in an installed app. */
function checkout(): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (existsSync(join(folder, 'electron', 'demo', 'servers')) && existsSync(join(folder, 'package.json'))) return folder;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}

/** Where obtained server programs are kept: `.cache/` of the checkout, else the user's cache folder. */
export function cacheFolder(): string {
  const given = process.env['LOOKASIDE_CACHE'];
  if (given) return given;
  const root = checkout();
  if (root) return join(root, '.cache');
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'lookaside', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'lookaside');
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lookaside');
}

function holderOf(lock: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as ProcessIdentity;
  } catch {
    // Gone, or being written at this moment: the caller asks again.
    return null;
  }
}

/**
 * Runs `body` while no other process runs one under the same name; a lock whose holder died is taken over.
 * Rejects with DEMO_UNAVAILABLE after `timeoutMs` of waiting.
 */
export async function withLock<T>(name: string, body: () => Promise<T>, timeoutMs = 180_000): Promise<T> {
  const folder = join(cacheFolder(), 'locks');
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, `${name}.json`);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      writeFileSync(lock, JSON.stringify(identify(process.pid)), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(lock);
    if (holder && !stillRuns(holder)) {
      // Renaming decides between several that want to take it over: only one succeeds.
      const grave = `${lock}.${process.pid}`;
      try {
        renameSync(lock, grave);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      rmSync(grave, { force: true });
      continue;
    }
    if (Date.now() > deadline) {
      throw new LookasideError('DEMO_UNAVAILABLE', `Another process has been preparing ${name} for ${timeoutMs / 1000} s`, {
        hint: `Remove ${lock} when no other start is under way.`,
      });
    }
    await delay(100);
  }
  try {
    return await body();
  } finally {
    rmSync(lock, { force: true });
  }
}
