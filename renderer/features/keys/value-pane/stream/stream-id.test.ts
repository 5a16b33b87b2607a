import { expect, test } from 'vitest';
import { parseIdle, parseStart, timeOfId } from './stream-id.ts';

test('an id, its beginning, or a local time', () => {
  expect(parseStart('1764000000000-5')).toBe('1764000000000-5');
  expect(parseStart(' 7 ')).toBe('7');
  expect(parseStart('2026-11-24 10:20')).toBe(String(new Date(2026, 10, 24, 10, 20).getTime()));
  expect(parseStart('2026-11-24')).toBe(String(new Date(2026, 10, 24).getTime()));
  for (const wrong of ['', 'yesterday', '2026-13-45', '1-2-3', '-1', '2026-11']) expect(parseStart(wrong)).toBeNull();
});

test('idle times with their unit', () => {
  expect(['90', '1.5 s', '5 min', '2h', '500 ms', '1 d', '0'].map(parseIdle)).toEqual([90_000, 1500, 300_000, 7_200_000, 500, 86_400_000, 0]);
  expect(parseIdle('soon')).toBeNull();
});

test('ids of the writer hold no time', () => {
  expect(timeOfId('1764000000000-0')).toBe(1_764_000_000_000);
  expect(timeOfId('5-1')).toBeNull();
});
