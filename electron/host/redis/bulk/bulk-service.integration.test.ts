import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { redisBuilds } from '../../../demo/servers/redis-binaries.ts';
import { openBulk, type BulkFixture } from '../testing/bulk-fixture.ts';

const hour = 3_600_000;

describe.each(redisBuilds.filter((build) => build !== 'any'))('bulk expiry on %s', (build) => {
  let server: RunningRedis;
  let fixture: BulkFixture;
  beforeAll(async () => {
    server = await startRedis({ build });
    fixture = await openBulk({ port: server.port });
  });
  afterAll(async () => {
    await fixture.close();
    await server.stop();
  });
  beforeEach(() => fixture.run('FLUSHALL'));

  const expiry = async (name: string | Buffer): Promise<number> => Number(await fixture.run('PEXPIRETIME', name));

  it('previews exactly, changes what it showed, and gives everything back', async () => {
    const { run } = fixture;
    const base = Date.now() + 10 * hour;
    const earlier = new Map<string, number>();
    for (let at = 0; at < 1300; at += 1) {
      const name = `user:${at}`;
      if (at % 3 === 0) await run('SET', name, 'v');
      else await run('SET', name, 'v', 'PXAT', base + at);
      earlier.set(name, at % 3 === 0 ? -1 : base + at);
    }
    await run('HSET', 'user:hash', 'f', 'v');
    earlier.set('user:hash', -1);
    await run('SET', 'other:1', 'v');

    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour, jitterMs: hour });
    expect(plan).toMatchObject({ state: 'ready', exactness: 'exact', selected: 1301, wouldChange: 1301, unjudged: 0, missing: 0, everything: false, method: 'script' });
    expect(plan.byType).toEqual([
      { type: 'string', selected: 1300, wouldChange: 1300 },
      { type: 'hash', selected: 1, wouldChange: 1 },
    ]);
    expect(plan.byTtl.find(({ bucket }) => bucket === 'none')?.selected).toBe(435);
    expect(plan.byTtl.find(({ bucket }) => bucket === 'day')?.selected).toBe(866);
    expect(plan.sample).toHaveLength(50);
    expect(plan.byNode).toMatchObject([{ selected: 1301, wouldChange: 1301, done: true }]);
    const listed = [];
    for (let from = 0; from < 1301; from += 400) listed.push(...(await fixture.bulk.planNames({ planId: plan.planId, from, count: 400 })).names);
    expect(new Set(listed)).toEqual(new Set(earlier.keys()));
    expect((await fixture.bulk.planNames({ planId: plan.planId, from: 650, count: 3 })).names).toEqual(listed.slice(650, 653));

    const { runId } = await fixture.start(plan);
    const end = await fixture.ended(runId);
    expect(end).toMatchObject({ state: 'done', total: 1301, done: 1301, changed: 1301, left: [], failed: [], undo: false });
    const times = new Set<number>();
    for (const name of earlier.keys()) {
      const now = await expiry(name);
      times.add(now);
      expect(now).toBeGreaterThan(Date.now() + hour - 10_000);
      expect(now).toBeLessThan(Date.now() + 2 * hour + 1000);
    }
    expect(times.size).toBeGreaterThan(1200);
    expect(await expiry('other:1')).toBe(-1);

    // one is changed since, one is gone
    await run('PERSIST', 'user:1');
    await run('DEL', 'user:2');
    const undo = await fixture.undo(runId);
    expect(undo).toMatchObject({ state: 'done', undo: true, total: 1301, changed: 1299 });
    expect(undo.left.toSorted((a, b) => a.reason.localeCompare(b.reason))).toEqual([
      { reason: 'changed-since', count: 1 },
      { reason: 'gone', count: 1 },
    ]);
    for (const [name, time] of earlier) if (name !== 'user:1' && name !== 'user:2') expect(await expiry(name)).toBe(time);
    expect(await expiry('user:1')).toBe(-1);
    const [summary] = await fixture.bulk.runs();
    expect(summary).toMatchObject({ runId, undoable: true, resumable: false, state: 'done', undone: { restored: 1299, complete: false } });
    const forced = await fixture.undo(runId, { force: true });
    expect(forced).toMatchObject({ changed: 1, done: 1301 });
    expect(await expiry('user:1')).toBe(earlier.get('user:1'));
    expect((await fixture.audit()).slice(-6).map(({ event, changed, total }) => ({ event, changed, total }))).toEqual([
      { event: 'bulk-start', changed: 0, total: 1301 },
      { event: 'bulk-end', changed: 1301, total: 1301 },
      { event: 'bulk-undo-start', changed: 0, total: 1301 },
      { event: 'bulk-undo-end', changed: 1299, total: 1301 },
      { event: 'bulk-undo-start', changed: 0, total: 1301 },
      { event: 'bulk-undo-end', changed: 1, total: 1301 },
    ]);
  });

  it.each(['NX', 'XX', 'GT', 'LT'] as const)('judges %s as the server itself does', async (condition) => {
    const { run } = fixture;
    const at = Date.now() + 5 * hour;
    const presents = [-1, at - hour, at + hour, at];
    for (const [index, present] of presents.entries()) {
      for (const name of [`ours:${index}`, `theirs:${index}`]) await run('SET', name, 'v', ...(present === -1 ? [] : ['PXAT', present]));
      await run('PEXPIREAT', `theirs:${index}`, at, condition);
    }
    const { plan, end } = await fixture.change('ours:*', { kind: 'expireAt', at, condition });
    expect(end.changed).toBe(plan.wouldChange);
    for (const index of presents.keys()) expect(await expiry(`ours:${index}`)).toBe(await expiry(`theirs:${index}`));
    expect(plan.selected).toBe(4);
    expect(plan.wouldChange + plan.left.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  it('takes names, hostile ones too, each once; and says which do not exist', async () => {
    const { run } = fixture;
    const hostile = ['', '__proto__', 'constructor', 'a*[b]?\\', '<img onerror>', '\u202Ertl', 'x'.repeat(65_536)];
    const binary = Buffer.from([0xff, 0xfe, 0, 1]);
    for (const name of [...hostile, binary]) await run('SET', name, 'v');
    const names = [...hostile, { b64: binary.toString('base64') }, '__proto__', 'missing'];
    const { plan, end, runId } = await fixture.change({ kind: 'names', names }, { kind: 'expire', ttlMs: hour });
    expect(plan).toMatchObject({ selected: 8, wouldChange: 8, missing: 1, walked: 10, total: 10 });
    expect(end).toMatchObject({ changed: 8, total: 8 });
    for (const name of [...hostile, binary]) expect(await expiry(name)).toBeGreaterThan(0);
    expect(await fixture.undo(runId)).toMatchObject({ changed: 8 });
    for (const name of [...hostile, binary]) expect(await expiry(name)).toBe(-1);

    const first = await fixture.bulk.nameList({ names: hostile.slice(0, 3) });
    expect(await fixture.bulk.nameList({ listId: first.listId, names: hostile.slice(3) })).toEqual({ listId: first.listId, names: 7 });
    const list = await fixture.plan({ kind: 'list', listId: first.listId, filter: { pattern: 'a*[', mode: 'prefix' } }, { kind: 'expire', ttlMs: hour });
    expect(list).toMatchObject({ selected: 1, sample: ['a*[b]?\\'] });
    await expect(fixture.bulk.nameList({ listId: 'none', names: ['a'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('matches literally, by prefix, by facts, and leaves exceptions out', async () => {
    const { run } = fixture;
    await run('SET', 'a*b:1', 'v');
    await run('SET', 'axb:1', 'v');
    await run('RPUSH', 'a*b:list', '1', '2', '3');
    await run('SET', 'z:a*b', 'v', 'PX', hour);
    const count = async (filter: KeyFilter) => (await fixture.plan({ kind: 'filter', filter }, { kind: 'persist' })).selected;
    expect(await count({ pattern: 'a*b', mode: 'prefix' })).toBe(2);
    expect(await count({ pattern: 'a*b', mode: 'literal' })).toBe(3);
    expect(await count({ pattern: 'a*b*', mode: 'glob' })).toBe(3);
    expect(await count({ pattern: '', mode: 'glob', types: ['list'] })).toBe(1);
    expect(await count({ pattern: '', mode: 'glob', ttlMs: 'none' })).toBe(3);
    expect(await count({ pattern: '', mode: 'glob', ttlMs: { max: 2 * hour } })).toBe(1);
    expect(await count({ pattern: '', mode: 'glob', elements: { min: 2, max: 3 } })).toBe(1);
    expect(await count({ pattern: '', mode: 'glob', bytes: { min: 1, max: 100_000 }, idleSeconds: { max: 1000 } })).toBe(4);
    expect(await count({ pattern: '', mode: 'glob', encodings: ['embstr'] })).toBe(3);
    const plan = await fixture.plan('*', { kind: 'persist' }, { exclude: [{ pattern: 'a', mode: 'prefix', types: ['string'] }, { pattern: 'z', mode: 'prefix' }] });
    expect(plan).toMatchObject({ selected: 1, wouldChange: 0, left: [{ reason: 'already-so', count: 1 }], everything: false });
    expect(await fixture.plan('*', { kind: 'persist' })).toMatchObject({ everything: true, confirmation: 'count', wouldChange: 1 });
  });
});
