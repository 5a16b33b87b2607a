import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startRedis } from '../../../demo/servers/redis-server.ts';
import { until } from '../../connections/redis/testing/open-session.ts';
import { byGlob, openBulk, type BulkFixture, type BulkFixtureOptions } from '../testing/bulk-fixture.ts';
import { setAll } from '../testing/raw-redis.ts';

const hour = 3_600_000;
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function open(count: number, options: BulkFixtureOptions = {}, args: string[] = []): Promise<BulkFixture> {
  const server = await startRedis({ args });
  cleanups.push(() => server.stop());
  await setAll(server.port, Array.from({ length: count }, (_, at) => `user:${at}`));
  const fixture = await openBulk({ port: server.port }, options);
  cleanups.push(() => fixture.close());
  return fixture;
}

const never = new AbortController().signal;

describe('a plan', () => {
  it('is refused when it is not what was confirmed, used, discarded, or too old', async () => {
    const fixture = await open(10);
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour });
    await expect(fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 9 } })).rejects.toMatchObject({ code: 'CONFLICT' });
    const { runId } = await fixture.start(plan);
    await fixture.ended(runId);
    await expect(fixture.start(plan)).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.stringContaining('again') });
    const second = await fixture.plan('user:*', { kind: 'persist' });
    await fixture.bulk.discardPlan(second.planId);
    await expect(fixture.start(second)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(fixture.bulk.planNames({ planId: second.planId, from: 0, count: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const third = fixture.plan('user:*', { kind: 'persist' });
    await vi.advanceTimersByTimeAsync(1000);
    const ready = await third;
    await vi.advanceTimersByTimeAsync(10 * 60_000 + 1);
    vi.useRealTimers();
    await expect(fixture.start(ready)).rejects.toMatchObject({ code: 'CONFLICT' });
    await vi.waitFor(() => expect(stat(join(fixture.folder, 'bulk', 'plans', `${ready.planId}.names`))).rejects.toMatchObject({ code: 'ENOENT' }));
  });

  it('of a production workspace asks for its name', async () => {
    const fixture = await open(3, { workspace: { environment: 'production', name: 'Shop' } });
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour });
    expect(plan.confirmation).toBe('count-and-name');
    await expect(fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 3, name: 'shop' } })).rejects.toMatchObject({ code: 'CONFLICT' });
    await fixture.ended((await fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 3, name: 'Shop' } })).runId);
  });

  it('that would delete at once is refused', async () => {
    const fixture = await open(1);
    await expect(fixture.plan('*', { kind: 'expireAt', at: Date.now() - 1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('leaves nothing behind when its reader leaves, and nothing on the server', async () => {
    const fixture = await open(20_000);
    const stream = fixture.bulk.planTtl({ selection: { workspaceId: 'test', db: 0, keys: byGlob('*') }, action: { kind: 'persist' }, budget: 0.01 }, never);
    const first = (await stream.next()).value;
    expect(first).toMatchObject({ state: 'counting' });
    await stream.return();
    await expect(fixture.bulk.planNames({ planId: first?.planId ?? '', from: 0, count: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(stat(join(fixture.folder, 'bulk', 'plans', `${first?.planId}.names`))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is refused with the reason where an expiry cannot be told as a time', async () => {
    const fixture = await open(1, {}, ['--rename-command', 'PEXPIRETIME', '']);
    await expect(fixture.plan('*', { kind: 'persist' })).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('7.0') });
  });
});

describe('a replica', () => {
  it('is previewed, and refused at once instead of waited for', async () => {
    const master = await startRedis();
    cleanups.push(() => master.stop());
    await setAll(master.port, ['user:1']);
    const fixture = await open(0, {}, ['--replicaof', master.host, String(master.port)]);
    await until(async () => (await fixture.run('DBSIZE')) === 1, 'the copy');
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour });
    expect(plan.wouldChange).toBe(1);
    await expect(fixture.start(plan)).rejects.toMatchObject({ code: 'REDIS_READ_ONLY_REPLICA' });
  });
});

describe('a read-only workspace', () => {
  it('previews, and refuses the run before anything is sent', async () => {
    const fixture = await open(5, { readOnly: true });
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour });
    expect(plan.wouldChange).toBe(5);
    await expect(fixture.start(plan)).rejects.toMatchObject({ code: 'READ_ONLY' });
    expect(Number(await fixture.run('PEXPIRETIME', 'user:1'))).toBe(-1);
    expect(await fixture.bulk.runs()).toEqual([]);
    await fixture.opened.gate.unlock(5, 'a test of bulk changes');
    const { runId } = await fixture.start(plan);
    expect(await fixture.ended(runId)).toMatchObject({ changed: 5 });
    await fixture.opened.gate.lock();
    await expect(fixture.bulk.undoTtl({ runId })).rejects.toMatchObject({ code: 'READ_ONLY' });
  });

  it('that locks itself in mid-run stops the run, which can be resumed', async () => {
    const fixture = await open(3000, { readOnly: true });
    await fixture.opened.gate.unlock(5, 'a test of bulk changes');
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour });
    const { runId } = await fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 3000 }, keysPerSecond: 3000 });
    let locked = false;
    for await (const { done } of fixture.bulk.watchRun(runId, never)) {
      if (locked || done === 0) continue;
      locked = true;
      await fixture.opened.gate.lock();
    }
    const end = await fixture.ended(runId);
    expect(end).toMatchObject({ state: 'failed', problem: { code: 'READ_ONLY' } });
    await fixture.opened.gate.unlock(5, 'to go on with it');
    await fixture.bulk.resumeRun({ runId });
    expect(await fixture.ended(runId)).toMatchObject({ state: 'done', changed: 3000 });
  });
});

describe('a run', () => {
  it('pauses, changes its pace, resumes, is cancelled at a boundary, and goes on later', async () => {
    const fixture = await open(6000);
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour });
    const { runId, jobId } = await fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 6000 }, keysPerSecond: 2000 });
    const seen: string[] = [];
    let paused = 0;
    for await (const { state, done } of fixture.bulk.watchRun(runId, never)) {
      seen.push(state);
      if (done > 0 && paused === 0) {
        paused = 1;
        fixture.jobs.pause(jobId);
      }
      if (state === 'paused' && paused === 1) {
        paused = 2;
        expect((await fixture.bulk.setRate(runId, 4000)).keysPerSecond).toBe(4000);
        await expect(fixture.bulk.undoTtl({ runId })).rejects.toMatchObject({ code: 'CONFLICT' });
        await expect(fixture.bulk.forgetRun(runId)).rejects.toMatchObject({ code: 'CONFLICT' });
        expect(await fixture.bulk.runs()).toMatchObject([{ runId, undoable: false, resumable: false, state: 'paused' }]);
        fixture.jobs.resume(jobId);
      }
      if (paused === 2 && state === 'running' && done >= 2000) fixture.jobs.cancel(jobId);
    }
    expect(seen).toContain('paused');
    const end = await fixture.ended(runId);
    expect(end.state).toBe('cancelled');
    expect(end.changed).toBeGreaterThanOrEqual(2000);
    expect(end.changed).toBeLessThan(6000);
    expect(await fixture.bulk.unfinished()).toMatchObject([{ runId, resumable: true, undoable: true, changed: end.changed }]);
    await fixture.bulk.resumeRun({ runId });
    expect(await fixture.ended(runId)).toMatchObject({ state: 'done', changed: 6000, done: 6000 });
    await fixture.bulk.forgetRun(runId);
    expect(await fixture.bulk.runs()).toEqual([]);
    await expect(fixture.bulk.undoTtl({ runId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that the end of the app interrupts is there the next time', async () => {
    const server = await startRedis();
    cleanups.push(() => server.stop());
    await setAll(server.port, Array.from({ length: 4000 }, (_, at) => `user:${at}`));
    const first = await openBulk({ port: server.port }, { folder: await mkdtemp(join(tmpdir(), 'lookaside-bulk-')) });
    cleanups.push(() => rm(first.folder, { recursive: true, force: true }));
    const plan = await first.plan('user:*', { kind: 'expire', ttlMs: hour });
    const { runId } = await first.bulk.runTtl({ planId: plan.planId, confirm: { count: 4000 }, keysPerSecond: 2000 });
    await until(async () => ((await first.bulk.runs())[0]?.changed ?? 0) > 0, 'some changes');
    await first.close();
    const second = await openBulk({ port: server.port }, { folder: first.folder });
    cleanups.push(() => second.close());
    const [listed] = await second.bulk.unfinished();
    expect(listed).toMatchObject({ runId, state: 'interrupted', resumable: true });
    expect(await second.undo(runId)).toMatchObject({ state: 'done', changed: listed?.changed });
    expect((await second.bulk.runs())[0]).toMatchObject({ undoable: false, resumable: false, undone: { complete: true } });
  });

  it('keeps what stopped matching, and what is past when it is undone', async () => {
    const fixture = await open(3);
    await fixture.run('PEXPIRE', 'user:0', 1500);
    const filter = { pattern: 'user:*', mode: 'glob' as const, types: ['string'] };
    const plan = await fixture.plan({ kind: 'filter', filter }, { kind: 'expire', ttlMs: hour });
    await fixture.run('DEL', 'user:1');
    await fixture.run('RPUSH', 'user:1', 'v');
    await fixture.run('DEL', 'user:2');
    const { runId } = await fixture.start(plan);
    const end = await fixture.ended(runId);
    expect(end).toMatchObject({ changed: 1, done: 3 });
    expect(end.left.toSorted((a, b) => a.reason.localeCompare(b.reason))).toEqual([
      { reason: 'gone', count: 1 },
      { reason: 'no-match', count: 1 },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await fixture.undo(runId)).toMatchObject({ changed: 0, left: [{ reason: 'past', count: 1 }] });
    expect(await fixture.run('EXISTS', 'user:0')).toBe(1);
    expect((await fixture.bulk.runs())[0]?.undone?.complete).toBe(false);
    expect(await fixture.undo(runId, { expirePast: true })).toMatchObject({ changed: 1 });
    expect(await fixture.run('EXISTS', 'user:0')).toBe(0);
  });
});

describe('the quota of journals', () => {
  it('is shown, kept by removing the oldest ended ones, and refuses what would not fit', async () => {
    const fixture = await open(20_000);
    const { runId } = await fixture.change('user:*', { kind: 'expire', ttlMs: hour });
    const { quota, usedBytes } = await fixture.bulk.journalQuota();
    expect(quota).toEqual({ bytes: 1024 ** 3, days: 30 });
    expect(usedBytes).toBeGreaterThan(500_000);
    const small = { bytes: 1024 * 1024, days: 30 };
    expect(await fixture.bulk.setJournalQuota(small)).toMatchObject({ quota: small });
    const plan = await fixture.plan('user:*', { kind: 'persist' });
    await expect(fixture.start(plan)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', details: { quotaBytes: 1024 * 1024 } });
    expect((await fixture.bulk.runs()).map((run) => run.runId)).toEqual([runId]);
    const few = await fixture.change('user:1*', { kind: 'persist' });
    expect(few.end.state).toBe('done');
    expect((await fixture.bulk.runs()).map((run) => run.runId)).not.toContain(runId);
  });
});
