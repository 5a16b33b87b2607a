import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wireKey } from '../bytes.ts';
import { compareSketches, samePart, sumEntries, type Sketch, type SketchEntry } from './compare-sketches.ts';

const edges = [0, 1000, 10_000];
const entry = (name: string, keys: number, bytes: number | null = keys * 10): SketchEntry => ({
  name,
  keys,
  bytes: bytes === null ? null : { known: keys, sum: bytes },
  ttl: { without: 0, buckets: [0, keys, 0] },
});
const sketch = (namespaces: SketchEntry[], rest = entry('', 0)): Sketch => ({ edges, namespaces, rest });

describe('a comparison', () => {
  test('names what grew, shrank, came and went, the biggest change first', () => {
    const { whole, rows } = compareSketches(
      sketch([entry('a:', 10), entry('b:', 10), entry('c:', 5), entry('d:', 1), entry('e:', 1, 10)]),
      sketch([entry('a:', 30), entry('b:', 1), entry('n:', 3), entry('d:', 1), entry('e:', 1, 50)]),
      'keys',
    );
    expect(rows.map(({ name, kind, keys }) => [name, kind, keys])).toEqual([
      ['a:', 'grew', 20],
      ['b:', 'shrank', -9],
      ['c:', 'vanished', -5],
      ['n:', 'new', 3],
      ['d:', 'same', 0],
      ['e:', 'grew', 0],
    ]);
    expect(rows[5]).toMatchObject({ bytes: 40 });
    expect(whole).toMatchObject({ kind: 'grew', keys: 9 });
    expect(rows[0]?.a?.ttlQuantiles).toEqual({ q25: 3250, q50: 5500, q90: 9100 });
  });

  test('says of nothing that it is new or gone when it may have been left out', () => {
    const { rows } = compareSketches(sketch([entry('a:', 10), entry('b:', 7)]), sketch([entry('a:', 10)], entry('', 8)), 'keys');
    expect(rows.map(({ name, rest, kind, keys }) => [name, rest, kind, keys])).toEqual([
      ['', true, 'grew', 1],
      ['a:', false, 'same', 0],
    ]);
  });

  test('knows no bytes where one side did not read them', () => {
    const { rows, whole } = compareSketches(sketch([entry('a:', 1, null)]), sketch([entry('a:', 2)]), 'bytes');
    expect(rows[0]).toMatchObject({ bytes: null, keys: 1, kind: 'grew' });
    expect(whole.bytes).toBeNull();
  });

  const entries = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor'), keys: fc.nat(20) }).map(({ name, keys }) => entry(name, keys + 1)),
    { selector: ({ name }) => wireKey(name) },
  );
  const any = fc.record({ namespaces: entries, rest: fc.nat(5) }).map(({ namespaces, rest }) => sketch(namespaces, entry('', rest)));

  test('has changes that sum up to that of the whole, and none with itself', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        const { whole, rows } = compareSketches(a, b, 'bytes');
        expect(rows.reduce((sum, { keys }) => sum + keys, 0)).toBe(whole.keys);
        expect(rows.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)).toBe(whole.bytes);
        const back = compareSketches(b, a, 'bytes');
        expect(back.whole.keys + whole.keys).toBe(0);
        expect(compareSketches(a, a, 'keys').rows.every(({ kind }) => kind === 'same')).toBe(true);
      }),
    );
  });
});

test('a sum knows what all of its parts know', () => {
  expect(sumEntries('x', [entry('a', 2), entry('b', 3)])).toEqual({ name: 'x', keys: 5, bytes: { known: 5, sum: 50 }, ttl: { without: 0, buckets: [0, 5, 0] } });
  expect(sumEntries('x', [entry('a', 2), entry('b', 3, null)]).bytes).toBeNull();
  expect(sumEntries('x', [])).toEqual({ name: 'x', keys: 0, bytes: { known: 0, sum: 0 }, ttl: { without: 0, buckets: [] } });
});

test('two sketches are of one part when their filters ask the same, however they are written', () => {
  expect(samePart(null, null)).toBe(true);
  expect(samePart(null, { pattern: 'a:', mode: 'prefix' })).toBe(false);
  expect(samePart({ pattern: 'a:', mode: 'prefix', types: ['set', 'hash'], bytes: { min: 5 } }, { bytes: { min: 5, max: undefined }, mode: 'prefix', pattern: 'a:', types: ['hash', 'set'] })).toBe(true);
  expect(samePart({ pattern: 'a:', mode: 'prefix' }, { pattern: 'a:', mode: 'literal' })).toBe(false);
  expect(samePart({ pattern: '', mode: 'glob', ttlMs: 'none' }, { pattern: '', mode: 'literal', ttlMs: 'none' })).toBe(true);
  expect(samePart({ pattern: { b64: '/w==' }, mode: 'prefix' }, { pattern: '/w==', mode: 'prefix' })).toBe(false);
});
