import { describe, expect, it } from 'vitest';
import { searchEdges } from './ttl-edges.ts';
import { drift, usualTtl } from './ttl-usual.ts';

function count(times: readonly number[]): number[] {
  const counts = searchEdges.map(() => 0);
  for (const time of times) {
    const at = searchEdges.findLastIndex((edge) => edge <= time);
    counts[at] = (counts[at] as number) + 1;
  }
  return counts;
}

const evenly = (keys: number, ttl: number) => Array.from({ length: keys }, (_, at) => ((at + 0.5) / keys) * ttl);

describe('usualTtl', () => {
  it.each([60_000, 300_000, 3_600_000, 6 * 3_600_000, 86_400_000, 7 * 86_400_000, 30 * 86_400_000])('guesses %d ms from keys that are set all the time', (ttl) => {
    const usual = usualTtl(searchEdges, count(evenly(5000, ttl)));
    expect(usual?.likelySet).toBe(ttl);
    expect(usual?.keys).toBe(5000);
    expect(usual?.q50).toBeGreaterThan(ttl * 0.48);
    expect(usual?.q50).toBeLessThan(ttl * 0.52);
    expect(usual?.outliers.keys).toBe(0);
  });

  it('keeps outliers out of the guess and counts them', () => {
    const usual = usualTtl(searchEdges, count([...evenly(5000, 3_600_000), ...Array.from({ length: 12 }, () => 20 * 86_400_000)]));
    expect(usual?.likelySet).toBe(3_600_000);
    expect(usual?.outliers.keys).toBe(12);
    expect(usual?.outliers.above).toBeLessThan(20 * 86_400_000);
    expect(usual?.outliers.above).toBeGreaterThan(3_600_000);
  });

  it('says nothing of a namespace in which nothing expires, and guesses no length that nobody sets', () => {
    expect(usualTtl(searchEdges, searchEdges.map(() => 0))).toBeNull();
    expect(usualTtl(searchEdges, count(evenly(5000, 5.2 * 3_600_000)))?.likelySet).toBeNull();
  });
});

describe('drift', () => {
  it('tells a change of more than a quarter', () => {
    const now = usualTtl(searchEdges, count(evenly(1000, 3_600_000)));
    if (now === null) throw new Error('there are keys');
    expect(drift(now, { q50: 1, q90: now.q90 })).toBeNull();
    expect(drift(now, { q50: 1, q90: now.q90 * 1.1 })).toBeNull();
    expect(drift(now, { q50: 1, q90: now.q90 * 2 })).toBeCloseTo(0.5);
    expect(drift(now, { q50: 1, q90: now.q90 / 4 })).toBeCloseTo(4);
    expect(drift(now, { q50: 0, q90: 0 })).toBeNull();
  });
});
