import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyFactFields, type KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { factsHold, type KnownFacts } from '../../../../shared/redis/key-predicate.ts';
import { FactColumns } from './fact-columns.ts';
import { compileFactTest, fails, holds } from './fact-test.ts';
import { neverExpires, PageFacts } from './page-facts.ts';
import { inSlices, mergeSort } from './in-slices.ts';
import { radix } from './sorted-list.ts';

const now = 1_800_000_000_000;
const told = fc.option(fc.integer({ min: 0, max: 200 }));
const known: fc.Arbitrary<KnownFacts> = fc.record({
  type: fc.option(fc.constantFrom('string', 'hash', 'some-module')),
  ttlMs: fc.oneof(fc.constant(null), fc.constant('none' as const), fc.integer({ min: -50, max: 200 })),
  bytes: told,
  elements: told,
  idleSeconds: told,
  frequency: fc.constant(null),
  encoding: fc.option(fc.constantFrom('raw', 'listpack')),
});
const range = fc.record({ min: fc.integer({ min: 0, max: 200 }), max: fc.integer({ min: 0, max: 200 }) }, { requiredKeys: [] });
const filter: fc.Arbitrary<KeyFilter> = fc.record(
  {
    pattern: fc.constant(''),
    mode: fc.constant('glob' as const),
    types: fc.constantFrom(['string'], ['some-module', 'never-seen']),
    ttlMs: fc.oneof(fc.constant('none' as const), range),
    bytes: range,
    elements: range,
    idleSeconds: range,
    frequency: range,
    encodings: fc.constantFrom(['raw'], ['raw', 'listpack']),
  },
  { requiredKeys: ['pattern', 'mode'] },
);

function pageOf(all: readonly KnownFacts[]): PageFacts {
  const page = new PageFacts(all.length);
  for (const [at, facts] of all.entries()) {
    if (facts.type !== null) page.type[at] = page.code(facts.type);
    if (facts.encoding !== null) page.encoding[at] = page.code(facts.encoding);
    if (facts.ttlMs !== null) page.expires[at] = facts.ttlMs === 'none' ? neverExpires : now + facts.ttlMs;
    page.bytes[at] = facts.bytes ?? -1;
    page.elements[at] = facts.elements ?? -1;
    page.recency[at] = facts.idleSeconds ?? -1;
  }
  return page;
}

describe('columns', () => {
  test('give back what was put, and judge as the plain predicate does', () => {
    fc.assert(
      fc.property(fc.array(known, { minLength: 1, maxLength: 30 }), filter, (all, asked) => {
        const columns = new FactColumns(keyFactFields);
        columns.recencyKind = 'idle';
        const page = pageOf(all);
        const judge = compileFactTest(asked, columns);
        for (const [at, facts] of all.entries()) {
          const key = at * 20_000;
          columns.set(key, page, at);
          const stored = columns.factsOf(key, 7);
          const ttl = facts.ttlMs === null || facts.ttlMs === 'none' ? facts.ttlMs : now + facts.ttlMs;
          const expected = { type: facts.type, expiresAt: ttl, bytes: facts.bytes, elements: facts.elements, idleSeconds: facts.idleSeconds, frequency: null, encoding: facts.encoding };
          if (Object.values(expected).every((each) => each === null)) expect(stored).toBeNull();
          else expect(stored).toEqual({ ...expected, at: 7 });
          const plain = factsHold(asked, facts);
          const answer = judge?.judge(key, now) ?? holds;
          expect(answer === holds ? true : answer === fails ? false : null).toBe(plain);
          columns.clear(key);
          expect(columns.factsOf(key, 7)).toBeNull();
        }
      }),
    );
  });

  test('hold numbers that need more than four bytes, and let them go', () => {
    const columns = new FactColumns(['bytes']);
    const page = new PageFacts(3);
    page.bytes.set([2 ** 31 - 2, 2 ** 40 + 1, 5]);
    for (const at of [0, 1, 2]) columns.set(1, page, at);
    expect(columns.bytesOf(1)).toBe(5);
    columns.set(2, page, 1);
    columns.set(3, page, 0);
    expect([columns.bytesOf(2), columns.bytesOf(3), columns.bytesOf(4)]).toEqual([2 ** 40 + 1, 2 ** 31 - 2, -1]);
  });

  test('keep what is still asked for when other fields are, and take no memory for the others', () => {
    const first = new FactColumns(['bytes']);
    const page = new PageFacts(1);
    page.bytes[0] = 9;
    page.expires[0] = neverExpires;
    first.set(3, page, 0);
    const second = new FactColumns(['bytes', 'ttl'], first);
    expect(second.factsOf(3, 1)).toMatchObject({ bytes: 9, expiresAt: null });
    second.set(3, page, 0);
    expect(new FactColumns(['ttl'], second).factsOf(3, 1)).toMatchObject({ bytes: null, expiresAt: 'none' });
    expect(new FactColumns(['bytes']).bytes).toBe(0);
  });
});

test('a sort in slices is that of the language', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 300 }), async (values) => {
      const compare = (a: number, b: number) => (values[a] as number) - (values[b] as number);
      const sorted = await inSlices(mergeSort(Uint32Array.from(values.keys()), compare));
      expect([...sorted]).toEqual([...values.keys()].toSorted(compare));
    }),
  );
});

test('the order of a list is that of a stable sort', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double({ min: 0, noNaN: true }), fc.constant(Infinity)).map((each) => Math.abs(each));
  fc.assert(
    fc.property(fc.array(value), fc.boolean(), (values, descending) => {
      const work = radix(Float64Array.from(values), values.length, descending);
      let step = work.next();
      while (step.done !== true) step = work.next();
      const expected = [...values.keys()].toSorted((a, b) => {
        const [left, right] = [values[a] as number, values[b] as number];
        if (left === right) return a - b;
        return left < right === descending ? 1 : -1;
      });
      expect([...step.value]).toEqual(expected);
    }),
  );
});
