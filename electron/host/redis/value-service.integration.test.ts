import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toWire, wireKey } from '../../../shared/bytes.ts';
import { at, startValueFixture, type ValueFixture } from './testing/value-fixture.ts';

const binary = Buffer.from([0xff, 0x00, 0x80, 0x0a]);
const binaryWire = { b64: '/wCACg==' };

const code = (expected: string) => expect.objectContaining({ code: expected });

describe.each(['redis-7.0', 'redis-8.0'] as const)('values of %s', (build) => {
  let redis: ValueFixture;
  beforeAll(async () => {
    redis = await startValueFixture({ build });
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.run('FLUSHALL');
    redis.session.sent.length = 0;
  });

  describe('strings', () => {
    test('are read in windows, never whole', async () => {
      const text = 'abcdefghij'.repeat(30_000);
      await redis.run('SET', 's', text);
      redis.session.sent.length = 0;
      expect(await redis.page('s', 'string', { from: 10, bytes: 5 })).toEqual({ type: 'string', from: 10, total: 300_000, chunk: 'abcde' });
      expect((await redis.page('s', 'string', { from: 299_998 })).chunk).toBe('ij');
      expect((await redis.page('s', 'string', { from: 300_000 })).chunk).toBe('');
      expect(redis.session.sent.map(([name]) => name)).not.toContain('GET');
    });

    test('may be empty, binary, and have an empty name', async () => {
      await redis.run('SET', '', '');
      expect(await redis.page('', 'string')).toEqual({ type: 'string', from: 0, total: 0, chunk: '' });
      await redis.run('SET', binary, binary);
      expect((await redis.page(binaryWire, 'string')).chunk).toEqual(binaryWire);
    });

    test('a HyperLogLog is a string', async () => {
      await redis.run('PFADD', 'hll', 'a', 'b');
      expect((await redis.page('hll', 'string', { bytes: 4 })).chunk).toBe('HYLL');
    });

    test('a window beyond what numbers can hold is refused', async () => {
      await redis.run('SET', 's', 'x');
      await expect(redis.page('s', 'string', { from: 1e300 })).rejects.toEqual(code('INVALID_INPUT'));
    });
  });

  describe('hashes', () => {
    test('pages give every field once while nothing changes, binary and hostile names included', async () => {
      const names = ['', '__proto__', 'constructor', 'a*[b]?', binary, ...Array.from({ length: 2500 }, (_, i) => `field:${i}`)];
      await redis.run('HSET', 'h', ...names.flatMap((name, index) => [name, index === 4 ? binary : `value ${index}`]));
      const items = await redis.pages('h', 'hash', { count: 100 });
      const expected = names.map((name) => toWire(Buffer.from(name as string)));
      expect(new Set(items.map(({ field }) => wireKey(field.data)))).toEqual(new Set(expected.map(wireKey)));
      expect(items).toHaveLength(expected.length);
      expect(items.find(({ field }) => field.data === '__proto__')?.value.data).toBe('value 1');
      expect(items.find(({ field }) => typeof field.data === 'object')?.value.data).toEqual(binaryWire);
    });

    test('values above 16 KiB are cut between characters and fetched whole', async () => {
      const long = `${'x'.repeat(16_383)}é${'y'.repeat(1000)}`;
      await redis.run('HSET', 'h', 'long', long, 'short', '1');
      const { items } = await redis.page('h', 'hash');
      const cut = items.find(({ field }) => field.data === 'long')?.value;
      expect(cut).toEqual({ data: 'x'.repeat(16_383), bytes: Buffer.byteLength(long), truncated: true });
      expect(await redis.values.element({ ...at('h'), type: 'hash', id: 'long' })).toEqual({
        data: long,
        bytes: Buffer.byteLength(long),
        truncated: false,
      });
    });

    test('a field name of 64 KB stays whole', async () => {
      const name = 'n'.repeat(65_536);
      await redis.run('HSET', 'h', name, 'v');
      expect((await redis.page('h', 'hash')).items[0]?.field).toEqual({ data: name, bytes: 65_536, truncated: false });
    });

    test('a field above 1 MiB is refused before it is read', async () => {
      await redis.run('HSET', 'h', 'f', Buffer.alloc(1_048_577));
      redis.session.sent.length = 0;
      await expect(redis.values.element({ ...at('h'), type: 'hash', id: 'f' })).rejects.toEqual(code('LIMIT_EXCEEDED'));
      expect(redis.session.sent.map(([name]) => name)).not.toContain('HGET');
    });

    test('wide values make short pages', async () => {
      for (let i = 0; i < 40; i += 1) await redis.run('HSET', 'h', `f${i}`, Buffer.alloc(1_000_000, 97));
      const { items, next } = await redis.page('h', 'hash', { count: 40 });
      expect(items.length).toBeLessThan(25);
      expect(next).not.toBeNull();
      expect(new Set((await redis.pages('h', 'hash', { count: 40 })).map(({ field }) => field.data)).size).toBe(40);
    });

    test('a rare match costs a bounded number of round trips and goes on with its cursor', async () => {
      for (let i = 0; i < 60_000; i += 10_000) {
        await redis.run('HSET', 'h', ...Array.from({ length: 10_000 }, (_, j) => [`field:${i + j}`, '1']).flat());
      }
      await redis.run('HSET', 'h', 'needle', 'found');
      redis.session.sent.length = 0;
      await redis.page('h', 'hash', { match: 'needle', count: 500 });
      expect(redis.session.sent.filter(([name]) => name === 'HSCAN').length).toBeLessThanOrEqual(16);
      const items = await redis.pages('h', 'hash', { match: 'needle', count: 500 });
      expect(items.map(({ field, value }) => [field.data, value.data])).toEqual([['needle', 'found']]);
    });

    test('a compact encoding comes whole up to 5,000 fields, in parts above, each once', async () => {
      await redis.run('CONFIG', 'SET', 'hash-max-listpack-entries', '100000');
      await redis.run('HSET', 'h', ...Array.from({ length: 12_000 }, (_, i) => [`f${i}`, `${i}`]).flat());
      expect((await redis.values.inspect(at('h'))).encoding).toBe('listpack');
      expect((await redis.page('h', 'hash', { count: 10 })).items).toHaveLength(5000);
      const items = await redis.pages('h', 'hash', { count: 10 });
      expect(items).toHaveLength(12_000);
      expect(new Set(items.map(({ field }) => field.data)).size).toBe(12_000);
      await redis.run('CONFIG', 'SET', 'hash-max-listpack-entries', '128');
    });

    test('field expiries come with the page where the server has them', async () => {
      await redis.run('HSET', 'h', 'a', '1', binary, '2');
      if (build === 'redis-7.0') {
        expect((await redis.page('h', 'hash')).items.map(({ ttlMs }) => ttlMs)).toEqual([null, null]);
        redis.session.sent.length = 0;
        await redis.page('h', 'hash');
        expect(redis.session.sent.map(([name]) => name)).not.toContain('HPTTL');
        return;
      }
      await redis.run('HPEXPIRE', 'h', '50000', 'FIELDS', '1', binary);
      const { items } = await redis.page('h', 'hash');
      expect(items.find(({ field }) => field.data === 'a')?.ttlMs).toBeNull();
      const ttl = items.find(({ field }) => typeof field.data === 'object')?.ttlMs ?? 0;
      expect(ttl).toBeGreaterThan(40_000);
      expect(ttl).toBeLessThanOrEqual(50_000);
    });
  });

  describe('lists', () => {
    test('pages give every element once, in order, with its index', async () => {
      const elements = Array.from({ length: 1234 }, (_, i) => (i === 7 ? binary : `e${i}`));
      await redis.run('RPUSH', 'l', ...elements);
      const items = await redis.pages('l', 'list', { count: 100 });
      expect(items.map(({ index }) => index)).toEqual(elements.map((_, i) => i));
      expect(items.map(({ value }) => value.data)).toEqual(elements.map((each) => toWire(Buffer.from(each as string))));
    });

    test('an element is fetched by its index; one that is gone is NOT_FOUND', async () => {
      await redis.run('RPUSH', 'l', 'a'.repeat(20_000), 'b');
      expect((await redis.page('l', 'list')).items[0]?.value.truncated).toBe(true);
      expect((await redis.values.element({ ...at('l'), type: 'list', id: '0' })).data).toBe('a'.repeat(20_000));
      await expect(redis.values.element({ ...at('l'), type: 'list', id: '2' })).rejects.toEqual(code('NOT_FOUND'));
      for (const id of ['-1', '1.5', '', 'a', '9'.repeat(40), { b64: '/w==' }]) {
        await expect(redis.values.element({ ...at('l'), type: 'list', id })).rejects.toEqual(code('INVALID_INPUT'));
      }
    });
  });

  describe('sets', () => {
    test.each([
      ['intset', Array.from({ length: 300 }, (_, i) => `${i}`)],
      ['hashtable', [...Array.from({ length: 3000 }, (_, i) => `m${i}`), '', '__proto__']],
    ])('%s pages give every member', async (encoding, members) => {
      await redis.run('SADD', 's', ...members);
      expect((await redis.values.inspect(at('s'))).encoding).toBe(encoding);
      const items = await redis.pages('s', 'set', { count: 50 });
      expect(new Set(items.map(({ data }) => data))).toEqual(new Set(members));
    });

    test('a cut member is found again by its beginning and its length', async () => {
      const long = `*[?${'m'.repeat(30_000)}`;
      await redis.run('SADD', 's', long, `${long}longer`, ...Array.from({ length: 3000 }, (_, i) => `other${i}`));
      const items = await redis.pages('s', 'set', { count: 500 });
      const cut = items.find(({ bytes }) => bytes === long.length);
      expect(cut?.truncated).toBe(true);
      const whole = await redis.values.element({ ...at('s'), type: 'set', id: cut?.data ?? '', bytes: cut?.bytes });
      expect(whole).toEqual({ data: long, bytes: long.length, truncated: false });
      await expect(redis.values.element({ ...at('s'), type: 'set', id: 'no' })).rejects.toEqual(code('NOT_FOUND'));
      await expect(redis.values.element({ ...at('s'), type: 'set', id: 'no', bytes: 10 })).rejects.toEqual(code('NOT_FOUND'));
    });
  });

  describe('sorted sets', () => {
    test('pages go by rank both ways; scores are the server’s own digits', async () => {
      const scores = ['-inf', '-1.5', '0.1', '3', '1e+50', 'inf'];
      await redis.run('ZADD', 'z', ...scores.flatMap((score, i) => [score, `m${i}`]));
      const items = await redis.pages('z', 'zset', { count: 4 });
      const printed = (await redis.run('ZRANGE', 'z', 0, -1, 'WITHSCORES')) as Buffer[];
      expect(items.map(({ score }) => score)).toEqual(printed.filter((_, i) => i % 2 === 1).map(String));
      expect(items.map(({ rank, member }) => [rank, member.data])).toEqual(scores.map((_, i) => [i, `m${i}`]));
      const reversed = await redis.pages('z', 'zset', { count: 4, reverse: true });
      expect(reversed.map(({ rank, member }) => [rank, member.data])).toEqual(scores.map((_, i) => [i, `m${5 - i}`]));
    });

    test('a match gives members with their true ranks', async () => {
      await redis.run('ZADD', 'z', ...Array.from({ length: 2000 }, (_, i) => [i, `m:${i}`]).flat());
      const items = await redis.pages('z', 'zset', { match: 'm:19?9', count: 3 });
      const ranks = items.map(({ rank }) => rank).toSorted((a, b) => a - b);
      expect(ranks).toEqual([1909, 1919, 1929, 1939, 1949, 1959, 1969, 1979, 1989, 1999]);
      const reversed = await redis.pages('z', 'zset', { match: 'm:1999', reverse: true });
      expect(reversed).toEqual([{ rank: 0, member: { data: 'm:1999', bytes: 6, truncated: false }, score: '1999' }]);
    });
  });

  describe('streams', () => {
    test('pages give every entry once, both ways', async () => {
      for (let i = 1; i <= 25; i += 1) await redis.run('XADD', 'x', `${i}-0`, 'n', i, binary, binary);
      const ids = Array.from({ length: 25 }, (_, i) => `${i + 1}-0`);
      const items = await redis.pages('x', 'stream', { count: 5 });
      expect(items.map(({ id }) => id)).toEqual(ids);
      expect(items[0]?.fields[1]).toMatchObject({ field: { data: binaryWire }, value: { data: binaryWire } });
      expect((await redis.pages('x', 'stream', { count: 7, reverse: true })).map(({ id }) => id)).toEqual(ids.toReversed());
    });

    test('an empty stream is a page without entries', async () => {
      await redis.run('XADD', 'x', '1-0', 'a', 'b');
      await redis.run('XDEL', 'x', '1-0');
      expect(await redis.page('x', 'stream')).toEqual({ type: 'stream', total: 0, items: [], next: null });
    });

    test('one field’s value is fetched by entry and index', async () => {
      await redis.run('XADD', 'x', '1-0', 'small', '1', 'big', 'v'.repeat(40_000));
      expect((await redis.page('x', 'stream')).items[0]?.fields[1]?.value.truncated).toBe(true);
      expect((await redis.values.element({ ...at('x'), type: 'stream', id: '1-0/1' })).data).toBe('v'.repeat(40_000));
      await expect(redis.values.element({ ...at('x'), type: 'stream', id: '2-0/0' })).rejects.toEqual(code('NOT_FOUND'));
      for (const id of ['1-0', '1/0', '-/0', '1-0/x', '1-0/0/0', '+/0']) {
        await expect(redis.values.element({ ...at('x'), type: 'stream', id })).rejects.toEqual(code('INVALID_INPUT'));
      }
    });

    test('groups, consumers and pending entries', async () => {
      for (let i = 1; i <= 12; i += 1) await redis.run('XADD', 'x', `${i}-0`, 'n', i);
      await redis.run('XGROUP', 'CREATE', 'x', binary, '0');
      await redis.run('XGROUP', 'CREATE', 'x', 'new', '$');
      await redis.run('XREADGROUP', 'GROUP', binary, 'alice', 'COUNT', 7, 'STREAMS', 'x', '>');
      await redis.run('XREADGROUP', 'GROUP', binary, '', 'COUNT', 3, 'STREAMS', 'x', '>');
      const groups = await redis.values.streamGroups(at('x'));
      expect(groups).toHaveLength(2);
      expect(groups.find(({ name }) => typeof name === 'object')).toEqual({
        name: binaryWire,
        consumers: 2,
        pending: 10,
        lastDeliveredId: '10-0',
        lag: 2,
      });
      const consumers = await redis.values.streamConsumers({ ...at('x'), group: binaryWire });
      expect(new Map(consumers.map(({ name, pending }) => [name, pending]))).toEqual(new Map([['', 3], ['alice', 7]]));
      for (const { idleMs, inactiveMs } of consumers) {
        expect(idleMs).toBeGreaterThanOrEqual(0);
        expect(inactiveMs === null).toBe(build === 'redis-7.0');
      }
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<ValueFixture['values']['streamPending']>> = await redis.values.streamPending({
          ...at('x'),
          group: binaryWire,
          cursor,
          count: 4,
        });
        seen.push(...page.items.map(({ id, consumer, deliveries }) => `${id} ${wireKey(consumer)} ${deliveries}`));
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => `${i + 1}-0 ${i < 7 ? 'talice' : 't'} 1`));
    });

    test('a lag that the server cannot tell is null; a group that is gone is NOT_FOUND', async () => {
      for (let i = 1; i <= 3; i += 1) await redis.run('XADD', 'x', `${i}-0`, 'n', i);
      await redis.run('XGROUP', 'CREATE', 'x', 'g', '1-0');
      await redis.run('XDEL', 'x', '2-0');
      expect((await redis.values.streamGroups(at('x')))[0]?.lag).toBeNull();
      await expect(redis.values.streamConsumers({ ...at('x'), group: 'no' })).rejects.toEqual(code('NOT_FOUND'));
      await expect(redis.values.streamPending({ ...at('x'), group: 'no', count: 1 })).rejects.toEqual(code('NOT_FOUND'));
      await redis.run('SET', 's', '1');
      await expect(redis.values.streamGroups(at('s'))).rejects.toEqual(code('REDIS_WRONG_TYPE'));
      await expect(redis.values.streamGroups(at('none'))).rejects.toEqual(code('KEY_GONE'));
    });
  });

  const types = ['string', 'hash', 'list', 'set', 'zset', 'stream', 'ReJSON-RL', ''];
  test.each(types)('a key read as %j that changed says so', async (type) => {
    const read = (name: string) => redis.values.page({ ...at(name), type, count: 10 });
    await expect(read('none')).rejects.toEqual(code('KEY_GONE'));
    await redis.run(type === 'set' ? 'LPUSH' : 'SADD', 'other', 'x');
    await expect(read('other')).rejects.toEqual(code('REDIS_WRONG_TYPE'));
  });

  test('a key that changes between two pages says so', async () => {
    await redis.run('RPUSH', 'k', ...Array.from({ length: 50 }, (_, i) => `${i}`));
    const { next } = await redis.page('k', 'list', { count: 10 });
    await redis.run('DEL', 'k');
    await expect(redis.page('k', 'list', { count: 10, cursor: next })).rejects.toEqual(code('KEY_GONE'));
    await redis.run('SET', 'k', 'x');
    await expect(redis.page('k', 'list', { count: 10, cursor: next })).rejects.toEqual(code('REDIS_WRONG_TYPE'));
  });

  const mangled = [
    '', '0', 'scan', 'scan:1', 'scan:100:0', 'scan:0:0:0', 'scan:1001:0:0', 'scan:10:-1:0', 'scan:10:0x1:0', 'scan:10:1e3:0',
    `scan:10:${2n ** 64n}:0`, 'scan:10:0:0:0', 'scan:10:0:-1', 'index:10:', 'index:10:-5', 'index:10:1.5', `index:10:${'9'.repeat(19)}`,
    'after:10:5', 'after:10:+', 'after:10:1-', `after:10:1-${2n ** 64n}`, 'after:10:1-1 COUNT 1', 'index:10:0\r\nFLUSHALL', '__proto__',
  ];
  test.each(['hash', 'set', 'zset', 'list', 'stream'] as const)('a mangled cursor of a %s is INVALID_INPUT', async (type) => {
    const kind = { hash: 'scan', set: 'scan', zset: 'index', list: 'index', stream: 'after' }[type];
    const fill = { hash: ['HSET', 'k', 'f', 'v'], set: ['SADD', 'k', 'm'], zset: ['ZADD', 'k', '1', 'm'], list: ['RPUSH', 'k', 'e'], stream: ['XADD', 'k', '*', 'f', 'v'] } as const;
    await redis.run(...(fill[type] as readonly [string, ...string[]]));
    const foreign = { scan: 'index:10:1', index: 'after:10:1-1', after: 'scan:10:0:0' }[kind];
    for (const cursor of [...mangled, foreign]) {
      await expect(redis.page('k', type, { cursor }), cursor).rejects.toEqual(code('INVALID_INPUT'));
    }
  });

  test('a cursor past the end gives an empty last page', async () => {
    await redis.run('RPUSH', 'l', 'a');
    expect(await redis.page('l', 'list', { cursor: 'index:10:9007199254740991' })).toMatchObject({ items: [], next: null });
  });

  test('types of modules are named, not opened', async () => {
    if (build === 'redis-7.0') return expect(await redis.values.inspect(at('none'))).toMatchObject({ type: 'none' });
    await redis.run('VADD', 'v', 'VALUES', 2, '1', '0', 'element');
    expect(await redis.values.page({ ...at('v'), type: 'vectorset', count: 10 })).toEqual({ type: 'other', serverType: 'vectorset' });
    expect(await redis.values.inspect(at('v'))).toMatchObject({ type: 'vectorset', length: 1 });
    return expect(redis.values.element({ ...at('v'), type: 'vectorset', id: 'element' })).rejects.toEqual(code('UNSUPPORTED'));
  });
});
