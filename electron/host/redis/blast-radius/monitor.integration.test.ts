import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { fromWire } from '../../../../shared/bytes.ts';
import type { BlastTarget } from '../../../../shared/contract/blast-radius.ts';
import { adminOf } from '../../../demo/servers/redis-admin.ts';
import { startRedisCluster } from '../../../demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { until, type TestProfile } from '../../connections/redis/testing/open-session.ts';
import { last } from '../testing/bulk-fixture.ts';
import { monitorsOf, openBlast, type BlastFixture, type BlastFixtureOptions } from './testing/blast-fixture.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
  cleanups.push(() => server.stop());
  return server;
};

async function open(profile: TestProfile, options: BlastFixtureOptions = {}): Promise<BlastFixture> {
  const fixture = await openBlast(profile, options);
  cleanups.push(() => fixture.close());
  return fixture;
}

function admin(server: RunningRedis): Redis {
  const client = adminOf(server);
  cleanups.push(async () => client.disconnect());
  return client;
}

const users: BlastTarget = { kind: 'namespaces', workspaceId: 'test', db: 0, prefixes: ['user:'] };
const monitor = { method: 'monitor', acceptCost: true } as const;

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('MONITOR on %s', (build) => {
  it('counts the reads of the keys that would be gone, and no others', async () => {
    const server = keep(await startRedis({ build }));
    const client = admin(server);
    // Valkey prints a backslash as it is, so that it cannot be told from an escape
    const backslash = build.startsWith('redis') ? [0x5c] : [];
    const odd = Buffer.concat([Buffer.from('user:'), Buffer.from([0xff, 0, 0x22, ...backslash, 0x0a, 0x5d, 0x20])]);
    await client.set(odd, 'v');
    await client.mset('user:1', 'a', 'user:2', 'b', 'other', 'c', 'user:__proto__', 'd');
    await client.hset('user:h', 'f', 'v');
    const { measure } = await open({ port: server.port });
    const result = await measure({ target: users, ...monitor, windowMs: 1500 }, async () => {
      const pipeline = client.pipeline();
      for (let at = 0; at < 100; at += 1) pipeline.get('user:1').get('other');
      pipeline.mget('user:1', 'other', 'user:2').get(odd).hget('user:h', 'f').get('user:__proto__').getex('user:2', 'EX', 1000);
      // misses already
      pipeline.get('user:gone').get('user:gone');
      // a script's reads count, once
      pipeline.eval("return redis.call('GET', KEYS[1])", 1, 'user:2');
      // they fetch nothing, or write
      pipeline.exists('user:1').ttl('user:1').strlen('user:1').type('user:1').set('user:1', 'z').object('ENCODING', 'user:1');
      pipeline.select(3).get('user:1').select(0);
      await pipeline.exec();
    });
    const matching = 100 + 2 + 1 + 1 + 1 + 1 + 2 + 1;
    expect(result).toMatchObject({ state: 'done', method: 'monitor', unit: 'reads', stopped: null, postgres: { state: 'none' } });
    expect(result.seen).toMatchObject({ matched: matching, apart: 2, names: 6, namesCut: false, unread: 0 });
    expect(result.seen?.reads).toBe(matching + 100 + 1 + 1);
    const [node] = result.nodes;
    const seconds = (node?.elapsedMs ?? 0) / 1000;
    expect(seconds).toBeGreaterThan(0.5);
    expect(result.misses?.perSecond).toBeCloseTo((matching - 2) / seconds, 1);
    expect(result.misses?.low).toBeLessThan((matching - 2) / seconds);
    expect(result.misses?.high).toBeGreaterThan((matching - 2) / seconds);
    expect(result.misses?.exactness).toBe('estimated');
    expect(result.hottest[0]).toMatchObject({ name: 'user:1' });
    expect(result.hottest.some(({ name }) => name === 'user:gone')).toBe(false);
    expect(result.hottest.some(({ name }) => odd.equals(Buffer.from(fromWire(name))))).toBe(true);
    expect(result.byCommand.map(({ command }) => command)).toEqual(expect.arrayContaining(['get', 'mget', 'hget', 'getex']));
    expect(result.server?.hitRate).toBeGreaterThan(0.9);
    expect(result.server?.hitRateAfter).toBeLessThan(0.6);
    expect(result.cost).toMatchObject({ cpuDuring: expect.any(Number), commandsPerSecondDuring: expect.any(Number), latencyDuringMs: expect.any(Number), serverMs: expect.any(Number) });
    expect(result.cost.bytesIn).toBeGreaterThan(5000);
    await until(async () => (await monitorsOf(client)).length === 0, 'MONITOR has ended');
  });
});

describe('MONITOR', () => {
  it('judges facts of the keys that were read, time left as of the question', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    await client.pipeline().set('s:soon', 'v', 'PX', 60_000).set('s:late', 'v', 'PX', 3_600_000).set('s:stays', 'v').exec();
    const { measure } = await open({ port: server.port });
    const selection = { workspaceId: 'test', db: 0, keys: { kind: 'filter', filter: { pattern: 's:', mode: 'prefix', ttlMs: { min: 59_000, max: 61_000 } } } } as const;
    const result = await measure({ target: { kind: 'selection', selection }, ...monitor, windowMs: 2000 }, async () => {
      const pipeline = client.pipeline();
      for (let at = 0; at < 30; at += 1) pipeline.get('s:soon').get('s:late').get('s:stays');
      await pipeline.exec();
    });
    expect(result.seen).toMatchObject({ matched: 90, apart: 60 });
  });

  it('takes prefixes, templates, sets of names and several databases', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    await client.pipeline().mset('user:1:a', 'v', 'user:2:a', 'v', 'user:3:b', 'v', 'u*:1', 'v', 'ux:1', 'v').sadd('tag', 'user:1:a', 'user:3:b', 'gone').select(1).set('user:1:a', 'v').select(0).exec();
    const { measure } = await open({ port: server.port });
    const reads = async (): Promise<void> => {
      await client.pipeline().mget('user:1:a', 'user:2:a', 'user:3:b', 'u*:1', 'ux:1', 'gone').select(1).get('user:1:a').select(0).exec();
    };
    type Keys = Extract<BlastTarget, { kind: 'selection' }>['selection']['keys'];
    const seen = async (keys: Keys, dbs?: number[]) => {
      const result = await measure({ target: { kind: 'selection', selection: { workspaceId: 'test', db: 0, keys, ...(dbs === undefined ? {} : { dbs }) } }, ...monitor, windowMs: 600 }, reads);
      return [result.seen?.matched, result.seen?.apart];
    };
    expect(await seen({ kind: 'prefix', prefix: 'u*:' })).toEqual([1, 0]);
    expect(await seen({ kind: 'prefix', prefix: 'user:1' }, [0, 1])).toEqual([2, 0]);
    expect(await seen({ kind: 'template', template: 'user:{id}:*', values: ['1', '3', '9'] })).toEqual([2, 0]);
    expect(await seen({ kind: 'set', name: 'tag' })).toEqual([3, 1]);
    await expect(seen({ kind: 'template', template: 'none', values: ['1'] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('counts the names of an invalidation that is planned', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    await client.mset('p:1', 'v', 'p:2', 'v', 'p:3', 'v');
    const { measure, invalidate } = await open({ port: server.port });
    const { planId } = await last(invalidate.plan({ selection: { workspaceId: 'test', db: 0, keys: { kind: 'prefix', prefix: 'p:' } }, action: { kind: 'unlink' } }, new AbortController().signal));
    await client.set('p:new', 'v');
    const result = await measure({ target: { kind: 'plan', workspaceId: 'test', db: 0, planId, of: 'invalidation' }, ...monitor, windowMs: 600 }, () => client.mget('p:1', 'p:3', 'p:new', 'q'));
    expect(result.seen).toMatchObject({ matched: 2, apart: 0 });
  });

  it('counts the names of a plan', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    for (let at = 0; at < 700; at += 1) await client.set(`p:${at}`, 'v');
    const { measure, plan } = await open({ port: server.port });
    const { planId } = await plan('p:*', { kind: 'expire', ttlMs: 600_000 });
    await client.set('p:new', 'v');
    const result = await measure({ target: { kind: 'plan', workspaceId: 'test', db: 0, planId, of: 'ttl' }, ...monitor, windowMs: 1000 }, () => client.mget('p:1', 'p:699', 'p:new', 'q'));
    expect(result.seen).toMatchObject({ matched: 2, apart: 0 });
    await expect(measure({ target: { kind: 'plan', workspaceId: 'test', db: 0, planId: 'gone', of: 'ttl' }, ...monitor })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('takes a random part of more names than it keeps, with a wider interval', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    const names = Array.from({ length: 12_000 }, (_, at) => `user:${at}`);
    // half of them exist
    for (let at = 0; at < names.length; at += 1000) await client.mset(names.slice(at, at + 1000).flatMap((name, index) => [index % 2 === 0 ? name : `x${name}`, 'v']));
    const { measure } = await open({ port: server.port });
    const result = await measure({ target: users, ...monitor, windowMs: 3000 }, async () => {
      for (let at = 0; at < names.length; at += 1000) await client.mget(names.slice(at, at + 1000));
    });
    expect(result.seen).toMatchObject({ matched: 12_000, names: 5000, namesCut: true });
    const { perSecond = 0, low = 0, high = 0 } = result.misses ?? {};
    const half = 6000 / ((result.nodes[0]?.elapsedMs ?? 0) / 1000);
    expect(perSecond / half).toBeGreaterThan(0.75);
    expect(perSecond / half).toBeLessThan(1.25);
    expect((high ?? 0) - low).toBeGreaterThan(half * 0.1);
  });

  it('is never sent unless its cost is accepted, and is suggested nowhere in production', async () => {
    const server = keep(await startRedis({}));
    const fixture = await open({ port: server.port }, { workspace: { environment: 'production' } });
    await expect(fixture.measure({ target: users, method: 'monitor' })).rejects.toMatchObject({ code: 'INVALID_INPUT', details: { field: 'acceptCost' } });
    expect(await fixture.blast.check('test')).toMatchObject({ suggested: 'idle-time', environment: 'production', masters: 1, postgres: false });
    expect(await (await open({ port: server.port })).blast.check('test')).toMatchObject({ suggested: 'monitor' });
  });

  it('is allowed while the workspace is locked, on its own connection only', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    await client.set('user:1', 'v');
    const { measure, session } = await open({ port: server.port }, { readOnly: true });
    expect((await measure({ target: users, ...monitor, windowMs: 500 }, () => client.get('user:1'))).seen).toMatchObject({ matched: 1, apart: 0 });
    await expect(session.call(0, ['MONITOR'])).rejects.toMatchObject({ code: 'READ_ONLY' });
  });

  it('that the user may not run is said before, and refused', async () => {
    const server = keep(await startRedis({}));
    await admin(server).call('ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '&*', '+@all', '-monitor');
    const { blast, measure } = await open({ port: server.port, username: 'plain' }, { secrets: { 'redis.password': 'pw' } });
    const check = await blast.check('test');
    expect(check.methods.find(({ method }) => method === 'monitor')?.problem).toMatchObject({ code: 'REDIS_NO_PERMISSION' });
    expect(check.suggested).toBe('idle-time');
    await expect(measure({ target: users, ...monitor })).rejects.toMatchObject({ code: 'REDIS_NO_PERMISSION' });
  });

  it('works for a user who may not run INFO or COMMAND, over a socket, with a password; what is not known is left out', async () => {
    const server = keep(await startRedis({ unixSocket: true, password: 'admin' }));
    const client = admin(server);
    await client.call('ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '&*', '+@all', '-info', '-command');
    await client.set('user:1', 'v');
    const { blast, measure } = await open({ socketPath: server.socketPath ?? '', username: 'plain' }, { secrets: { 'redis.password': 'pw' } });
    expect(await blast.check('test')).toMatchObject({ commandsPerSecond: null });
    const result = await measure({ target: users, ...monitor, windowMs: 800 }, () => client.mget('user:1', 'user:gone'));
    expect(result).toMatchObject({ seen: { matched: 2, apart: 1, unread: 0 }, server: null, cost: { cpuBefore: null, cpuDuring: null, serverMs: null }, stopped: null });
  });

  it('keeps what it had heard when its connection is killed', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    await client.set('user:1', 'v');
    const { measure } = await open({ port: server.port });
    const result = await measure({ target: users, ...monitor, windowMs: 10_000 }, async () => {
      for (let at = 0; at < 50; at += 1) await client.get('user:1');
      for (const id of await monitorsOf(client)) await client.call('CLIENT', 'KILL', 'ID', id);
    });
    expect(result).toMatchObject({ state: 'done', stopped: { reason: 'connection' }, seen: { matched: 50, apart: 0 }, nodes: [{ problem: { code: 'CONNECTION_LOST' } }] });
    expect(result.nodes[0]?.elapsedMs).toBeLessThan(9000);
    expect(result.misses?.perSecond).toBeGreaterThan(5);
  });

  it('ends by itself when the server suffers', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    const { measure } = await open({ port: server.port });
    let over = false;
    const suffering: Promise<void>[] = [];
    const suffer = async (): Promise<void> => {
      while (!over) await client.call('DEBUG', 'SLEEP', '0.15');
    };
    const result = await measure({ target: users, ...monitor, windowMs: 10_000 }, async () => void suffering.push(suffer())).finally(() => {
      over = true;
    });
    await Promise.all(suffering);
    expect(result).toMatchObject({ stopped: { reason: 'latency' } });
  });

  it('ends after so many bytes', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    const { measure } = await open({ port: server.port }, { limits: { bytes: 10_000 } });
    const result = await measure({ target: users, ...monitor, windowMs: 10_000 }, () => client.set('big', 'x'.repeat(50_000)));
    expect(result.stopped).toMatchObject({ reason: 'bytes' });
  });

  it('keeps what it had heard when the server dies', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    await client.set('user:1', 'v');
    const { measure } = await open({ port: server.port });
    const result = await measure({ target: users, ...monitor, windowMs: 10_000 }, async () => {
      for (let at = 0; at < 20; at += 1) await client.get('user:1');
      client.disconnect();
      await server.kill();
    });
    expect(result).toMatchObject({ state: 'done', stopped: { reason: 'connection' }, seen: { matched: 20, apart: null }, server: null, misses: { low: 0 } });
    expect(result.misses?.perSecond).toBeGreaterThan(0);
  });

  it.each([
    ['throughput', { leastShare: 1e9, steadyPerSecond: 0 }],
    ['lag', { lagMs: -1 }],
  ] as const)('ends by itself for %s', async (reason, limits) => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    const { measure } = await open({ port: server.port }, { limits });
    const result = await measure({ target: users, ...monitor, windowMs: 10_000 }, () => client.get('user:1'));
    expect(result).toMatchObject({ state: 'done', stopped: { reason }, seen: { matched: 1, apart: 1 } });
    expect(result.elapsedMs).toBeLessThan(9000);
  });

  it('stops at once when nobody waits for the answer', async () => {
    const server = keep(await startRedis({}));
    const client = admin(server);
    const { blast } = await open({ port: server.port });
    const leaving = new AbortController();
    for await (const { state } of blast.sample({ target: users, ...monitor, windowMs: 10_000 }, leaving.signal)) {
      if (state !== 'measuring') continue;
      await until(async () => (await monitorsOf(client)).length === 1, 'MONITOR');
      leaving.abort();
    }
    await until(async () => (await monitorsOf(client)).length === 0, 'its end');
    expect(await monitorsOf(client)).toEqual([]);
  });

  it('listens to every master of a cluster', async () => {
    const cluster = keep(await startRedisCluster({ masters: 3 }));
    const { measure, session } = await open({ nodes: cluster.seeds });
    const names = Array.from({ length: 60 }, (_, at) => `user:${at}`);
    await session.batch(0, names.map((name) => ['SET', name, 'v'] as const));
    const result = await measure({ target: users, ...monitor, windowMs: 1500 }, () =>
      session.batch(
        0,
        [...names, ...names, 'other', 'user:gone'].map((name) => ['GET', name] as const),
      ),
    );
    expect(result.seen).toMatchObject({ matched: 121, apart: 1, names: 61 });
    expect(result.nodes).toHaveLength(3);
    expect(result.nodes.every(({ perSecond, problem }) => problem === null && (perSecond ?? 0) > 0)).toBe(true);
    const seconds = Math.max(...result.nodes.map(({ elapsedMs }) => elapsedMs)) / 1000;
    expect(result.misses?.low).toBeLessThan(120 / seconds);
    expect(result.misses?.high).toBeGreaterThan(120 / seconds);
  });
});
