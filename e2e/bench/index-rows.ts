import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { redisBinary } from '../../electron/demo/servers/redis-binaries.ts';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { sendAll } from '../../electron/host/redis/testing/raw-redis.ts';
import { median, percentile, maximum, type BenchGroup, type BenchOptions, type BenchResult } from './bench-row.ts';
import { buildIndexWorker } from './build-worker.ts';
import { scanFloor } from './floor.ts';
import { indexOnce, openBench, standBy } from './index-run.ts';
import { pingEveryMs } from './ping-probe.ts';
import { seedKeys } from './seed-keys.ts';

const firstRowsKeys = 5_000_000;

/** `redis-cli --scan --count 1000` of Redis 8 with its output thrown away, ms; `null` where it cannot be had. */
async function cliScan(port: number): Promise<number | null> {
  try {
    const { launch } = await redisBinary('redis-8.0');
    const [command, ...before] = [launch.command, ...launch.before].map((part) => part.replace(/redis-server$/, 'redis-cli'));
    if (command === undefined) return null;
    const begun = performance.now();
    const child = spawn(command, [...before, '-p', String(port), '--scan', '--count', '1000'], { env: { ...process.env, ...launch.env }, stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0 ? performance.now() - begun : null;
  } catch {
    return null;
  }
}

async function timeRows(redis: RunningRedis, worker: URL, { keys, runs, say }: BenchOptions): Promise<BenchResult[]> {
  const bench = await openBench(redis.port, worker);
  const floors: number[] = [];
  const ours: number[] = [];
  const clis: number[] = [];
  try {
    // the first round warms up
    for (let run = 0; run <= runs; run += 1) {
      const floor = await scanFloor(redis.port);
      const { ms, end, watch } = await indexOnce(bench.keys);
      await watch.leave();
      const cli = await cliScan(redis.port);
      if (end.keys !== keys) throw new Error(`The index holds ${end.keys} of ${keys} keys`);
      say(`row 1, run ${run}: floor ${floor.ms.toFixed(0)} ms, ours ${ms.toFixed(0)} ms, redis-cli ${cli?.toFixed(0) ?? '-'} ms`);
      if (run === 0) continue;
      floors.push(floor.ms);
      ours.push(ms);
      if (cli !== null) clis.push(cli);
    }
  } finally {
    await bench.close();
  }
  const [mine, floor] = [median(ours), median(floors)];
  const results: BenchResult[] = [
    {
      row: 1,
      name: `index ${keys.toLocaleString('en-US')} keys, from the call to exact counts (bare SCAN loop)`,
      ours: mine,
      baseline: floor,
      unit: 'ms',
      ratio: mine / floor,
      target: '<= 1.2x',
      holds: mine / floor <= 1.2,
      note: 'thread start and connection included in ours, not in the baseline',
    },
  ];
  if (clis.length > 0) {
    const cli = median(clis);
    results.push({ row: 1, name: 'the same beside redis-cli 8 --scan --count 1000', ours: mine, baseline: cli, unit: 'ms', ratio: mine / cli, target: '-', holds: null, note: 'for the record' });
  }
  return results;
}

async function memoryRow(redis: RunningRedis, worker: URL, { keys, runs, say }: BenchOptions): Promise<BenchResult> {
  const script = fileURLToPath(new URL('./memory-child.ts', import.meta.url));
  const grown: number[] = [];
  let folders = 0;
  for (let run = 0; run < runs; run += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', script, String(redis.port), worker.href]);
    const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { keys: number; folders: number; grown: number; own: number };
    folders = told.folders;
    grown.push(told.grown / 1e6);
    say(`row 2, run ${run}: process grows by ${(told.grown / 1e6).toFixed(1)} MB, of which arrays ${(told.own / 1e6).toFixed(1)} MB`);
  }
  const mine = median(grown);
  const names = (keys * 16) / 1e6;
  const perMillion = (mine / keys) * 1e6;
  return {
    row: 2,
    name: `memory that the process grows by for ${keys.toLocaleString('en-US')} names of 16 bytes, ${folders.toLocaleString('en-US')} folders (the names' own bytes)`,
    ours: mine,
    baseline: names,
    unit: 'MB',
    ratio: mine / names,
    target: '<= 80 MB per million',
    holds: perMillion <= 80,
    note: `${perMillion.toFixed(1)} MB per million; the thread itself included`,
  };
}

async function latencyRows(redis: RunningRedis, worker: URL, { runs, say }: BenchOptions): Promise<BenchResult[]> {
  const bench = await openBench(redis.port, worker);
  const idle: number[][] = [];
  const busy: number[][] = [];
  try {
    for (let run = 0; run <= runs; run += 1) {
      const quiet = await pingEveryMs(redis.port, () => new Promise((resolve) => setTimeout(resolve, 1500)));
      const during = await pingEveryMs(redis.port, async () => {
        const { watch } = await indexOnce(bench.keys);
        await watch.leave();
      });
      say(`row 4, run ${run}: idle p99 ${percentile(quiet, 0.99).toFixed(2)} ms, during p99 ${percentile(during, 0.99).toFixed(2)} ms, max ${maximum(during).toFixed(2)} ms (${during.length} pings)`);
      if (run === 0) continue;
      idle.push(quiet);
      busy.push(during);
    }
  } finally {
    await bench.close();
  }
  const mid = (series: readonly number[][], measure: (values: readonly number[]) => number) => median(series.map(measure));
  const p99 = (values: readonly number[]) => percentile(values, 0.99);
  const line = (name: string, ours: number, baseline: number, limit: number): BenchResult => ({
    row: 4,
    name,
    ours,
    baseline,
    unit: 'ms',
    ratio: ours / baseline,
    target: `<= ${limit} ms`,
    holds: ours <= limit,
    note: 'PING every ms on another connection, from a process of its own',
  });
  return [
    line('other clients during row 1, p99 (idle p99)', mid(busy, p99), mid(idle, p99), 3),
    line('other clients during row 1, maximum (idle maximum)', mid(busy, maximum), mid(idle, maximum), 15),
  ];
}

/** From the call on an open connection, with no index and no thread, to 100 rows of names in hand. */
async function firstRows(redis: RunningRedis, worker: URL, { runs, say }: BenchOptions): Promise<BenchResult> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const bench = await openBench(redis.port, worker);
    try {
      await standBy(bench.keys);
      const begun = performance.now();
      const abort = new AbortController();
      let ms = Number.NaN;
      for await (const { indexId, keys } of bench.keys.index({ workspaceId: 'test', db: 0 }, abort.signal)) {
        if (keys < 100) continue;
        const { viewId } = await bench.keys.openView({ index: indexId, mode: 'list', filter: { pattern: '', mode: 'glob' }, expanded: [] });
        const { rows } = await bench.keys.rows({ viewId, from: 0, count: 100 });
        if (rows.length !== 100) throw new Error(`${rows.length} rows of 100`);
        ms = performance.now() - begun;
        break;
      }
      abort.abort();
      say(`row 9, run ${run}: ${ms.toFixed(0)} ms`);
      if (run > 0) times.push(ms);
    } finally {
      await bench.close();
    }
  }
  const mine = median(times);
  return {
    row: 9,
    name: `first 100 rows of ${firstRowsKeys.toLocaleString('en-US')} keys in the host's hands, cold`,
    ours: mine,
    baseline: null,
    unit: 'ms',
    ratio: null,
    target: '<= 150 ms',
    holds: mine <= 150,
    note: 'drawing in the page comes on top',
  };
}

export const indexRows: BenchGroup = {
  rows: [1, 2, 4, 9],
  async run(wanted, options) {
    const worker = await buildIndexWorker();
    const results: BenchResult[] = [];
    const redis = await startRedis({ build: 'redis-7.0' });
    try {
      if (wanted.has(1) || wanted.has(2) || wanted.has(4)) {
        options.say(`seeding ${options.keys.toLocaleString('en-US')} keys ...`);
        await seedKeys(redis.port, options.keys);
        if (wanted.has(1)) results.push(...(await timeRows(redis, worker.url, options)));
        if (wanted.has(2)) results.push(await memoryRow(redis, worker.url, options));
        if (wanted.has(4)) results.push(...(await latencyRows(redis, worker.url, options)));
        await sendAll(redis.port, [['FLUSHALL']]);
      }
      if (wanted.has(9)) {
        options.say(`seeding ${firstRowsKeys.toLocaleString('en-US')} keys ...`);
        await sendAll(redis.port, [['DEBUG', 'POPULATE', String(firstRowsKeys), 'product', '8']]);
        results.push(await firstRows(redis, worker.url, options));
      }
    } finally {
      await redis.stop();
      await worker.remove();
    }
    return results;
  },
};
