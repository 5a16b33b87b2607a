/**
 * Buckets of time left. Edges are ms from now: bucket `i` is `[edges[i], edges[i+1])`, the last one is open. The first
 * edge is always 0.
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Roughly logarithmic, at the lengths that people set: 21 buckets from a second to more than a year. */
export const distributionEdges: readonly number[] = [
  0, second, 5 * second, 15 * second, 30 * second,
  minute, 2 * minute, 5 * minute, 15 * minute, 30 * minute,
  hour, 2 * hour, 4 * hour, 8 * hour, 16 * hour,
  day, 3 * day, 7 * day, 14 * day, 30 * day, 90 * day, 365 * day,
];

/** Each edge of `searchEdges` is this much above the one before, from a minute on. */
export const searchRatio = 1.025;

/** Fine enough to search for cliffs and to read quantiles from: 2.5 % wide from a minute to 45 days, coarser beyond. */
export const searchEdges: readonly number[] = (() => {
  const edges = Array.from({ length: 40 }, (_, at) => at * 1500);
  for (let edge = minute; edge < 45 * day; edge *= searchRatio) edges.push(Math.round(edge));
  for (let edge = 45 * day; edge < 40 * 365 * day; edge *= 1.5) edges.push(Math.round(edge));
  return edges;
})();

/**
 * Edges of `count` equal bars between two moments, with 0 before them where they begin later: bars are what lies after
 * `skip` buckets, and the last, open bucket is none of them.
 */
export function windowEdges(from: number, to: number, count: number): { edges: number[]; skip: number } {
  const start = Math.max(0, Math.round(from));
  const width = Math.max(1, (Math.max(start + count, to) - start) / count);
  const edges = Array.from({ length: count + 1 }, (_, at) => Math.round(start + at * width));
  return start === 0 ? { edges, skip: 0 } : { edges: [0, ...edges], skip: 1 };
}

/** Sums of `counts` up to each edge; one longer than `counts`. */
export function runningTotals(counts: readonly number[]): number[] {
  const totals = [0];
  let sum = 0;
  for (const count of counts) totals.push((sum += count));
  return totals;
}
