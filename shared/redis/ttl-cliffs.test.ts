import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionEdges, runningTotals, searchEdges, windowEdges } from './ttl-edges.ts';
import { cliffCandidates, cliffRule, findCliffs, fineEdges, widestWindow } from './ttl-cliffs.ts';

/** Counts of times in buckets, one by one. */
function count(edges: readonly number[], times: readonly number[]): number[] {
  const counts = edges.map(() => 0);
  for (const time of times) {
    let at = edges.length - 1;
    while ((edges[at] as number) > time) at -= 1;
    counts[at] = (counts[at] as number) + 1;
  }
  return counts;
}

/** The two passes that the screen makes. */
function search(times: readonly number[]) {
  const candidates = cliffCandidates(searchEdges, count(searchEdges, times), times.length);
  const edges = fineEdges(candidates);
  return findCliffs(edges, count(edges, times), times.length);
}

const minute = 60_000;
const hour = 60 * minute;

/** The same on every run. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('edges', () => {
  it('grow, begin with 0 and fit one call', () => {
    for (const edges of [distributionEdges, searchEdges]) {
      expect(edges[0]).toBe(0);
      expect(edges.length).toBeLessThanOrEqual(512);
      expect(edges.every((edge, at) => at === 0 || edge > (edges[at - 1] as number))).toBe(true);
    }
  });

  it('cut a window into bars that cover it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 1, max: 200 }), (from, length, bars) => {
        const { edges, skip } = windowEdges(from, from + length, bars);
        expect(edges.length - 1 - skip).toBe(bars);
        expect(edges[0]).toBe(0);
        expect(edges[skip]).toBe(from);
        expect(edges.at(-1)).toBe(Math.max(from + length, from + bars));
        expect(edges.every((edge, at) => at === 0 || edge > (edges[at - 1] as number))).toBe(true);
      }),
    );
  });
});

describe('findCliffs', () => {
  it('names the count, the window and the share', () => {
    const random = pseudoRandom(1);
    const times = [
      ...Array.from({ length: 41_212 }, () => 9 * hour + random() * 2 * minute),
      ...Array.from({ length: 60_000 }, () => random() * 24 * hour),
    ];
    const [cliff, ...others] = search(times);
    expect(others).toEqual([]);
    expect(cliff?.from).toBeGreaterThan(9 * hour - 2 * minute);
    expect(cliff?.from).toBeLessThanOrEqual(9 * hour + 1000);
    expect(cliff?.to).toBeLessThan(9 * hour + 3 * minute);
    expect(cliff?.keys).toBeGreaterThanOrEqual(41_212 * 0.95);
    expect(cliff?.keys).toBeLessThan(41_212 + 60_000 * 0.01);
    expect(cliff?.share).toBeCloseTo(41_212 / times.length, 1);
    expect(cliff?.peakPerSecond).toBeGreaterThan(300);
    expect(cliff?.severity).toBe('notable');
  });

  it('finds none where keys expire evenly, at whatever constant rate', () => {
    for (const ttl of [minute, hour, 24 * hour, 7 * 24 * hour]) {
      const random = pseudoRandom(ttl);
      expect(search(Array.from({ length: 20_000 }, () => random() * ttl))).toEqual([]);
    }
  });

  it('finds two of one namespace, and none below the least count', () => {
    const two = search([...Array.from({ length: 500 }, (_, at) => hour + at), ...Array.from({ length: 500 }, (_, at) => 5 * hour + at)]);
    expect(two.map(({ keys, share }) => [keys, share])).toEqual([[500, 0.5], [500, 0.5]]);
    expect(search(Array.from({ length: 99 }, () => hour))).toEqual([]);
    expect(findCliffs([0], [5000], 5000)).toEqual([]);
    expect(findCliffs([], [], 0)).toEqual([]);
  });

  const shape = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }))), { minLength: 1, maxLength: 40 })
    .map((steps) => {
      const edges = [0];
      for (const [step] of steps) edges.push((edges.at(-1) as number) + step);
      return { edges, counts: [...steps.map(([, keys]) => keys), 0] };
    });

  it('finds the fullest window there is but for thin ends, by a naive oracle', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: 0, max: 4000 }), ({ edges, counts }, beyond) => {
        const expiring = counts.reduce((sum, keys) => sum + keys, beyond);
        const least = Math.max(cliffRule.leastKeys, cliffRule.leastShare * expiring);
        let most = 0;
        for (let first = 0; first < edges.length - 1; first += 1) {
          for (let last = first + 1; last < edges.length; last += 1) {
            const from = edges[first] as number;
            if ((edges[last] as number) - from > widestWindow(from)) continue;
            most = Math.max(most, counts.slice(first, last).reduce((sum, keys) => sum + keys, 0));
          }
        }
        const cliffs = findCliffs(edges, counts, expiring);
        expect(cliffs.length > 0).toBe(most > 0 && most >= least);
        const fullest = Math.max(0, ...cliffs.map(({ keys }) => keys));
        expect(fullest).toBeLessThanOrEqual(most);
        if (cliffs.length > 0) expect(fullest).toBeGreaterThanOrEqual(Math.max(least, most * 0.75));
      }),
    );
  });

  it('gives windows that hold what they say, obey the rule and do not overlap', () => {
    fc.assert(
      fc.property(shape, ({ edges, counts }) => {
        const expiring = counts.reduce((sum, keys) => sum + keys, 0);
        const totals = runningTotals(counts);
        let end = 0;
        for (const cliff of findCliffs(edges, counts, expiring)) {
          expect(cliff.from).toBeGreaterThanOrEqual(end);
          expect(cliff.to - cliff.from).toBeLessThanOrEqual(widestWindow(cliff.from));
          expect(cliff.keys).toBe((totals[edges.indexOf(cliff.to)] as number) - (totals[edges.indexOf(cliff.from)] as number));
          expect(cliff.share).toBeGreaterThanOrEqual(cliffRule.leastShare);
          expect(cliff.peakPerSecond).toBeGreaterThan(0);
          end = cliff.to;
        }
      }),
    );
  });
});

describe('cliffCandidates', () => {
  it('loses no cliff', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2000, max: 30 * 24 * hour }), fc.integer({ min: 100, max: 400 }), fc.integer({ min: 0, max: 400 }), fc.integer(), (at, keys, others, seed) => {
        const random = pseudoRandom(seed);
        const times = [...Array.from({ length: keys }, () => at + Math.floor(random() * 900)), ...Array.from({ length: others }, () => random() * 30 * 24 * hour)];
        fc.pre(keys >= times.length * 0.25);
        const candidates = cliffCandidates(searchEdges, count(searchEdges, times), times.length);
        expect(candidates.some(({ from, to }) => from <= at && at + 900 <= to)).toBe(true);
        expect(search(times).length).toBeGreaterThan(0);
      }),
    );
  });

  it('fits one call however many there are', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ from: (2 * at + 1) * hour, to: (2 * at + 1.2) * hour, keys: 100 }));
    expect(fineEdges(many).length).toBeLessThanOrEqual(512);
    expect(fineEdges([])).toEqual([0]);
  });
});
