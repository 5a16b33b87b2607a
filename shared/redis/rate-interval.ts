import type { BlastRate } from '../contract/blast-radius.ts';

/** Of the normal distribution: 95 % lie within so many standard deviations. */
export const deviations = 1.96;

export interface Interval {
  low: number;
  high: number;
}

/**
 * Where the mean of a count lies at 95 %, when events come independently (Poisson). Byar's approximation of the exact interval
 * (Breslow and Day, Statistical Methods in Cancer Research II, p. 69): within 2 % of it from 2 events on.
 */
export function countInterval(count: number): Interval {
  const bound = (n: number, side: number): number => n * (1 - 1 / (9 * n) + (side * deviations) / (3 * Math.sqrt(n))) ** 3;
  return { low: count === 0 ? 0 : Math.max(0, bound(count, -1)), high: bound(count + 1, 1) };
}

/** Where a share lies at 95 % after `hits` of `asked` (Wilson's score interval); 0 to 1 when nothing was asked. */
export function shareInterval(hits: number, asked: number): Interval {
  if (asked === 0) return { low: 0, high: 1 };
  const p = hits / asked;
  const z2 = deviations ** 2;
  const middle = (p + z2 / (2 * asked)) / (1 + z2 / asked);
  const half = (deviations / (1 + z2 / asked)) * Math.sqrt((p * (1 - p)) / asked + z2 / (4 * asked ** 2));
  return { low: hits === 0 ? 0 : Math.max(0, middle - half), high: hits === asked ? 1 : Math.min(1, middle + half) };
}

/** Events in a time, as a rate. */
export function rateOfCount(count: number, seconds: number): BlastRate {
  const { low, high } = countInterval(count);
  return { perSecond: count / seconds, low: low / seconds, high: high / seconds, exactness: 'estimated' };
}

/** The sum of rates that were measured apart: bounds are summed, which is wider than it need be. One `atLeast` makes the sum so. */
export function sumOfRates(rates: readonly BlastRate[]): BlastRate {
  const partial = rates.some(({ exactness }) => exactness === 'atLeast');
  return {
    perSecond: rates.reduce((sum, each) => sum + each.perSecond, 0),
    low: rates.reduce((sum, each) => sum + each.low, 0),
    high: rates.reduce<number | null>((sum, { high }) => (sum === null || high === null ? null : sum + high), 0),
    exactness: partial ? 'atLeast' : rates.every(({ exactness }) => exactness === 'exact') ? 'exact' : 'estimated',
  };
}

/** Each event of a rate weighs so much, known without error. */
export function timesRate(rate: BlastRate, weight: number): BlastRate {
  return { perSecond: rate.perSecond * weight, low: rate.low * weight, high: rate.high === null ? null : rate.high * weight, exactness: rate.exactness };
}

/** A rate of which only a share counts, `hits` of `asked` looked at in no particular order. */
export function partOfRate(rate: BlastRate, hits: number, asked: number): BlastRate {
  const share = shareInterval(hits, asked);
  return {
    perSecond: asked === 0 ? 0 : (rate.perSecond * hits) / asked,
    low: rate.low * share.low,
    high: rate.high === null ? null : rate.high * share.high,
    exactness: rate.exactness === 'exact' ? 'estimated' : rate.exactness,
  };
}
