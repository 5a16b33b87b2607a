import { expect, test } from 'vitest';
import { renamed, withSaved, type SavedFilter } from './saved-filters.ts';

const filter = { pattern: 'a', mode: 'literal' } as const;
const all: SavedFilter[] = [
  { name: 'one', filter },
  { name: '__proto__', filter },
];

test('a filter saved under a name that exists takes its place', () => {
  const other = { ...filter, bytes: { min: 1 } };
  expect(withSaved(all, 'one', other)).toEqual([{ name: 'one', filter: other }, all[1]]);
  expect(withSaved(all, 'two', other).map(({ name }) => name)).toEqual(['one', '__proto__', 'two']);
});

test('a rename keeps the place, and never takes a name that is taken or empty', () => {
  expect(renamed(all, '__proto__', ' three ').map(({ name }) => name)).toEqual(['one', 'three']);
  expect(renamed(all, 'one', '__proto__')).toEqual(all);
  expect(renamed(all, 'one', '  ')).toEqual(all);
});
