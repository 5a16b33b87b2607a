import { LookasideError } from '../../../../../shared/contract/errors.ts';
import { ScanPace } from '../../index/scan-pace.ts';
import type { Command } from '../../session.ts';
import { readTyped, type KeyAt } from '../key-read.ts';
import { numberOf, replyOf, type Outcome } from '../replies.ts';

/** Bytes that one command may touch: about 0.1 ms of the server's time. */
export const walkBytes = 256 * 1024;

export interface WalkStep {
  /** First byte of the window and the end of it, exclusive. */
  from: number;
  to: number;
  /** STRLEN at this step. */
  total: number;
  outcome: Outcome;
}

export interface WalkOptions {
  from: number;
  /** Exclusive; `null` = the end of the value. */
  to: number | null;
  signal: AbortSignal;
  /** The command for one window, ends inclusive as Redis counts them. */
  read: (from: number, last: number) => Command;
}

function nap(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Waits after each page so that a walk uses at most half of the server's time, and less while its latency is up. */
export function createPacer(key: KeyAt, signal: AbortSignal): (roundTripMs: number) => Promise<void> {
  const pace = new ScanPace(null);
  pace.begin(key.session.latencyMs() ?? 0.3);
  pace.others(null);
  let probed = performance.now();
  return async (roundTripMs) => {
    const now = performance.now();
    const latency = key.session.latencyMs();
    if (latency !== null && now - probed > 500) {
      pace.probe(latency);
      probed = now;
    }
    const rest = pace.page(roundTripMs);
    if (rest > 0) await nap(rest, signal);
  };
}

/**
 * The windows of a string from `from` to `to`, one round trip each, TYPE and STRLEN with it. Ends quietly when the
 * value has become shorter.
 * @throws KEY_GONE, REDIS_WRONG_TYPE, CANCELLED
 */
export async function* walkWindows(key: KeyAt, { from, to, signal, read }: WalkOptions): AsyncGenerator<WalkStep, void, void> {
  const rest = createPacer(key, signal);
  let at = from;
  for (;;) {
    if (signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
    const end = to === null ? at + walkBytes : Math.min(to, at + walkBytes);
    const begun = performance.now();
    const [length, outcome] = await readTyped(key, 'string', [['STRLEN', key.name], read(at, end - 1)]);
    const took = performance.now() - begun;
    const total = numberOf(replyOf(length));
    yield { from: at, to: Math.max(at, Math.min(end, total)), total, outcome: outcome as Outcome };
    at = end;
    if (at >= total || (to !== null && at >= to)) return;
    await rest(took);
  }
}
