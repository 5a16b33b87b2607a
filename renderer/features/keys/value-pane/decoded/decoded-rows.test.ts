import { expect, test } from 'vitest';
import type { TreeRow } from '../../../../../shared/contract/decode.ts';
import { addRows, firstRows, missingPages, pathOf, slotsOf } from './decoded-rows.ts';

const row = (id: number, children: number, step: string): TreeRow => ({ id, kind: children > 0 ? 'map' : 'int', key: null, text: '', length: 0, cut: false, children, note: '', start: -1, end: -1, step, target: null });

const root = row(0, 3, '$');
const answer = { kind: 'tree' as const, root, nodes: 600, kept: 600, rows: [{ parent: 0, rows: [row(1, 0, '.a'), row(2, 500, '.b'), row(3, 0, '.c')] }] };

test('lines stand in their order, and what has not come leaves its place', () => {
  const { known, open } = firstRows(answer);
  expect(slotsOf(root, known, open).map((slot) => slot.row?.step)).toEqual(['$', '.a', '.b', '.c']);
  const slots = slotsOf(root, known, new Set([...open, 2]));
  expect(slots).toHaveLength(504);
  expect(slots[3]).toMatchObject({ row: null, parent: 2, index: 0, depth: 2, parentAt: 2 });
  expect(slots.at(-1)?.row?.step).toBe('.c');
  expect(missingPages(slots, 0, 3)).toEqual([]);
  expect(missingPages(slots, 150, 260)).toEqual([
    { parent: 2, from: 0, count: 200 },
    { parent: 2, from: 200, count: 200 },
  ]);
});

test('a page that comes fills its places, and paths are made of their steps', () => {
  const { known, open } = firstRows(answer);
  const more = addRows(known, 2, 500, 200, Array.from({ length: 200 }, (_, at) => row(100 + at, 0, `[${200 + at}]`)));
  const slots = slotsOf(root, more, new Set([...open, 2]));
  expect(missingPages(slots, 203, 400)).toEqual([]);
  expect(pathOf(slots, 3 + 250)).toBe('$.b[250]');
  expect(pathOf(slots, 3)).toBe('$.b[0]');
});
