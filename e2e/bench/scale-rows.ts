import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { sendAll } from '../../electron/host/redis/testing/raw-redis.ts';
import { median, type BenchGroup, type BenchOptions, type BenchResult } from './bench-row.ts';
import { buildIndexWorker } from './build-worker.ts';
import { indexOnce, openBench } from './index-run.ts';
import { benchNames, seedKeys } from './seed-keys.ts';

const smallKeys = 1_000_000;
const largeKeys = 10_000_000;

async function alone(redis: RunningRedis, worker: URL): Promise<{ keys: number; ms: number; rss: number; factsMs: number; factsRss: number }> {
  const script = fileURLToPath(new URL('./scale-child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', script, String(redis.port), worker.href]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Awaited<ReturnType<typeof alone>>;
}

/** Ten times the keys, each number measured in a process of its own. */
async function largeRow(redis: RunningRedis, worker: URL, { runs, say }: BenchOptions): Promise<BenchResult[]> {
  const rounds = Math.min(runs, 3);
  const measured = async (keys: number) => {
    say(`seeding ${keys.toLocaleString('en-US')} keys ...`);
    await sendAll(redis.port, [['FLUSHALL']]);
    await seedKeys(redis.port, keys);
    const all: Awaited<ReturnType<typeof alone>>[] = [];
    for (let run = 0; run < rounds; run += 1) {
      const one = await alone(redis, worker);
      if (one.keys !== keys) throw new Error(`The index holds ${one.keys} of ${keys} keys`);
      say(`row 3, ${keys.toLocaleString('en-US')} keys, run ${run}: ${one.ms.toFixed(0)} ms, process ${(one.rss / 1e6).toFixed(0)} MB; all facts ${one.factsMs.toFixed(0)} ms, process ${(one.factsRss / 1e6).toFixed(0)} MB`);
      all.push(one);
    }
    const mid = (of: (one: (typeof all)[number]) => number) => median(all.map(of));
    return { ms: mid(({ ms }) => ms), rss: mid(({ rss }) => rss) / 1e6, factsMs: mid(({ factsMs }) => factsMs), factsRss: mid(({ factsRss }) => factsRss) / 1e6 };
  };
  const small = await measured(smallKeys);
  const large = await measured(largeKeys);
  const ratio = large.ms / small.ms;
  const memory = (name: string, megabytes: number, holds: boolean | null): BenchResult => ({
    row: 3,
    name,
    ours: megabytes,
    baseline: null,
    unit: 'MB',
    ratio: null,
    target: holds === null ? '-' : '<= 1,500 MB',
    holds,
    note: 'resident memory of the whole process: program, driver, index thread',
  });
  return [
    { row: 3, name: `index ${largeKeys.toLocaleString('en-US')} keys (${smallKeys.toLocaleString('en-US')} in the same way)`, ours: large.ms, baseline: small.ms, unit: 'ms', ratio, target: '<= 11x', holds: ratio <= 11, note: `median of ${rounds} processes` },
    memory('the process that holds them', large.rss, large.rss <= 1500),
    memory('the same with all facts of every key', large.factsRss, large.factsRss <= 1500),
    { row: 3, name: `all facts of ${largeKeys.toLocaleString('en-US')} keys (of ${smallKeys.toLocaleString('en-US')})`, ours: large.factsMs, baseline: small.factsMs, unit: 'ms', ratio: large.factsMs / small.factsMs, target: '-', holds: null, note: 'for the record' },
  ];
}

/** From an index of the names alone to a histogram of all times left. */
async function ttlRow(redis: RunningRedis, worker: URL, { keys, runs, say }: BenchOptions): Promise<BenchResult> {
  await sendAll(redis.port, [['FLUSHALL']]);
  say(`seeding ${keys.toLocaleString('en-US')} keys, every second with an expiry ...`);
  await seedKeys(redis.port, keys);
  function* expiries() {
    let at = 0;
    for (const name of benchNames(keys)) {
      at += 1;
      if (at % 2 === 0) yield ['PEXPIRE', name, String(600_000 + at * 997)] as const;
    }
  }
  await sendAll(redis.port, expiries());
  const bench = await openBench(redis.port, worker);
  const plain: number[] = [];
  const ours: number[] = [];
  try {
    for (let run = 0; run <= runs; run += 1) {
      const { ms, end, watch } = await indexOnce(bench.keys);
      const begun = performance.now();
      await bench.keys.enrich({ indexId: end.indexId, fields: ['type', 'ttl'] });
      await watch.until(({ state, facts }) => state === 'done' && typeof facts?.completedAt === 'number', 'facts', 600_000);
      const { series } = await bench.keys.ttlHistogram({ indexId: end.indexId, by: 'type' });
      const took = performance.now() - begun;
      const counted = series[0]?.keys.reduce((sum, each) => sum + each, 0) ?? 0;
      if (counted !== Math.floor(keys / 2) || series[0]?.noneKeys !== keys - counted) throw new Error(`The histogram counts ${counted} of ${keys / 2} keys`);
      await watch.leave();
      say(`row 8, run ${run}: index ${ms.toFixed(0)} ms, type and TTL with histogram ${took.toFixed(0)} ms`);
      if (run === 0) continue;
      plain.push(ms);
      ours.push(took);
    }
  } finally {
    await bench.close();
  }
  const [mine, base] = [median(ours), median(plain)];
  return {
    row: 8,
    name: `type and TTL of ${keys.toLocaleString('en-US')} keys and the histogram of all (row 1: names alone)`,
    ours: mine,
    baseline: base,
    unit: 'ms',
    ratio: mine / base,
    target: '<= 3x',
    holds: mine / base <= 3,
    note: 'by one read-only script a page of SCAN',
  };
}

export const scaleRows: BenchGroup = {
  rows: [3, 8],
  async run(wanted, options) {
    const worker = await buildIndexWorker();
    const results: BenchResult[] = [];
    const redis = await startRedis({ build: 'redis-7.0' });
    try {
      if (wanted.has(8)) results.push(await ttlRow(redis, worker.url, options));
      if (wanted.has(3)) results.push(...(await largeRow(redis, worker.url, options)));
    } finally {
      await redis.stop();
      await worker.remove();
    }
    return results;
  },
};
