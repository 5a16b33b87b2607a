import { countries, mixUserAgent, productOf, productTags, userOf, type ShopScale } from './catalogue.ts';
import { mix, pick, randomFrom } from './random.ts';
import { brotliPage, gzipJson, messagePack, seededFeed, seededSearch, zlibJson, zstdMessagePack } from './encoded-values.ts';
import type { Argument } from './resp-writer.ts';

export const userTtl = 300;
export const productTtl = 21_600;
export const sessionTtl = 7_200;
export const profileTtl = 86_400;
export const rateWindowMs = 60_000;

const hex = (id: number, attribute: 0 | 1 | 2 | 3 | 4) => mix(id, attribute, 2 ** 25).toString(16).padStart(7, '0');

/** The session token that stands for a number: 28 hex digits, spread over the alphabet. */
export function sessionToken(at: number): string {
  return `${hex(at, 0)}${hex(at, 2)}${hex(at, 4)}${hex(at, 1)}`;
}

export const userJson = (id: number) => JSON.stringify(userOf(id));

/** The fields of a cached product, in the order the API writes them. */
export function productFields(product: ReturnType<typeof productOf>): Argument[] {
  const { id, name, categoryId, priceCents, stock, rating } = product;
  return ['id', id, 'name', name, 'categoryId', categoryId, 'priceCents', priceCents, 'stock', stock, 'rating', rating];
}

export function sessionJson(userId: number, at: number): string {
  return JSON.stringify({ userId, csrf: hex(at, 3), agent: mixUserAgent(at), country: countries[mix(at, 1, countries.length)], cart: mix(at, 2, 6) });
}

/** Version 1 has the name in one field and no country; version 2 replaced it a year ago. */
export function profileV1(id: number): string {
  const { name, email } = userOf(id);
  return JSON.stringify({ v: 1, name, email, newsletter: id % 3 === 0 });
}

export function profileV2(id: number): string {
  const { name, email, country, tier } = userOf(id);
  const [first = '', last = ''] = name.split(' ');
  return JSON.stringify({ v: 2, first, last, email, country, tier, consent: { newsletter: id % 3 === 0, analytics: id % 2 === 0 }, theme: id % 5 === 0 ? 'dark' : 'light' });
}

/** One kind of key: its share of the keyspace, how many there can be, and the command that makes number `at`. */
interface Family {
  name: string;
  /** Parts of 100 among the lasting keys. */
  share: number;
  limit(scale: ShopScale): number;
  command(at: number, scale: ShopScale, random: () => number): Argument[][];
}

const anyNumber = () => Number.MAX_SAFE_INTEGER;
/** The popular ids have the low numbers (`shopRequests` prefers them), so those are what a cache holds. */
const popular = (at: number, count: number) => 1 + (at % count);

/** Families that last at least ten minutes; together they are the promised number of keys. */
const lasting: readonly Family[] = [
  {
    name: 'product:{id}',
    share: 20,
    limit: (scale) => scale.products,
    command: (at, scale, random) => {
      const id = popular(at, scale.products);
      const key = `product:${id}`;
      return [['HSET', key, ...productFields(productOf(id))], ['EXPIRE', key, 3_600 + pick(random, productTtl)]];
    },
  },
  {
    name: 'session:{token}',
    share: 25,
    limit: anyNumber,
    command: (at, scale, random) => [
      ['SET', `session:${sessionToken(at)}`, sessionJson(1 + pick(random, scale.users, 2), at), 'EX', 600 + pick(random, sessionTtl - 600)],
    ],
  },
  {
    name: 'user:{id}:profile:v2',
    share: 15,
    limit: (scale) => scale.users,
    command: (at, scale, random) => {
      const id = popular(at, scale.users);
      return [['SET', `user:${id}:profile:v2`, profileV2(id), 'EX', 3_600 + pick(random, profileTtl - 3_600)]];
    },
  },
  {
    // Nobody removed the old version, and nobody gave it an expiry.
    name: 'user:{id}:profile:v1',
    share: 10,
    limit: (scale) => scale.users,
    command: (at, scale) => {
      const id = popular(at, scale.users);
      return [['SET', `user:${id}:profile:v1`, profileV1(id)]];
    },
  },
  {
    name: 'cart:{id}',
    share: 4,
    limit: (scale) => scale.users,
    command: (at, scale, random) => {
      const key = `cart:${popular(at, scale.users)}`;
      const lines = Array.from({ length: 1 + pick(random, 4) }, () => [`product:${1 + pick(random, scale.products)}`, 1 + pick(random, 3)]).flat();
      return [['HSET', key, ...lines], ['EXPIRE', key, 604_800]];
    },
  },
  {
    // Forgotten: recently viewed products never expire.
    name: 'recent:user:{id}',
    share: 5,
    limit: (scale) => scale.users,
    command: (at, scale, random) => [
      ['RPUSH', `recent:user:${popular(at, scale.users)}`, ...Array.from({ length: 3 + pick(random, 8) }, () => 1 + pick(random, scale.products, 2))],
    ],
  },
  {
    name: 'tags:product:{id}',
    share: 4,
    limit: (scale) => scale.products,
    command: (at, scale, random) => [
      ['SADD', `tags:product:${popular(at, scale.products)}`, ...Array.from({ length: 1 + pick(random, 4) }, () => productTags[pick(random, productTags.length)] ?? '')],
    ],
  },
  {
    name: 'stock:{warehouse}:{id}',
    share: 5,
    limit: (scale) => scale.products * 3,
    command: (at, scale, random) => [['SET', `stock:${['north', 'south', 'west'][at % 3]}:${1 + Math.floor(at / 3) % scale.products}`, pick(random, 400)]],
  },
  {
    // The nightly import writes all prices at once: they expire together, 45 minutes from now.
    name: 'price:eur:{id}',
    share: 4,
    limit: (scale) => scale.products,
    command: (at, scale, random) => {
      const id = popular(at, scale.products);
      return [['SET', `price:eur:${id}`, (productOf(id).priceCents / 100).toFixed(2), 'EX', 2_700 + pick(random, 60)]];
    },
  },
  {
    name: 'idempotency:{uuid}',
    share: 8,
    limit: anyNumber,
    command: (at, _scale, random) => {
      const digits = `${sessionToken(at + 1_000_003)}beef`;
      const uuid = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
      return [['SET', `idempotency:${uuid}`, `{"status":201,"orderId":${at + 1}}`, 'EX', 7_200 + pick(random, 79_200)]];
    },
  },
];

/** Makes the `at`-th of the lasting keys: families take turns by their shares; a full one passes its turn on. */
function* lastingCommands(count: number, scale: ShopScale, random: () => number): Generator<Argument[]> {
  const turns: Family[] = [];
  const left = new Map(lasting.map((family) => [family, family.share]));
  // Shares interleaved, so that the tree shows every namespace from the first moments on.
  for (let turn = 0; turns.length < 100; turn += 1) {
    const family = lasting[turn % lasting.length];
    const more = family ? (left.get(family) ?? 0) : 0;
    if (!family || more === 0) continue;
    left.set(family, more - 1);
    turns.push(family);
  }
  const made = new Map(lasting.map((family) => [family, 0]));
  const filler = lasting.find((family) => family.name === 'idempotency:{uuid}');
  for (let at = 0; at < count; at += 1) {
    let family = turns[at % 100];
    if (family && (made.get(family) ?? 0) >= family.limit(scale)) family = filler;
    if (!family) continue;
    const number = made.get(family) ?? 0;
    made.set(family, number + 1);
    yield* family.command(number, scale, random);
  }
}

/** What expires within minutes and is kept alive by the traffic; a tenth of the lasting keys, at most 50,000. */
function* passingCommands(count: number, scale: ShopScale, random: () => number): Generator<Argument[]> {
  const users = Math.min(scale.users, Math.floor(Math.min(count, 500_000) / 10));
  for (let at = 0; at < users; at += 1) {
    const id = popular(at, scale.users);
    yield ['SET', `user:${id}`, userJson(id), 'EX', 30 + pick(random, userTtl - 30)];
  }
  const now = Date.now();
  for (let at = 0; at < Math.min(500, users); at += 1) {
    const key = `ratelimit:${1 + pick(random, scale.users, 2)}:${at % 3 === 0 ? 'search' : 'orders'}`;
    const hits = Array.from({ length: 1 + pick(random, 9) }, (_, hit) => {
      const stamp = now - pick(random, rateWindowMs);
      return [stamp, `${stamp}-${hit}`];
    }).flat();
    yield ['ZADD', key, ...hits];
    yield ['PEXPIRE', key, rateWindowMs];
  }
}

/** A few hundred values in the encodings of other services. */
function* encodedCommands(count: number, scale: ShopScale): Generator<Argument[]> {
  const each = Math.max(20, Math.min(500, Math.floor(count / 400)));
  for (let at = 0; at < each; at += 1) {
    const term = `${productTags[at % productTags.length]} ${at}`;
    yield ['SET', `search:gzip:${term.replaceAll(' ', '-')}`, gzipJson(seededSearch(term, at, scale.products)), 'EX', 7_200];
    yield ['SET', `search:zlib:${term.replaceAll(' ', '-')}`, zlibJson(seededSearch(term, at, scale.products)), 'EX', 7_200];
    yield ['SET', `page:product:${popular(at, scale.products)}:br`, brotliPage(productOf(popular(at, scale.products))), 'EX', 43_200];
    yield ['SET', `recommend:${popular(at, scale.users)}`, zstdMessagePack(seededFeed(popular(at, scale.users))), 'EX', 21_600];
    yield ['SET', `feed:${popular(at, scale.users)}`, messagePack(seededFeed(popular(at, scale.users))), 'EX', 14_400];
  }
}

/** All commands that fill the cache, in the order they are sent; the small families come first. */
export function* keyCommands(options: { keys: number; scale: ShopScale; seed: number; shared: Iterable<Argument[]> }): Generator<Argument[]> {
  const random = randomFrom(options.seed);
  yield* options.shared;
  yield* encodedCommands(options.keys, options.scale);
  yield* passingCommands(options.keys, options.scale, random);
  yield* lastingCommands(options.keys, options.scale, random);
}
