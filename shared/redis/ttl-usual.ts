import { quantileOf } from './ttl-buckets.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Lengths that people set, ms. */
const roundLengths: readonly number[] = [
  ...[1, 2, 3, 5, 10, 15, 20, 30, 45].map((n) => n * second),
  ...[1, 2, 3, 5, 10, 15, 20, 30, 45, 90].map((n) => n * minute),
  ...[1, 2, 3, 4, 6, 8, 12, 16, 18, 36].map((n) => n * hour),
  ...[1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 31, 45, 60, 90, 120, 180, 365, 730].map((n) => n * day),
].toSorted((a, b) => a - b);

/** The expiries that a namespace usually has, read from the time left of its keys at one moment. */
export interface UsualTtl {
  /** Keys that expire. */
  keys: number;
  /** Time left in ms that a tenth, half and nine tenths of them have at most: as exact as the buckets are narrow. */
  q10: number;
  q50: number;
  q90: number;
  /** Upper end of the highest bucket that holds a key that is no outlier. */
  longest: number;
  /** The length that writers probably set: an estimate, the round length just above the longest time left. `null` = no round one fits. */
  likelySet: number | null;
  /** Keys with far more time left than the others, and from where on they count as such. */
  outliers: { keys: number; above: number };
}

/** More than this times the ninth decile is an outlier. */
const outlierFactor = 3;
/** A round length may lie this much below the upper end of the longest bucket, or above its lower end. */
const roundSlack = 1.06;

/** What a namespace usually gets; `null` when none of its keys expires. */
export function usualTtl(edges: readonly number[], counts: readonly number[]): UsualTtl | null {
  const keys = counts.reduce((sum, count) => sum + count, 0);
  if (keys === 0) return null;
  const quantile = (share: number) => quantileOf(edges, counts, share) ?? 0;
  const q90 = quantile(0.9);
  const firstOutlier = edges.findIndex((edge) => edge > q90 * outlierFactor);
  const end = firstOutlier === -1 ? counts.length : firstOutlier;
  let highest = 0;
  for (let at = 0; at < end; at += 1) if ((counts[at] as number) > 0) highest = at;
  const from = edges[highest] as number;
  const longest = edges[highest + 1] ?? from;
  const fitting = roundLengths.find((length) => length >= from && length >= longest / roundSlack && length <= longest * roundSlack);
  return {
    keys,
    q10: quantile(0.1),
    q50: quantile(0.5),
    q90,
    longest,
    likelySet: fitting ?? null,
    outliers: { keys: counts.slice(end).reduce((sum, count) => sum + count, 0), above: edges[end] ?? Infinity },
  };
}

/** What a namespace usually got when it was last remembered. */
export interface UsualBefore {
  q50: number;
  q90: number;
}

/** How much shorter or longer the time left is than before: the factor of the ninth decile, `null` when it is about the same. */
export function drift(now: UsualTtl, before: UsualBefore): number | null {
  if (before.q90 <= 0 || now.q90 <= 0) return null;
  const factor = now.q90 / before.q90;
  return factor > 1.25 || factor < 0.8 ? factor : null;
}
