import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { wireKey } from '../../../shared/bytes.ts';
import type { StoredFacts } from '../../../shared/contract/key-facts.ts';
import { keyFactFields } from '../../../shared/contract/key-filter.ts';
import type { IndexSnapshot } from '../../../shared/contract/keys.ts';
import { startRedisCluster } from '../../demo/servers/redis-cluster.ts';
import { startRedisSentinel } from '../../demo/servers/redis-sentinel.ts';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import { makeSession, until } from '../connections/redis/testing/open-session.ts';
import type { KeyService } from '../services.ts';
import { moveSlot, tagsOfMasters } from './testing/cluster-slots.ts';
import { everything, eachRow, IndexWatch, openKeys } from './testing/key-fixture.ts';
import { sendAll, setAll } from './testing/raw-redis.ts';

/** What holds of passes that read facts, whatever happens meanwhile: a key that is there throughout is never missed, each is told once. */

const enriched = ({ state, facts }: IndexSnapshot) => state === 'done' && typeof facts?.completedAt === 'number';

async function factsByName(keys: KeyService, indexId: string): Promise<Map<string, StoredFacts | null>> {
  const found = new Map<string, StoredFacts | null>();
  let rows = 0;
  for await (const row of eachRow(keys, indexId)) {
    rows += 1;
    if (row.kind === 'key') found.set(wireKey(row.name), row.facts);
  }
  expect(found.size).toBe(rows);
  return found;
}

const year = 31_536_000_000;

/** Half of them with an expiry of their own, which must come back to the millisecond. */
function kept(count: number, prefix = 'kept:'): { name: string; expiresAt: number | 'none' }[] {
  const base = Date.now() + year;
  return Array.from({ length: count }, (_, i) => ({ name: `${prefix}${i % 50}:${i}`, expiresAt: i % 2 === 0 ? base + i : 'none' }));
}

function* commandsFor(keys: readonly { name: string; expiresAt: number | 'none' }[]): Generator<readonly string[]> {
  for (const { name, expiresAt } of keys) {
    yield ['SET', name, 'v'];
    if (expiresAt !== 'none') yield ['PEXPIREAT', name, String(expiresAt)];
  }
}

/** `within`: MIGRATE sends the time left, so that an expiry moves by the time that takes, ms. */
function expectKept(found: Map<string, StoredFacts | null>, keys: readonly { name: string; expiresAt: number | 'none' }[], within = 0): void {
  const same = (told: StoredFacts['expiresAt'], expected: number | 'none') =>
    typeof told === 'number' && typeof expected === 'number' ? Math.abs(told - expected) <= within : told === expected;
  const wrong = keys.filter(({ name, expiresAt }) => {
    const facts = found.get(wireKey(name));
    return facts?.type !== 'string' || !same(facts.expiresAt, expiresAt) || facts.bytes === null;
  });
  expect(wrong.slice(0, 5).map(({ name, expiresAt }) => ({ name, expiresAt, told: found.get(wireKey(name)) }))).toEqual([]);
}

/** Begins a slow pass that reads facts, and stops it after its first page or later. */
async function slowPass(keys: KeyService, scan: IndexWatch): Promise<string> {
  const { indexId } = await scan.done();
  await keys.configure({ indexId, budget: 0.01 });
  await keys.enrich({ indexId, fields: [...keyFactFields] });
  return indexId;
}

describe('a pass that reads facts', () => {
  it('misses nothing while others write and the table is rehashed', async () => {
    const redis = await startRedis({ build: 'redis-8.0' });
    const opened = await makeSession({ port: redis.port }, { readOnly: true });
    const fixture = await openKeys(() => opened.session);
    let scan: IndexWatch | null = null;
    try {
      await opened.session.open();
      const keys = kept(20_000);
      await sendAll(redis.port, commandsFor(keys));
      scan = new IndexWatch(fixture.keys);
      const indexId = await slowPass(fixture.keys, scan);
      // grows the table several times over, then shrinks it
      for (let round = 0; round < 2; round += 1) {
        const noise = Array.from({ length: 40_000 }, (_, i) => `noise${round}:${i}`);
        await setAll(redis.port, noise);
        await sendAll(redis.port, noise.map((name) => ['UNLINK', name] as const));
      }
      await fixture.keys.configure({ indexId, budget: 1 });
      const end = await scan.until(enriched, 'facts', 60_000);
      const found = await factsByName(fixture.keys, indexId);
      expectKept(found, keys);
      expect(found.size).toBe(end.keys);
    } finally {
      await scan?.leave();
      await fixture.close();
      await opened.close();
      await redis.stop();
    }
  });

  it('drops what expired since, at the end of the next one', async () => {
    const redis = await startRedis({ build: 'redis-7.0' });
    const opened = await makeSession({ port: redis.port }, { readOnly: true });
    const fixture = await openKeys(() => opened.session);
    const admin = new Redis(redis.port, redis.host);
    let scan: IndexWatch | null = null;
    try {
      await opened.session.open();
      const keys = kept(300);
      await sendAll(redis.port, [...commandsFor(keys), ...Array.from({ length: 200 }, (_, i) => ['SET', `short:${i}`, 'v', 'PX', '3000'] as const)]);
      scan = new IndexWatch(fixture.keys);
      const { indexId } = await scan.done();
      await fixture.keys.enrich({ indexId, fields: ['ttl'] });
      await scan.until(enriched, 'facts');
      await until(async () => (await admin.dbsize()) === 300 || (await admin.exists('short:0', 'short:199')) === 0, 'the expiry', 20_000);
      // by the facts that are held they have passed; no range of times left has them
      const held = await fixture.keys.ttlHistogram({ indexId });
      expect(held.series[0]).toMatchObject({ noneKeys: 150, unknown: 0 });
      const { keys: inRange } = await fixture.keys.openView({ index: indexId, mode: 'list', filter: { ...everything, ttlMs: { max: 3_600_000 } }, expanded: [] });
      expect(inRange).toBe(0);
      await fixture.keys.enrich({ indexId, fields: ['ttl'], refresh: true });
      await scan.until((snapshot) => enriched(snapshot) && snapshot.keys === 300, 'the next pass');
      expect((await fixture.keys.ttlHistogram({ indexId })).series[0]).toMatchObject({ noneKeys: 150, passed: 0, unknown: 0 });
    } finally {
      await scan?.leave();
      await fixture.close();
      admin.disconnect();
      await opened.close();
      await redis.stop();
    }
  });

  it('goes on with the new master after a failover, and has read every key', async () => {
    const set = await startRedisSentinel();
    const opened = await makeSession({ topology: 'sentinel', sentinelMaster: set.masterName, nodes: set.sentinels.map(({ host, port }) => ({ host, port })) }, { readOnly: true });
    const fixture = await openKeys(() => opened.session);
    const replica = new Redis(set.replicas[0]?.port ?? 0, '127.0.0.1');
    replica.on('error', () => undefined);
    let scan: IndexWatch | null = null;
    try {
      await opened.session.open();
      const keys = kept(20_000);
      await sendAll(set.master.port, commandsFor(keys));
      await until(async () => (await replica.dbsize()) === keys.length, 'the replica', 20_000);
      scan = new IndexWatch(fixture.keys);
      const indexId = await slowPass(fixture.keys, scan);
      await set.master.kill();
      await scan.until(({ state }) => state === 'waiting-for-server', 'waiting', 30_000);
      await fixture.keys.configure({ indexId, budget: 1 });
      const end = await scan.until(enriched, 'facts from the new master', 60_000);
      expect(end.nodes.map(({ node }) => node)).toEqual([`127.0.0.1:${set.replicas[0]?.port}`]);
      expect(end.keys).toBe(keys.length);
      expectKept(await factsByName(fixture.keys, indexId), keys);
    } finally {
      await scan?.leave();
      await fixture.close();
      replica.disconnect();
      await opened.close();
      await set.stop();
    }
  }, 120_000);

  it('misses nothing of a slot that moves behind it in a cluster', async () => {
    const cluster = await startRedisCluster({ masters: 3 });
    const opened = await makeSession({ topology: 'cluster', nodes: cluster.seeds }, { readOnly: true });
    const admins = cluster.nodes.map((node) => new Redis(node.port, node.host)) as [Redis, Redis, Redis];
    const fixture = await openKeys(() => opened.session);
    let scan: IndexWatch | null = null;
    try {
      await opened.session.open();
      // one tag per master; the first one's slot will move
      const tags = tagsOfMasters();
      const all = tags.map((tag) => kept(6000, `${tag}:`));
      await Promise.all(all.map((own, at) => sendAll((cluster.nodes[at] as RunningRedis).port, commandsFor(own))));
      scan = new IndexWatch(fixture.keys);
      const indexId = await slowPass(fixture.keys, scan);
      await moveSlot(tags[0], admins);
      await fixture.keys.configure({ indexId, budget: 1 });
      await scan.until((snapshot) => enriched(snapshot) && snapshot.keys === 18_000, 'facts', 60_000);
      const found = await factsByName(fixture.keys, indexId);
      for (const own of all) expectKept(found, own, 10_000);
    } finally {
      await scan?.leave();
      await fixture.close();
      for (const admin of admins) admin.disconnect();
      await opened.close();
      await cluster.stop();
    }
  }, 120_000);
});
