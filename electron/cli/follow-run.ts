import type { RunSnapshot } from '../../shared/contract/bulk.ts';
import { LookasideError } from '../../shared/contract/errors.ts';
import type { RedisSide } from './on-redis.ts';
import { exitCodes } from './terminal.ts';
import { counted, lasting, percent } from './words.ts';

/** A server that does not come back within this time stops the run, ms. A failover takes less. */
const patienceMs = 60_000;

const ended: ReadonlySet<RunSnapshot['state']> = new Set(['done', 'cancelled', 'failed', 'interrupted']);

function progressOf(run: RunSnapshot): string {
  const parts = [`${counted(run.done)} of ${counted(run.total)}`, percent(run.total === 0 ? 1 : run.done / run.total), `${counted(Math.round(run.rate))} a second`];
  if (run.etaMs !== null) parts.push(`${lasting(run.etaMs)} left`);
  if (run.holding !== null) parts.push(`holds back: ${run.holding.because === 'latency' ? `latency ${run.holding.value.toFixed(1)} ms` : `hit rate ${percent(run.holding.value)}`}`);
  else if (run.phase !== 'running') parts.push(run.phase);
  if (run.state === 'waiting-for-server') parts.push('waits for the server');
  return parts.join(', ');
}

/**
 * Follows a run or an undo to its end. The first Ctrl-C, or a server that stays away, stops it at the end of a batch. Resolves to its last
 * snapshot, whatever came of it.
 */
export async function followRun(side: RedisSide, started: { runId: string; jobId: string }): Promise<RunSnapshot> {
  const { host, signal, terminal } = side;
  const { bulk, jobs } = host.services;
  const over = new AbortController();
  const stop = (): void => {
    try {
      jobs.cancel(started.jobId);
    } catch (error) {
      // it has ended by itself meanwhile
      if (!(error instanceof LookasideError)) throw error;
    }
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let last: RunSnapshot | null = null;
  let waitingSince: number | null = null;
  try {
    for await (const run of bulk.watchRun(started.runId, over.signal)) {
      last = run;
      terminal.progress?.(progressOf(run));
      if (run.state !== 'waiting-for-server') waitingSince = null;
      else {
        waitingSince ??= performance.now();
        if (performance.now() - waitingSince > patienceMs) stop();
      }
      if (ended.has(run.state)) break;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
    terminal.progress?.(null);
  }
  if (last === null) throw new LookasideError('INTERNAL', 'The run gave no sign');
  return last;
}

export function sum(counts: readonly { count: number }[]): number {
  return counts.reduce((all, { count }) => all + count, 0);
}

/** `{ gone: 3 }` of what was left, `{ REDIS_NO_PERMISSION: 1 }` of what failed. */
export function byReason(run: RunSnapshot): { skippedBy: Record<string, number>; failedBy: Record<string, number> } {
  const failedBy: Record<string, number> = {};
  for (const { code, count } of run.failed) failedBy[code] = (failedBy[code] ?? 0) + count;
  return { skippedBy: Object.fromEntries(run.left.map(({ reason, count }) => [reason, count])), failedBy };
}

export function codeOfRun(run: RunSnapshot): number {
  return run.state === 'done' && run.failed.length === 0 ? exitCodes.done : exitCodes.failed;
}
