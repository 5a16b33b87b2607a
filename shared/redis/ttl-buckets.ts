/** Where buckets of time left begin, ms: below a second, then four to a decade up to ten years, the last one open. */
export const ttlEdges: readonly number[] = [0, ...Array.from({ length: 35 }, (_, step) => Math.round(1000 * 10 ** (step / 4)))];

/** The bucket that holds a time: the last edge at or below it; -1 below the first. */
export function bucketOf(edges: readonly number[], ms: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The time that a share of all in the buckets has at most, interpolated inside its bucket; `null` of nothing. The last
 * bucket is taken as twice as long as it begins.
 */
export function quantileOf(edges: readonly number[], counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = share * total;
  for (const [at, count] of counts.entries()) {
    const from = edges[at] ?? 0;
    if (left <= count && count > 0) return from + (left / count) * ((edges[at + 1] ?? from * 2) - from);
    left -= count;
  }
  return edges.at(-1) ?? 0;
}
