import type { ChainableCommander, Redis } from 'ioredis';
import type { Pool } from 'pg';
import { materials, pageSize, tiers } from './catalogue.ts';
import { gzipJson } from './encoded-values.ts';
import { productFields, productTtl, profileTtl, profileV2, rateWindowMs, sessionJson, sessionToken, sessionTtl, userTtl } from './key-families.ts';
import * as sql from './queries.ts';
import { searchTerm, type ShopRequest } from './requests.ts';
import { dayOf, leaderboard, orderEntry, ordersStream, streamGroups } from './shared-keys.ts';

const pageTtl = 600;
const rateLimit = 30;

/** Where the API's reads were answered. */
export interface ApiCounts {
  hits: number;
  misses: number;
  limited: number;
}

/** Runs a MULTI; the first command that failed rejects it, as for a command alone. */
async function execute(transaction: ChainableCommander): Promise<unknown[]> {
  const replies = (await transaction.exec()) ?? [];
  for (const [error] of replies) if (error) throw error;
  return replies.map(([, reply]) => reply);
}

/**
 * The shop's API: cache-aside reads (look in Redis, on a miss ask Postgres and keep the answer) and writes that
 * change Postgres first and then remove what became stale.
 */
export class ShopApi {
  readonly counts: ApiCounts = { hits: 0, misses: 0, limited: 0 };
  readonly #redis: Redis;
  readonly #pool: Pool;

  constructor(redis: Redis, pool: Pool) {
    this.#redis = redis;
    this.#pool = pool;
  }

  /** Answers one request; rejects when a server does not. */
  async handle(request: ShopRequest): Promise<void> {
    await this.#slideSession(request);
    switch (request.kind) {
      case 'product':
        return this.#product(request);
      case 'category':
        return this.#category(request.categoryId, request.page);
      case 'user':
        return this.#user(request.userId);
      case 'profile':
        return this.#profile(request.userId);
      case 'legacy-profile':
        // An old client still asks for version 1, which nothing writes any more.
        this.#count((await this.#redis.get(`user:${request.userId}:profile:v1`)) !== null);
        return;
      case 'search':
        return this.#search(request);
      case 'cart':
        return this.#cart(request);
      case 'login':
        return this.#login(request);
      case 'order':
        return this.#order(request);
      case 'history':
        return this.#history(request.userId);
      case 'edit-product':
        return this.#editProduct(request);
      case 'edit-user':
        return this.#editUser(request);
      case 'fulfil':
        return this.#fulfil(request.detail);
      case 'bestsellers':
        return this.#bestsellers();
    }
  }

  #count(hit: boolean): boolean {
    if (hit) this.counts.hits += 1;
    else this.counts.misses += 1;
    return hit;
  }

  /** A session that is used lives on: every request pushes its expiry. */
  async #slideSession({ userId, session }: ShopRequest): Promise<void> {
    await this.#redis.expire(`session:${sessionToken(userId * 4 + session)}`, sessionTtl);
  }

  async #user(id: number): Promise<void> {
    const key = `user:${id}`;
    if (this.#count((await this.#redis.get(key)) !== null)) return;
    const { rows } = await this.#pool.query<Record<string, unknown>>(sql.userById, [id]);
    if (rows[0]) await this.#redis.set(key, JSON.stringify(rows[0]), 'EX', userTtl);
  }

  async #product({ productId, userId }: ShopRequest): Promise<void> {
    const key = `product:${productId}`;
    const cached = await this.#redis.hgetall(key);
    if (!this.#count(Object.keys(cached).length > 0)) {
      const { rows } = await this.#pool.query<Parameters<typeof productFields>[0]>(sql.productById, [productId]);
      if (rows[0]) await execute(this.#redis.multi().hset(key, ...(productFields(rows[0]) as string[])).expire(key, productTtl));
    }
    const recent = `recent:user:${userId}`;
    await execute(this.#redis.multi().lpush(recent, productId).ltrim(recent, 0, 19));
  }

  async #category(categoryId: number, page: number): Promise<void> {
    const key = `products:category:${categoryId}:page:${page}`;
    if (this.#count((await this.#redis.get(key)) !== null)) return;
    const { rows } = await this.#pool.query<Record<string, unknown>>(sql.categoryPage, [categoryId, (page - 1) * pageSize]);
    // The tag set is what a write uses to find the pages that it makes stale.
    const tag = `tags:category:${categoryId}:pages`;
    await execute(this.#redis.multi().set(key, JSON.stringify(rows), 'EX', pageTtl).sadd(tag, key).expire(tag, pageTtl * 2));
  }

  async #profile(id: number): Promise<void> {
    const key = `user:${id}:profile:v2`;
    if (!this.#count((await this.#redis.get(key)) !== null)) await this.#redis.set(key, profileV2(id), 'EX', profileTtl);
  }

  /** Sliding window: one member per request, those older than the window removed first. */
  async #allowed(userId: number, route: string, member: string): Promise<boolean> {
    const key = `ratelimit:${userId}:${route}`;
    const now = Date.now();
    const window = this.#redis.multi().zremrangebyscore(key, 0, now - rateWindowMs).zadd(key, now, `${now}-${member}`).zcard(key).pexpire(key, rateWindowMs);
    const [, , requests] = await execute(window);
    const allowed = Number(requests) <= rateLimit;
    if (!allowed) this.counts.limited += 1;
    return allowed;
  }

  async #search(request: ShopRequest): Promise<void> {
    if (!(await this.#allowed(request.userId, 'search', String(request.detail)))) return;
    const key = `search:gzip:${searchTerm(request)}`;
    if (this.#count((await this.#redis.getBuffer(key)) !== null)) return;
    const term = materials[request.detail % materials.length] ?? '';
    const { rows } = await this.#pool.query(sql.searchProducts, [request.categoryId, term]);
    await this.#redis.set(key, gzipJson({ term, total: rows.length, items: rows }), 'EX', 3_600);
  }

  async #cart({ userId, productId, detail }: ShopRequest): Promise<void> {
    const key = `cart:${userId}`;
    await execute(this.#redis.multi().hincrby(key, `product:${productId}`, 1 + (detail % 2)).expire(key, 604_800));
  }

  async #login({ userId, session, detail }: ShopRequest): Promise<void> {
    const number = userId * 4 + session;
    const day = dayOf(Date.now());
    await execute(
      this.#redis
        .multi()
        .set(`session:${sessionToken(number)}`, sessionJson(userId, number), 'EX', sessionTtl)
        .pfadd(`visitors:${day}`, `user:${userId}`)
        .setbit(`active:${day}`, userId, 1),
    );
    // Left behind by someone's debugging, without an expiry.
    if (detail < 20) await this.#redis.set(`debug:last-login:${userId}`, `{"session":${number}}`);
  }

  async #order({ userId, productId, detail }: ShopRequest): Promise<void> {
    if (!(await this.#allowed(userId, 'orders', String(detail)))) return;
    const quantity = 1 + (detail % 4);
    const { rows } = await this.#pool.query<{ id: number }>(sql.insertOrder, [userId, productId, quantity, 490 + detail * 20]);
    const orderId = rows[0]?.id ?? 0;
    await execute(
      this.#redis
        .multi()
        .xadd(ordersStream, 'MAXLEN', '~', 20_000, '*', ...(orderEntry(orderId, userId, quantity * (490 + detail * 20)) as string[]))
        .zincrby(leaderboard, quantity, `product:${productId}`)
        .incr(`counter:orders:${dayOf(Date.now())}`)
        .rpush('jobs:email', JSON.stringify({ job: 'order-confirmation', orderId, attempts: 0 }))
        .ltrim('jobs:email', -500, -1)
        // What the order made stale.
        .del(`product:${productId}`, `user:${userId}:orders`, `cart:${userId}`),
    );
  }

  async #history(userId: number): Promise<void> {
    const key = `user:${userId}:orders`;
    if (this.#count((await this.#redis.get(key)) !== null)) return;
    const { rows } = await this.#pool.query(sql.orderHistory, [userId]);
    await this.#redis.set(key, JSON.stringify(rows), 'EX', 900);
  }

  async #editProduct({ productId, detail }: ShopRequest): Promise<void> {
    const { rows } = await this.#pool.query<{ categoryId: number }>(sql.reprice, [productId, 490 + detail * 49]);
    const tag = `tags:category:${rows[0]?.categoryId ?? 0}:pages`;
    const pages = await this.#redis.smembers(tag);
    await this.#redis.unlink(`product:${productId}`, `price:eur:${productId}`, tag, ...pages);
  }

  async #editUser({ userId, detail }: ShopRequest): Promise<void> {
    await this.#pool.query(sql.changeTier, [userId, tiers[detail % tiers.length]]);
    await this.#redis.unlink(`user:${userId}`, `user:${userId}:profile:v2`);
  }

  /** The warehouse takes orders from the stream and acknowledges most; analytics looks in rarely. */
  async #fulfil(detail: number): Promise<void> {
    const group = detail < 30 ? streamGroups.lagging : streamGroups.prompt;
    const consumer = group === streamGroups.lagging ? 'nightly' : `packer-${1 + (detail % 2)}`;
    const count = group === streamGroups.lagging ? 20 : 12;
    const reply = (await this.#redis.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'STREAMS', ordersStream, '>')) as
      | [string, [string, string[]][]][]
      | null;
    const ids = reply?.[0]?.[1].map(([id]) => id) ?? [];
    // One in a dozen is set aside for a look by hand.
    const done = ids.filter((_, at) => (at + detail) % 12 !== 0);
    if (done.length > 0) await this.#redis.xack(ordersStream, group, ...done);
  }

  async #bestsellers(): Promise<void> {
    const key = 'report:bestsellers';
    if (this.#count((await this.#redis.get(key)) !== null)) return;
    const { rows } = await this.#pool.query(sql.bestsellers);
    await this.#redis.set(key, JSON.stringify(rows), 'EX', 120);
  }
}
