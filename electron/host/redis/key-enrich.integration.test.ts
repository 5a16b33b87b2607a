import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromWire, wireKey, type WireBytes } from '../../../shared/bytes.ts';
import type { StoredFacts } from '../../../shared/contract/key-facts.ts';
import { keyFactFields, type KeyFactField, type KeyFilter } from '../../../shared/contract/key-filter.ts';
import type { IndexSnapshot, Row } from '../../../shared/contract/keys.ts';
import { startRedisCluster } from '../../demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import { makeSession, until, type OpenedSession } from '../connections/redis/testing/open-session.ts';
import type { KeyService } from '../services.ts';
import { IndexWatch, openKeys } from './testing/key-fixture.ts';
import { sendAll } from './testing/raw-redis.ts';

const everything: KeyFilter = { pattern: '', mode: 'glob' };

/** Keys of every type, with and without expiry, some with hostile names. */
function* mixed(count: number): Generator<readonly (string | Uint8Array)[]> {
  for (let i = 0; i < count; i += 1) {
    const name = `app:${i % 7}:item:${i}`;
    switch (i % 7) {
      case 0:
        yield ['SET', name, 'v'.repeat(i % 300)];
        break;
      case 1:
        yield ['RPUSH', name, ...Array.from({ length: 1 + (i % 20) }, (_, at) => `e${at}`)];
        break;
      case 2:
        yield ['SADD', name, ...Array.from({ length: 1 + (i % 30) }, (_, at) => `${at}`)];
        break;
      case 3:
        yield ['ZADD', name, '1', 'a', '2', 'b'];
        break;
      case 4:
        yield ['HSET', name, ...Array.from({ length: 1 + (i % 9) }, (_, at) => [`f${at}`, 'x'.repeat(i % 90)]).flat()];
        break;
      case 5:
        yield ['SETBIT', name, String(i), '1'];
        break;
      default:
        yield ['SET', name, String(i)];
    }
    if (i % 3 === 0) yield ['PEXPIRE', name, String(3_600_000 + i * 1000)];
  }
  yield ['SET', '', 'empty'];
  yield ['SET', Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x24]), 'binary'];
  yield ['SET', '__proto__', 'x'];
  yield ['SET', 'k'.repeat(65_536), 'long'];
}

async function allRows(keys: KeyService, indexId: string, filter = everything): Promise<Row[]> {
  const { viewId, total } = await keys.openView({ index: indexId, mode: 'list', filter, expanded: [] });
  const found: Row[] = [];
  for (let from = 0; from < total; from += 500) found.push(...(await keys.rows({ viewId, from, count: 500 })).rows);
  await keys.closeView(viewId);
  return found;
}

interface Naive {
  type: string;
  expiresAt: number | 'none';
  bytes: number;
  elements: number | null;
  encoding: string;
}

const lengths: Record<string, string> = { string: 'strlen', list: 'llen', set: 'scard', zset: 'zcard', hash: 'hlen', stream: 'xlen' };

/** What the server says of each key when it is asked one by one. */
async function naive(admin: Redis, names: readonly WireBytes[]): Promise<Map<string, Naive>> {
  const found = new Map<string, Naive>();
  for (const name of names) {
    const bytes = Buffer.from(fromWire(name));
    const type = await admin.type(bytes);
    const expires = Number(await admin.call('PEXPIRETIME', bytes));
    found.set(wireKey(name), {
      type,
      expiresAt: expires === -1 ? 'none' : expires,
      bytes: Number(await admin.call('MEMORY', 'USAGE', bytes)),
      elements: lengths[type] === undefined ? null : Number(await admin.call(lengths[type], bytes)),
      encoding: String(await admin.call('OBJECT', 'ENCODING', bytes)),
    });
  }
  return found;
}

const factsOf = (row: Row): StoredFacts => {
  if (row.kind !== 'key' || row.facts === null) throw new Error(`No facts: ${JSON.stringify(row)}`);
  return row.facts;
};

const enriched = ({ state, facts }: IndexSnapshot) => state === 'done' && facts !== null && facts.completedAt !== null;

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('facts of a standalone %s', (build) => {
  let redis: RunningRedis;
  let opened: OpenedSession;
  let fixture: Awaited<ReturnType<typeof openKeys>>;
  let admin: Redis;
  const watches: IndexWatch[] = [];
  const watch = (keys = fixture.keys) => {
    const made = new IndexWatch(keys);
    watches.push(made);
    return made;
  };

  beforeAll(async () => {
    redis = await startRedis({ build });
    admin = new Redis(redis.port, redis.host);
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

  async function enrich(fields: KeyFactField[], keys = fixture.keys): Promise<{ end: IndexSnapshot; scan: IndexWatch }> {
    const scan = watch(keys);
    const { indexId } = await scan.done();
    expect((await keys.enrich({ indexId, fields })).facts).toMatchObject({ fields, completedAt: null });
    return { end: await scan.until(enriched, 'facts'), scan };
  }

  it('are those that the server tells one by one, read by one script a page', async () => {
    await sendAll(redis.port, mixed(3000));
    const { end } = await enrich([...keyFactFields]);
    expect(end).toMatchObject({ keys: 3004, exactness: 'exact', problem: null });
    expect(end.facts).toMatchObject({ known: 3004, coverage: 1, recency: 'idle', disturbsIdle: build === 'redis-7.0' });
    expect(end.facts?.ways).toEqual([{ node: `127.0.0.1:${redis.port}`, way: 'script', reason: '' }]);
    const rows = await allRows(fixture.keys, end.indexId);
    expect(rows).toHaveLength(3004);
    const told = await naive(admin, rows.map((row) => (row.kind === 'key' ? row.name : '')));
    for (const row of rows) {
      const { type, expiresAt, bytes, elements, encoding, idleSeconds, frequency, at } = factsOf(row);
      expect({ type, expiresAt, bytes, elements, encoding }).toEqual(told.get(wireKey(row.kind === 'key' ? row.name : '')));
      expect(frequency).toBeNull();
      expect(idleSeconds).toBeGreaterThanOrEqual(0);
      expect(Date.now() - at).toBeLessThan(60_000);
    }
    const stats = await admin.info('commandstats');
    expect(stats).toMatch(/cmdstat_eval_ro:/);
  });

  it('are summed up for every folder', async () => {
    await sendAll(redis.port, mixed(2000));
    const { end } = await enrich(['type', 'ttl', 'bytes']);
    const rows = await allRows(fixture.keys, end.indexId);
    const { viewId } = await fixture.keys.openView({ index: end.indexId, mode: 'tree', filter: everything, expanded: ['app:', 'app:0:'] });
    const folders = (await fixture.keys.rows({ viewId, from: 0, count: 100 })).rows.filter((row) => row.kind === 'folder');
    expect(folders.length).toBeGreaterThan(7);
    for (const folder of folders) {
      const inside = rows.filter((row) => row.kind === 'key' && typeof row.name === 'string' && row.name.startsWith(folder.prefix as string)).map(factsOf);
      const sum = inside.reduce((all, { bytes }) => all + (bytes ?? 0), 0);
      const types = new Map<string, number>();
      for (const { type } of inside) types.set(type ?? '', (types.get(type ?? '') ?? 0) + 1);
      expect(folder.facts?.ttl).toEqual({
        with: inside.filter(({ expiresAt }) => expiresAt !== 'none').length,
        without: inside.filter(({ expiresAt }) => expiresAt === 'none').length,
        unknown: 0,
      });
      expect(folder.facts?.bytes).toEqual({ known: inside.length, seen: sum, value: sum, low: sum, high: sum, exactness: 'exact' });
      expect(new Map(folder.facts?.types?.map(({ type, keys }) => [type, keys]))).toEqual(types);
    }
  });

  it('are filtered and sorted by, together with names', async () => {
    await sendAll(redis.port, mixed(3000));
    const { end } = await enrich([...keyFactFields]);
    const { indexId } = end;
    const rows = await allRows(fixture.keys, indexId);
    const view = async (filter: Partial<KeyFilter>, facts = true) => {
      const { viewId } = await fixture.keys.openView({ index: indexId, mode: 'tree', filter: { ...everything, ...filter }, expanded: [] });
      const judged = async () => {
        const { keys, exactness } = await fixture.keys.rows({ viewId, from: 0, count: 1 });
        return (exactness === 'exact') === facts && { keys, exactness };
      };
      const found = await until(judged, 'all keys to be judged');
      await fixture.keys.closeView(viewId);
      return found;
    };
    const count = (holds: (facts: StoredFacts, name: string) => boolean) => ({
      keys: rows.filter((row) => row.kind === 'key' && holds(factsOf(row), typeof row.name === 'string' ? row.name : '')).length,
      exactness: 'exact',
    });
    expect(await view({ types: ['hash', 'zset'] })).toEqual(count(({ type }) => type === 'hash' || type === 'zset'));
    expect(await view({ ttlMs: 'none' })).toEqual(count(({ expiresAt }) => expiresAt === 'none'));
    expect(await view({ ttlMs: { min: 1 } })).toEqual(count(({ expiresAt }) => expiresAt !== 'none'));
    expect(await view({ ttlMs: { max: 60_000 } })).toEqual({ keys: 0, exactness: 'exact' });
    expect(await view({ bytes: { min: 100, max: 400 } })).toEqual(count(({ bytes }) => (bytes ?? 0) >= 100 && (bytes ?? 0) <= 400));
    expect(await view({ elements: { min: 5 }, types: ['list'] })).toEqual(count(({ elements, type }) => (elements ?? 0) >= 5 && type === 'list'));
    expect(await view({ encodings: ['int'], pattern: '^app:[0-3]:', mode: 'regex' })).toEqual(count(({ encoding }, name) => encoding === 'int' && /^app:[0-3]:/.test(name)));
    expect(await view({ frequency: { min: 0 } }, false)).toEqual({ keys: 0, exactness: 'atLeast' });
    await expect(view({ pattern: 'a(b', mode: 'regex' })).rejects.toMatchObject({ code: 'INVALID_INPUT', details: { part: 'a(b', at: 0 } });

    const list = async (by: 'ttl' | 'bytes' | 'elements' | 'type' | 'name', descending: boolean) => {
      const { viewId } = await fixture.keys.openView({ index: indexId, mode: 'list', filter: everything, sort: { by, descending }, expanded: [] });
      await until(async () => !(await fixture.keys.rows({ viewId, from: 0, count: 1 })).sorting, 'order');
      const sorted: Row[] = [];
      for (let from = 0; from < rows.length; from += 500) sorted.push(...(await fixture.keys.rows({ viewId, from, count: 500 })).rows);
      const anchor = sorted[1234] as Row;
      expect((await fixture.keys.rows({ viewId, from: 0, count: 1, anchor: { kind: 'key', id: anchor.id } })).anchorAt).toBe(1234);
      await fixture.keys.closeView(viewId);
      return sorted.map(({ id }) => id);
    };
    const ttl = (row: Row) => (factsOf(row).expiresAt === 'none' ? Infinity : (factsOf(row).expiresAt as number));
    const bytes = (row: Row) => factsOf(row).bytes ?? 0;
    const ids = (sorted: Row[]) => sorted.map(({ id }) => id);
    const order = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
    expect(await list('ttl', false)).toEqual(ids(rows.toSorted((a, b) => order(ttl(a), ttl(b)))));
    expect(await list('bytes', true)).toEqual(ids(rows.toSorted((a, b) => order(bytes(b), bytes(a)))));
    expect(await list('type', false)).toEqual(ids(rows.toSorted((a, b) => ((factsOf(a).type ?? '') < (factsOf(b).type ?? '') ? -1 : factsOf(a).type === factsOf(b).type ? 0 : 1))));
    expect(await list('name', true)).toEqual(ids(rows.toReversed()));
  });

  it('are exported with the names, in the order of the view', async () => {
    await sendAll(redis.port, mixed(1200));
    const { end } = await enrich(['type', 'ttl', 'bytes']);
    const { viewId, total } = await fixture.keys.openView({ index: end.indexId, mode: 'list', filter: { ...everything, types: ['hash', 'list'] }, sort: { by: 'bytes', descending: true }, expanded: [] });
    const exported = async (format: 'csv' | 'jsonl') => {
      const { jobId } = await fixture.keys.exportNames({ viewId, format, facts: true });
      for await (const jobs of fixture.jobs.watch(new AbortController().signal)) {
        const job = jobs.find((each) => each.jobId === jobId);
        if (job?.state === 'done') return readFile(job.file ?? '', 'utf8');
        if (job !== undefined && job.endedAt !== null) throw new Error(JSON.stringify(job));
      }
      throw new Error('The jobs ended');
    };
    const lines = (await exported('jsonl')).trimEnd().split('\n').map((line) => JSON.parse(line) as StoredFacts & { name: WireBytes });
    expect(lines).toHaveLength(total);
    const rows: Row[] = [];
    for (let from = 0; from < total; from += 500) rows.push(...(await fixture.keys.rows({ viewId, from, count: 500 })).rows);
    expect(lines).toEqual(rows.map((row) => ({ name: row.kind === 'key' ? row.name : '', ...factsOf(row) })));
    const csv = (await exported('csv')).trimEnd().split('\r\n');
    expect(csv[0]).toBe('name,type,expires_at_ms,bytes,elements,idle_seconds,frequency,encoding,read_at_ms');
    expect(csv).toHaveLength(total + 1);
    expect(csv[1]).toBe([JSON.stringify(lines[0]?.name).slice(1, -1), lines[0]?.type, lines[0]?.expiresAt, lines[0]?.bytes, '', '', '', '', lines[0]?.at].join(','));
    await expect(fixture.keys.exportNames({ viewId, format: 'lines', facts: true })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('are read one by one where the user may run no script, and what is refused is named', async () => {
    await sendAll(redis.port, mixed(1500));
    await admin.call('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '+@all', '-@scripting', '-memory', '-pexpiretime');
    const other = await makeSession({ port: redis.port, username: 'plain' }, { secrets: { 'redis.password': 'secret' } });
    await other.session.open();
    const keys = await openKeys(() => other.session);
    try {
      const { end } = await enrich([...keyFactFields], keys.keys);
      expect(end).toMatchObject({ keys: 1504, problem: null });
      expect(end.facts?.ways).toEqual([{ node: expect.any(String), way: 'pipeline', reason: expect.stringMatching(/eval_ro[\s\S]*(memory|pexpiretime)/i) }]);
      const rows = await allRows(keys.keys, end.indexId);
      const told = await naive(admin, rows.map((row) => (row.kind === 'key' ? row.name : '')));
      for (const row of rows) {
        const facts = factsOf(row);
        const expected = told.get(wireKey(row.kind === 'key' ? row.name : '')) as Naive;
        expect(facts).toMatchObject({ type: expected.type, elements: expected.elements, encoding: expected.encoding, bytes: null });
        // the first page learned that it must ask by PTTL
        if (facts.expiresAt === null || facts.expiresAt === 'none' || expected.expiresAt === 'none') continue;
        expect(Math.abs(facts.expiresAt - expected.expiresAt)).toBeLessThan(5000);
      }
      expect(rows.filter((row) => factsOf(row).expiresAt === null).length).toBeLessThanOrEqual(1100);
    } finally {
      for (const each of watches.splice(0)) await each.leave();
      await keys.close();
      await other.close();
    }
  });

  it('tell frequency instead of idle time under an LFU policy', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lfu');
    try {
      await sendAll(redis.port, mixed(200));
      const { end } = await enrich(['recency']);
      expect(end.facts?.recency).toBe('frequency');
      for (const row of await allRows(fixture.keys, end.indexId)) expect(factsOf(row)).toMatchObject({ frequency: expect.any(Number), idleSeconds: null, type: null });
    } finally {
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });

  it('count while they come, follow what changes at the next pass, and go when nobody wants them', async () => {
    await sendAll(redis.port, mixed(30_000));
    const scan = watch();
    const { indexId } = await scan.done();
    await fixture.keys.configure({ indexId, budget: 0.01 });
    await fixture.keys.enrich({ indexId, fields: ['type', 'ttl', 'bytes'] });
    expect((await fixture.keys.pause(indexId)).facts).toMatchObject({ completedAt: null });
    const { viewId } = await fixture.keys.openView({ index: indexId, mode: 'list', filter: { ...everything, ttlMs: 'none' }, expanded: [] });
    const partial = await scan.until(({ state }) => state === 'paused', 'pause');
    expect(partial.facts?.coverage).toBeLessThan(1);
    expect(partial.facts?.known).toBeLessThan(30_004);
    const early = await fixture.keys.rows({ viewId, from: 0, count: 1 });
    expect(early.exactness).not.toBe('exact');
    await fixture.keys.configure({ indexId, budget: 1 });
    await fixture.keys.resume(indexId);
    await scan.until(enriched, 'facts');
    const page = await fixture.keys.rows({ viewId, from: 0, count: 500 });
    expect(page).toMatchObject({ keys: 20_004, exactness: 'exact' });

    // what changes on the server shows after the next pass
    await admin.persist('app:0:item:0');
    await admin.unlink('app:1:item:1');
    await admin.pexpire('app:2:item:2', 100_000);
    await fixture.keys.enrich({ indexId, fields: ['type', 'ttl', 'bytes'], refresh: true });
    await scan.until((snapshot) => enriched(snapshot) && snapshot.keys === 30_003, 'the next pass');
    expect((await fixture.keys.rows({ viewId, from: 0, count: 1 })).keys).toBe(20_003);
    // nothing begins anew when all is held
    expect((await fixture.keys.enrich({ indexId, fields: ['ttl'] })).facts).toMatchObject({ fields: ['type', 'ttl', 'bytes'], completedAt: expect.any(Number) });
    expect((await fixture.keys.enrich({ indexId, fields: [] })).facts).toBeNull();
    const after = await fixture.keys.rows({ viewId, from: 0, count: 1 });
    expect(after).toMatchObject({ keys: 0, exactness: 'atLeast' });
  });
});

describe('facts of a cluster', () => {
  it('are read by single reads on every master', async () => {
    const cluster = await startRedisCluster({ masters: 3 });
    const opened = await makeSession({ topology: 'cluster', nodes: cluster.seeds });
    const fixture = await openKeys(() => opened.session);
    let scan: IndexWatch | null = null;
    try {
      await opened.session.open();
      for (let i = 0; i < 600; i += 1) await opened.session.call(0, i % 2 === 0 ? ['SET', `k:${i}`, 'v', 'PX', 1_000_000 + i] : ['HSET', `k:${i}`, 'f', 'v']);
      scan = new IndexWatch(fixture.keys);
      const { indexId } = await scan.done();
      await fixture.keys.enrich({ indexId, fields: [...keyFactFields] });
      const end = await scan.until(enriched, 'facts');
      expect(end.facts?.ways.map(({ way }) => way)).toEqual(['pipeline', 'pipeline', 'pipeline']);
      const rows = await allRows(fixture.keys, indexId);
      expect(rows).toHaveLength(600);
      for (const row of rows) {
        const facts = factsOf(row);
        expect(facts.type).toBe(facts.expiresAt === 'none' ? 'hash' : 'string');
        expect(facts).toMatchObject({ bytes: expect.any(Number), elements: 1, idleSeconds: expect.any(Number), encoding: expect.any(String) });
      }
      expect(rows.filter((row) => factsOf(row).expiresAt === 'none')).toHaveLength(300);
    } finally {
      await scan?.leave();
      await fixture.close();
      await opened.close();
      await cluster.stop();
    }
  });
});
