import { Cluster } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunSnapshot } from '../../../../shared/contract/bulk.ts';
import type { InvalidatePlan } from '../../../../shared/contract/invalidate.ts';
import { adminOf } from '../../../demo/servers/redis-admin.ts';
import { startRedisCluster } from '../../../demo/servers/redis-cluster.ts';
import { startRedisSentinel } from '../../../demo/servers/redis-sentinel.ts';
import { startRedis } from '../../../demo/servers/redis-server.ts';
import { until, type TestProfile } from '../../connections/redis/testing/open-session.ts';
import type { InvalidateService } from '../../services.ts';
import { last, openBulk, type BulkFixture, type BulkFixtureOptions } from '../testing/bulk-fixture.ts';
import { moveSlots } from '../testing/move-slots.ts';
import { setAll } from '../testing/raw-redis.ts';

const hour = 3_600_000;
const never = new AbortController().signal;
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

type Action = Parameters<InvalidateService['plan']>[0]['action'];

function planOf({ invalidate }: BulkFixture, prefix = 'user:', action: Action = { kind: 'unlink' }): Promise<InvalidatePlan> {
  return last(invalidate.plan({ selection: { workspaceId: 'test', db: 0, keys: { kind: 'prefix', prefix } }, action }, never));
}

type RunOptions = Omit<Parameters<InvalidateService['run']>[0], 'planId' | 'confirm'>;

function start({ invalidate }: BulkFixture, plan: InvalidatePlan, options: RunOptions = {}): Promise<{ runId: string; jobId: string }> {
  return invalidate.run({ planId: plan.planId, confirm: { count: plan.selected, name: 'Test', word: 'FLUSH' }, ...options });
}

async function undo(fixture: BulkFixture, runId: string): Promise<RunSnapshot> {
  await fixture.invalidate.undo({ runId });
  return fixture.ended(runId);
}

async function count(fixture: BulkFixture, names: readonly string[]): Promise<number> {
  return (await fixture.session.batch(0, names.map((name) => ['EXISTS', name] as const))).filter((reply) => reply === 1).length;
}

describe('a cluster', () => {
  it('is emptied of exactly the plan while slots move, and filled again while others move', async () => {
    const cluster = keep(await startRedisCluster({ masters: 3 }));
    const names = Array.from({ length: 3000 }, (_, at) => (at % 4 === 0 ? `user:{tag${at % 40}}:${at}` : `user:${at}`));
    const client = new Cluster(cluster.seeds);
    await Promise.all([...names, 'other:1'].map((name) => client.set(name, 'v', 'PX', 5 * hour)));
    client.disconnect();
    const fixture = await open({ nodes: cluster.seeds });
    const plan = await planOf(fixture);
    expect(plan).toMatchObject({ selected: 3000, exactness: 'exact' });
    expect(plan.byNode.filter(({ keys }) => keys > 500)).toHaveLength(3);
    const { runId } = await start(fixture, plan, { pace: { keysPerSecond: 3000 } });
    let moved: Promise<void> | null = null;
    for await (const { done } of fixture.bulk.watchRun(runId, never)) if (done > 0) moved ??= moveSlots(cluster, Array.from({ length: 80 }, (_, at) => at));
    await moved;
    expect(await fixture.ended(runId)).toMatchObject({ state: 'done', done: 3000, changed: 3000, left: [], failed: [] });
    expect(await count(fixture, [...names, 'other:1'])).toBe(1);
    const [restored] = await Promise.all([undo(fixture, runId), moveSlots(cluster, Array.from({ length: 40 }, (_, at) => 200 + at))]);
    expect(restored).toMatchObject({ state: 'done', changed: 3000, left: [], failed: [] });
    expect(await count(fixture, names)).toBe(3000);

    const graves = await start(fixture, await planOf(fixture, 'user:', { kind: 'graveyard', prefix: 'grave:', ttlMs: hour }));
    expect(await fixture.ended(graves.runId)).toMatchObject({ changed: 3000, failed: [] });
    expect(await undo(fixture, graves.runId)).toMatchObject({ changed: 3000, left: [] });
  }, 120_000);
});

describe('sentinels', () => {
  it('name a new master in mid-run: the run goes on there, and every value comes back', async () => {
    const set = keep(await startRedisSentinel({ password: 'geheim' }));
    const nodes = set.sentinels.map(({ host, port }) => ({ host, port }));
    const fixture = await open({ topology: 'sentinel', sentinelMaster: set.masterName, nodes }, { secrets: { 'redis.password': 'geheim' } });
    const names = Array.from({ length: 4000 }, (_, at) => `user:${at}`);
    for (let at = 0; at < names.length; at += 1000) await fixture.session.batch(0, names.slice(at, at + 1000).map((name) => ['SET', name, name] as const));
    await until(async () => (await fixture.run('WAIT', 1, 1000).catch(() => 1)) !== 0, 'the replica');
    const { runId } = await start(fixture, await planOf(fixture), { pace: { keysPerSecond: 2000 } });
    let killed = false;
    for await (const { done } of fixture.bulk.watchRun(runId, never)) {
      if (killed || done < 1000) continue;
      killed = true;
      await set.master.kill();
    }
    expect(await fixture.ended(runId)).toMatchObject({ state: 'done', done: 4000, failed: [] });
    // deletions that the old master made and its replica never saw are there again; at most what was on its way
    const survivors = await count(fixture, names);
    expect(survivors).toBeLessThanOrEqual(1500);
    const restored = await undo(fixture, runId);
    expect(restored.changed + (restored.left.find(({ reason }) => reason === 'already-so')?.count ?? 0)).toBe(4000);
    const values = await fixture.session.batch(0, names.map((name) => ['GET', name] as const));
    expect(values.map(String)).toEqual(names);
  }, 90_000);
});

describe('users who may not do all', () => {
  it('without scripts keys are compared under WATCH, deleted and restored', async () => {
    const server = keep(await startRedis());
    const admin = adminOf(server);
    await admin.call('ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '+@all', '-@scripting');
    admin.disconnect();
    const names = Array.from({ length: 260 }, (_, at) => `user:${at}`);
    await setAll(server.port, names);
    const fixture = await open({ port: server.port, username: 'plain' }, { secrets: { 'redis.password': 'pw' } });
    const plan = await planOf(fixture);
    expect(plan.warnings.map(({ kind }) => kind)).toContain('no-scripts');
    const { runId } = await start(fixture, plan);
    expect(await fixture.ended(runId)).toMatchObject({ changed: 260, failed: [] });
    expect(await undo(fixture, runId)).toMatchObject({ changed: 260, failed: [] });
    expect(await count(fixture, names)).toBe(260);
  });

  it('without the right to delete each failure is counted and listed, and a server without UNLINK gets DEL in slices', async () => {
    const server = keep(await startRedis({ args: ['--rename-command', 'UNLINK', ''] }));
    const admin = adminOf(server);
    await admin.call('ACL', 'SETUSER', 'half', 'on', '>pw', '~*', '+@all', '-del');
    admin.disconnect();
    await setAll(server.port, ['user:1', 'user:2']);
    const half = await open({ port: server.port, username: 'half' }, { secrets: { 'redis.password': 'pw' } });
    const refused = await start(half, await planOf(half));
    expect(await half.ended(refused.runId)).toMatchObject({ state: 'done', changed: 0, done: 2, failed: [{ code: 'REDIS_NO_PERMISSION', count: 2 }] });

    const fixture = await open({ port: server.port });
    await fixture.run('HSET', 'user:big', ...Array.from({ length: 6000 }, (_, at) => `f${at}`));
    await fixture.run('ZADD', 'user:zset', ...Array.from({ length: 3000 }, (_, at) => String(at)));
    const { runId } = await start(fixture, await planOf(fixture));
    expect(await fixture.ended(runId)).toMatchObject({ changed: 4, failed: [], left: [] });
    expect(await fixture.run('DBSIZE')).toBe(0);
    expect(await undo(fixture, runId)).toMatchObject({ changed: 4 });
    expect(await fixture.run('HLEN', 'user:big')).toBe(3000);
  });
});

describe('other clients', () => {
  it('who write meanwhile lose nothing: what they wrote is deleted only when it is in the journal', async () => {
    const server = keep(await startRedis());
    const names = Array.from({ length: 3000 }, (_, at) => `user:${at}`);
    await setAll(server.port, names);
    const fixture = await open({ port: server.port });
    const writer = adminOf(server);
    cleanups.push(async () => writer.disconnect());
    const { runId } = await start(fixture, await planOf(fixture), { pace: { keysPerSecond: 6000 } });
    let over = false;
    const written = new Map<string, string>();
    const writing = (async () => {
      for (let at = 0; !over; at += 1) {
        const name = names[(at * 7919) % names.length] as string;
        // only what exists: SET … XX tells whether it did
        if ((await writer.call('SET', name, `w${at}`, 'XX')) !== null) written.set(name, `w${at}`);
      }
    })();
    const end = await fixture.ended(runId);
    over = true;
    await writing;
    expect(end).toMatchObject({ state: 'done', done: 3000, failed: [] });
    expect(written.size).toBeGreaterThan(0);
    const kept = end.left.find(({ reason }) => reason === 'kept-changing')?.count ?? 0;
    expect(end.changed + kept).toBe(3000);
    await undo(fixture, runId);
    const values = (await fixture.session.batch(0, names.map((name) => ['GET', name] as const))).map(String);
    names.forEach((name, at) => expect(values[at]).toBe(written.get(name) ?? 'v'));
  }, 60_000);
});

describe('a run that is held back', () => {
  it('does its canary, looks at the hit rate, and stops by itself or goes on when it is told', async () => {
    const server = keep(await startRedis());
    const names = Array.from({ length: 2000 }, (_, at) => `user:${at}`);
    await setAll(server.port, names);
    const fixture = await open({ port: server.port });
    const reader = adminOf(server);
    let over = false;
    const reading = (async () => {
      for (let at = 0; !over; at += 1) await reader.call('MGET', ...names.slice(0, 100));
    })();
    try {
      // the plan is by list, so that the canary takes what is read
      const plan = await last(fixture.invalidate.plan({ selection: { workspaceId: 'test', db: 0, keys: { kind: 'names', names } }, action: { kind: 'unlink' } }, never));
      const stopped = await start(fixture, plan, { staged: { canary: 100, waitMs: 1000, hitRateDropMax: 0.2, auto: true } });
      const end = await fixture.ended(stopped.runId);
      expect(end).toMatchObject({ state: 'cancelled', changed: 100, done: 100, stage: { canary: 100, done: 100, decision: 'stop', decidedBy: 'run' } });
      expect(end.stage?.hitRateBefore).toBeGreaterThan(0.9);
      expect(end.stage?.hitRateNow).toBeLessThan(0.1);
      expect(await fixture.run('DBSIZE')).toBe(1900);
      expect(await undo(fixture, stopped.runId)).toMatchObject({ changed: 100 });
      expect(await fixture.run('DBSIZE')).toBe(2000);

      const again = await last(fixture.invalidate.plan({ selection: { workspaceId: 'test', db: 0, keys: { kind: 'names', names } }, action: { kind: 'unlink' } }, never));
      const asked = await start(fixture, again, { staged: { canary: 50, waitMs: 0, hitRateDropMax: 0.2, auto: false } });
      for await (const { stage, phase } of fixture.bulk.watchRun(asked.runId, never)) {
        if (stage?.decision !== 'ask') continue;
        expect(phase).toBe('waiting');
        expect(await fixture.run('DBSIZE')).toBe(1950);
        await fixture.invalidate.stage({ runId: asked.runId, decision: 'go-on' });
      }
      expect(await fixture.ended(asked.runId)).toMatchObject({ state: 'done', changed: 2000, stage: { decision: 'go-on', decidedBy: 'person' } });
    } finally {
      over = true;
      await reading;
      reader.disconnect();
    }
  }, 60_000);

  it('waits while the hit rate is below the floor, and goes on when the floor is taken away', async () => {
    const server = keep(await startRedis());
    await setAll(server.port, Array.from({ length: 2000 }, (_, at) => `user:${at}`));
    const fixture = await open({ port: server.port });
    const reader = adminOf(server);
    let over = false;
    const reading = (async () => {
      while (!over) await reader.call('MGET', 'none:1', 'none:2', 'none:3', 'none:4');
    })();
    try {
      const { runId } = await start(fixture, await planOf(fixture), { pace: { hitRateFloor: 0.5 } });
      for await (const { holding, phase } of fixture.bulk.watchRun(runId, never)) {
        if (holding === null) continue;
        expect(phase).toBe('holding');
        expect(holding).toMatchObject({ because: 'hit-rate', value: 0, limit: 0.5 });
        await fixture.invalidate.setPace({ runId, pace: {} });
      }
      expect(await fixture.ended(runId)).toMatchObject({ state: 'done', changed: 2000 });
    } finally {
      over = true;
      await reading;
      reader.disconnect();
    }
  }, 60_000);
});
