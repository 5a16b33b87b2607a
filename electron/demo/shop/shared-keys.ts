import { cities, productOf, type ShopScale } from './catalogue.ts';
import { hostileCommands } from './hostile-keys.ts';
import { pick, randomFrom } from './random.ts';
import type { Argument } from './resp-writer.ts';

export const ordersStream = 'orders:stream';
export const leaderboard = 'leaderboard:sales';
/** `fulfilment` keeps up, with a few entries unacknowledged; `analytics` reads now and then and lags. */
export const streamGroups = { prompt: 'fulfilment', lagging: 'analytics' } as const;

/** Calendar day in UTC, `2026-01-31`. */
export const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** An entry of the order stream. */
export function orderEntry(orderId: number, userId: number, totalCents: number): Argument[] {
  return ['orderId', orderId, 'userId', userId, 'totalCents', totalCents, 'currency', 'EUR'];
}

function* streamCommands(scale: ShopScale, random: () => number): Generator<Argument[]> {
  const entries = 2_000;
  for (const group of Object.values(streamGroups)) yield ['XGROUP', 'CREATE', ordersStream, group, '0', 'MKSTREAM'];
  for (let at = 0; at < entries; at += 1) {
    yield ['XADD', ordersStream, '*', ...orderEntry(scale.orders - entries + at + 1, 1 + pick(random, scale.users, 2), 1_500 + pick(random, 30_000))];
  }
  yield ['XREADGROUP', 'GROUP', streamGroups.prompt, 'packer-1', 'COUNT', 40, 'STREAMS', ordersStream, '>'];
  yield ['XREADGROUP', 'GROUP', streamGroups.prompt, 'packer-2', 'COUNT', 25, 'STREAMS', ordersStream, '>'];
  yield ['XGROUP', 'CREATECONSUMER', ordersStream, streamGroups.prompt, 'packer-idle'];
  yield ['XREADGROUP', 'GROUP', streamGroups.lagging, 'nightly', 'COUNT', 300, 'STREAMS', ordersStream, '>'];
}

/** Keys of which there is one or a handful: every type, large values, locks, and the hostile names. */
export function* sharedCommands(scale: ShopScale, seed: number, now: number = Date.now()): Generator<Argument[]> {
  const random = randomFrom(seed + 7);
  yield* streamCommands(scale, random);
  for (let at = 0; at < 4_000; at += 1) yield ['ZINCRBY', leaderboard, 1 + pick(random, 200), `product:${1 + pick(random, scale.products, 2)}`];
  for (let back = 0; back < 7; back += 1) {
    const day = dayOf(now - back * 86_400_000);
    yield ['PFADD', `visitors:${day}`, ...Array.from({ length: 800 }, () => `user:${1 + pick(random, scale.users, 2)}`)];
    // A bit per user: a fresh day is short, and Redis holds it in one string.
    for (let bit = 0; bit < 400; bit += 1) yield ['SETBIT', `active:${day}`, 1 + pick(random, scale.users, 2), 1];
    yield ['SET', `counter:orders:${day}`, 900 + pick(random, 400)];
    yield ['EXPIRE', `active:${day}`, (8 - back) * 86_400];
  }
  yield ['GEOADD', 'stores:locations', ...cities.flatMap(([city, longitude, latitude]) => [longitude, latitude, `store:${city}`])];
  for (const queue of ['email', 'thumbnails', 'invoices']) {
    const jobs = Array.from({ length: 120 }, (_, at) => JSON.stringify({ job: `${queue}-${at}`, orderId: 1 + pick(random, scale.orders), attempts: pick(random, 3) }));
    yield ['RPUSH', `jobs:${queue}`, ...jobs];
  }
  for (let batch = 0; batch < 50; batch += 1) {
    yield ['RPUSH', 'jobs:dead-letter', ...Array.from({ length: 200 }, (_, at) => `{"job":"email-${batch * 200 + at}","error":"550 mailbox unavailable"}`)];
  }
  for (let batch = 0; batch < 40; batch += 1) {
    const flags = Array.from({ length: 100 }, (_, at) => [`flag-${batch * 100 + at}`, at % 3 === 0 ? 'on' : 'off']).flat();
    yield ['HSET', 'config:feature-flags', ...flags];
  }
  for (const tag of ['sale', 'new', 'handmade', 'outlet', 'eco', 'gift']) {
    yield ['SADD', `tags:${tag}`, ...Array.from({ length: 250 }, () => 1 + pick(random, scale.products))];
  }
  const rows = Array.from({ length: 12_000 }, (_, at) => {
    const product = productOf(1 + (at % scale.products));
    return `${product.id};${product.name};${product.priceCents}`;
  });
  yield ['SET', 'export:products.csv', rows.join('\n')];
  yield ['SET', 'lock:nightly-import', 'worker-3', 'PX', 3_600_000];
  // Someone looked into a problem in March and forgot to clean up.
  for (let at = 0; at < 40; at += 1) yield ['SET', `debug:last-response:${1 + pick(random, scale.users)}`, '{"status":500,"error":"upstream timed out"}'];
  yield* hostileCommands();
}
