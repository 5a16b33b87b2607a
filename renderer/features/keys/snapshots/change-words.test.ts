import { expect, test } from 'vitest';
import { bytesChange, keysChange } from './change-words.ts';

test('a change always tells its direction', () => {
  expect(keysChange(1234)).toBe('+1,234\u00a0keys');
  expect(keysChange(-1)).toBe('−1\u00a0key');
  expect(keysChange(0)).toBe('±0\u00a0keys');
  expect(bytesChange(1536)).toBe('+1.5\u00a0KiB');
  expect(bytesChange(-12)).toBe('−12\u00a0B');
});
