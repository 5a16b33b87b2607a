import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InvalidatePlan } from '../../../../shared/contract/invalidate.ts';
import type { RunSnapshot } from '../../../../shared/contract/bulk.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { redisBuilds } from '../../../demo/servers/redis-binaries.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import type { InvalidateService } from '../../services.ts';
import { last, openBulk, type BulkFixture } from '../testing/bulk-fixture.ts';

const hour = 3_600_000;
const never = new AbortController().signal;

type PlanInput = Parameters<InvalidateService['plan']>[0];

function helpers(fixture: BulkFixture) {
  const { invalidate } = fixture;
  const plan = (keys: PlanInput['selection']['keys'], action: PlanInput['action'] = { kind: 'unlink' }, more: Partial<PlanInput> & { selection?: never; exclude?: PlanInput['selection']['exclude']; dbs?: number[] } = {}): Promise<InvalidatePlan> => {
    const { exclude = [], dbs, ...others } = more;
    return last(invalidate.plan({ selection: { workspaceId: 'test', db: 0, keys, exclude, ...(dbs === undefined ? {} : { dbs }) }, action, ...others }, never));
  };
  const run = async (ready: InvalidatePlan, options: { undo?: boolean; undoFile?: string } = {}): Promise<RunSnapshot & { runId: string }> => {
    const { undo = true, undoFile } = options;
    const { runId } = await invalidate.run({ planId: ready.planId, confirm: { count: ready.selected, name: 'Test', word: 'FLUSH' }, undo }, undoFile === undefined ? {} : { undoFile });
    return fixture.ended(runId);
  };
  const undo = async (runId: string, more: { overNewer?: boolean; filter?: { pattern: string; mode: 'glob' } } = {}): Promise<RunSnapshot> => {
    await invalidate.undo({ runId, ...more });
    return fixture.ended(runId);
  };
  return { plan, run, undo };
}

const prefix = (text: string): PlanInput['selection']['keys'] => ({ kind: 'prefix', prefix: text });

/** Name, DUMP and expiry of every key; of a set its members, which DUMP gives in the order of a table that is another one after RESTORE. */
async function snapshot(fixture: BulkFixture): Promise<Map<string, { dump: string; expiry: number }>> {
  const found = new Map<string, { dump: string; expiry: number }>();
  let cursor = '0';
  do {
    const [next, names] = (await fixture.run('SCAN', cursor, 'COUNT', 1000)) as [Buffer, Buffer[]];
    cursor = String(next);
    for (const name of names) {
      const [dump, expiry, type] = await fixture.session.batch(0, [['DUMP', name], ['PEXPIRETIME', name], ['TYPE', name]]);
      const members = (type as Buffer).toString() === 'set' ? ((await fixture.run('SMEMBERS', name)) as Buffer[]).map(String).toSorted((a, b) => a.localeCompare(b)).join(' ') : null;
      found.set(name.toString('latin1'), { dump: members ?? (dump as Buffer).toString('base64'), expiry: Number(expiry) });
    }
  } while (cursor !== '0');
  return found;
}

describe.each(redisBuilds.filter((build) => build !== 'any'))('invalidation on %s', (build) => {
  let server: RunningRedis;
  let fixture: BulkFixture;
  let folder: string;
  let act: ReturnType<typeof helpers>;
  beforeAll(async () => {
    server = await startRedis({ build });
    fixture = await openBulk({ port: server.port });
    act = helpers(fixture);
    folder = await mkdtemp(join(tmpdir(), 'lookaside-invalidate-'));
  });
  afterAll(async () => {
    await fixture.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => fixture.run('FLUSHALL'));

  /** All core types, with and without expiry. */
  async function seed(count: number, name = (at: number) => `user:${at}`): Promise<void> {
    const { session } = fixture;
    const end = Date.now() + 10 * hour;
    for (let at = 0; at < count; at += 1) {
      const key = name(at);
      const make = [['SET', key, `v${at}`], ['HSET', key, 'f', `v${at}`], ['RPUSH', key, 'a', 'b'], ['SADD', key, 'a', 'b'], ['ZADD', key, 1, 'a'], ['XADD', key, '*', 'f', 'v']] as const;
      await session.call(0, make[at % make.length] as (typeof make)[number]);
      if (at % 3 === 0) await session.call(0, ['PEXPIREAT', key, end + at]);
    }
  }

  it('previews exactly with facts, deletes what it showed, and gives every value back as it was', async () => {
    await seed(1300);
    await fixture.run('SET', 'other:1', 'v');
    const before = await snapshot(fixture);
    const ready = await act.plan(prefix('user:'));
    expect(ready).toMatchObject({ state: 'ready', exactness: 'exact', selected: 1300, everything: false, confirmation: 'count', bytesExactness: 'estimated' });
    expect(ready.bytes).toBeGreaterThan(1300 * 40);
    expect(ready.byType.map(({ type }) => type).toSorted()).toEqual(['hash', 'list', 'set', 'stream', 'string', 'zset']);
    expect(ready.byType.reduce((sum, { keys }) => sum + keys, 0)).toBe(1300);
    expect(ready.byTtl.find(({ bucket }) => bucket === 'day')?.keys).toBe(434);
    expect(ready.byNode).toMatchObject([{ keys: 1300, done: true }]);
    expect(ready.byDb).toMatchObject([{ db: 0, keys: 1300 }]);
    expect(ready.alive).toMatchObject({ by: 'idle', count: 1300 });
    expect(ready.warnings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['whole-namespace', 'no-expiry', 'alive']));
    const { rows, total } = await fixture.invalidate.planRows({ planId: ready.planId, from: 1290, count: 500 });
    expect([rows.length, total]).toEqual([10, 1300]);
    expect(rows[0]).toMatchObject({ db: 0, name: expect.any(String), type: expect.any(String), bytes: expect.any(Number), excluded: null });

    const end = await act.run(ready);
    expect(end).toMatchObject({ state: 'done', kind: 'unlink', total: 1300, done: 1300, changed: 1300, left: [], failed: [], keepsUndo: true });
    expect(await fixture.run('DBSIZE')).toBe(1);

    // one is written anew, one comes back by itself as it was
    await fixture.run('SET', 'user:0', 'newer');
    const preview = await last(fixture.invalidate.undoPreview({ runId: end.runId }, never));
    expect(preview).toMatchObject({ state: 'ready', total: 1300, walked: 1300, restorable: 1299, newer: 1, newerNames: [{ db: 0, name: 'user:0' }], expired: 0, refusal: null, server: 'same', cut: false, altered: [] });
    const undo = await act.undo(end.runId);
    expect(undo).toMatchObject({ state: 'done', changed: 1299, left: [{ reason: 'newer', count: 1 }], failed: [] });
    expect(String(await fixture.run('GET', 'user:0'))).toBe('newer');
    const again = await act.undo(end.runId, { overNewer: true });
    expect(again).toMatchObject({ changed: 1, left: [{ reason: 'already-so', count: 1299 }] });
    expect(await snapshot(fixture)).toEqual(before);
  });

  it('keeps idle time, and leaves what has expired meanwhile', async () => {
    await fixture.run('SET', 'a:1', 'v');
    await fixture.run('SET', 'a:2', 'v', 'PX', 1500);
    await fixture.run('SET', 'a:3', 'v');
    const [value] = await fixture.session.batch(0, [['DUMP', 'a:3']]);
    await fixture.run('RESTORE', 'a:3', 0, value as Buffer, 'REPLACE', 'IDLETIME', 5000);
    const end = await act.run(await act.plan(prefix('a:')));
    expect(end.changed).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await act.undo(end.runId)).toMatchObject({ changed: 2, left: [{ reason: 'expired', count: 1 }] });
    expect(Number(await fixture.run('OBJECT', 'IDLETIME', 'a:3'))).toBeGreaterThanOrEqual(5000);
  });

  it('deletes without keeping, with and without conditions, and says that it cannot be undone', async () => {
    await seed(1200);
    const quick = await act.plan(prefix('user:'), { kind: 'unlink' }, { quick: true });
    expect(quick).toMatchObject({ selected: 1200, bytes: null, undoBytes: null, alive: null });
    const end = await act.run(quick, { undo: false });
    expect(end).toMatchObject({ state: 'done', changed: 1200, left: [], keepsUndo: false });
    expect(await fixture.run('DBSIZE')).toBe(0);
    await expect(fixture.invalidate.undo({ runId: end.runId })).rejects.toMatchObject({ code: 'CONFLICT' });

    await seed(600);
    const hashes = await act.plan({ kind: 'filter', filter: { pattern: 'user:*', mode: 'glob', types: ['hash'], ttlMs: 'none' } });
    expect(hashes.selected).toBe(100);
    await fixture.run('PERSIST', 'user:3');
    await fixture.run('PEXPIRE', 'user:1', hour);
    expect(await act.run(hashes, { undo: false })).toMatchObject({ changed: 99, left: [{ reason: 'no-match', count: 1 }] });
    expect(await fixture.run('DBSIZE')).toBe(501);
  });

  it('shortens, persists and moves to a graveyard, each with its undo', async () => {
    await seed(60);
    const before = await snapshot(fixture);
    const soft = await act.run(await act.plan(prefix('user:'), { kind: 'soft', ttlMs: hour, jitterMs: hour }));
    expect(soft).toMatchObject({ kind: 'soft', changed: 60 });
    const times = (await fixture.session.batch(0, Array.from({ length: 60 }, (_, at) => ['PTTL', `user:${at}`] as const))).map(Number);
    expect(Math.min(...times)).toBeGreaterThan(hour - 60_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(2 * hour);
    const longer = await act.plan(prefix('user:'), { kind: 'soft', ttlMs: 20 * hour });
    expect(longer).toMatchObject({ selected: 0, excluded: [{ reason: 'not-earlier', count: 60 }] });
    expect(await act.undo(soft.runId)).toMatchObject({ changed: 60 });
    expect(await snapshot(fixture)).toEqual(before);

    const persist = await act.run(await act.plan(prefix('user:'), { kind: 'persist' }));
    expect(persist).toMatchObject({ kind: 'persist', changed: 20 });
    expect(await act.undo(persist.runId)).toMatchObject({ changed: 20 });
    expect(await snapshot(fixture)).toEqual(before);

    await fixture.run('SET', 'grave:user:5', 'taken');
    const moved = await act.run(await act.plan(prefix('user:'), { kind: 'graveyard', prefix: 'grave:', ttlMs: hour }));
    expect(moved).toMatchObject({ kind: 'graveyard', changed: 59, left: [{ reason: 'occupied', count: 1 }] });
    expect(Number(await fixture.run('PTTL', 'grave:user:1'))).toBeGreaterThan(hour - 60_000);
    await fixture.run('DEL', 'grave:user:5');
    expect(await last(fixture.invalidate.undoPreview({ runId: moved.runId }, never))).toMatchObject({ restorable: 59, newer: 0 });
    expect(await act.undo(moved.runId)).toMatchObject({ changed: 59, left: [] });
    expect(await snapshot(fixture)).toEqual(before);
  });

  it('takes templates, sets of names, lists, several databases, and leaves exceptions out with their reasons', async () => {
    const { run, session } = fixture;
    for (const id of ['1', '2', '3', 'a*b', '10']) {
      await run('SET', `user:${id}:profile`, 'v');
      await run('SET', `user:${id}:cart`, 'v');
    }
    const names = async (ready: InvalidatePlan): Promise<string[]> =>
      (await fixture.invalidate.planRows({ planId: ready.planId, from: 0, count: 500 })).rows.map(({ name }) => JSON.stringify(name)).toSorted((a, b) => a.localeCompare(b));
    expect(await names(await act.plan({ kind: 'template', template: 'user:{id}:cart', values: ['1', 'a*b', 'none'] }))).toEqual(['"user:1:cart"', '"user:a*b:cart"']);
    const globbed = await act.plan({ kind: 'template', template: 'user:{id}:*', values: ['1', 'a*b', 'none'] });
    expect(await names(globbed)).toEqual(['"user:1:cart"', '"user:1:profile"', '"user:a*b:cart"', '"user:a*b:profile"']);
    const { listId } = await fixture.bulk.nameList({ names: ['2', '3'] });
    expect((await act.plan({ kind: 'template', template: '*:{id}:*', listId })).selected).toBe(4);
    await expect(act.plan({ kind: 'template', template: 'user:*', values: ['1'] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(act.plan({ kind: 'template', template: '{a}:{b}', values: ['1'] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });

    await run('SADD', 'tag', 'user:1:cart', 'user:2:cart', 'missing');
    const tagged = await act.plan({ kind: 'set', name: 'tag', withSet: true });
    expect(tagged).toMatchObject({ selected: 3, excluded: [{ reason: 'missing', count: 1 }] });
    expect((await fixture.invalidate.planRows({ planId: tagged.planId, of: 'excluded', from: 0, count: 10 })).rows).toEqual([{ db: 0, name: 'missing', type: 'none', expiresAt: null, bytes: null, excluded: 'missing' }]);
    await expect(act.plan({ kind: 'set', name: 'user:1:cart' })).rejects.toMatchObject({ code: 'REDIS_WRONG_TYPE' });
    await expect(act.plan({ kind: 'set', name: 'nothing' })).rejects.toMatchObject({ code: 'KEY_GONE' });

    const kept = await act.plan(prefix('user:'), { kind: 'unlink' }, { exclude: [{ pattern: 'user:1:', mode: 'prefix' }] });
    expect(kept).toMatchObject({ selected: 8, excluded: [{ reason: 'excluded', count: 2 }] });

    await session.call(1, ['SET', 'user:9:cart', 'v']);
    await session.call(2, ['SET', 'user:9:cart', 'w', 'PX', hour]);
    const many = await act.plan({ kind: 'filter', filter: { pattern: 'user:9:*', mode: 'glob' } }, { kind: 'unlink' }, { dbs: [1, 2, 1] });
    expect(many).toMatchObject({ selected: 2, byDb: [{ db: 1, keys: 1 }, { db: 2, keys: 1 }] });
    const end = await act.run(many);
    expect(end.changed).toBe(2);
    expect(await session.call(2, ['EXISTS', 'user:9:cart'])).toBe(0);
    expect(await act.undo(end.runId)).toMatchObject({ changed: 2 });
    expect(String(await session.call(2, ['GET', 'user:9:cart']))).toBe('w');
    expect(Number(await session.call(1, ['PTTL', 'user:9:cart']))).toBe(-1);
  });

  it('calls a selection of everything a flush and refuses it without its own word', async () => {
    await seed(30);
    const all = await act.plan({ kind: 'filter', filter: { pattern: '', mode: 'glob' } });
    expect(all).toMatchObject({ everything: true, confirmation: 'flush', selected: 30 });
    expect(all.warnings.map(({ kind }) => kind)).toContain('whole-database');
    const confirm = { count: 30, name: 'Test' };
    await expect(fixture.invalidate.run({ planId: all.planId, confirm })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await fixture.run('DBSIZE')).toBe(30);
    const { runId } = await fixture.invalidate.run({ planId: all.planId, confirm: { ...confirm, word: 'FLUSH' } });
    expect(await fixture.ended(runId)).toMatchObject({ changed: 30 });
    await expect(fixture.invalidate.run({ planId: all.planId, confirm: { ...confirm, word: 'FLUSH' } })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('handles hostile names and large values among small ones', async () => {
    const hostile = ['', '__proto__', 'constructor', 'a*[b]?\\', '<img onerror>', '\u202Ertl', 'x'.repeat(65_536)].map((text) => Buffer.from(text));
    hostile.push(Buffer.from([0xff, 0xfe, 0, 1]));
    for (const name of hostile) await fixture.run('SET', name, 'v');
    for (let at = 0; at < 5; at += 1) {
      const pairs = Array.from({ length: 20_000 }, (_, field) => [`f${field}`, `value-${field}`]).flat();
      for (let from = 0; from < pairs.length; from += 4000) await fixture.run('HSET', `big:${at}`, ...pairs.slice(from, from + 4000));
    }
    await fixture.run('SET', 'big:text', 'x'.repeat(3_000_000));
    /** Large hashes come back with their tables in another order, so what they hold is compared. */
    const held = async (): Promise<Map<string, unknown>> => {
      const found: Map<string, unknown> = await snapshot(fixture);
      for (let at = 0; at < 5; at += 1) {
        const flat = ((await fixture.run('HGETALL', `big:${at}`)) as Buffer[]).map(String);
        found.set(`big:${at}`, flat.flatMap((field, index) => (index % 2 === 0 ? [`${field}=${flat[index + 1]}`] : [])).toSorted().join(' '));
      }
      return found;
    };
    const before = await held();
    const { listId } = await fixture.bulk.nameList({ names: [...hostile, ...['0', '1', '2', '3', '4', 'text'].map((at) => Buffer.from(`big:${at}`))].map((name) => toWire(name)) });
    const ready = await act.plan({ kind: 'list', listId });
    expect(ready.selected).toBe(14);
    expect(ready.warnings.find(({ kind }) => kind === 'big-values')?.count).toBeGreaterThanOrEqual(1);
    const end = await act.run(ready);
    expect(end).toMatchObject({ state: 'done', changed: 14, failed: [], left: [] });
    expect(await fixture.run('DBSIZE')).toBe(0);
    expect(await act.undo(end.runId)).toMatchObject({ changed: 14, failed: [] });
    expect((await held()).size).toBe(before.size);
    for (const [name, value] of await held()) expect(JSON.stringify(value) === JSON.stringify(before.get(name)), name.slice(0, 20)).toBe(true);
  }, 60_000);

  it('undoes a part, and from a file: also cut in half, altered, or of another server', async () => {
    await seed(1100);
    const before = await snapshot(fixture);
    const file = join(folder, `undo-${build}.bin`);
    const end = await act.run(await act.plan(prefix('user:')), { undoFile: file });
    expect(end.changed).toBe(1100);
    expect(await act.undo(end.runId, { filter: { pattern: 'user:1?', mode: 'glob' } })).toMatchObject({ changed: 10, left: [{ reason: 'filtered', count: 1090 }] });
    expect(await fixture.run('DBSIZE')).toBe(10);

    const whole = await readFile(file);
    const cut = join(folder, `cut-${build}.bin`);
    await writeFile(cut, whole.subarray(0, Math.floor(whole.length / 2)));
    const half = await fixture.invalidate.openUndoFile({ path: cut, workspaceId: 'test' });
    expect(half).toMatchObject({ cut: true, undoable: true });
    expect(half.changed).toBeGreaterThan(0);
    expect(half.changed).toBeLessThan(1100);

    const altered = Buffer.from(whole);
    const at = altered.indexOf('v6');
    altered[at] = 0x58;
    const spoiled = join(folder, `altered-${build}.bin`);
    await writeFile(spoiled, altered);
    const found = await fixture.invalidate.openUndoFile({ path: spoiled, workspaceId: 'test' });
    expect(found.changed).toBe(1099);
    const preview = await last(fixture.invalidate.undoPreview({ runId: found.runId }, never));
    expect(preview.altered).toHaveLength(1);
    const lost = preview.altered[0]?.name as string;
    expect(lost).toMatch(/^user:\d+$/);
    await act.undo(found.runId);
    expect(await fixture.run('EXISTS', lost)).toBe(0);
    expect(await fixture.run('DBSIZE')).toBe(1099);
    await act.undo(end.runId);
    expect(await snapshot(fixture)).toEqual(before);

    await writeFile(join(folder, 'none.bin'), 'not a journal');
    await expect(fixture.invalidate.openUndoFile({ path: join(folder, 'none.bin'), workspaceId: 'test' })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

describe('a server that cannot take the values', () => {
  const opened: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });

  it('is refused with the reason before anything is done', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lookaside-invalidate-'));
    opened.push(() => rm(folder, { recursive: true, force: true }));
    const [newer, older] = [await startRedis({ build: 'redis-8.0' }), await startRedis({ build: 'redis-7.0' })];
    opened.push(() => newer.stop(), () => older.stop());
    const from = await openBulk({ port: newer.port });
    opened.push(() => from.close());
    const to = await openBulk({ port: older.port });
    opened.push(() => to.close());
    await from.run('SET', 'a:1', 'v');
    const file = join(folder, 'undo.bin');
    const act = helpers(from);
    await act.run(await act.plan(prefix('a:')), { undoFile: file });
    const foreign = await to.invalidate.openUndoFile({ path: file, workspaceId: 'test' });
    const preview = await last(to.invalidate.undoPreview({ runId: foreign.runId }, never));
    expect(preview).toMatchObject({ server: 'other', refusal: { message: expect.stringContaining('RDB format') } });
    await expect(to.invalidate.undo({ runId: foreign.runId })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(await to.run('DBSIZE')).toBe(0);
  });
});
