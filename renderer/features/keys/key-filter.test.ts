import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromWire } from '../../../shared/bytes.ts';
import { compileGlob } from '../../../shared/redis/glob.ts';
import { equivalentGlob, explainFilter, isFiltered, noFilter } from './key-filter.ts';

const awkward = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '[', ']', '\\', '^', '-'), minLength: 1, maxLength: 6 });

test('the glob shown for a literal filter finds what the literal does', () => {
  fc.assert(
    fc.property(awkward, awkward, (pattern, name) => {
      const bytes = fromWire(name);
      for (const [mode, expected] of [['literal', name.includes(pattern)], ['prefix', name.startsWith(pattern)]] as const) {
        const glob = compileGlob(fromWire(equivalentGlob({ pattern, mode }) ?? ''));
        expect(glob.matches(bytes, 0, bytes.length)).toBe(expected);
      }
    }),
  );
});

test('nothing typed is no filter', () => {
  expect(isFiltered(noFilter)).toBe(false);
  expect(equivalentGlob(noFilter)).toBeNull();
});

test('a glob without wildcards says that it finds one name', () => {
  expect(explainFilter({ pattern: 'user:1', mode: 'glob' })).toContain('exactly');
  expect(explainFilter({ pattern: 'user:*', mode: 'glob' })).toContain('any run');
});
