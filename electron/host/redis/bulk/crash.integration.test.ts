import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { until } from '../../connections/redis/testing/open-session.ts';
import { openBulk, type BulkFixture } from '../testing/bulk-fixture.ts';
import { setAll } from '../testing/raw-redis.ts';

const hour = 3_600_000;
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function redis(args: string[] = []): Promise<RunningRedis> {
  const server = await startRedis({ args });
  cleanups.push(() => server.stop());
  return server;
}

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lookaside-crash-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function open(server: { port: number }, folder: string): Promise<BulkFixture> {
  const fixture = await openBulk({ port: server.port }, { folder });
  cleanups.push(() => fixture.close());
  return fixture;
}

const users = (count: number) => Array.from({ length: count }, (_, at) => `user:${at}`);

/** Runs in another process until it has done some, then kills it. Returns the run's id. */
async function killInMidRun(server: RunningRedis, folder: string): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('testing/run-child.ts', import.meta.url)), String(server.port), folder, String(hour)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const { runId, done } = JSON.parse(line) as { runId: string; done: number };
    if (done < 1500) continue;
    child.kill('SIGKILL');
    await exited;
    return runId;
  }
  throw new Error('The child ended by itself');
}

async function expiries(fixture: BulkFixture, names: readonly string[]): Promise<number[]> {
  return (await fixture.session.batch(0, names.map((name) => ['PEXPIRETIME', name] as const))).map(Number);
}

describe('a killed app', () => {
  it('leaves a run that is listed, resumed without doing anything twice, and undone', async () => {
    const server = await redis();
    const folder = await dataFolder();
    const names = users(6000);
    await setAll(server.port, names);
    const runId = await killInMidRun(server, folder);

    const fixture = await open(server, folder);
    const before = await expiries(fixture, names);
    const changedBefore = before.filter((each) => each !== -1).length;
    expect(changedBefore).toBeGreaterThanOrEqual(1500);
    expect(changedBefore).toBeLessThan(6000);
    const [listed] = await fixture.bulk.unfinished();
    expect(listed).toMatchObject({ runId, state: 'interrupted', resumable: true, undoable: true, total: 6000 });
    expect(listed?.changed).toBeLessThanOrEqual(changedBefore);

    await fixture.bulk.resumeRun({ runId });
    expect(await fixture.ended(runId)).toMatchObject({ state: 'done', total: 6000, done: 6000, changed: 6000, left: [], failed: [] });
    const after = await expiries(fixture, names);
    // what was changed before the kill has the very same expiry
    before.forEach((time, at) => {
      if (time !== -1) expect(after[at]).toBe(time);
      expect(after[at]).toBeGreaterThan(Date.now());
    });
    expect(await fixture.bulk.unfinished()).toEqual([]);
    expect(await fixture.undo(runId)).toMatchObject({ state: 'done', changed: 6000, left: [] });
    expect(new Set(await expiries(fixture, names))).toEqual(new Set([-1]));
  }, 60_000);

  it('can be undone without being resumed, also with the end of its journal cut off', async () => {
    const server = await redis();
    const folder = await dataFolder();
    const names = users(6000);
    await setAll(server.port, names);
    const runId = await killInMidRun(server, folder);
    const journal = join(folder, 'bulk', 'runs', runId, 'journal');
    await truncate(journal, (await stat(journal)).size - 5);

    const fixture = await open(server, folder);
    const changed = (await expiries(fixture, names)).filter((each) => each !== -1).length;
    const [listed] = await fixture.bulk.runs();
    expect(listed).toMatchObject({ runId, cut: true, state: 'interrupted', undoable: true });
    const undo = await fixture.undo(runId);
    expect(undo.state).toBe('done');
    const left = (await expiries(fixture, names)).filter((each) => each !== -1).length;
    // a cut last record is an outcome, or intents that were sent or not: one page at most is lost
    expect([0, 500]).toContain(left);
    expect(undo.changed).toBe(changed - left);
    if (process.platform !== 'win32') {
      expect((await stat(journal)).mode & 0o777).toBe(0o600);
      expect((await stat(join(folder, 'bulk', 'runs', runId))).mode & 0o777).toBe(0o700);
    }
  }, 60_000);
});

describe('a server that dies in the middle', () => {
  it('is waited for; what was on the way is read again and nothing is done twice', async () => {
    const server = await redis(['--appendonly', 'yes', '--appendfsync', 'always']);
    const fixture = await open(server, await dataFolder());
    const names = users(5000);
    await setAll(server.port, names);
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour, jitterMs: 1000 });
    const { runId } = await fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 5000 }, keysPerSecond: 5000 });
    const states = new Set<string>();
    let killed = false;
    for await (const { state, done } of fixture.bulk.watchRun(runId, new AbortController().signal)) {
      states.add(state);
      if (killed || done < 1000) continue;
      killed = true;
      await server.kill();
      const waits = until(() => (states.has('waiting-for-server') ? true : null), 'the run to wait');
      void waits.then(() => server.restart());
    }
    expect(states).toContain('waiting-for-server');
    expect(await fixture.ended(runId)).toMatchObject({ state: 'done', done: 5000, changed: 5000, left: [], failed: [] });
    expect(await fixture.undo(runId)).toMatchObject({ changed: 5000, left: [] });
    expect(new Set(await expiries(fixture, names))).toEqual(new Set([-1]));
  }, 60_000);

  it('a cancel while it is away ends the run, which can be resumed', async () => {
    const server = await redis(['--appendonly', 'yes', '--appendfsync', 'always']);
    const fixture = await open(server, await dataFolder());
    await setAll(server.port, users(3000));
    const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: hour });
    const { runId, jobId } = await fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: 3000 }, keysPerSecond: 3000 });
    let killed = false;
    for await (const { state, done } of fixture.bulk.watchRun(runId, new AbortController().signal)) {
      if (!killed && done >= 500) {
        killed = true;
        await server.kill();
      }
      if (state === 'waiting-for-server') fixture.jobs.cancel(jobId);
    }
    expect(await fixture.ended(runId)).toMatchObject({ state: 'cancelled' });
    await server.restart();
    await until(() => fixture.run('PING').catch(() => null), 'the connection');
    expect((await fixture.bulk.unfinished()).map((run) => run.runId)).toEqual([runId]);
    await fixture.bulk.resumeRun({ runId });
    expect(await fixture.ended(runId)).toMatchObject({ state: 'done', changed: 3000 });
  }, 60_000);
});

describe('a disk that fills up', () => {
  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)('stops the run before more is changed, and all of it can be undone', async () => {
    const server = await redis();
    const outside = await dataFolder();
    const small = join(outside, 'small');
    execFileSync('mkdir', [small]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=450k', 'tmpfs', small]);
    cleanups.push(async () => execFileSync('umount', [small]));
    const fixture = await open(server, small);
    const names = users(12_000);
    await setAll(server.port, names);
    const { end, runId } = await fixture.change('user:*', { kind: 'expire', ttlMs: hour });
    expect(end).toMatchObject({ state: 'failed', problem: { code: 'STORE_DISK_FULL' } });
    const changed = (await expiries(fixture, names)).filter((each) => each !== -1).length;
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThan(12_000);
    expect(end.changed).toBeLessThanOrEqual(changed);
    // an undo writes next to nothing, but not nothing
    await rm(join(small, 'bulk', 'runs', runId, 'names'));
    const undo = await fixture.undo(runId);
    expect(undo).toMatchObject({ state: 'done', changed });
    expect(new Set(await expiries(fixture, names))).toEqual(new Set([-1]));
    expect(await readFile(join(small, 'audit.jsonl'), 'utf8')).toContain('bulk-undo-end');
  });
});
