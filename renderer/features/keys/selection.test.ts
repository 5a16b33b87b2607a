import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterToggle,
  edges,
  extendTo,
  isSelected,
  noSelection,
  normaliseRanges,
  remap,
  selectAll,
  selectOne,
  selectedRows,
  toggleOne,
  type Selection,
} from './selection.ts';

const total = 30;
const rowsOf = (selection: Selection) => Array.from({ length: total * 2 }, (_, row) => row).filter((row) => isSelected(selection, row));

type Step = { kind: 'one' | 'toggle' | 'extend' | 'add'; row: number };
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('one', 'toggle', 'extend', 'add'),
  row: fc.integer({ min: 0, max: total - 1 }),
});

function apply(selection: Selection, { kind, row }: Step): Selection {
  if (kind === 'one') return selectOne(row);
  if (kind === 'toggle') return toggleOne(selection, row);
  return extendTo(selection, row, kind === 'add');
}

/** The same in sets of rows. */
function applyNaively(rows: Set<number>, origin: number | null, { kind, row }: Step): { rows: Set<number>; origin: number } {
  if (kind === 'one') return { rows: new Set([row]), origin: row };
  if (kind === 'toggle') {
    const next = new Set(rows);
    if (!next.delete(row)) next.add(row);
    return { rows: next, origin: row };
  }
  const start = origin ?? row;
  const next = new Set(kind === 'add' ? rows : []);
  for (let at = Math.min(start, row); at <= Math.max(start, row); at += 1) next.add(at);
  return { rows: next, origin: start };
}

test('any run of clicks selects the rows that sets would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let selection = noSelection;
      let naive: { rows: Set<number>; origin: number | null } = { rows: new Set(), origin: null };
      for (const one of steps) {
        selection = apply(selection, one);
        naive = applyNaively(naive.rows, naive.origin, one);
        expect(rowsOf(selection)).toEqual([...naive.rows].toSorted((a, b) => a - b));
        expect(selectedRows(selection)).toBe(naive.rows.size);
        expect(selection.focus).toBe(one.row);
      }
    }),
  );
});

test('ranges stay sorted and apart', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 20 }), (pairs) => {
      const ranges = normaliseRanges(pairs.map(([from, to]) => ({ from, to })));
      for (const [at, range] of ranges.entries()) {
        expect(range.to).toBeGreaterThan(range.from);
        expect(range.from).toBeGreaterThan(ranges[at - 1]?.to ?? -1);
      }
    }),
  );
});

test('rows that appear shift single selections to the same rows', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(total - 1), { minLength: 1 }),
      fc.uniqueArray(fc.nat(total - 1), { maxLength: 10 }),
      (selected, insertedBefore) => {
        const placeOf = (row: number) => row + insertedBefore.filter((at) => at <= row).length;
        const lone = selected.filter((row) => !selected.includes(row - 1) && !selected.includes(row + 1));
        let selection = noSelection;
        for (const row of lone) selection = toggleOne(selection, row);
        const moved = remap(selection, placeOf, total * 2);
        expect(rowsOf(moved)).toEqual(lone.map(placeOf).toSorted((a, b) => a - b));
      },
    ),
  );
});

test('a range takes in the rows that appear inside it', () => {
  const selection = extendTo(selectOne(4), 6);
  expect(edges(selection).toSorted((a, b) => a - b)).toEqual([4, 6]);
  expect(remap(selection, (row) => (row >= 5 ? row + 10 : row), 100).ranges).toEqual([{ from: 4, to: 17 }]);
});

test('a row that is gone leaves the selection', () => {
  const selection = toggleOne(selectOne(3), 9);
  expect(remap(selection, (row) => (row === 3 ? null : row - 1), 50)).toEqual({
    ranges: [{ from: 8, to: 9 }],
    focus: 8,
    origin: 8,
    all: false,
  });
});

test('everything stays everything when the view grows', () => {
  const all = selectAll(selectOne(2), 10);
  expect(remap(all, (row) => row, 25).ranges).toEqual([{ from: 0, to: 25 }]);
  expect(selectAll(noSelection, 0).ranges).toEqual([]);
});

test.each([
  ['opens above a selected row', selectOne(8), 3, 5, [13]],
  ['opens below a selected row', selectOne(2), 3, 5, [2]],
  ['opens the selected folder itself', selectOne(3), 3, 2, [3, 4, 5]],
  ['closes over a selected row', selectOne(5), 3, -4, [3]],
  ['closes above a selected row', selectOne(9), 3, -4, [5]],
  ['closes the selected range in part', extendTo(selectOne(2), 5), 3, -4, [2, 3]],
])('a folder %s', (_, selection, at, delta, expected) => {
  expect(rowsOf(afterToggle(selection, at, delta))).toEqual(expected);
});
