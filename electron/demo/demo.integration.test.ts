import { Redis } from 'ioredis';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './servers/redis-admin.ts';
import { startDemo, type RunningDemo } from './demo.ts';
import { productOf, smallScale, userOf } from './shop/catalogue.ts';
import { ShopApi } from './shop/shop-api.ts';
import type { RequestKind } from './shop/requests.ts';

describe('a small demo with traffic', () => {
  let demo: RunningDemo;
  let redis: Redis;
  let postgres: Client;
  beforeAll(async () => {
    demo = await startDemo({ keys: 3_000, scale: smallScale, rate: 200, seed: 5 });
    await demo.ready;
    redis = new Redis(demo.redis.url);
    // One test kills the server.
    redis.on('error', () => undefined);
    postgres = new Client(demo.postgresUrl);
    await postgres.connect();
  });
  afterAll(async () => {
    redis?.disconnect();
    await postgres?.end();
    await demo?.stop();
  });

  it('has an LFU policy and a key of every family, with the right type', async () => {
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'allkeys-lfu']);
    const patterns: [string, string][] = [
      ['user:[0-9]*[0-9]', 'string'], ['product:[0-9]*', 'hash'], ['products:category:*:page:*', 'string'], ['session:*', 'string'],
      ['ratelimit:*', 'zset'], ['leaderboard:sales', 'zset'], ['orders:stream', 'stream'], ['user:*:profile:v1', 'string'],
      ['user:*:profile:v2', 'string'], ['tags:product:*', 'set'], ['jobs:email', 'list'], ['visitors:*', 'string'], ['active:*', 'string'],
      ['stores:locations', 'zset'], ['search:gzip:*', 'string'], ['feed:*', 'string'], ['recommend:*', 'string'], ['page:product:*:br', 'string'],
    ];
    for (const [pattern, type] of patterns) {
      // Pages come with the traffic.
      let key = '';
      const found = async () => {
        key = (await redis.keys(pattern))[0] ?? '';
        return key !== '';
      };
      await until(found, `A key of ${pattern}`, 15_000);
      expect([pattern, await redis.type(key)]).toEqual([pattern, type]);
    }
    expect(await redis.get('')).toBe('the empty name');
    expect(await redis.ttl('user:1:profile:v1')).toBe(-1);
    expect(await redis.ttl('user:1:profile:v2')).toBeGreaterThan(0);
    const groups = (await redis.xinfo('GROUPS', 'orders:stream')) as unknown[][];
    const pending = groups.map((group) => [group[1], Number(group[5]) > 0, Number(group[11]) > 500]);
    expect(pending).toEqual([['analytics', true, true], ['fulfilment', true, true]]);
  });

  it('seeds the cache with what the database holds', async () => {
    for (const id of [1, 2, 999, 2_000]) {
      const { rows: users } = await postgres.query<Record<string, unknown>>('select id, email, name, country, created_at as "createdAt" from users where id = $1', [id]);
      const { tier: _, ...user } = userOf(id);
      expect(JSON.parse(JSON.stringify(users[0]))).toEqual(user);
      const { rows: products } = await postgres.query<Record<string, unknown>>('select id, category_id as "categoryId", name, rating from products where id = $1', [id]);
      const { stock: __, priceCents: ___, ...product } = productOf(id);
      expect(products[0]).toEqual(product);
    }
    const { rows } = await postgres.query<{ lines: number; orders: number }>('select (select count(*)::int from order_lines) as lines, (select count(*)::int from orders) as orders');
    expect(rows[0]?.lines).toBeGreaterThanOrEqual(smallScale.orderLines);
    const { rows: indexes } = await postgres.query("select indexname from pg_indexes where schemaname = 'public' order by 1");
    expect(indexes.map((index: { indexname: string }) => index.indexname)).toEqual(['categories_pkey', 'order_lines_pkey', 'orders_pkey', 'products_pkey', 'users_pkey']);
  });

  it('reads aside and removes on writes what became stale', async () => {
    const pool = new Pool({ connectionString: demo.postgresUrl, max: 2 });
    const api = new ShopApi(redis, pool);
    // Ids that the traffic hardly ever asks for.
    const base = { userId: 1_990, productId: 2_990, categoryId: productOf(2_990).categoryId, page: 19, session: 1, detail: 500 };
    const ask = (kind: RequestKind) => api.handle({ ...base, kind });
    await redis.del('user:1990', 'product:2990');
    await ask('user');
    expect(JSON.parse((await redis.get('user:1990')) ?? '')).toMatchObject({ id: 1990, email: 'user1990@shop.example' });
    expect(await redis.ttl('user:1990')).toBeGreaterThan(290);
    const { misses } = api.counts;
    await ask('user');
    expect(api.counts).toMatchObject({ misses, hits: 1 });
    await ask('edit-user');
    expect(await redis.exists('user:1990')).toBe(0);
    await ask('product');
    await ask('category');
    const page = `products:category:${base.categoryId}:page:19`;
    expect(await redis.exists('product:2990', page)).toBe(2);
    await ask('edit-product');
    expect(await redis.exists('product:2990', page)).toBe(0);
    await ask('product');
    expect(await redis.hget('product:2990', 'priceCents')).toBe(String(490 + 500 * 49));
    const before = await redis.xlen('orders:stream');
    await ask('order');
    expect(await redis.exists('product:2990')).toBe(0);
    expect(await redis.xlen('orders:stream')).toBeGreaterThan(before);
    for (const kind of ['profile', 'legacy-profile', 'search', 'cart', 'login', 'history', 'fulfil', 'bestsellers'] as const) await ask(kind);
    for (let at = 0; at < 40; at += 1) await api.handle({ ...base, kind: 'search', detail: at });
    expect(api.counts.limited).toBeGreaterThan(0);
    await pool.end();
  });

  it('keeps its rate without failures, waits while Redis is gone and goes on when it is back', async () => {
    await until(async () => (demo.counts()?.perSecond ?? 0) > 100, 'Traffic at its rate');
    expect(demo.counts()?.failures).toBe(0);
    const lost = demo.failed;
    await demo.redis.kill();
    await until(async () => (demo.counts()?.failures ?? 0) > 0, 'Failures');
    expect(await lost).toMatchObject({ code: 'DEMO_UNAVAILABLE', message: "The demo's Redis has ended" });
    const failures = demo.counts()?.failures ?? 0;
    await demo.redis.restart();
    const answered = demo.counts()?.requests ?? 0;
    await until(async () => (demo.counts()?.requests ?? 0) > answered + 20, 'Requests after the return');
    // Backing off: a second of outage at full rate would have been 200.
    expect((demo.counts()?.failures ?? 0) - failures).toBeLessThan(150);
  });
});

describe('the full demo', () => {
  it('holds 100,000 keys and over 1,000,000 order lines', async () => {
    const demo = await startDemo({ rate: 0 });
    try {
      await demo.ready;
      const redis = new Redis(demo.redis.url);
      expect(await redis.dbsize()).toBeGreaterThanOrEqual(100_000);
      expect(await redis.info('stats')).toContain('evicted_keys:0');
      redis.disconnect();
      const postgres = new Client(demo.postgresUrl);
      await postgres.connect();
      const { rows } = await postgres.query('select (select count(*)::int from order_lines) as lines, (select count(*)::int from products) as products');
      expect(rows).toEqual([{ lines: 1_050_000, products: 200_000 }]);
      await postgres.end();
    } finally {
      await demo.stop();
    }
  }, 120_000);

  it('can be stopped in the midst of seeding', async () => {
    const demo = await startDemo({ keys: 300_000, rate: 0 });
    await demo.stop();
    await expect(demo.ready).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([demo.redis.running, demo.postgres.running]).toEqual([false, false]);
  });
});
