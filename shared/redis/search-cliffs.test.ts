import { describe, expect, it } from 'vitest';
import { searchCliffs } from './search-cliffs.ts';

type Histogram = Awaited<ReturnType<Parameters<typeof searchCliffs>[0]>>;

const hour = 3_600_000;

/** A host that holds the expiries of these namespaces, counted one by one. */
function hostWith(namespaces: Record<string, number[]>) {
  const asked: number[] = [];
  const series = (name: string, times: number[], edges: number[]) => {
    const keys = edges.map(() => 0);
    for (const time of times) {
      const at = edges.findLastIndex((edge) => edge <= time);
      keys[at] = (keys[at] ?? 0) + 1;
    }
    return { name, keys, bytes: keys, noneKeys: 0, noneBytes: 0, passed: 0, unknown: 0 };
  };
  const ask = (edges: number[]): Promise<Histogram> => {
    asked.push(edges.length);
    const all = Object.entries(namespaces).map(([name, times]) => series(name, times, edges));
    return Promise.resolve({ now: 0, edges, series: [series('', Object.values(namespaces).flat(), edges), ...all], exactness: 'exact' });
  };
  return { asked, ask };
}

const evenly = (keys: number, from: number, to: number) => Array.from({ length: keys }, (_, at) => from + ((at + 0.5) / keys) * (to - from));

describe('searchCliffs', () => {
  it('names the namespace, the count and the time of each cliff, soonest first', async () => {
    const { ask, asked } = hostWith({
      'session:': [...evenly(2000, 9 * hour, 9 * hour + 120_000), ...evenly(4000, 0, 24 * hour)],
      'even:': evenly(5000, 0, hour),
      'report:': evenly(300, 600_000, 601_000),
    });
    const { cliffs, searched, exactness } = await searchCliffs(ask);
    expect(asked.every((edges) => edges <= 512)).toBe(true);
    expect(searched).toBe(3);
    expect(exactness).toBe('exact');
    expect(cliffs.map(({ namespace }) => namespace)).toEqual(['report:', 'session:']);
    expect(cliffs[0]).toMatchObject({ keys: 300, share: 1, expiring: 300 });
    expect(cliffs[1]?.keys).toBeGreaterThanOrEqual(1900);
    expect(cliffs[1]?.keys).toBeLessThan(2100);
    expect(cliffs[1]?.expiring).toBe(6000);
    expect(Math.abs((cliffs[1]?.from ?? 0) - 9 * hour)).toBeLessThan(60_000);
    expect((cliffs[1]?.to ?? 0) - (cliffs[1]?.from ?? 0)).toBeLessThan(240_000);
  });

  it('asks once where nothing stands out', async () => {
    const { ask, asked } = hostWith({ 'even:': evenly(5000, 0, hour) });
    expect((await searchCliffs(ask)).cliffs).toEqual([]);
    expect(asked).toHaveLength(1);
  });
});
