import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { at, startValueFixture, type ValueFixture } from './testing/value-fixture.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('special types of %s', (build) => {
  let redis: ValueFixture;
  beforeAll(async () => {
    redis = await startValueFixture({ build });
  });
  afterAll(() => redis.stop());
  beforeEach(() => redis.run('FLUSHALL'));

  test('ranges of a sorted set are ranks', async () => {
    await redis.run('ZADD', 'z', ...Array.from({ length: 100 }, (_, i) => [i, `m${String(i).padStart(2, '0')}`]).flat());
    const range = (min: string, max: string) => redis.values.zsetRange({ ...at('z'), by: 'score', min, max });
    expect(await range('10', '19')).toEqual({ from: 10, count: 10, total: 100 });
    expect(await range('(10', '(19')).toEqual({ from: 11, count: 8, total: 100 });
    expect(await range('-inf', '+inf')).toEqual({ from: 0, count: 100, total: 100 });
    expect(await range('1e3', 'inf')).toEqual({ from: 100, count: 0, total: 100 });
    await expect(range('ten', '11')).rejects.toEqual(code('INVALID_INPUT'));
    expect(await redis.values.zsetRange({ ...at('z'), by: 'member', min: 'm42', max: '' })).toEqual({ from: 42, count: 1, total: 100 });
    expect(await redis.values.zsetRange({ ...at('z'), by: 'member', min: 'none', max: '' })).toMatchObject({ count: 0 });
    await redis.run('ZADD', 'l', 0, 'apple', 0, 'bear', 0, 'cat', 0, 'dog');
    const lex = (min: string, max: string) => redis.values.zsetRange({ ...at('l'), by: 'lex', min, max });
    expect(await lex('[b', '(d')).toEqual({ from: 1, count: 2, total: 4 });
    expect(await lex('(bear', '+')).toEqual({ from: 2, count: 2, total: 4 });
    expect(await lex('-', '[bear')).toEqual({ from: 0, count: 2, total: 4 });
    await expect(lex('b', '+')).rejects.toEqual(code('INVALID_INPUT'));
    await expect(redis.values.zsetRange({ ...at('none'), by: 'score', min: '0', max: '1' })).rejects.toEqual(code('KEY_GONE'));
    const page = await redis.page('z', 'zset', { from: 50, count: 3 });
    expect(page.items.map(({ rank, member }) => [rank, member.data])).toEqual([[50, 'm50'], [51, 'm51'], [52, 'm52']]);
  });

  test('a list is read from any index', async () => {
    await redis.run('RPUSH', 'l', ...Array.from({ length: 500 }, (_, i) => `e${i}`));
    expect((await redis.page('l', 'list', { from: 321, count: 2 })).items.map(({ index, value }) => [index, value.data])).toEqual([[321, 'e321'], [322, 'e322']]);
    await expect(redis.page('l', 'list', { from: 1e300 })).rejects.toEqual(code('INVALID_INPUT'));
  });

  test('a filter tells how much it has looked at', async () => {
    await redis.run('HSET', 'h', ...Array.from({ length: 20_000 }, (_, i) => `f${i}`));
    let looked = 0;
    let cursor: string | null = null;
    let found = 0;
    do {
      const page: { looked: number; next: string | null; items: unknown[] } = await redis.page('h', 'hash', { match: 'f1998*', cursor, count: 100 });
      expect(page.looked).toBeGreaterThan(looked);
      ({ looked } = page);
      found += page.items.length;
      cursor = page.next;
    } while (cursor !== null);
    expect(looked).toBe(1);
    expect(found).toBe(6);
  });

  test('the next bit is found across windows', async () => {
    await redis.run('SETBIT', 'b', 3 * 8 * 1024 * 1024 + 5, 1);
    await redis.run('SETBIT', 'b', 2, 1);
    const next = (bit: 0 | 1, from: number) => redis.values.bitNext({ ...at('b'), bit, from });
    expect(await next(1, 0)).toMatchObject({ position: 2 });
    expect(await next(1, 3)).toMatchObject({ position: 3 * 8 * 1024 * 1024 + 5 });
    expect(await next(0, 2)).toMatchObject({ position: 3 });
    const end = 3 * 8 * 1024 * 1024 + 8;
    expect(await next(1, end - 1)).toEqual({ position: null, lookedTo: end, bits: end });
    expect(await next(1, end + 100)).toEqual({ position: null, lookedTo: end, bits: end });
    await redis.run('SET', 'ones', Buffer.alloc(3, 0xff));
    expect(await redis.values.bitNext({ ...at('ones'), bit: 0, from: 0 })).toEqual({ position: null, lookedTo: 24, bits: 24 });
  });

  test('members within a radius, the nearest first, and whether these are all', async () => {
    await redis.run('GEOADD', 'g', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania', 2.35, 48.85, 'Paris');
    const near = (radiusM: number, limit: number) => redis.values.geoRadius({ ...at('g'), longitude: 15, latitude: 37.5, radiusM, limit });
    const both = await near(200_000, 10);
    expect(both.complete).toBe(true);
    expect(both.items.map(({ member }) => member.data)).toEqual(['Catania', 'Palermo']);
    expect((await near(200_000, 1)).complete).toBe(false);
    expect((await near(10, 10)).items).toEqual([]);
  });

  test('DUMP is only asked of what is small', async () => {
    await redis.run('SET', 's', 'x'.repeat(1000));
    expect((await redis.values.dumpSize(at('s'))).bytes).toBeGreaterThan(0);
    await redis.run('SETRANGE', 'big', 9 * 1024 * 1024, 'x');
    redis.session.sent.length = 0;
    await expect(redis.values.dumpSize(at('big'))).rejects.toEqual(code('LIMIT_EXCEEDED'));
    expect(redis.session.sent.map(([name]) => name)).not.toContain('DUMP');
    await expect(redis.values.dumpSize(at('none'))).rejects.toEqual(code('KEY_GONE'));
  });

  test('a JSON document without the module is refused as such', async () => {
    await redis.run('SET', 's', '{}');
    await expect(redis.values.jsonNode({ ...at('s'), path: '$', from: 0, count: 10 })).rejects.toEqual(code('REDIS_WRONG_TYPE'));
  });
});

describe('vector sets of redis-8.0', () => {
  let redis: ValueFixture;
  beforeAll(async () => {
    redis = await startValueFixture({ build: 'redis-8.0' });
    for (let i = 0; i < 50; i += 1) await redis.run('VADD', 'v', 'VALUES', 3, Math.cos(i / 8), Math.sin(i / 8), 0.1, `e${i}`, 'SETATTR', `{"n":${i}}`);
  });
  afterAll(() => redis.stop());

  test('tell what they are, and give samples, likenesses and single elements', async () => {
    expect(await redis.values.inspect(at('v'))).toMatchObject({ type: 'vectorset', length: 50 });
    const info = await redis.values.vectorInfo(at('v'));
    expect(info).toMatchObject({ total: 50, dimensions: 3 });
    expect(info.facts).toContainEqual({ name: 'quant-type', value: 'int8' });
    const sample = await redis.values.vectorSample({ ...at('v'), count: 20 });
    expect(new Set(sample.items.map(({ element }) => element.data)).size).toBe(20);
    expect(sample.items[0]?.attributes?.data).toMatch(/^\{"n":\d+\}$/);
    const similar = await redis.values.vectorSimilar({ ...at('v'), element: 'e10', count: 3 });
    expect(similar.items.map(({ element }) => element.data)).toEqual(['e10', expect.stringMatching(/^e(9|11)$/), expect.stringMatching(/^e(9|11)$/)]);
    const one = await redis.values.vectorElement({ ...at('v'), element: 'e0' });
    expect(one.dimensions).toBe(3);
    expect(one.values[0]).toBeCloseTo(1, 1);
    expect(one.layers.at(-1)?.length).toBeGreaterThan(0);
  });

  test('an element that is gone, and a key of another type', async () => {
    await expect(redis.values.vectorSimilar({ ...at('v'), element: 'none', count: 3 })).rejects.toEqual(code('NOT_FOUND'));
    await expect(redis.values.vectorElement({ ...at('v'), element: 'none' })).rejects.toEqual(code('NOT_FOUND'));
    await redis.run('SET', 's', '1');
    await expect(redis.values.vectorInfo(at('s'))).rejects.toEqual(code('REDIS_WRONG_TYPE'));
    await expect(redis.values.vectorInfo(at('none'))).rejects.toEqual(code('KEY_GONE'));
  });
});
