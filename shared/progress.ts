/** How far something was at a time (ms of any clock that only goes forward). */
export interface ProgressSample {
  at: number;
  done: number;
}

/** The rate is that of the last 5 s: long enough to be calm, short enough to show a slow-down. */
export const rateWindowMs = 5000;
const leastStepMs = 100;

/**
 * Adds a sample and forgets those that the rate no longer needs: the newest one that is at least a window old stays as
 * its beginning. Samples closer than 100 ms are merged, so the list stays below 60. Returns a new list.
 */
export function addSample(samples: readonly ProgressSample[], sample: ProgressSample): ProgressSample[] {
  const kept = [...samples];
  const last = kept.at(-1);
  const before = kept.at(-2);
  if (last !== undefined && before !== undefined && sample.at - before.at < leastStepMs) kept.pop();
  kept.push(sample);
  let begin = 0;
  while (begin + 1 < kept.length && sample.at - (kept[begin + 1] as ProgressSample).at >= rateWindowMs) begin += 1;
  return kept.slice(begin);
}

/** Units a second over the samples until `now`, so that a stall shows as a falling rate; 0 before two moments are known. */
export function rateOf(samples: readonly ProgressSample[], now: number): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return 0;
  const elapsed = Math.max(now, last.at) - first.at;
  return elapsed > 0 ? (Math.max(0, last.done - first.done) * 1000) / elapsed : 0;
}

/** ms left at this rate: 0 when done, `null` when the total is unknown or nothing moves. */
export function etaMs(done: number, total: number | null, rate: number): number | null {
  if (total === null) return null;
  if (done >= total) return 0;
  return rate > 0 ? Math.ceil(((total - done) / rate) * 1000) : null;
}
