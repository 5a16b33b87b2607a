import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisBinary } from '../../electron/demo/servers/redis-binaries.ts';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { JournalChanges } from '../../electron/host/redis/bulk/journal/changes.ts';
import { last, openBulk, type BulkFixture } from '../../electron/host/redis/testing/bulk-fixture.ts';
import { sendAll } from '../../electron/host/redis/testing/raw-redis.ts';
import { maximum, median, percentile, type BenchGroup, type BenchOptions, type BenchResult } from './bench-row.ts';
import { deleteFloor } from './bulk-floor.ts';
import { pingEveryMs } from './ping-probe.ts';

const pattern = 'drop:*';
const never = new AbortController().signal;
/** The keyspace of large values: hashes, and fields of each. */
const [largeHashes, largeFields] = [200, 20_000];

/** Half of the keys are to be deleted, evenly among the others. */
async function seed(port: number, keys: number): Promise<void> {
  await sendAll(port, [['FLUSHALL']]);
  function* sets() {
    for (let at = 0; at < keys; at += 1) yield ['SET', `${at % 2 === 0 ? 'drop' : 'keep'}:${String(at).padStart(10, '0')}`, 'v'] as const;
  }
  await sendAll(port, sets());
}

async function seedLarge(port: number): Promise<void> {
  function* hashes() {
    for (let at = 0; at < largeHashes; at += 1) {
      for (let from = 0; from < largeFields; from += 1000) {
        yield ['HSET', `drop:large:${at}`, ...Array.from({ length: 1000 }, (_, field) => [`field:${from + field}`, `value:${from + field}`]).flat()];
      }
    }
  }
  await sendAll(port, hashes());
}

interface Timed {
  /** Plan and run together, as a person waits for them. */
  whole: number;
  run: number;
  runId: string;
}

/** Plan (reading nothing but names) and run. */
async function deleteOnce(fixture: BulkFixture, undo: boolean): Promise<Timed> {
  const { invalidate, ended } = fixture;
  const begun = performance.now();
  const plan = await last(
    invalidate.plan({ selection: { workspaceId: 'test', db: 0, keys: { kind: 'filter', filter: { pattern, mode: 'glob' } } }, action: { kind: 'unlink' }, quick: true }, never),
  );
  const planned = performance.now();
  const { runId } = await invalidate.run({ planId: plan.planId, confirm: { count: plan.selected }, undo });
  const end = await ended(runId);
  const now = performance.now();
  if (end.state !== 'done' || end.changed !== plan.selected) throw new Error(`The run ended as ${end.state} with ${end.changed} of ${plan.selected}: ${JSON.stringify(end.problem)}`);
  return { whole: now - begun, run: now - planned, runId };
}

/** The RESTOREs of a journal as redis-cli takes them. */
async function writeRestores(journal: string, file: string): Promise<void> {
  const out = createWriteStream(file);
  for await (const changes of new JournalChanges(journal).read()) {
    const parts: Buffer[] = [];
    for (const { name, earlier, kept } of changes) {
      if (kept === undefined) continue;
      const words = [Buffer.from('RESTORE'), name, Buffer.from(String(Math.max(0, earlier))), kept.dump, Buffer.from('ABSTTL')];
      parts.push(Buffer.from(`*${words.length}\r\n`));
      for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n'));
    }
    if (!out.write(Buffer.concat(parts))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

async function cliPipe(port: number, file: string): Promise<number> {
  const { launch } = await redisBinary('any');
  const [command, ...before] = [launch.command, ...launch.before].map((part) => part.replace(/(?:redis|valkey)-server$/, (name) => name.replace('server', 'cli')));
  const begun = performance.now();
  const child = spawn(command as string, [...before, '-p', String(port), '--pipe'], { env: { ...process.env, ...launch.env }, stdio: ['pipe', 'ignore', 'inherit'] });
  createReadStream(file).pipe(child.stdin);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`redis-cli --pipe ended with ${code}`);
  return performance.now() - begun;
}

async function size(fixture: BulkFixture, expected: number): Promise<void> {
  const found = Number(await fixture.run('DBSIZE'));
  if (found !== expected) throw new Error(`The database holds ${found} keys, not ${expected}`);
}

/** Other clients while keys are deleted: row 4. */
async function othersRow(redis: RunningRedis, keys: number, what: string, undo: boolean): Promise<BenchResult[]> {
  const fixture = await openBulk({ port: redis.port });
  try {
    const times = await pingEveryMs(redis.port, () => deleteOnce(fixture, undo));
    const [p99, most] = [percentile(times, 0.99), maximum(times)];
    const name = `other clients while ${keys.toLocaleString('en-US')} keys go${what}`;
    return [
      { row: 4, name: `${name}, p99`, ours: p99, baseline: null, unit: 'ms', ratio: null, target: '<= 3 ms', holds: p99 <= 3, note: 'PING every ms in a process of its own' },
      { row: 4, name: `${name}, longest`, ours: most, baseline: null, unit: 'ms', ratio: null, target: '<= 15 ms', holds: most <= 15, note: '' },
    ];
  } finally {
    await fixture.close();
  }
}

async function run(wanted: ReadonlySet<number>, options: BenchOptions): Promise<BenchResult[]> {
  const { keys, runs, say } = options;
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), 'lookaside-bench-'));
  const half = Math.floor(keys / 2);
  const all = { floor: [] as number[], plain: [] as number[], plainRun: [] as number[], kept: [] as number[], restored: [] as number[], piped: [] as number[] };
  const results: BenchResult[] = [];
  try {
    const fixture = await openBulk({ port: redis.port }, { folder });
    // the first round warms up
    for (let round = 0; round <= runs; round += 1) {
      await seed(redis.port, keys);
      const floor = await deleteFloor(redis.port, pattern);
      await size(fixture, keys - half);
      await seed(redis.port, keys);
      const plain = await deleteOnce(fixture, false);
      await size(fixture, keys - half);
      await seed(redis.port, keys);
      const kept = await deleteOnce(fixture, true);
      await size(fixture, keys - half);
      const file = join(folder, 'restores');
      await writeRestores(join(folder, 'bulk', 'runs', kept.runId, 'journal'), file);
      const begun = performance.now();
      await fixture.invalidate.undo({ runId: kept.runId });
      const undone = await fixture.ended(kept.runId);
      const restored = performance.now() - begun;
      if (undone.changed !== half) throw new Error(`The undo gave back ${undone.changed} of ${half}`);
      await size(fixture, keys);
      await deleteFloor(redis.port, pattern);
      const piped = await cliPipe(redis.port, file);
      await size(fixture, keys);
      for (const { runId } of await fixture.bulk.runs()) await fixture.bulk.forgetRun(runId);
      say(
        `rows 5-7, run ${round}: bare loop ${floor.toFixed(0)} ms, plan and run ${plain.whole.toFixed(0)} ms (run ${plain.run.toFixed(0)}), with undo ${kept.whole.toFixed(0)} ms, undo ${restored.toFixed(0)} ms, redis-cli --pipe ${piped.toFixed(0)} ms`,
      );
      if (round === 0) continue;
      all.floor.push(floor);
      all.plain.push(plain.whole);
      all.plainRun.push(plain.run);
      all.kept.push(kept.whole);
      all.restored.push(restored);
      all.piped.push(piped);
    }
    await fixture.close();
    const [floor, plain, plainRun, kept, restored, piped] = [all.floor, all.plain, all.plainRun, all.kept, all.restored, all.piped].map(median) as [number, number, number, number, number, number];
    const some = `${half.toLocaleString('en-US')} of ${keys.toLocaleString('en-US')} keys`;
    const row = (number: number, name: string, ours: number, baseline: number, target: number | null, note: string): BenchResult => ({
      row: number,
      name,
      ours,
      baseline,
      unit: 'ms',
      ratio: ours / baseline,
      target: target === null ? '-' : `<= ${target}x`,
      holds: target === null ? null : ours / baseline <= target,
      note,
    });
    if (wanted.has(5)) {
      results.push(
        row(5, `invalidate ${some} by pattern, plan and run (bare SCAN MATCH and UNLINK)`, plain, floor, 1.3, 'a quick plan: names only; both steps from call to end'),
        row(5, 'the run alone', plainRun, floor, null, 'against the whole bare loop'),
      );
    }
    if (wanted.has(6)) results.push(row(6, 'the same with its undo on disk (row 5)', kept, plain, 3, 'every value dumped, journalled and flushed before it goes'));
    if (wanted.has(7)) results.push(row(7, `undo of ${half.toLocaleString('en-US')} keys (the same RESTOREs through redis-cli --pipe)`, restored, piped, 1.3, 'from the call to the end of the job'));
    await seed(redis.port, keys);
    results.push(...(await othersRow(redis, half, '', false)));
    await seed(redis.port, keys);
    results.push(...(await othersRow(redis, half, ', with undo', true)));
    for (const undo of [false, true]) {
      await seed(redis.port, Math.min(keys, 100_000));
      await seedLarge(redis.port);
      results.push(...(await othersRow(redis, Math.min(keys, 100_000) / 2 + largeHashes, ` with ${largeHashes} hashes of ${largeFields.toLocaleString('en-US')} fields among them${undo ? ', with undo' : ''}`, undo)));
    }
  } finally {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return results;
}

export const bulkRows: BenchGroup = { rows: [5, 6, 7], run };
