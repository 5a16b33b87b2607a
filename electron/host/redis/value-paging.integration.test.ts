import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toWire, wireKey } from '../../../shared/bytes.ts';
import { startValueFixture, type ValueFixture } from './testing/value-fixture.ts';
import type { Command } from './session.ts';

let redis: ValueFixture;
beforeAll(async () => {
  redis = await startValueFixture({});
});
afterAll(() => redis.stop());

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }).map((each) => Buffer.from(each)),
  fc.constantFrom('', '__proto__', 'constructor', '*', '[a]', '\\', 'field:1').map((each) => Buffer.from(each)),
  fc.nat(5000).map((each) => Buffer.from(`${each}`)),
);
const distinct = fc.uniqueArray(bytes, { minLength: 1, maxLength: 700, selector: (each) => each.toString('hex') });
const count = fc.integer({ min: 1, max: 500 });
const keys = (elements: readonly Buffer[]) => elements.map((each) => wireKey(toWire(each)));
const runs = { numRuns: 25 };

async function fill(name: string, head: string, parts: readonly (Buffer | string | number)[][]): Promise<void> {
  await redis.run('DEL', name);
  for (let from = 0; from < parts.length; from += 100) {
    await redis.run(...([head, name, ...parts.slice(from, from + 100).flat()] as unknown as Command));
  }
}

test('hash and set pages visit each element at least once, and nothing else', () =>
  fc.assert(
    fc.asyncProperty(distinct, count, async (elements, size) => {
      await fill('h', 'HSET', elements.map((each) => [each, each]));
      await fill('s', 'SADD', elements.map((each) => [each]));
      const expected = new Set(keys(elements));
      const fields = await redis.pages('h', 'hash', { count: size });
      for (const { field, value } of fields) expect(wireKey(value.data)).toBe(wireKey(field.data));
      expect(new Set(fields.map(({ field }) => wireKey(field.data)))).toEqual(expected);
      const members = await redis.pages('s', 'set', { count: size });
      expect(new Set(members.map(({ data }) => wireKey(data)))).toEqual(expected);
    }),
    runs,
  ));

test('list pages visit each element exactly once, in order', () =>
  fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 700 }), count, async (elements, size) => {
      await fill('l', 'RPUSH', elements.map((each) => [each]));
      const items = await redis.pages('l', 'list', { count: size });
      expect(items.map(({ value }) => wireKey(value.data))).toEqual(keys(elements));
    }),
    runs,
  ));

test('sorted-set pages visit each member exactly once, by rank, both ways', () =>
  fc.assert(
    fc.asyncProperty(distinct, count, fc.boolean(), fc.integer({ min: 1, max: 50 }), async (elements, size, reverse, spread) => {
      await fill('z', 'ZADD', elements.map((each, index) => [index % spread, each]));
      const items = await redis.pages('z', 'zset', { count: size, reverse });
      expect(items.map(({ rank }) => rank)).toEqual(elements.map((_, index) => index));
      expect(items.map(({ member }) => wireKey(member.data)).toSorted()).toEqual(keys(elements).toSorted());
      const scores = items.map(({ score }) => Number(score));
      expect(scores).toEqual(scores.toSorted((a, b) => (reverse ? b - a : a - b)));
    }),
    runs,
  ));

test('stream pages visit each entry exactly once, both ways', () =>
  fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 120 }), count, fc.boolean(), async (elements, size, reverse) => {
      await redis.run('DEL', 'x');
      await redis.session.batch(0, elements.map((each, index): Command => ['XADD', 'x', `${Math.floor(index / 3) + 1}-${index % 3}`, each, each]));
      const items = await redis.pages('x', 'stream', { count: size, reverse });
      const values = items.map(({ fields }) => wireKey(fields[0]?.value.data ?? ''));
      expect(values).toEqual(reverse ? keys(elements).toReversed() : keys(elements));
    }),
    runs,
  ));
