import { expect, test } from 'vitest';
import { wireKey } from '../../../../shared/bytes.ts';
import { placeOfPicked } from './picked.ts';

const names = ['a', 'b', 'c', 'd'];
const nameAt = (at: number) => names[at] ?? null;

test('the picked row is followed by its name', () => {
  expect(placeOfPicked({ at: 1, key: wireKey('b') }, 4, nameAt)).toBe(1);
  expect(placeOfPicked({ at: 0, key: wireKey('d') }, 4, nameAt)).toBe(3);
  expect(placeOfPicked({ at: 3, key: wireKey('a') }, 4, nameAt)).toBe(0);
});

test('a row that is gone or not there yet keeps its place, inside of what there is', () => {
  expect(placeOfPicked({ at: 2, key: wireKey('gone') }, 4, nameAt)).toBe(2);
  expect(placeOfPicked({ at: 9, key: null }, 4, nameAt)).toBe(3);
  expect(placeOfPicked(null, 4, nameAt)).toBe(-1);
  expect(placeOfPicked({ at: 0, key: null }, 0, nameAt)).toBe(-1);
});
