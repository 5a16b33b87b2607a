import type { BytesEstimate } from '../contract/key-facts.ts';

/** What is known of the amounts of `total` things after `known` of them were read in no particular order. */
export interface PartialSum {
  known: number;
  sum: number;
  /** Sum of the squares. */
  squares: number;
  total: number;
  /** No more will come: `total` is exact. */
  complete: boolean;
}

/** Of the normal distribution: 95 % lie within so many standard deviations. */
const deviations = 1.96;

/**
 * The whole sum, from the mean of what is known: mean +- 1.96 standard errors with finite population correction, times
 * `total`. Never below what was seen. `null` when nothing is known of something; `high: null` when one is, of many.
 */
export function estimateSum({ known, sum, squares, total, complete }: PartialSum): BytesEstimate | null {
  if (known === 0 && total > 0) return null;
  if (known >= total) return { known, seen: sum, value: sum, low: sum, high: sum, exactness: complete ? 'exact' : 'atLeast' };
  const value = (sum / known) * total;
  if (known === 1) return { known, seen: sum, value, low: sum, high: null, exactness: 'estimated' };
  // rounding can bring it just below 0
  const variance = Math.max(0, (squares - (sum * sum) / known) / (known - 1));
  const error = Math.sqrt((variance / known) * ((total - known) / total)) * total;
  return {
    known,
    seen: sum,
    value,
    low: Math.max(sum, value - deviations * error),
    high: value + deviations * error,
    exactness: 'estimated',
  };
}
