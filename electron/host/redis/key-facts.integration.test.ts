import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedisCluster, type RunningCluster } from '../../demo/servers/redis-cluster.ts';
import { keySlot } from '../../../shared/redis/slot.ts';
import { at, startValueFixture, type ValueFixture } from './testing/value-fixture.ts';
import { TestSession } from './testing/test-session.ts';
import { createValueService } from './value-service.ts';

describe.each(['redis-7.0', 'redis-8.0'] as const)('facts of %s', (build) => {
  let redis: ValueFixture;
  beforeAll(async () => {
    redis = await startValueFixture({ build });
  });
  afterAll(() => redis.stop());
  beforeEach(() => redis.run('FLUSHALL'));

  test('a missing key is none, not an error', async () => {
    expect(await redis.values.inspect(at('no'))).toEqual({
      name: 'no',
      type: 'none',
      encoding: null,
      ttlMs: null,
      readAt: expect.any(Number),
      length: null,
      memoryBytes: null,
      memoryExactness: 'estimated',
      idleSeconds: null,
      frequency: null,
      node: null,
      slot: null,
    });
  });

  test.each([
    ['string', ['SET', 'k', 'hello'], 'embstr', 5, 'exact'],
    ['hash', ['HSET', 'k', 'a', '1', 'b', '2'], 'listpack', 2, 'exact'],
    ['set', ['SADD', 'k', '1', '2', '3'], 'intset', 3, 'exact'],
    ['zset', ['ZADD', 'k', '1', 'a'], 'listpack', 1, 'exact'],
    ['stream', ['XADD', 'k', '1-1', 'a', 'b'], 'stream', 1, 'estimated'],
  ] as const)('%s', async (type, fill, encoding, length, memoryExactness) => {
    await redis.run(...(fill as readonly [string, ...string[]]));
    const facts = await redis.values.inspect(at('k'));
    expect(facts).toMatchObject({ type, encoding, length, memoryExactness, ttlMs: null, frequency: null, slot: null });
    expect(facts.memoryBytes).toBeGreaterThan(30);
    expect(facts.idleSeconds).toBeGreaterThanOrEqual(0);
  });

  test('expiry in ms; one round trip and the length, no error at the server', async () => {
    await redis.run('SET', '', 'x', 'PX', 60_000);
    await redis.run('CONFIG', 'RESETSTAT');
    redis.session.sent.length = 0;
    const { ttlMs } = await redis.values.inspect(at(''));
    expect(ttlMs).toBeGreaterThan(55_000);
    expect(ttlMs).toBeLessThanOrEqual(60_000);
    expect(redis.session.sent.map(([name]) => name)).toEqual(['TYPE', 'OBJECT', 'PTTL', 'MEMORY', 'OBJECT', 'STRLEN']);
    expect(String(await redis.run('INFO', 'stats'))).toContain('total_error_replies:0');
  });

  test('frequency instead of idle time under an LFU policy, also when the policy changed after the facts were read', async () => {
    await redis.run('SET', 'k', 'x');
    await redis.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    const facts = await redis.values.inspect(at('k'));
    expect(facts.frequency).toBeGreaterThanOrEqual(0);
    expect(facts.idleSeconds).toBeNull();
    await redis.run('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  });

  test('what the user may not ask is null, not a failure', async () => {
    await redis.run('HSET', 'h', 'f', 'v');
    await redis.run('ACL', 'SETUSER', 'default', '-memory', '-object', '-pttl', '-hlen');
    try {
      expect(await redis.values.inspect(at('h'))).toMatchObject({
        type: 'hash',
        encoding: null,
        ttlMs: null,
        length: null,
        memoryBytes: null,
        idleSeconds: null,
        frequency: null,
      });
    } finally {
      await redis.run('ACL', 'SETUSER', 'default', '+@all');
    }
  });

  test('a hash of a million fields stays cheap to inspect and to open', async () => {
    const script = `for i = 1, 1000000, 500 do local a = {} for j = i, i + 499 do a[#a+1] = 'field:' .. j a[#a+1] = j end redis.call('HSET', KEYS[1], unpack(a)) end`;
    await redis.run('EVAL', script, 1, 'big');
    await redis.run('CONFIG', 'SET', 'slowlog-log-slower-than', 5000);
    await redis.run('SLOWLOG', 'RESET');
    expect(await redis.values.inspect(at('big'))).toMatchObject({ length: 1_000_000, encoding: 'hashtable', memoryExactness: 'estimated' });
    const { items, total, next } = await redis.page('big', 'hash', { count: 500 });
    expect(total).toBe(1_000_000);
    expect(items.length).toBeGreaterThanOrEqual(500);
    expect(items.length).toBeLessThan(2000);
    expect(next).not.toBeNull();
    // Nothing took 5 ms of the server's time.
    expect(await redis.run('SLOWLOG', 'LEN')).toBe(0);
  });
});

describe('a cluster', () => {
  let cluster: RunningCluster;
  let session: TestSession;
  beforeAll(async () => {
    cluster = await startRedisCluster({ masters: 3 });
    const [seed] = cluster.seeds;
    if (seed === undefined) throw new Error('No seed');
    session = await TestSession.open({ ...seed, cluster: true });
  });
  afterAll(async () => {
    session.close();
    await cluster.stop();
  });

  test('slot and node of a key are the server’s own, hash tags included', async () => {
    const values = createValueService({ connections: { redis: () => session } });
    const masters = (await session.masters()).map(({ id }) => id);
    const nodes = new Set<string>();
    for (const name of ['', 'a', 'b', 'c', 'user:{7}:name', 'x{}y', '{a}{b}', 'é', '\u0000', ...Array.from({ length: 30 }, (_, i) => `k${i}`)]) {
      await session.call(0, ['SET', name, 'v']);
      const facts = await values.inspect(at(name));
      expect(facts.slot).toBe(await session.call(0, ['CLUSTER', 'KEYSLOT', name], { node: masters[0] }));
      expect(facts.slot).toBe(keySlot(Buffer.from(name)));
      expect(masters).toContain(facts.node);
      expect(await session.call(0, ['EXISTS', name], { node: facts.node ?? '' })).toBe(1);
      expect(await values.page({ ...at(name), type: 'string', count: 1 })).toMatchObject({ chunk: 'v' });
      nodes.add(facts.node ?? '');
    }
    expect(nodes.size).toBe(3);
  });
});
