import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { BlastTarget } from '../../../../shared/contract/blast-radius.ts';
import { adminOf } from '../../../demo/servers/redis-admin.ts';
import { startRedisCluster } from '../../../demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { openBlast } from './testing/blast-fixture.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
  cleanups.push(() => server.stop());
  return server;
};

const open: typeof openBlast = async (profile, options) => {
  const fixture = await openBlast(profile, options);
  cleanups.push(() => fixture.close());
  return fixture;
};

function admin(server: RunningRedis): Redis {
  const client = adminOf(server);
  cleanups.push(async () => client.disconnect());
  return client;
}

const users: BlastTarget = { kind: 'namespaces', workspaceId: 'test', db: 0, prefixes: ['user:'] };
const named = (keys: number, prefix = 'user:') => Array.from({ length: keys }, (_, at) => `${prefix}${at}`);

async function fill(client: Redis, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += 1000) await client.mset(names.slice(at, at + 1000).flatMap((name) => [name, 'v']));
}

/** GET of each name `times` times. */
async function read(client: Redis, names: readonly string[], times: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) await client.mget([...names]);
}

/** Gives keys this idle time, which only RESTORE can. */
async function age(client: Redis, names: readonly string[], seconds: number): Promise<void> {
  const value = await client.callBuffer('DUMP', names[0] ?? '');
  const pipeline = client.pipeline();
  for (const name of names) pipeline.call('RESTORE', name, 0, value as Buffer, 'REPLACE', 'IDLETIME', seconds);
  await pipeline.exec();
}

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('a sample of keys on %s', (build) => {
  it('tells accesses from the steps of frequency counters', async () => {
    // at factor 0 each access is a step
    const server = keep(await startRedis({ build, args: ['--maxmemory-policy', 'allkeys-lfu', '--lfu-log-factor', '0'] }));
    const client = admin(server);
    const names = named(300);
    await fill(client, [...names, ...named(500, 'other:')]);
    const { blast, measure } = await open({ port: server.port });
    const check = await blast.check('test');
    expect(check.methods.map(({ method, problem, unit }) => [method, problem?.code ?? null, unit])).toEqual([
      ['monitor', null, 'reads'],
      ['frequency', null, 'accesses'],
      ['idle-time', 'UNSUPPORTED', 'accesses'],
    ]);
    const begun = performance.now();
    const result = await measure({ target: users, method: 'frequency', windowMs: 1000 }, () => read(client, names, 7));
    const most = (performance.now() - begun) / 1000;
    expect(result).toMatchObject({ state: 'done', unit: 'accesses', seen: null, sample: { asked: 300, unknown: 0, selected: { perSecond: 300, exactness: 'exact' }, walked: 800 } });
    // all keys were asked and each step is an access: the rate is 2,100 by the time between the readings
    expect(result.misses?.perSecond).toBeLessThanOrEqual(2100 / 1);
    expect(result.misses?.perSecond).toBeGreaterThanOrEqual(2100 / most);
    expect(result.misses?.low).toBeCloseTo(result.misses?.perSecond ?? 0);
    expect(result.cost.serverMs).toBeGreaterThan(0);
    expect(result.server).toMatchObject({ hitRate: expect.any(Number), hitRateAfter: null });
  }, 40_000);

  it('tells that at least so many keys were touched from idle times', async () => {
    const server = keep(await startRedis({ build }));
    const client = admin(server);
    const names = named(100);
    await fill(client, names);
    await age(client, names, 5000);
    const { measure } = await open({ port: server.port });
    const result = await measure({ target: users, method: 'idle-time', windowMs: 300 }, () => read(client, names.slice(0, 40), 3));
    expect(result.sample).toMatchObject({ asked: 100, unknown: 0, touched: 40 });
    const seconds = result.sample?.touchedSeconds ?? 0;
    expect(result.misses).toEqual({ perSecond: expect.closeTo(40 / (seconds + 1.1), 3), low: expect.closeTo(40 / (seconds + 1.1), 3), high: null, exactness: 'atLeast' });
    await expect(measure({ target: users, method: 'frequency' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('a sample of keys', () => {
  it('stands for all of them, with the interval that this takes', async () => {
    const server = keep(await startRedis({ args: ['--maxmemory-policy', 'allkeys-lfu', '--lfu-log-factor', '0'] }));
    const client = admin(server);
    const names = named(20_000);
    await fill(client, [...names, ...named(20_000, 'other:')]);
    const { measure } = await open({ port: server.port });
    const result = await measure({ target: users, method: 'frequency', windowMs: 2000 }, () => read(client, names.slice(0, 10_000), 2));
    const { selected, asked = 0, walked } = result.sample ?? {};
    expect(selected?.exactness).toBe('estimated');
    expect(asked).toBeGreaterThan(1000);
    expect(asked).toBeLessThanOrEqual(2000);
    expect(walked).toBeLessThan(40_000);
    expect((selected?.low ?? 0) * 0.9).toBeLessThan(20_000);
    expect((selected?.high ?? 0) * 1.1).toBeGreaterThan(20_000);
    const { perSecond = 0, low = 0, high = 0 } = result.misses ?? {};
    expect(low).toBeLessThan(perSecond);
    expect(high).toBeGreaterThan(perSecond);
    // 20,000 accesses in about 2 s
    expect(perSecond).toBeGreaterThan(20_000 / 4);
    expect(perSecond).toBeLessThan(20_000 / 1.5);
  }, 40_000);

  it('of keys with no match, gone or of other facts is nothing, exactly', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    await fill(client, named(50));
    const { measure } = await open({ port: server.port });
    const none = { perSecond: 0, low: 0, high: 0, exactness: 'exact' };
    expect((await measure({ target: { ...users, prefixes: ['nobody:'] }, method: 'idle-time', windowMs: 200 })).misses).toEqual(none);
    const hashes: BlastTarget = { kind: 'selection', selection: { workspaceId: 'test', db: 0, keys: { kind: 'filter', filter: { pattern: 'user:*', mode: 'glob', types: ['hash'] } } } };
    expect((await measure({ target: hashes, method: 'idle-time', windowMs: 200 })).misses).toEqual(none);
    const names: BlastTarget = { kind: 'selection', selection: { workspaceId: 'test', db: 0, keys: { kind: 'names', names: ['user:1', 'user:1', 'user:2', 'gone'] } } };
    const result = await measure({ target: names, method: 'idle-time', windowMs: 200 });
    expect(result.sample).toMatchObject({ walked: null, asked: 2, touched: 2, selected: { perSecond: 2, exactness: 'exact' } });
    const list: BlastTarget = { kind: 'selection', selection: { workspaceId: 'test', db: 0, keys: { kind: 'list', listId: 'x' } } };
    await expect(measure({ target: list, method: 'idle-time' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('comes from all masters of a cluster', async () => {
    const cluster = keep(await startRedisCluster({ masters: 3 }));
    const { measure, session } = await open({ nodes: cluster.seeds });
    await session.batch(0, named(90).map((name) => ['SET', name, 'v'] as const));
    const result = await measure({ target: users, method: 'idle-time', windowMs: 200 });
    expect(result.sample).toMatchObject({ walked: 90, asked: 90, touched: 90, selected: { perSecond: 90, exactness: 'exact' } });
    expect(result.nodes).toHaveLength(3);
  });
});
