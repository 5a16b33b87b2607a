import { setTimeout as delay } from 'node:timers/promises';
import { LookasideError, type ErrorCode } from '../../../../shared/contract/errors.ts';

/** What passes when one waits: the connection comes back, a failover ends, a script ends. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'CONNECTION_LOST',
  'OUTCOME_UNKNOWN',
  'CONNECTION_REFUSED',
  'CONNECT_TIMEOUT',
  'HOST_UNROUTABLE',
  'REDIS_LOADING',
  'REDIS_MASTER_DOWN',
  'REDIS_CLUSTER_DOWN',
  'REDIS_READ_ONLY_REPLICA',
  'REDIS_BUSY',
  'REDIS_MISCONF',
]);

/** Server texts under a general code that pass as well: keys of a slot that is being moved. */
const passingText = /^(?:TRYAGAIN|MOVED|ASK|NOREPLICAS) /;

export function isPassing(error: unknown): error is LookasideError {
  if (!(error instanceof LookasideError)) return false;
  return passing.has(error.code) || passingText.test(String(error.details['reply'] ?? ''));
}

const firstMs = 50;
const mostMs = 2000;

export interface Waiting {
  signal: AbortSignal;
  /** Told when the wait begins and ends. */
  onWait?: ((waiting: boolean, why: LookasideError | null) => void) | undefined;
}

/** Rests for `ms`, or rejects with CANCELLED at once when the signal aborts. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // the timer rejects only when it is aborted
    throw new LookasideError('CANCELLED', 'Cancelled');
  }
}

/**
 * Does what only reads, again and again until the server answers. What does not pass by waiting is thrown.
 * Never for a write: that may have happened.
 */
export async function untilAnswered<T>(read: () => Promise<T>, { signal, onWait }: Waiting): Promise<T> {
  let waited = false;
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
    try {
      const value = await read();
      if (waited) onWait?.(false, null);
      return value;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (!waited) onWait?.(true, error);
      waited = true;
      await rest(Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 6)), signal);
    }
  }
}
