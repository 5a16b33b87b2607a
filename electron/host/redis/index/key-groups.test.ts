import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toWire, wireKey } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { Delimiters, splitKeyName } from '../../../../shared/redis/key-name.ts';
import { templateOf } from '../../../../shared/redis/name-template.ts';
import { KeyGroups } from './key-groups.ts';
import { topKeys, ttlHistogram } from './key-questions.ts';
import type { KeyspaceIndex } from './keyspace-index.ts';
import { filledIndex, putTold, toldKeys, type ToldKey } from './testing/filled-index.ts';

const now = Date.now();
const indexId = 'i';
const colon = new Delimiters([':']);
const hashes: KeyFilter = { pattern: '', mode: 'glob', types: ['hash'] };

/** What a group's figures must be, from a plain list. */
function figures(keys: readonly ToldKey[]) {
  const known = keys.flatMap(({ bytes }) => bytes ?? []);
  const types = new Map<string, number>();
  for (const { type } of keys) if (type !== null) types.set(type === 'module-type' ? 'other' : type, (types.get(type === 'module-type' ? 'other' : type) ?? 0) + 1);
  return {
    keys: keys.length,
    ttl: {
      with: keys.filter(({ expiresAt }) => typeof expiresAt === 'number').length,
      without: keys.filter(({ expiresAt }) => expiresAt === 'none').length,
      unknown: keys.filter(({ expiresAt }) => expiresAt === null).length,
    },
    seen: known.reduce((a, b) => a + b, 0),
    known: known.length,
    types,
  };
}

interface Figured {
  keys: number;
  ttl: unknown;
  bytes: { seen: number; known: number } | null;
  types: { type: string; keys: number }[] | null;
}

const plain = ({ keys, ttl, bytes, types }: Figured) => ({
  keys,
  ttl,
  seen: bytes?.seen ?? 0,
  known: bytes?.known ?? 0,
  types: new Map((types ?? []).map((each) => [each.type, each.keys])),
});

function grouped(keys: readonly ToldKey[], groupOf: (key: ToldKey) => Uint8Array | null) {
  const groups = new Map<string, ToldKey[]>();
  for (const key of keys) {
    const group = groupOf(key);
    if (group === null) continue;
    const id = wireKey(toWire(group));
    groups.set(id, [...(groups.get(id) ?? []), key]);
  }
  return new Map([...groups].map(([id, all]) => [id, figures(all)]));
}

async function allRows(groups: KeyGroups, more: Partial<Parameters<KeyGroups['namespaces']>[0]>) {
  const first = await groups.namespaces({ indexId, from: 0, count: 500, ...more });
  return { ...first, byName: new Map(first.rows.map((row) => [wireKey(row.name), plain(row)])) };
}

const prefix = (depth: number) => ({ name }: ToldKey) => {
  const segments = splitKeyName(name, colon);
  return segments.length > depth ? name.subarray(0, segments[depth - 1]?.end) : null;
};

async function filtered(index: KeyspaceIndex) {
  await index.openView('v', { mode: 'tree', filter: hashes, expanded: [] });
  return 'v';
}

describe('namespaces', () => {
  test('at a depth are those of a plain list, whatever changes, with and without a filter', async () => {
    await fc.assert(
      fc.asyncProperty(toldKeys(now), toldKeys(now), fc.integer({ min: 1, max: 3 }), async (first, second, depth) => {
        const index = filledIndex(first);
        const groups = new KeyGroups(index);
        const viewId = await filtered(index);
        // a second pass: some keys have other facts, some are gone
        putTold(index, second, 2);
        index.endPass(new Set([2]));
        for (const [id, keys] of [[null, second], [viewId, second.filter(({ type }) => type === 'hash')]] as const) {
          const { byName, total, whole, outside } = await allRows(groups, { viewId: id, depth });
          const expected = grouped(keys, prefix(depth));
          expect(byName).toEqual(expected);
          expect(total).toBe(expected.size);
          expect(plain(whole)).toEqual(figures(keys));
          expect(outside).toBe(keys.filter((key) => prefix(depth)(key) === null).length);
        }
        index.close();
      }),
      { numRuns: 100 },
    );
  });

  test('as templates are those of a plain list', async () => {
    await fc.assert(
      fc.asyncProperty(toldKeys(now), fc.integer({ min: 1, max: 4 }), async (keys, depth) => {
        const index = filledIndex(keys);
        const { byName } = await allRows(new KeyGroups(index), { templates: true, depth });
        expect(byName).toEqual(grouped(keys, ({ name }) => templateOf(name, colon, depth)));
        index.close();
      }),
      { numRuns: 100 },
    );
  });

  test('come sorted and in pages, and a parent has its own', async () => {
    const keys = Array.from({ length: 300 }, (_, i): ToldKey => ({
      name: Buffer.from(`top:${i % 30}:${i}`),
      type: 'string',
      expiresAt: i % 30 < 10 ? 'none' : now + 100_000,
      bytes: 100 + (i % 30) * (i % 30),
      idle: 0,
    }));
    const index = filledIndex(keys);
    const groups = new KeyGroups(index);
    const { rows } = await allRows(groups, { parent: 'top:', sort: 'bytes' });
    expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: 30 }, (_, i) => `top:${29 - i}:`));
    expect(rows[0]).toMatchObject({ keys: 10, share: 1 / 30, folders: 0, sample: expect.stringMatching(/^top:29:/) });
    const second = await groups.namespaces({ indexId, parent: 'top:', sort: 'bytes', from: 10, count: 5 });
    expect(second.rows).toEqual(rows.slice(10, 15));
    const byName = await allRows(groups, { parent: 'top:', sort: 'name', descending: false });
    expect(byName.rows.map(({ name }) => name)).toEqual(Array.from({ length: 30 }, (_, i) => `top:${i}:`).toSorted());
    const kept = await allRows(groups, { parent: 'top:', sort: 'withoutTtl' });
    expect(new Set(kept.rows.slice(0, 10).map(({ ttl }) => ttl?.without))).toEqual(new Set([10]));
    await expect(groups.namespaces({ indexId, parent: 'gone:', from: 0, count: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('of 100,000 are made and paged in little time', async () => {
    const keys = Array.from({ length: 100_000 }, (_, i): ToldKey => ({ name: Buffer.from(`n${i}:k`), type: 'string', expiresAt: 'none', bytes: i, idle: 0 }));
    const index = filledIndex(keys);
    const groups = new KeyGroups(index);
    const page = await groups.namespaces({ indexId, sort: 'bytes', from: 50_000, count: 100 });
    expect(page).toMatchObject({ total: 100_000, outside: 0 });
    expect(page.rows[0]?.name).toBe('n49999:');
  });
});

describe('a treemap', () => {
  test('has parts that sum up to the whole', async () => {
    await fc.assert(
      fc.asyncProperty(toldKeys(now), fc.integer({ min: 1, max: 5 }), fc.constantFrom('keys' as const, 'bytes' as const), async (keys, limit, by) => {
        const index = filledIndex(keys);
        const { items } = await new KeyGroups(index).treemap({ indexId, by, limit });
        expect(items.reduce((sum, item) => sum + item.keys, 0)).toBe(keys.length);
        expect(items.reduce((sum, item) => sum + (item.bytes?.seen ?? 0), 0)).toBe(figures(keys).seen);
        expect(items.reduce((sum, item) => sum + (item.ttl?.without ?? 0), 0)).toBe(figures(keys).ttl.without);
        expect(items.length).toBeLessThanOrEqual(limit + 1);
        index.close();
      }),
      { numRuns: 100 },
    );
  });
});

describe('questions about all keys', () => {
  test('the top ones are those of a plain sort', async () => {
    await fc.assert(
      fc.asyncProperty(toldKeys(now), fc.integer({ min: 1, max: 20 }), async (keys, count) => {
        const index = filledIndex(keys);
        const top = await topKeys(index, { indexId, by: 'bytes', count });
        const known = keys.filter(({ bytes }) => bytes !== null);
        const expected = known.toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0)).slice(0, count);
        expect(top.keys.map(({ name }) => wireKey(name))).toEqual(expected.map(({ name }) => wireKey(toWire(name))));
        expect(top.keys.map(({ facts }) => facts.bytes)).toEqual(expected.map(({ bytes }) => bytes));
        expect(top).toMatchObject({ known: known.length, of: keys.length });
        const idle = await topKeys(index, { indexId, by: 'idle', count: 1 });
        expect(idle.keys[0]?.facts.idleSeconds ?? 0).toBe(Math.max(0, ...keys.map((key) => key.idle ?? 0)));
        expect((await topKeys(index, { indexId, by: 'frequency', count })).known).toBe(0);
        index.close();
      }),
      { numRuns: 100 },
    );
  });

  test('the histogram counts every key once, in the bucket of its time left', async () => {
    await fc.assert(
      fc.asyncProperty(toldKeys(now), async (keys) => {
        const index = filledIndex(keys);
        const { edges, series, now: then } = await ttlHistogram(index, { indexId, by: 'type', limit: 100 });
        const [all] = series;
        const expected = figures(keys);
        expect(all?.keys.reduce((a, b) => a + b, 0)).toBe(expected.ttl.with);
        expect(all).toMatchObject({ noneKeys: expected.ttl.without, unknown: expected.ttl.unknown, passed: 0 });
        for (const { expiresAt } of keys) {
          if (typeof expiresAt !== 'number') continue;
          const bucket = edges.findLastIndex((edge) => edge <= expiresAt - then);
          expect(all?.keys[bucket]).toBeGreaterThan(0);
        }
        const typed = keys.filter(({ type }) => type !== null);
        expect(series.slice(1).reduce((sum, each) => sum + each.keys.reduce((a, b) => a + b, 0), 0)).toBe(figures(typed).ttl.with);
        const spaces = await ttlHistogram(index, { indexId, by: 'namespace', limit: 100 });
        const inside = keys.filter((key) => prefix(1)(key) !== null);
        expect(spaces.series.slice(1).reduce((sum, each) => sum + each.noneKeys, 0)).toBe(figures(inside).ttl.without);
        index.close();
      }),
      { numRuns: 60 },
    );
  });

  test('edges of one’s own make a timeline; what has passed is told apart', async () => {
    const at = (left: number) => ({ name: Buffer.from(`k${left}`), type: 'string', expiresAt: now + left, bytes: 10, idle: 0 });
    const index = filledIndex([at(-5000), at(90_000), at(150_000), at(1_000_000)]);
    const { series } = await ttlHistogram(index, { indexId, edges: [0, 60_000, 120_000, 180_000] });
    expect(series).toHaveLength(1);
    expect(series[0]).toMatchObject({ keys: [0, 1, 1, 1], bytes: [0, 10, 10, 10], passed: 1, noneKeys: 0, unknown: 0 });
  });
});
