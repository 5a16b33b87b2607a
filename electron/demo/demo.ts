import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { LookasideError } from '../../shared/contract/errors.ts';
import { startPostgres, type RunningPostgres } from './servers/postgres-server.ts';
import { startRedis, type RunningRedis } from './servers/redis-server.ts';
import { fullScale, type ShopScale } from './shop/catalogue.ts';
import { createShopDatabase, seedPostgres, shopDatabase } from './shop/postgres-seed.ts';
import { memoryFor, seedRedis } from './shop/redis-seed.ts';
import { Traffic, type TrafficCounts } from './shop/traffic.ts';

export const defaultKeys = 100_000;
const defaultRate = 150;
const nothing = () => undefined;

export interface DemoOptions {
  /** Keys that Redis holds at least, once seeded; default 100,000. */
  keys?: number;
  /** Requests a second; 0 leaves the traffic out. */
  rate?: number;
  seed?: number;
  /** Rows of Postgres; the default is the full shop. */
  scale?: ShopScale;
  onProgress?: (progress: DemoProgress) => void;
  signal?: AbortSignal;
}

export interface DemoProgress {
  state: 'starting' | 'seeding' | 'running';
  /** What is being done, in words. */
  step: string;
  keys: number;
  /** All keys of the start are in Redis. */
  seeded: boolean;
  requestsPerSecond: number;
}

/** A demo whose servers answer; seeding may still go on. */
export interface RunningDemo {
  redis: RunningRedis;
  postgres: RunningPostgres;
  /** The shop's database in `postgres`. */
  database: string;
  postgresUrl: string;
  /** Resolves when everything is seeded and the traffic runs; rejects when that fails. */
  ready: Promise<void>;
  /** Resolves, with what happened, when a server ends that nobody stopped. Pending otherwise. */
  failed: Promise<LookasideError>;
  counts(): TrafficCounts | null;
  stop(): Promise<void>;
}

/** Starts both servers; nothing is left running when one of them fails. */
async function startServers(keys: number, signal: AbortSignal): Promise<{ redis: RunningRedis; postgres: RunningPostgres }> {
  const [redis, postgres] = await Promise.allSettled([
    startRedis({
      password: randomBytes(12).toString('hex'),
      args: [
        '--maxmemory',
        String(memoryFor(keys)),
        '--maxmemory-policy',
        'allkeys-lfu',
        '--slowlog-log-slower-than',
        '2000',
        '--latency-monitor-threshold',
        '20',
      ],
      signal,
    }),
    startPostgres({
      settings: {
        shared_buffers: '256MB',
        max_wal_size: '4GB',
        wal_level: 'minimal',
        max_wal_senders: '0',
        'auto_explain.log_min_duration': '500',
        'pg_stat_statements.track_planning': 'on',
      },
      signal,
    }).then(async (server) => {
      try {
        await createShopDatabase(server);
        return server;
      } catch (error) {
        await server.stop();
        throw error;
      }
    }),
  ]);
  if (redis.status === 'fulfilled' && postgres.status === 'fulfilled') return { redis: redis.value, postgres: postgres.value };
  if (redis.status === 'fulfilled') await redis.value.stop();
  if (postgres.status === 'fulfilled') await postgres.value.stop();
  throw redis.status === 'rejected' ? redis.reason : (postgres as PromiseRejectedResult).reason;
}

/**
 * Starts the demo shop and resolves when its Redis and Postgres answer (about a second). Seeding and traffic go
 * on by themselves. Rejects with DEMO_UNAVAILABLE or CANCELLED; nothing is left running then.
 */
export async function startDemo(options: DemoOptions = {}): Promise<RunningDemo> {
  const { keys = defaultKeys, rate = defaultRate, seed = 1, scale = fullScale(keys) } = options;
  const ending = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal;
  const progress: DemoProgress = { state: 'starting', step: 'Starting Redis and Postgres', keys: 0, seeded: false, requestsPerSecond: 0 };
  const report = (change: Partial<DemoProgress>) => options.onProgress?.({ ...Object.assign(progress, change) });
  report({});
  const { redis, postgres } = await startServers(keys, signal);
  const monitor = new Redis({
    host: redis.host,
    port: redis.port,
    ...(redis.password === null ? {} : { password: redis.password }),
    connectionName: 'lookaside demo',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
  });
  // What it loses is only the count of keys; the end of the server is noticed below.
  monitor.on('error', () => undefined);
  const apiPassword = randomBytes(12).toString('hex');
  let traffic: Traffic | null = null;
  let lost: LookasideError | null = null;
  let announceLoss: (error: LookasideError) => void = nothing;
  const failed = new Promise<LookasideError>((resolve) => {
    announceLoss = resolve;
  });

  const watch = async () => {
    while (!signal.aborted) {
      for (const [name, server] of [['Redis', redis], ['Postgres', postgres]] as const) {
        if (server.running || lost || signal.aborted) continue;
        lost = new LookasideError('DEMO_UNAVAILABLE', `The demo's ${name} has ended`, {
          hint: 'Start the demo again.',
          details: { output: server.output.slice(-1_000) },
        });
        announceLoss(lost);
      }
      if (monitor.status === 'ready') {
        // A count that fails is asked again half a second later.
        const count = await monitor.dbsize().catch(() => null);
        if (count !== null) report({ keys: count, requestsPerSecond: Math.round(traffic?.counts.perSecond ?? 0) });
      }
      await delay(500, undefined, { signal }).catch(() => undefined);
    }
  };

  const seedAll = async () => {
    report({ state: 'seeding', step: 'Filling Redis and Postgres' });
    await Promise.all([
      seedRedis(redis, { keys, scale, seed, signal }).then(() => report({ step: 'Filling Postgres', seeded: true })),
      seedPostgres(postgres, { scale, seed, apiPassword, signal, onStep: (step) => report({ step }) }),
    ]);
    if (signal.aborted) throw new LookasideError('CANCELLED', 'The demo is stopped');
    if (rate > 0) {
      traffic = new Traffic({ redis, postgres, apiPassword, scale, rate, seed });
      await traffic.start();
    }
    report({ state: 'running', step: rate > 0 ? 'Serving the shop' : 'Ready', seeded: true, keys: await monitor.dbsize() });
  };

  const watching = watch();
  const ready = seedAll();
  // Awaited by the caller or not: a failure must not end the process.
  ready.catch(() => undefined);

  let stopping: Promise<void> | null = null;
  const stopOnce = async () => {
    ending.abort();
    await Promise.allSettled([ready, watching]);
    await traffic?.stop();
    monitor.disconnect();
    await Promise.all([redis.stop(), postgres.stop()]);
  };
  return {
    redis,
    postgres,
    database: shopDatabase,
    postgresUrl: postgres.url.replace(/\/postgres$/, `/${shopDatabase}`),
    ready,
    failed,
    counts: () => traffic?.counts ?? null,
    stop: () => (stopping ??= stopOnce()),
  };
}
