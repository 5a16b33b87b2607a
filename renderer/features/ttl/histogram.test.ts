import { describe, expect, it } from 'vitest';
import { bucketRange, bucketTitle, stacksOf, type Histogram } from './histogram.ts';

const series = (name: string, keys: number[], noneKeys = 0) => ({ name, keys, bytes: keys.map((count) => count * 10), noneKeys, noneBytes: noneKeys * 10, passed: 0, unknown: 0 });
const histogram = (...all: ReturnType<typeof series>[]): Histogram => ({ now: 0, edges: [0, 1000, 2000], series: all, exactness: 'exact' });

describe('stacksOf', () => {
  it('adds up to all keys, the rest named apart', () => {
    const stacks = stacksOf(histogram(series('', [5, 7, 9], 4), series('a:', [1, 2, 3], 1), series('__proto__:', [4, 0, 0], 0)), 'namespace', 'keys');
    expect(stacks.map(({ name, values, none }) => [name, values, none])).toEqual([
      ['a:', [1, 2, 3], 1],
      ['__proto__:', [4, 0, 0], 0],
      ['Other keys', [0, 5, 6], 3],
    ]);
  });

  it('has no rest where nothing is left, and only a rest where nothing is apart', () => {
    expect(stacksOf(histogram(series('', [1, 0, 0]), series('hash', [1, 0, 0])), 'type', 'bytes').map(({ name, values }) => [name, values])).toEqual([['hash', [10, 0, 0]]]);
    expect(stacksOf(histogram(series('', [1, 0, 0])), 'type', 'keys').map(({ name }) => name)).toEqual(['All keys']);
    expect(stacksOf(histogram(), 'type', 'keys')).toEqual([]);
  });
});

describe('buckets', () => {
  const edges = [0, 60_000, 3_600_000];
  it('have titles', () => {
    expect([0, 1, 2].map((at) => bucketTitle(edges, at))).toEqual(['Less than 1\u00a0min left', '1\u00a0min to 1\u00a0h left', '1\u00a0h left or more']);
  });
  it('move with the time that has passed since', () => {
    expect(bucketRange(edges, 1, 2, 10_000)).toEqual({ min: 50_000, max: 3_589_999 });
    expect(bucketRange(edges, 0, 1, 70_000)).toEqual({ min: 0, max: 0 });
    expect(bucketRange(edges, 2, 3, 0)).toEqual({ min: 3_600_000 });
  });
});
