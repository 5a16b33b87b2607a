import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { isMissing, lockName } from './journal-files.ts';

/** A lock is held for a few writes to a disk: an older one has no owner any more, ms. */
const longestHoldMs = 30_000;
/** Of the guard around a takeover. */
const longestTakeoverMs = 10_000;
const giveUpMs = 15_000;

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

async function claim(path: string, token = ''): Promise<boolean> {
  let handle;
  try {
    handle = await open(path, 'wx', 0o600);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await handle.writeFile(`${process.pid} ${hostname()} ${token}\n`);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    const age = Date.now() - mtimeMs;
    if (age > longestHoldMs) return true;
    const [pid = '', machine] = (await readFile(path, 'utf8')).trim().split(' ');
    // an empty one is being written just now
    return machine === hostname() && /^\d+$/.test(pid) && !isAlive(Number(pid));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Removes a lock without an owner. Whoever does so holds the guard and looks again: another may have removed and taken it meanwhile. */
async function takeOver(path: string): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await claim(guard))) {
    const age = await stat(guard).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0);
    if (age > longestTakeoverMs) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isStale(path)) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/**
 * Does `work` while no other process, and no one else in this one, writes the journal of this folder. Rejects with what `work` rejects with, with
 * the system's own error, or with STORE_FAILED when the lock does not come free.
 */
export async function whileLocked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, lockName);
  const begun = Date.now();
  const token = randomUUID();
  for (let attempt = 0; !(await claim(path, token)); attempt += 1) {
    if (await isStale(path)) await takeOver(path);
    else if (Date.now() - begun > giveUpMs) {
      throw new LookasideError('STORE_FAILED', 'The audit journal is being written by another process', {
        hint: `Try again. If no other Lookaside runs, remove ${path}.`,
        details: { file: path },
      });
    } else await delay(Math.min(25, 1 + attempt * 2) * (0.5 + Math.random()));
  }
  try {
    return await work();
  } finally {
    // one who slept for too long has lost it to another
    const content = await readFile(path, 'utf8').catch(() => '');
    if (content.includes(token)) await rm(path, { force: true });
  }
}
