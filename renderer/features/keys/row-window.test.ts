import { expect, test } from 'vitest';
import type { Row } from '../../../shared/contract/keys.ts';
import { moveRows, moveSpan, pageCovers, placeAfterToggle, requestFor, rowsPerCall } from './row-window.ts';

const key = (id: number): Row => ({ kind: 'key', id, depth: 0, label: `k${id}`, name: `k${id}`, facts: null });

test.each([
  ['at the top', { first: 0, last: 29 }, { from: 0, count: 110 }],
  ['in the middle', { first: 1000, last: 1029 }, { from: 920, count: 190 }],
  ['an empty window', { first: 0, last: -1 }, { from: 0, count: 80 }],
  ['a window higher than one call', { first: 100, last: 900 }, { from: 100, count: rowsPerCall }],
])('asks for the window and its margins %s', (_, span, expected) => {
  expect(requestFor(span)).toEqual(expected);
});

test.each([
  ['down', { first: 10, last: 19 }, 5, 100, { first: 15, last: 24 }],
  ['not above the first row', { first: 10, last: 19 }, -50, 100, { first: 0, last: 9 }],
  ['not below the last row', { first: 80, last: 89 }, 50, 100, { first: 90, last: 99 }],
  ['into a view that is shorter than the window', { first: 0, last: 29 }, 3, 4, { first: 0, last: 3 }],
  ['into an empty view', { first: 5, last: 9 }, 0, 0, { first: 0, last: 0 }],
])('moves a window %s', (_, span, delta, total, expected) => {
  expect(moveSpan(span, delta, total)).toEqual(expected);
});

test.each([
  ['the whole window', 0, 50, 50, true],
  ['less than the window', 0, 15, 50, false],
  ['a window that starts before it', 12, 50, 100, false],
  ['all there is', 0, 15, 15, true],
  ['nothing, where there is nothing', 0, 0, 0, true],
])('a page covers %s', (_, from, count, total, expected) => {
  const rows = Array.from({ length: count }, (__, at) => key(from + at));
  expect(pageCovers({ from, rows, total }, { first: 10, last: 19 })).toBe(expected);
});

test('rows follow a folder that opens and closes', () => {
  const rows = new Map([0, 1, 2, 3].map((at) => [at, key(at)] as const));
  const opened = moveRows(rows, placeAfterToggle(1, 10));
  expect([...opened.keys()]).toEqual([0, 1, 12, 13]);
  const closed = moveRows(opened, placeAfterToggle(1, -10));
  expect([...closed.entries()]).toEqual([...rows.entries()]);
  expect([...moveRows(rows, placeAfterToggle(0, -2)).keys()]).toEqual([0, 1]);
});
