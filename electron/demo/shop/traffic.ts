import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { RunningPostgres } from '../servers/postgres-server.ts';
import type { RunningRedis } from '../servers/redis-server.ts';
import type { ShopScale } from './catalogue.ts';
import { shopDatabase } from './postgres-seed.ts';
import { shopRequests } from './requests.ts';
import { apiRole } from './schema.ts';
import { ShopApi, type ApiCounts } from './shop-api.ts';

export interface TrafficOptions {
  redis: RunningRedis;
  postgres: RunningPostgres;
  apiPassword: string;
  scale: ShopScale;
  /** Requests a second. */
  rate: number;
  seed: number;
}

export interface TrafficCounts extends ApiCounts {
  requests: number;
  failures: number;
  /** Requests a second over the last seconds, as answered. */
  perSecond: number;
}

const tickMs = 50;
const mostAtOnce = 16;
const longestPauseMs = 5_000;

/** The visitors of the shop: sends requests to its API at a steady rate, and waits when a server is gone. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #redis: Redis;
  readonly #pool: Pool;
  readonly #api: ShopApi;
  readonly #stop = new AbortController();
  readonly #flying = new Set<Promise<void>>();
  readonly #window: { at: number; requests: number }[] = [];
  #requests = 0;
  #failures = 0;
  #pauseMs = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: TrafficOptions) {
    const { redis, postgres } = options;
    this.#options = options;
    this.#redis = new Redis({
      host: redis.host,
      port: redis.port,
      ...(redis.password === null ? {} : { password: redis.password }),
      connectionName: 'shop-api',
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: 10_000,
      lazyConnect: true,
      retryStrategy: (attempt) => Math.min(attempt * 100, longestPauseMs),
    });
    // Its loss shows in the requests, which count as failures and slow the traffic down.
    this.#redis.on('error', () => undefined);
    this.#pool = new Pool({
      host: postgres.host,
      port: postgres.port,
      user: apiRole,
      password: options.apiPassword,
      database: shopDatabase,
      application_name: 'shop-api',
      max: 6,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 20_000,
    });
    this.#pool.on('error', () => undefined);
    this.#api = new ShopApi(this.#redis, this.#pool);
  }

  get counts(): TrafficCounts {
    const now = Date.now();
    while (this.#window.length > 1 && now - (this.#window[0]?.at ?? now) > 3_000) this.#window.shift();
    const first = this.#window[0];
    const span = first ? (now - first.at) / 1000 : 0;
    const perSecond = first && span >= 0.2 ? (this.#requests - first.requests) / span : 0;
    return { ...this.#api.counts, requests: this.#requests, failures: this.#failures, perSecond };
  }

  async start(): Promise<void> {
    await this.#redis.connect();
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const requests = shopRequests(this.#options.seed, this.#options.scale);
    let due = 0;
    let before = performance.now();
    while (!signal.aborted) {
      // A pause that is cut short by `stop` is no error.
      await delay(tickMs + this.#pauseMs, undefined, { signal }).catch(() => undefined);
      const now = performance.now();
      // What was missed in a pause is not made up for: visitors have gone elsewhere.
      due = Math.min(due + ((now - before) * this.#options.rate) / 1000, Math.max(1, this.#options.rate / 5));
      before = now;
      while (due >= 1 && !signal.aborted && this.#flying.size < mostAtOnce * 4) {
        due -= 1;
        const flight: Promise<void> = this.#one(requests.next().value).finally(() => this.#flying.delete(flight));
        this.#flying.add(flight);
        if (this.#flying.size >= mostAtOnce) await Promise.race(this.#flying);
        if (this.#pauseMs > 0) break;
      }
      this.#window.push({ at: Date.now(), requests: this.#requests });
    }
  }

  async #one(request: Parameters<ShopApi['handle']>[0]): Promise<void> {
    try {
      await this.#api.handle(request);
      this.#requests += 1;
      this.#pauseMs = 0;
    } catch {
      // Any failure means a server that is gone or overloaded: the next requests wait longer each time.
      this.#failures += 1;
      this.#pauseMs = Math.min(longestPauseMs, Math.max(100, this.#pauseMs * 2));
    }
  }

  /** Ends after the requests under way are answered, or after 2 s. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await Promise.race([Promise.all(this.#flying), delay(2_000, undefined, { ref: false })]);
    this.#redis.disconnect();
    await this.#pool.end();
  }
}
