import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRange, rangeInput, rangeWords, type RangeKind } from './ranges.ts';

const minute = 60_000;

describe('ranges as typed', () => {
  test.each([
    ['ttlMs', '5m..2h', { min: 5 * minute, max: 120 * minute }],
    ['ttlMs', ' .. 2h ', { max: 120 * minute }],
    ['ttlMs', '5m..', { min: 5 * minute }],
    ['ttlMs', '> 5m', { min: 5 * minute }],
    ['ttlMs', '<=90', { max: 90_000 }],
    ['bytes', '1KiB..2MiB', { min: 1024, max: 2_097_152 }],
    ['idleSeconds', '1h..7d', { min: 3600, max: 604_800 }],
    ['elements', '1,000..50k', { min: 1000, max: 50_000 }],
    ['frequency', '0..10', { min: 0, max: 10 }],
  ] as const)('%s %j', (kind, text, range) => expect(parseRange(kind, text)).toEqual({ range }));

  test.each(['', '..', '5m', '5m..2x', '1..2..3', '>', 'x..y'])('%j is no range and says how one is written', (text) => {
    expect(parseRange('ttlMs', text)).toEqual({ error: expect.stringContaining('5m..2h') });
  });

  test('ends in the wrong order are named', () => expect(parseRange('ttlMs', '2h..5m')).toEqual({ error: 'The first end is above the second' }));

  test('what a range is written as is read back as the same range', () => {
    const kind = fc.constantFrom<RangeKind>('ttlMs', 'bytes', 'elements', 'idleSeconds', 'frequency');
    const end = fc.option(fc.nat({ max: 2 ** 40 }), { nil: undefined });
    fc.assert(
      fc.property(kind, end, end, (of, a, b) => {
        fc.pre(a !== undefined || b !== undefined);
        const range = a !== undefined && b !== undefined ? { min: Math.min(a, b), max: Math.max(a, b) } : { ...(a === undefined ? {} : { min: a }), ...(b === undefined ? {} : { max: b }) };
        expect(parseRange(of, rangeInput(of, range))).toEqual({ range });
      }),
    );
  });

  test('a range reads like words', () => {
    expect(rangeWords('ttlMs', { min: 5 * minute, max: 120 * minute })).toBe('5\u00a0min to 2\u00a0h');
    expect(rangeWords('bytes', { min: 1024 })).toBe('at least 1\u00a0KiB');
    expect(rangeWords('elements', { max: 10_000 })).toBe('at most 10,000');
    expect(rangeWords('frequency', { min: 0, max: 0 })).toBe('exactly 0');
  });
});
