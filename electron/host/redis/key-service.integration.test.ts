import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toWire, wireKey } from '../../../shared/bytes.ts';
import type { IndexSnapshot } from '../../../shared/contract/keys.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import type { Row } from '../../../shared/contract/keys.ts';
import { freePort } from '../../demo/servers/free-port.ts';
import { startRedisCluster } from '../../demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import { makeSession, until, type OpenedSession } from '../connections/redis/testing/open-session.ts';
import type { KeyService } from '../services.ts';
import { moveSlot, tagsOfMasters } from './testing/cluster-slots.ts';
import { everything, eachRow, IndexWatch, openKeys } from './testing/key-fixture.ts';
import { sendAll, setAll } from './testing/raw-redis.ts';


function* numbered(count: number, prefix = 'user:'): Generator<string> {
  for (let i = 0; i < count; i += 1) yield `${prefix}${i % 100}:${i}`;
}

async function listNames(keys: KeyService, indexId: string): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const row of eachRow(keys, indexId)) if (row.kind === 'key') found.add(wireKey(row.name));
  return found;
}

/** Sets the budget before the scan begins: the first snapshot comes while the thread still starts. */
async function slowly(keys: KeyService, scan: IndexWatch, budget: number): Promise<string> {
  const { indexId } = await scan.until(() => true, 'first snapshot');
  await keys.configure({ indexId, budget });
  await scan.until((snapshot) => snapshot.keys > 0, 'first keys');
  return indexId;
}

async function rootRows(keys: KeyService, indexId: string): Promise<Row[]> {
  const { viewId } = await keys.openView({ index: indexId, mode: 'tree', filter: everything, expanded: [] });
  const { rows } = await keys.rows({ viewId, from: 0, count: 500 });
  await keys.closeView(viewId);
  return rows;
}

describe('an index of a standalone server', () => {
  let redis: RunningRedis;
  let opened: OpenedSession;
  let fixture: Awaited<ReturnType<typeof openKeys>>;
  let admin: Redis;
  const watches: IndexWatch[] = [];
  const watch = (input?: ConstructorParameters<typeof IndexWatch>[1]) => {
    const made = new IndexWatch(fixture.keys, input);
    watches.push(made);
    return made;
  };

  beforeAll(async () => {
    redis = await startRedis({ build: 'redis-7.0' });
    admin = new Redis(redis.port, redis.host);
    // it is killed in one of the tests
    admin.on('error', () => undefined);
    // what a production workspace is: the index must not need more
    opened = await makeSession({ port: redis.port }, { readOnly: true });
    await opened.session.open();
    fixture = await openKeys(() => opened.session);
  });
  afterEach(async () => {
    for (const each of watches.splice(0)) await each.leave();
    await fixture.keys.drop('test');
    await admin.flushall();
  });
  afterAll(async () => {
    await fixture.close();
    await opened.close();
    admin.disconnect();
    await redis.stop();
  });

  it('says how far it is, then counts exactly; snapshots at most 5 a second', async () => {
    await setAll(redis.port, numbered(120_000));
    const scan = watch();
    const first = await scan.until(() => true, 'first snapshot');
    expect(first).toMatchObject({ state: 'scanning', exactness: 'atLeast' });
    const end = await scan.done();
    expect(end).toMatchObject({ keys: 120_000, total: 120_000, folders: 101, coverage: 1, exactness: 'exact', etaMs: 0, problem: null });
    expect(end.nodes).toEqual([{ node: `127.0.0.1:${redis.port}`, scanned: expect.any(Number), total: 120_000, done: true, problem: null }]);
    expect(Date.now() - (end.completedAt ?? 0)).toBeLessThan(60_000);
    expect(end.memoryBytes).toBeGreaterThan(1_000_000);
    for (const snapshot of scan.snapshots.slice(0, -1)) expect(snapshot.coverage).toBeLessThan(1);
    const versions = scan.snapshots.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    for (const [i, time] of scan.times.entries()) {
      // the first comes from the host's side before the worker's own five
      const within = scan.times.slice(i).filter((other) => other - time < 1000);
      expect(within.length).toBeLessThanOrEqual(6);
    }
    expect(await rootRows(fixture.keys, end.indexId)).toMatchObject([{ kind: 'folder', label: 'user', prefix: 'user:', keys: 120_000, exactness: 'exact', open: false }]);
    const { impact } = opened.session.status();
    expect(impact.commands).toBeGreaterThanOrEqual(120);
    expect(impact.bytesIn).toBeGreaterThan(120_000 * 10);
  });

  it('holds the names of a database byte for byte', async () => {
    const names = [
      Buffer.from(''),
      Buffer.from('__proto__:x'),
      Buffer.from('constructor:y'),
      Buffer.from('a[1]*\\?'),
      Buffer.from('a::b'),
      Buffer.from('a:'),
      Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x24]),
      Buffer.from('$5\r\nhello\r\n'),
      Buffer.alloc(65_536, 'x'),
      Buffer.alloc(5_000_000, 'y'),
    ];
    await setAll(redis.port, names);
    const end = await watch().done();
    expect(end.keys).toBe(names.length);
    const { viewId } = await fixture.keys.openView({ index: end.indexId, mode: 'list', filter: everything, expanded: [] });
    const { names: found } = await fixture.keys.names({ viewId, ranges: [{ from: 0, to: 100 }], limit: 100 });
    const short = (key: string) => `${key.length} ${key.slice(0, 40)}`;
    expect(new Set(found.map((name) => short(wireKey(name))))).toEqual(new Set(names.map((name) => short(wireKey(toWire(name))))));
    const meta = await fixture.keys.meta({ workspaceId: 'test', db: 0, names: found });
    expect(meta.every(({ type, ttlMs }) => type === 'string' && ttlMs === null)).toBe(true);
  });

  it('restricts by type and keeps databases apart', async () => {
    await setAll(redis.port, numbered(3000));
    await sendAll(redis.port, [['SADD', 'set:1', 'm'], ['SADD', 'set:2', 'm'], ['SELECT', '3'], ['SET', 'other', 'v']]);
    const sets = await watch({ type: 'set' }).done();
    expect(sets).toMatchObject({ keys: 2, coverage: 1, exactness: 'exact' });
    expect(await watch({ db: 3 }).done()).toMatchObject({ keys: 1, total: 1 });
    const all = await watch().done();
    expect(all.keys).toBe(3002);
    expect(all.indexId).not.toBe(sets.indexId);
    expect(await watch({ db: 7 }).done()).toMatchObject({ keys: 0, folders: 0, coverage: 1, exactness: 'exact' });
  });

  it('pauses at a page, resumes where it was, and stops when the last watcher leaves', async () => {
    await setAll(redis.port, numbered(60_000));
    const scan = watch();
    const indexId = await slowly(fixture.keys, scan, 0.02);
    expect((await fixture.keys.pause(indexId)).state).toBe('paused');
    const standing = async () => {
      const before = await admin.info('commandstats');
      return Number(/cmdstat_scan:calls=(\d+)/.exec(before)?.[1] ?? 0);
    };
    await until(async () => {
      const calls = await standing();
      await admin.ping();
      return calls === (await standing());
    }, 'no more SCAN');
    const calls = await standing();
    const { keys } = await scan.until(({ state }) => state === 'paused', 'pause');
    expect(keys).toBeGreaterThan(0);
    expect(keys).toBeLessThan(60_000);
    await fixture.keys.resume(indexId);
    await scan.until((snapshot) => snapshot.keys > keys, 'more keys');
    await scan.leave();
    const again = watch();
    // what was found is there at once, and it goes on
    expect((await again.until(() => true, 'a snapshot')).keys).toBeGreaterThanOrEqual(keys);
    await fixture.keys.configure({ indexId, budget: 1 });
    const end = await again.done();
    expect(end).toMatchObject({ keys: 60_000, exactness: 'exact', indexId });
    // one pass in all, plus the pages that were read twice at the stops
    expect(await standing()).toBeLessThanOrEqual(calls + 75);
  });

  it('waits for a server that is killed in mid-scan, begins its pass again, and drops what the restart lost', async () => {
    await setAll(redis.port, numbered(60_000));
    const scan = watch();
    const indexId = await slowly(fixture.keys, scan, 0.01);
    await redis.kill();
    const waiting = await scan.until(({ state }) => state === 'waiting-for-server', 'waiting');
    expect(waiting.problem?.code).toMatch(/^CONNECTION_(LOST|REFUSED)$/);
    expect(waiting.keys).toBeGreaterThan(0);
    await redis.restart();
    await setAll(redis.port, numbered(20_000, 'new:'));
    await fixture.keys.configure({ indexId, budget: 1 });
    const end = await scan.done();
    expect(end).toMatchObject({ keys: 20_000, total: expect.any(Number), exactness: 'exact', problem: null });
    expect(await rootRows(fixture.keys, indexId)).toMatchObject([{ label: 'new', keys: 20_000 }]);
  });

  it('walks again on restart: rows stay, counts are estimated, the gone leave at the end', async () => {
    await setAll(redis.port, [...numbered(50_000), ...numbered(50_000, 'old:')]);
    const first = watch();
    const { indexId } = await first.done();
    await sendAll(redis.port, [['EVAL', "for i=0,49999 do redis.call('UNLINK', 'old:'..(i%100)..':'..i) end return 1", '0'], ['SET', 'brand:new', 'v']]);
    await first.leave();
    await fixture.keys.configure({ indexId, budget: 0.01 });
    const second = watch({ restart: true });
    const during = await second.until(({ state }) => state === 'scanning', 'second pass');
    expect(during.keys).toBeGreaterThanOrEqual(100_000);
    expect(during.exactness).toBe('estimated');
    await fixture.keys.configure({ indexId, budget: 1 });
    expect(await second.until(({ state, keys }) => state === 'done' && keys === 50_001, 'second end')).toMatchObject({ indexId, exactness: 'exact' });
    expect((await rootRows(fixture.keys, indexId)).map((row) => row.label)).toEqual(['brand', 'user']);
  });

  it('never misses a key that is there throughout, whatever is written and rehashed meanwhile', async () => {
    const kept = [...numbered(30_000, 'kept:')];
    await setAll(redis.port, kept);
    const scan = watch();
    const indexId = await slowly(fixture.keys, scan, 0.01);
    // grows the table several times over, then shrinks it
    for (let round = 0; round < 2; round += 1) {
      await setAll(redis.port, numbered(40_000, `noise${round}:`));
      function* gone() {
        for (const name of numbered(40_000, `noise${round}:`)) yield ['UNLINK', name] as const;
      }
      await sendAll(redis.port, gone());
    }
    await fixture.keys.configure({ indexId, budget: 1 });
    const end = await scan.done();
    const found = await listNames(fixture.keys, end.indexId);
    expect(kept.filter((name) => !found.has(wireKey(name)))).toEqual([]);
    expect(found.size).toBe(end.keys);
  });

  it('fails with REDIS_NO_PERMISSION where SCAN is not allowed, and goes on when it is', async () => {
    await setAll(redis.port, numbered(10));
    await admin.call('ACL', 'SETUSER', 'noscan', 'on', '>secret', '~*', '+@all', '-scan');
    const other = await makeSession({ port: redis.port, username: 'noscan' }, { secrets: { 'redis.password': 'secret' } });
    await other.session.open();
    const keys = await openKeys(() => other.session);
    const scan = new IndexWatch(keys.keys);
    try {
      const failed = await scan.until(({ state }) => state === 'failed', 'failure');
      expect(failed.problem).toMatchObject({ code: 'REDIS_NO_PERMISSION' });
      expect(JSON.stringify(failed)).not.toContain('secret');
      await admin.call('ACL', 'SETUSER', 'noscan', '+scan');
      await keys.keys.resume(failed.indexId);
      expect(await scan.done()).toMatchObject({ keys: 10 });
    } finally {
      await scan.leave();
      await keys.close();
      await other.close();
    }
  });

  it('splits names anew without another scan, and filters as Redis does', async () => {
    await setAll(redis.port, ['a:b/c', 'a:b/d', 'x/y', 'z*']);
    const scan = watch();
    const { indexId } = await scan.done();
    await fixture.keys.configure({ indexId, delimiters: ['/'] });
    const rows = await until(async () => {
      const found = await rootRows(fixture.keys, indexId);
      return found[0]?.label === 'a:b' && found;
    }, 'the new tree');
    expect(rows.map((row) => [row.kind, row.label])).toEqual([['folder', 'a:b'], ['folder', 'x'], ['key', 'z*']]);
    const view = async (filter: KeyFilter) => (await fixture.keys.openView({ index: indexId, mode: 'list', filter, expanded: [] })).keys;
    expect(await view({ pattern: 'a*', mode: 'glob' })).toBe(2);
    expect(await view({ pattern: '*', mode: 'literal' })).toBe(1);
    expect(await view({ pattern: 'x/', mode: 'prefix' })).toBe(1);
  });

  it('tells type and expiry in the order asked', async () => {
    await admin.set('s', 'v', 'PX', 60_000);
    await admin.lpush('l', 'v');
    const meta = await fixture.keys.meta({ workspaceId: 'test', db: 0, names: ['l', 'gone', 's'] });
    expect(meta).toEqual([
      { name: 'l', type: 'list', ttlMs: null },
      { name: 'gone', type: 'none', ttlMs: null },
      { name: 's', type: 'string', ttlMs: expect.any(Number) },
    ]);
    expect(meta[2]?.ttlMs).toBeGreaterThan(50_000);
    expect(await fixture.keys.meta({ workspaceId: 'test', db: 0, names: [] })).toEqual([]);
  });

  it('exports names as a job: sorted, filtered, lossless; nothing remains of a cancelled one', async () => {
    await setAll(redis.port, [...numbered(20_000), 'two\nlines', Buffer.from([0xff])]);
    const { indexId } = await watch().done();
    const { viewId } = await fixture.keys.openView({ index: indexId, mode: 'tree', filter: everything, expanded: [] });
    const snapshot = async (jobId: string) => {
      for await (const jobs of fixture.jobs.watch(new AbortController().signal)) {
        const job = jobs.find((each) => each.jobId === jobId);
        if (job !== undefined && job.endedAt !== null) return job;
      }
      throw new Error('The jobs ended');
    };
    const { jobId } = await fixture.keys.exportNames({ viewId, format: 'lines' });
    const job = await snapshot(jobId);
    expect(job).toMatchObject({ state: 'done', done: 20_002, total: 20_002, kind: 'export-names' });
    const lines = (await readFile(job.file ?? '', 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(20_002);
    expect(lines[0]).toBe('"two\\nlines"');
    expect(lines.at(-1)).toBe('"\\xff"');
    expect(lines.slice(1, -1)).toEqual([...numbered(20_000)].toSorted());
    const [row] = (await fixture.keys.rows({ viewId, from: 0, count: 1 })).rows;
    const part = await snapshot((await fixture.keys.exportNames({ viewId, folderId: row?.id ?? 0, format: 'jsonl' })).jobId);
    expect(part.done).toBe(20_000);
    expect(JSON.parse((await readFile(part.file ?? '', 'utf8')).split('\n')[0] ?? '')).toBe('user:0:0');
    const files = await readdir(join(fixture.folder, 'exports'));
    const cancelled = await fixture.keys.exportNames({ viewId, format: 'jsonl' });
    fixture.jobs.cancel(cancelled.jobId);
    expect((await snapshot(cancelled.jobId)).state).toBe('cancelled');
    expect(await readdir(join(fixture.folder, 'exports'))).toEqual(files);
  });

  it('tells that an index or a view is closed', async () => {
    const { indexId } = await watch().done();
    const { viewId } = await fixture.keys.openView({ index: indexId, mode: 'tree', filter: everything, expanded: [] });
    await fixture.keys.drop('test');
    await expect(fixture.keys.rows({ viewId, from: 0, count: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(fixture.keys.pause(indexId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(fixture.keys.closeView(viewId)).resolves.toBeUndefined();
  });
});

describe('a connection that breaks in mid-scan', () => {
  it('goes on at its cursor when the same server answers again', async () => {
    const redis = await startRedis();
    const port = await freePort();
    let cuts = 0;
    let closedUntil = 0;
    // Stands between them and ends a connection that has brought so much, three times. It then lets nobody in for longer
    // than a snapshot can be held back by the limit on their rate.
    const proxy = createServer((near) => {
      if (Date.now() < closedUntil) {
        near.destroy();
        return;
      }
      const far = connect(redis.port, '127.0.0.1');
      let brought = 0;
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
      far.on('data', (chunk) => {
        brought += chunk.length;
        if (brought < 250_000 || cuts === 3) return;
        cuts += 1;
        closedUntil = Date.now() + 1200;
        near.destroy();
      });
    }).listen(port, '127.0.0.1');
    await once(proxy, 'listening');
    const opened = await makeSession({ port });
    await opened.session.open();
    const fixture = await openKeys(() => opened.session);
    await setAll(redis.port, numbered(60_000));
    const scan = new IndexWatch(fixture.keys);
    try {
      const end = await scan.done();
      expect(cuts).toBe(3);
      expect(end).toMatchObject({ keys: 60_000, exactness: 'exact', problem: null });
      const waits = scan.snapshots.filter(({ state }) => state === 'waiting-for-server');
      expect(waits.map(({ problem }) => problem?.code)).toContain('CONNECTION_LOST');
      // only pages that were under way at the cuts are read twice; a pass that began again would tell all of its names anew
      expect(end.nodes[0]?.scanned).toBeLessThan(60_000 + 3 * 5000);
    } finally {
      await scan.leave();
      await fixture.close();
      await opened.close();
      proxy.close();
      await redis.stop();
    }
  });
});

describe('an index of a cluster', () => {
  it('walks all masters, and misses nothing of a slot that moves behind the scan', async () => {
    const cluster = await startRedisCluster({ masters: 3 });
    const opened = await makeSession({ topology: 'cluster', nodes: cluster.seeds }, { readOnly: true });
    const admins = cluster.nodes.map((node) => new Redis(node.port, node.host)) as [Redis, Redis, Redis];
    const fixture = await openKeys(() => opened.session);
    let scan: IndexWatch | null = null;
    try {
      await opened.session.open();
      // one tag per master; the first one's slot will move
      const tags = tagsOfMasters();
      const names = tags.map((tag, at) => Array.from({ length: at === 0 ? 9000 : 12_000 }, (_, i) => `${tag}:${i}`));
      await Promise.all(names.map((own, at) => setAll((cluster.nodes[at] as RunningRedis).port, own)));

      scan = new IndexWatch(fixture.keys);
      const { indexId } = await scan.until(() => true, 'first snapshot');
      await fixture.keys.configure({ indexId, budget: 0.01 });
      // the second master is done, or nearly, when the keys come to it; the first has not told all of them
      await scan.until(({ nodes }) => nodes.length === 3 && (nodes[1]?.scanned ?? 0) > 0, 'begin');
      await moveSlot(tags[0], admins);
      await fixture.keys.configure({ indexId, budget: 1 });
      const end = await scan.until(({ state, exactness }) => state === 'done' && exactness === 'exact', 'exact end');
      expect(end).toMatchObject({ keys: 33_000, problem: null });
      expect(end.nodes).toHaveLength(3);
      const found = await listNames(fixture.keys, indexId);
      expect(names.flat().filter((name) => !found.has(wireKey(name)))).toEqual([]);
      const meta = await fixture.keys.meta({ workspaceId: 'test', db: 0, names: names.map((own) => own[0] as string) });
      expect(meta.map(({ type }) => type)).toEqual(['string', 'string', 'string']);
    } finally {
      await scan?.leave();
      await fixture.close();
      for (const admin of admins) admin.disconnect();
      await opened.close();
      await cluster.stop();
    }
  });

  it('calls a count exact only when no slot is under way any more', async () => {
    const cluster = await startRedisCluster({ masters: 3 });
    const opened = await makeSession({ topology: 'cluster', nodes: cluster.seeds }, { readOnly: true });
    const admins = cluster.nodes.map((node) => new Redis(node.port, node.host)) as [Redis, Redis, Redis];
    const fixture = await openKeys(() => opened.session);
    const scan = new IndexWatch(fixture.keys);
    try {
      await opened.session.open();
      const [tag] = tagsOfMasters();
      await setAll((cluster.nodes[0] as RunningRedis).port, Array.from({ length: 3000 }, (_, at) => `${tag}:${at}`));
      await scan.leave();
      let during: IndexSnapshot | null = null;
      const watch = new IndexWatch(fixture.keys, { restart: true });
      await watch.done();
      await moveSlot(tag, admins, async () => {
        const begun = Date.now();
        const again = new IndexWatch(fixture.keys, { restart: true });
        during = await again.until(({ state, completedAt }) => state === 'done' && (completedAt ?? 0) >= begun, 'the end of a pass');
        await again.leave();
      });
      expect(during).toMatchObject({ state: 'done', exactness: 'estimated' });
      const end = await watch.until(({ state, exactness }) => state === 'done' && exactness === 'exact', 'exact when the slot has arrived');
      expect(end.keys).toBe(3000);
      await watch.leave();
    } finally {
      await fixture.close();
      for (const admin of admins) admin.disconnect();
      await opened.close();
      await cluster.stop();
    }
  });
});
