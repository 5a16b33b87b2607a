import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toWire } from '../../../shared/bytes.ts';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import { makeSession, type OpenedSession } from '../connections/redis/testing/open-session.ts';
import { IndexWatch, openKeys } from './testing/key-fixture.ts';
import { sendAll } from './testing/raw-redis.ts';

let redis: RunningRedis;
let opened: OpenedSession;
let fixture: Awaited<ReturnType<typeof openKeys>>;
let admin: Redis;

beforeAll(async () => {
  redis = await startRedis({ build: 'redis-7.0' });
  admin = new Redis(redis.port, redis.host);
  opened = await makeSession({ port: redis.port }, { readOnly: true });
  await opened.session.open();
  fixture = await openKeys(() => opened.session);
});
afterAll(async () => {
  await fixture.close();
  await opened.close();
  admin.disconnect();
  await redis.stop();
});

function* shop(users: number, carts: number): Generator<readonly string[]> {
  for (let i = 0; i < users; i += 1) yield ['SET', `user:${i}:profile`, 'x'.repeat(50)];
  for (let i = 0; i < carts; i += 1) yield ['SET', `cart:${i}`, 'y', 'PX', String(5_000_000)];
}

it('sketches are kept, compared and removed', async () => {
  await sendAll(redis.port, shop(500, 300));
  const scan = new IndexWatch(fixture.keys);
  const { indexId } = await scan.done();
  await fixture.keys.enrich({ indexId, fields: ['ttl', 'bytes'] });
  await scan.until(({ state, facts }) => state === 'done' && typeof facts?.completedAt === 'number', 'facts');
  const before = await fixture.keys.saveSketch({ indexId, templates: true });
  expect(before).toMatchObject({ workspaceId: 'test', workspaceName: 'Test / one', db: 0, templates: true, keys: 800, namespaces: 2, exactness: 'exact' });
  const memory = await fixture.keys.namespaces({ indexId, from: 0, count: 10 });
  expect(before.bytes).toBe(memory.whole.bytes?.seen);

  await sendAll(redis.port, [...shop(900, 0), ['SET', 'brand:new', 'v']]);
  await admin.call('EVAL', "for i=0,299 do redis.call('UNLINK', 'cart:'..i) end return 1", '0');
  await fixture.keys.enrich({ indexId, fields: ['ttl', 'bytes'], refresh: true });
  await scan.until(({ state, facts, keys }) => state === 'done' && typeof facts?.completedAt === 'number' && keys === 901, 'facts anew');
  const after = await fixture.keys.saveSketch({ indexId, templates: true });
  const compared = await fixture.keys.compareSketches({ a: before.sketchId, b: after.sketchId, from: 0, count: 10 });
  expect(compared).toMatchObject({ a: before, b: after, total: 3, counts: { grew: 1, shrank: 0, new: 1, vanished: 1, same: 0 }, whole: { kind: 'grew', keys: 101 } });
  expect(compared.rows.map(({ name, kind, keys }) => [name, kind, keys])).toEqual([
    ['user:{id}:profile', 'grew', 400],
    ['cart:{id}', 'vanished', -300],
    ['brand:new', 'new', 1],
  ]);
  expect(compared.rows[1]?.a?.ttlQuantiles?.q50).toBeGreaterThan(1_000_000);
  expect(compared.rows[0]?.a).toMatchObject({ withoutTtl: 500, ttlQuantiles: null });

  const byPrefix = await fixture.keys.saveSketch({ indexId });
  expect(byPrefix.namespaces).toBe(901);
  await expect(fixture.keys.compareSketches({ a: before.sketchId, b: byPrefix.sketchId, from: 0, count: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await fixture.keys.sketches()).map(({ sketchId }) => sketchId)).toEqual([byPrefix.sketchId, after.sketchId, before.sketchId]);
  const folder = join(fixture.folder, 'sketches');
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);

  await fixture.keys.removeSketch(after.sketchId);
  expect(await fixture.keys.sketches()).toHaveLength(2);
  await expect(fixture.keys.compareSketches({ a: before.sketchId, b: after.sketchId, from: 0, count: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(fixture.keys.compareSketches({ a: '../../etc/passwd', b: '__proto__', from: 0, count: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });

  // a file that is none is told once, kept, and then does not disturb
  await writeFile(join(folder, `${after.sketchId}.sketch`), '{"format":1}\n');
  await expect(fixture.keys.sketches()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  expect(await fixture.keys.sketches()).toHaveLength(2);
  expect(await readdir(folder)).toContain(`${after.sketchId}.sketch.unreadable`);
  await scan.leave();
});

it('a sketch may be of a folder or a filter, and only two of one part are compared', async () => {
  const hostile = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.alloc(60_000, 'x'), Buffer.from(':')]);
  await admin.flushdb();
  await sendAll(redis.port, [...shop(40, 20), ['SET', 'deep:a:b:c:d:one', '1'], ['SET', 'deep:a:b:c:e:two', '1'], ['SET', 'deep:a:b:c:three', '1'], ['SET', 'deep:x', '1']]);
  await admin.set(Buffer.concat([hostile, Buffer.from('k')]), '1');
  const scan = new IndexWatch(fixture.keys, { restart: true });
  const { indexId } = await scan.until(({ state, keys }) => state === 'done' && keys === 65, 'the pass over the new keys');
  const viewOf = async (filter: Parameters<typeof fixture.keys.openView>[0]['filter']) => (await fixture.keys.openView({ index: indexId, mode: 'list', filter, expanded: [] })).viewId;

  const users = await fixture.keys.saveSketch({ indexId, viewId: await viewOf({ pattern: 'user:', mode: 'prefix' }) });
  expect(users).toMatchObject({ keys: 40, namespaces: 40, part: { pattern: 'user:', mode: 'prefix' }, exactness: 'exact' });
  // below a folder the levels begin there
  const deep = await fixture.keys.saveSketch({ indexId, viewId: await viewOf({ pattern: 'deep:a:b:', mode: 'prefix' }) });
  const { rows } = await fixture.keys.compareSketches({ a: deep.sketchId, b: deep.sketchId, from: 0, count: 10 });
  expect(new Map(rows.map(({ name, a }) => [name, a?.keys]))).toEqual(new Map([['deep:a:b:c:', 1], ['deep:a:b:c:d:', 1], ['deep:a:b:c:e:', 1]]));
  const carts = await fixture.keys.saveSketch({ indexId, viewId: await viewOf({ pattern: 'cart:', mode: 'literal' }), templates: true });
  expect(carts).toMatchObject({ keys: 20, namespaces: 1 });
  // a view that narrows nothing is the whole database
  expect((await fixture.keys.saveSketch({ indexId, viewId: await viewOf({ pattern: '', mode: 'glob' }) })).part).toBeNull();
  // the longest prefix stands in the head of the file
  const long = await fixture.keys.saveSketch({ indexId, viewId: await viewOf({ pattern: toWire(hostile), mode: 'prefix' }) });
  expect(long.keys).toBe(1);
  expect((await fixture.keys.sketches()).find(({ sketchId }) => sketchId === long.sketchId)?.part).toEqual({ pattern: toWire(hostile), mode: 'prefix' });

  const whole = await fixture.keys.saveSketch({ indexId });
  await expect(fixture.keys.compareSketches({ a: users.sketchId, b: whole.sketchId, from: 0, count: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
  await admin.set('user:new:profile', '1');
  await scan.leave();
  const again = new IndexWatch(fixture.keys, { restart: true });
  await again.until(({ state, keys }) => state === 'done' && keys === 66, 'the next pass');
  const later = await fixture.keys.saveSketch({ indexId, viewId: await viewOf({ mode: 'prefix', pattern: 'user:' }) });
  expect(await fixture.keys.compareSketches({ a: users.sketchId, b: later.sketchId, from: 0, count: 1 })).toMatchObject({ whole: { keys: 1 }, counts: { new: 1, same: 40 } });
  await expect(fixture.keys.saveSketch({ indexId, viewId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await again.leave();
});
