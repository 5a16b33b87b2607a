import { expect, test } from 'vitest';
import { scanShare } from './scan-cursor.ts';

test('the cursors of a table of 8 buckets, in the order in which they come, are its eighths', () => {
  expect(['4', '2', '6', '1', '5', '3', '7', '0'].map(scanShare)).toEqual([0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]);
});

test('the size of the table does not matter, and large cursors keep their place', () => {
  expect(scanShare('1')).toBe(0.5);
  expect(scanShare(String(2n ** 63n))).toBeCloseTo(0, 15);
  expect(scanShare(String(2n ** 64n - 1n))).toBeLessThanOrEqual(1);
});
