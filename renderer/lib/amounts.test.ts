import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesInput, durationInput, parseBytes, parseCount, parseDuration } from './amounts.ts';

describe('amounts', () => {
  test.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['5 m', 300_000],
    ['5min', 300_000],
    ['1h30m', 5_400_000],
    ['2d 4h', 187_200_000],
    ['250ms', 250],
    ['.5h', 1_800_000],
    ['1,500ms', null],
    ['', null],
    ['h', null],
    ['5x', null],
    ['5m 30', null],
    ['-5m', null],
  ])('reads %j as a duration', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([
    ['512', 512],
    ['10 KB', 10_240],
    ['1.5MiB', 1_572_864],
    ['2g', 2_147_483_648],
    ['1,024 b', 1024],
    ['ten', null],
    ['1 e5', null],
  ])('reads %j as a size', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  test.each([
    ['1,000', 1000],
    ['10k', 10_000],
    ['1.5M', 1_500_000],
    ['', null],
    ['1..2', null],
  ])('reads %j as a count', (text, count) => expect(parseCount(text)).toBe(count));

  test('every amount written for a field is read back as it was', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (value) => {
        expect(parseDuration(durationInput(value))).toBe(value);
        expect(parseBytes(bytesInput(value))).toBe(value);
      }),
    );
  });
});
