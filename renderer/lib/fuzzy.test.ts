import { describe, expect, it } from 'vitest';
import { fuzzyFilter, fuzzyScore } from './fuzzy.ts';

const actions = ['Switch workspace', 'Keyboard shortcuts', 'Go to keys', 'Go to connections', 'Import connections', 'Jump to an exact key name'];
const found = (query: string) => fuzzyFilter(actions, query, (action) => action);

describe('fuzzyFilter', () => {
  it.each([
    ['gtk', 'Go to keys'],
    ['keys', 'Go to keys'],
    ['imp', 'Import connections'],
    ['GO CON', 'Go to connections'],
    ['ks', 'Keyboard shortcuts'],
    ['exact', 'Jump to an exact key name'],
  ])('finds by %s first %s', (query, expected) => expect(found(query)[0]).toBe(expected));

  it('keeps all in their order without a query, and none where letters are missing', () => {
    expect(found('')).toEqual(actions);
    expect(found('zz')).toEqual([]);
    expect(fuzzyScore('ab', 'ba')).toBeNull();
  });
});
