import type { Exactness } from '../contract/keys.ts';

/** How far one scan's counts can be trusted. */
export interface CountFacts {
  /** The present pass has been walked to its end on every node. */
  complete: boolean;
  /** Names of an earlier pass are still held: some may be gone. */
  holdsEarlierPass: boolean;
}

/** `exact` after a whole pass; `estimated` while an earlier pass's names are mixed in; else `atLeast`. */
export function countExactness(facts: CountFacts): Exactness {
  if (facts.complete) return 'exact';
  return facts.holdsEarlierPass ? 'estimated' : 'atLeast';
}

/** Part of the keyspace walked, 0 to 1: 1 only when complete, whatever the estimates say; 0 while `total` is unknown. */
export function scanCoverage(walked: number, total: number | null, complete: boolean): number {
  if (complete) return 1;
  if (total === null || total <= 0) return 0;
  return Math.min(walked / total, 0.999);
}
