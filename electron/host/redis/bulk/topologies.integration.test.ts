import { Cluster } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { adminOf } from '../../../demo/servers/redis-admin.ts';
import { startRedisCluster, type RunningCluster } from '../../../demo/servers/redis-cluster.ts';
import { startRedisSentinel } from '../../../demo/servers/redis-sentinel.ts';
import { startRedis } from '../../../demo/servers/redis-server.ts';
import { until } from '../../connections/redis/testing/open-session.ts';
import { openBulk, type BulkFixture, type BulkFixtureOptions } from '../testing/bulk-fixture.ts';
import { moveSlots } from '../testing/move-slots.ts';
import { setAll } from '../testing/raw-redis.ts';
import type { TestProfile } from '../../connections/redis/testing/open-session.ts';

const hour = 3_600_000;
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
  cleanups.push(() => server.stop());
  return server;
};

async function open(profile: TestProfile, options: BulkFixtureOptions = {}): Promise<BulkFixture> {
  const fixture = await openBulk(profile, options);
  cleanups.push(() => fixture.close());
  return fixture;
}

async function expiries(fixture: BulkFixture, names: readonly string[]): Promise<number[]> {
  return (await fixture.session.batch(0, names.map((name) => ['PEXPIRETIME', name] as const))).map(Number);
}

async function fillCluster(cluster: RunningCluster, names: readonly string[]): Promise<void> {
  const client = new Cluster(cluster.seeds);
  try {
    const pipeline = names.map((name) => client.set(name, 'v'));
    await Promise.all(pipeline);
  } finally {
    client.disconnect();
  }
}

describe('a cluster', () => {
  it('is counted, changed and undone exactly while slots move', async () => {
    const cluster = keep(await startRedisCluster({ masters: 3 }));
    const names = Array.from({ length: 6000 }, (_, at) => (at % 4 === 0 ? `user:{tag${at % 40}}:${at}` : `user:${at}`));
    await fillCluster(cluster, names);
    const fixture = await open({ nodes: cluster.seeds });
    const still = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour });
    expect(still).toMatchObject({ selected: 6000, wouldChange: 6000, exactness: 'exact' });
    expect(still.byNode).toHaveLength(3);
    expect(still.byNode.reduce((sum, node) => sum + node.selected, 0)).toBe(6000);

    // slots move while it counts
    const firstMove = moveSlots(cluster, Array.from({ length: 40 }, (_, at) => at));
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour, jitterMs: hour });
    expect(plan).toMatchObject({ selected: 6000, wouldChange: 6000 });
    await firstMove;

    // and while it changes
    const { runId } = await fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 6000 }, keysPerSecond: 4000 });
    let moved: Promise<void> | null = null;
    for await (const { done } of fixture.bulk.watchRun(runId, new AbortController().signal)) if (done > 0) moved ??= moveSlots(cluster, Array.from({ length: 120 }, (_, at) => 40 + at));
    await moved;
    expect(await fixture.ended(runId)).toMatchObject({ state: 'done', done: 6000, changed: 6000, left: [], failed: [] });
    for (const time of await expiries(fixture, names)) expect(time).toBeGreaterThan(Date.now());

    const undoing = fixture.undo(runId);
    await Promise.all([undoing, moveSlots(cluster, Array.from({ length: 60 }, (_, at) => 300 + at))]);
    expect(await undoing).toMatchObject({ state: 'done', changed: 6000, left: [], failed: [] });
    expect(new Set(await expiries(fixture, names))).toEqual(new Set([-1]));
  }, 120_000);

  it('takes names, each from its own master', async () => {
    const cluster = keep(await startRedisCluster({ masters: 3 }));
    const names = Array.from({ length: 600 }, (_, at) => `k:${at}`);
    await fillCluster(cluster, names);
    const fixture = await open({ nodes: cluster.seeds });
    const { plan, end, runId } = await fixture.change({ kind: 'names', names: [...names, 'none'] }, { kind: 'expire', ttlMs: hour });
    expect(plan).toMatchObject({ selected: 600, missing: 1 });
    expect(plan.byNode.map(({ selected }) => selected).filter((selected) => selected > 100)).toHaveLength(3);
    expect(end).toMatchObject({ changed: 600 });
    expect(end.byNode).toHaveLength(3);
    expect(await fixture.undo(runId)).toMatchObject({ changed: 600 });
  }, 60_000);
});

describe('sentinels', () => {
  it('name a new master in mid-run, and the run goes on there', async () => {
    const set = keep(await startRedisSentinel({ password: 'geheim' }));
    const nodes = set.sentinels.map(({ host, port }) => ({ host, port }));
    const fixture = await open({ topology: 'sentinel', sentinelMaster: set.masterName, nodes }, { secrets: { 'redis.password': 'geheim' } });
    const names = Array.from({ length: 4000 }, (_, at) => `user:${at}`);
    for (let at = 0; at < names.length; at += 1000) await fixture.session.batch(0, names.slice(at, at + 1000).map((name) => ['SET', name, 'v'] as const));
    await until(async () => (await fixture.run('WAIT', 1, 1000).catch(() => 1)) !== 0, 'the replica');
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour, jitterMs: 1000 });
    const { runId } = await fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 4000 }, keysPerSecond: 2000 });
    let killed = false;
    for await (const { done } of fixture.bulk.watchRun(runId, new AbortController().signal)) {
      if (killed || done < 1000) continue;
      killed = true;
      await set.master.kill();
    }
    const end = await fixture.ended(runId);
    expect(end).toMatchObject({ state: 'done', done: 4000, failed: [] });
    expect((await fixture.session.masters())[0]?.port).toBe(set.replicas[0]?.port);
    const undo = await fixture.undo(runId);
    // what the old master took and its replica never saw is as it was before already
    const lost = undo.left.find(({ reason }) => reason === 'already-so')?.count ?? 0;
    expect(undo.changed + lost).toBe(4000);
    expect(new Set(await expiries(fixture, names))).toEqual(new Set([-1]));
  }, 90_000);
});

describe('a user without scripts', () => {
  it('changes in two steps, and undoes', async () => {
    const server = keep(await startRedis());
    const admin = adminOf(server);
    await admin.call('ACL', 'SETUSER', 'plain', 'on', '>pw', '~user:*', '+@all', '-@scripting');
    admin.disconnect();
    await setAll(server.port, Array.from({ length: 1200 }, (_, at) => `user:${at}`));
    await setAll(server.port, ['hidden:1']);
    const fixture = await open({ port: server.port, username: 'plain' }, { secrets: { 'redis.password': 'pw' } });
    await fixture.run('PEXPIRE', 'user:7', 10 * hour);
    const before = Number(await fixture.run('PEXPIRETIME', 'user:7'));
    const plan = await fixture.plan('*', { kind: 'expire', ttlMs: hour });
    expect(plan).toMatchObject({ method: 'two-steps', selected: 1200, unjudged: 1, wouldChange: 1200 });
    const { runId } = await fixture.start(plan);
    expect(await fixture.ended(runId)).toMatchObject({ changed: 1200, failed: [] });
    await fixture.run('PERSIST', 'user:3');
    expect(await fixture.undo(runId)).toMatchObject({ changed: 1199, left: [{ reason: 'already-so', count: 1 }] });
    expect(Number(await fixture.run('PEXPIRETIME', 'user:7'))).toBe(before);
    expect(Number(await fixture.run('PEXPIRETIME', 'user:3'))).toBe(-1);
  });

  it('may lack the change itself: each failure is counted and listed', async () => {
    const server = keep(await startRedis());
    const admin = adminOf(server);
    await admin.call('ACL', 'SETUSER', 'half', 'on', '>pw', '~*', '+@all', '-pexpireat');
    admin.disconnect();
    await setAll(server.port, Array.from({ length: 700 }, (_, at) => `user:${at}`));
    const fixture = await open({ port: server.port, username: 'half' }, { secrets: { 'redis.password': 'pw' } });
    const { end, runId } = await fixture.change('*', { kind: 'expire', ttlMs: hour });
    expect(end).toMatchObject({ state: 'done', changed: 0, done: 700, failed: [{ code: 'REDIS_NO_PERMISSION', count: 700 }] });
    const failures = await fixture.bulk.failures(runId);
    expect(failures).toHaveLength(500);
    expect(failures[0]).toMatchObject({ code: 'REDIS_NO_PERMISSION' });
  });
});
