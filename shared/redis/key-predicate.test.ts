import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyFilter } from '../contract/key-filter.ts';
import { factsHold, fieldsOf, type KnownFacts } from './key-predicate.ts';

const any: KeyFilter = { pattern: '', mode: 'glob' };
const facts: KnownFacts = { type: 'hash', ttlMs: 5000, bytes: 100, elements: 3, idleSeconds: 10, frequency: null, encoding: 'listpack' };

test.each<[string, Partial<KeyFilter>, Partial<KnownFacts>, boolean | null]>([
  ['nothing asked', {}, {}, true],
  ['type in the list', { types: ['set', 'hash'] }, {}, true],
  ['type not in the list', { types: ['set'] }, {}, false],
  ['ttl at the lower end', { ttlMs: { min: 5000 } }, {}, true],
  ['ttl at the upper end', { ttlMs: { max: 5000 } }, {}, true],
  ['ttl above', { ttlMs: { max: 4999 } }, {}, false],
  ['no expiry is in no range', { ttlMs: {} }, { ttlMs: 'none' }, false],
  ['no expiry asked and found', { ttlMs: 'none' }, { ttlMs: 'none' }, true],
  ['no expiry asked, expiry found', { ttlMs: 'none' }, {}, false],
  ['ttl not known', { ttlMs: 'none' }, { ttlMs: null }, null],
  ['frequency not known', { frequency: { min: 1 } }, {}, null],
  ['not known, but another part fails', { frequency: { min: 1 }, types: ['set'] }, {}, false],
  ['bytes, elements, idle, encoding together', { bytes: { min: 100, max: 100 }, elements: { min: 3 }, idleSeconds: { min: 10 }, encodings: ['listpack'] }, {}, true],
])('%s', (_, asked, known, expected) => {
  expect(factsHold({ ...any, ...asked }, { ...facts, ...known })).toBe(expected);
});

test('names the facts that a filter needs', () => {
  expect(fieldsOf(any)).toEqual([]);
  expect(fieldsOf({ ...any, ttlMs: 'none', frequency: { min: 1 }, idleSeconds: {}, types: ['set'] })).toEqual(['type', 'ttl', 'recency']);
});

test('more knowledge never turns a decided answer', () => {
  const value = fc.option(fc.integer({ min: 0, max: 9 }), { nil: null });
  const range = fc.option(fc.record({ min: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }), max: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }) }), { nil: undefined });
  fc.assert(
    fc.property(value, value, range, range, (bytes, elements, askedBytes, askedElements) => {
      const filter: KeyFilter = { ...any, ...(askedBytes && { bytes: askedBytes }), ...(askedElements && { elements: askedElements }) };
      const known = factsHold(filter, { ...facts, bytes, elements });
      if (known === null) return;
      for (let other = 0; other < 10; other += 1) {
        expect(factsHold(filter, { ...facts, bytes: bytes ?? other, elements: elements ?? other })).toBe(known);
      }
    }),
  );
});
