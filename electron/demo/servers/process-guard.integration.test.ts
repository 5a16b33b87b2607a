import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from './redis-admin.ts';
import { sweepStale } from './process-guard.ts';
import { identify, stillRuns } from './process-identity.ts';

/** Runs an owner in a process of its own that starts a Redis and says its PID and folder. */
async function startOwner() {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const server = pathToFileURL(join(import.meta.dirname, 'redis-server.ts')).href;
  const script = `import(${JSON.stringify(server)}).then((m) => m.startRedis()).then((r) => { console.log(JSON.stringify({ owner: process.pid, pid: r.pid, folder: r.folder })); setInterval(() => {}, 1000); });`;
  const temp = mkdtempSync(join(tmpdir(), 'lookaside-guard-test-'));
  const file = join(temp, 'owner.mts');
  writeFileSync(file, script);
  const child = spawn(process.execPath, [tsx, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(temp, { recursive: true, force: true });
  });
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString('utf8'))));
  const told = JSON.parse(line) as { owner: number; pid: number; folder: string };
  return { ...told, server: identify(told.pid) };
}

const gone = (what: Parameters<typeof stillRuns>[0]) => until(async () => !stillRuns(what), 'End of the server', 10_000);

describe('process guard', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends the servers and removes the folder on %s', async (signal) => {
    const owner = await startOwner();
    expect(stillRuns(owner.server)).toBe(true);
    process.kill(owner.owner, signal);
    await gone(owner.server);
    await until(async () => !existsSync(owner.folder), 'Removal of the folder', 5_000);
  });

  it('ends the servers when their owner is killed, and sweeps its folder at the next start', async () => {
    const owner = await startOwner();
    const identity = identify(owner.owner);
    process.kill(owner.owner, 'SIGKILL');
    await gone(identity);
    await gone(owner.server);
    sweepStale();
    expect(existsSync(owner.folder)).toBe(false);
  });

  it('sweeps servers of dead owners only, and never a process that merely has the number', async () => {
    const records = mkdtempSync(join(tmpdir(), 'lookaside-guard-test-'));
    const stale = mkdtempSync(join(tmpdir(), 'lookaside-server-'));
    const sleepers = [spawn('sleep', ['60']), spawn('sleep', ['60']), spawn('sleep', ['60'])];
    onTestFinished(() => {
      for (const sleeper of sleepers) sleeper.kill('SIGKILL');
      rmSync(records, { recursive: true, force: true });
    });
    const [ours, recycled, living] = sleepers.map((sleeper) => identify(sleeper.pid ?? 0));
    if (!ours || !recycled || !living) throw new Error('no sleepers');
    const dead = { pid: 4_194_000, startedAt: '1' };
    const outside = join(records, 'precious');
    mkdirSync(outside);
    const write = (name: string, record: unknown) => writeFileSync(join(records, name), JSON.stringify(record));
    write('1.json', { owner: dead, children: [{ ...ours, command: 'sleep' }, { ...recycled, startedAt: '12' }], folders: [stale, outside] });
    write('2.json', { owner: identify(process.pid), children: [{ ...living, command: 'sleep' }], folders: [] });
    writeFileSync(join(records, '3.json'), '{"owner":');
    expect(sweepStale(records)).toEqual({ killed: [ours.pid], folders: [stale, outside] });
    await gone(ours);
    expect([stillRuns(recycled), stillRuns(living)]).toEqual([true, true]);
    expect([existsSync(stale), existsSync(outside)]).toEqual([false, true]);
    expect(['1.json', '2.json', '3.json'].map((name) => existsSync(join(records, name)))).toEqual([false, true, false]);
  });
});
