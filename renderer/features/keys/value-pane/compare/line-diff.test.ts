import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from './line-diff.ts';

test('both texts can be read off the difference, and equal lines are numbered on both sides', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (left, right) => {
      const lines = diffLines(left, right);
      expect(lines.filter(({ side }) => side !== 'right').map(({ text: line }) => line).join('\n')).toBe(left);
      expect(lines.filter(({ side }) => side !== 'left').map(({ text: line }) => line).join('\n')).toBe(right);
      for (const { side, left: a, right: b } of lines) expect([a === null, b === null]).toEqual([side === 'right', side === 'left']);
    }),
  );
});

test('a changed line is one gone and one come, what is around stays', () => {
  expect(diffLines('a\nb\nc', 'a\nB\nc').map(({ side, text }) => `${side} ${text}`)).toEqual(['same a', 'left b', 'right B', 'same c']);
  expect(diffLines('x', 'x')).toEqual([{ side: 'same', text: 'x', left: 1, right: 1 }]);
});
