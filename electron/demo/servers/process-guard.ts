import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { childrenOf, identify, stillRuns, type ProcessIdentity } from './process-identity.ts';

/** What the PID file of one owner (a process that starts servers) says. */
interface OwnerRecord {
  owner: ProcessIdentity;
  children: (ProcessIdentity & { command: string })[];
  folders: string[];
}

interface Guard {
  record: OwnerRecord;
  recordFile: string;
  reaper: ChildProcess | null;
}

const folderPrefix = 'lookaside-server-';
/** One guard a process, also when a test runner loads this module several times in it. */
const slot: unique symbol = Symbol.for('lookaside.process-guard') as never;
const globals = globalThis as { [slot]?: Guard };

/** Where PID files live: one folder per user, readable by that user alone. */
function recordFolder(): string {
  const uid = process.getuid?.() ?? userInfo().username;
  const folder = join(tmpdir(), `lookaside-servers-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (found.isSymbolicLink() || (process.getuid && found.uid !== process.getuid())) {
    // Someone else made it first: their records must not steer what is killed here.
    return mkdtempSync(join(tmpdir(), 'lookaside-servers-'));
  }
  if (process.platform !== 'win32') chmodSync(folder, 0o700);
  return folder;
}

function writeRecord(guard: Guard): void {
  const draft = `${guard.recordFile}.new`;
  writeFileSync(draft, JSON.stringify(guard.record), { mode: 0o600 });
  renameSync(draft, guard.recordFile);
}

/** Ends exactly this process and its workers, if it still runs. */
export function killIfOurs(identity: ProcessIdentity): boolean {
  if (!stillRuns(identity)) return false;
  // A worker may outlive its master by a long statement: both go.
  for (const one of [identity, ...childrenOf(identity.pid)]) {
    try {
      process.kill(one.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return true;
}

function removeFolder(folder: string): void {
  // Only ever folders that `makeServerFolder` names.
  if (folder.includes(folderPrefix)) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

/** Result of a sweep, for tests and for the log. */
export interface Sweep {
  killed: number[];
  folders: string[];
}

/** Ends the servers and removes the folders of owners that are gone. Owners still alive are left alone. */
export function sweepStale(folder: string = recordFolder()): Sweep {
  const sweep: Sweep = { killed: [], folders: [] };
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.json')) continue;
    const file = join(folder, name);
    let record: OwnerRecord;
    try {
      record = JSON.parse(readFileSync(file, 'utf8')) as OwnerRecord;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') rmSync(file, { force: true });
      continue;
    }
    if (stillRuns(record.owner)) continue;
    for (const child of record.children) if (killIfOurs(child)) sweep.killed.push(child.pid);
    for (const stale of record.folders) {
      if (existsSync(stale)) sweep.folders.push(stale);
      removeFolder(stale);
    }
    rmSync(file, { force: true });
  }
  return sweep;
}

/** Kills whatever is left and forgets it; the last line of defence, so it is synchronous. */
function endAll(guard: Guard): void {
  for (const child of guard.record.children) killIfOurs(child);
  for (const folder of guard.record.folders) removeFolder(folder);
  guard.record.children = [];
  guard.record.folders = [];
  rmSync(guard.recordFile, { force: true });
}

/**
 * A shell that outlives its owner by a moment: its input closes when the owner ends for whatever reason (SIGKILL
 * too), and it then kills the servers that are still listed.
 */
function startReaper(): ChildProcess | null {
  if (process.platform === 'win32') return null;
  const script =
    'trap "" INT TERM HUP; all=; while read -r verb pid; do case $verb in add) all="$all $pid";; ' +
    'del) rest=; for p in $all; do [ "$p" = "$pid" ] || rest="$rest $p"; done; all=$rest;; esac; done; ' +
    // Postgres ends its workers on QUIT; they would outlive a KILL by the length of a statement.
    '[ -z "$all" ] || { kill -QUIT $all; sleep 1; kill -KILL $all; } 2>/dev/null';
  const reaper = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // Without `sh` the sweep at the next start is what remains.
  reaper.on('error', () => undefined);
  reaper.stdin?.on('error', () => undefined);
  reaper.unref();
  (reaper.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return reaper;
}

function guardOfThisProcess(): Guard {
  const present = globals[slot];
  if (present) return present;
  const folder = recordFolder();
  sweepStale(folder);
  const owner = identify(process.pid);
  const guard: Guard = {
    record: { owner, children: [], folders: [] },
    recordFile: join(folder, `${process.pid}.json`),
    reaper: null,
  };
  globals[slot] = guard;
  process.on('exit', () => endAll(guard));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const onSignal = () => {
      // With another listener the program stops by itself and ends in 'exit'; alone, the signal does its usual work.
      if (process.listenerCount(signal) > 1) return;
      endAll(guard);
      process.off(signal, onSignal);
      process.kill(process.pid, signal);
    };
    process.on(signal, onSignal);
  }
  return guard;
}

/** Makes a temporary folder (mode 0700) that is removed with the servers, at the latest by the next start's sweep. */
export function makeServerFolder(): string {
  const guard = guardOfThisProcess();
  const folder = mkdtempSync(join(tmpdir(), folderPrefix));
  guard.record.folders.push(folder);
  writeRecord(guard);
  return folder;
}

export function removeServerFolder(folder: string): void {
  const guard = guardOfThisProcess();
  removeFolder(folder);
  guard.record.folders = guard.record.folders.filter((known) => known !== folder);
  writeRecord(guard);
}

/**
 * Spawns a server that cannot outlive this process. It gets its own process group, so that a terminal's Ctrl-C
 * reaches it only by way of its owner's orderly stop.
 */
export function spawnGuarded(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const guard = guardOfThisProcess();
  const child = spawn(command, args, { ...options, detached: process.platform !== 'win32', windowsHide: true });
  const { pid } = child;
  if (pid === undefined) return child;
  guard.reaper ??= startReaper();
  guard.reaper?.stdin?.write(`add ${pid}\n`);
  const identity = identify(pid);
  guard.record.children.push({ ...identity, command });
  writeRecord(guard);
  child.once('exit', () => {
    guard.reaper?.stdin?.write(`del ${pid}\n`);
    guard.record.children = guard.record.children.filter((known) => known.pid !== pid);
    writeRecord(guard);
  });
  return child;
}
