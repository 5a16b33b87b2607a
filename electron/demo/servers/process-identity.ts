import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number: its PID and when it started. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque start time; empty where the platform does not tell. */
  startedAt: string;
}

/** Numbered fields of /proc/PID/stat from the state on, `null` when the process is gone. */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name stands in brackets and may hold anything; the numbered fields follow the last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It ended between two looks.
    return null;
  }
}

/** Start time of a living process, `null` when there is none (a zombie counts as gone). */
function startOf(pid: number): string | null {
  if (process.platform === 'linux') {
    const fields = statFields(pid);
    if (fields === null) return null;
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '');
  }
  const answer =
    process.platform === 'win32'
      ? spawnSync('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`], { encoding: 'utf8' })
      : spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return answer.status === 0 && answer.stdout.trim() !== '' ? answer.stdout.trim() : null;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: startOf(pid) ?? '' };
}

/** Whether exactly this process still runs. Without a known start time the answer is no: nothing foreign is ever touched. */
export function stillRuns(identity: ProcessIdentity): boolean {
  return identity.startedAt !== '' && startOf(identity.pid) === identity.startedAt;
}

/** Direct children. A server's workers (a Postgres backend, an SSH session) sit in sessions of their own. */
export function childrenOf(pid: number): ProcessIdentity[] {
  if (process.platform === 'win32') return [];
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && statFields(Number(name))?.[1] === String(pid))
      .map((name) => identify(Number(name)));
  }
  const listed = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout ?? '';
  return listed
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => identify(child ?? 0));
}
