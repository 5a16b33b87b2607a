/**
 * Which rows of a view are selected, as sorted disjoint half-open ranges of row numbers: a million rows cost one
 * range. Row numbers move when rows appear, folders open or the filter changes; `remap` and `afterToggle` follow.
 */
export interface RowRange {
  readonly from: number;
  /** One past the last row. */
  readonly to: number;
}

export interface Selection {
  readonly ranges: readonly RowRange[];
  /** The row that the keyboard is on. */
  readonly focus: number | null;
  /** Where shift-extension starts. */
  readonly origin: number | null;
  /** Every row of the view, also those that appear later. */
  readonly all: boolean;
}

export const noSelection: Selection = { ranges: [], focus: null, origin: null, all: false };

/** Sorts, joins what touches, drops what is empty. */
export function normaliseRanges(ranges: readonly RowRange[]): RowRange[] {
  const sorted = ranges.filter((range) => range.to > range.from).toSorted((a, b) => a.from - b.from);
  const joined: RowRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last && range.from <= last.to) joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else joined.push(range);
  }
  return joined;
}

export function isSelected(selection: Selection, row: number): boolean {
  const { ranges } = selection;
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle] as RowRange;
    if (row < range.from) high = middle - 1;
    else if (row >= range.to) low = middle + 1;
    else return true;
  }
  return false;
}

export function selectedRows(selection: Selection): number {
  return selection.ranges.reduce((sum, range) => sum + range.to - range.from, 0);
}

export function selectOne(row: number): Selection {
  return { ranges: [{ from: row, to: row + 1 }], focus: row, origin: row, all: false };
}

/** Ctrl-click: adds the row, or takes it out. */
export function toggleOne(selection: Selection, row: number): Selection {
  const ranges = isSelected(selection, row)
    ? selection.ranges.flatMap((range) =>
        row >= range.from && row < range.to
          ? [
              { from: range.from, to: row },
              { from: row + 1, to: range.to },
            ]
          : [range],
      )
    : [...selection.ranges, { from: row, to: row + 1 }];
  return { ranges: normaliseRanges(ranges), focus: row, origin: row, all: false };
}

/** Shift-click or shift-arrow: from the origin to the row; with `keep` (ctrl-shift) what was selected stays. */
export function extendTo(selection: Selection, row: number, keep = false): Selection {
  const origin = selection.origin ?? selection.focus ?? row;
  const range = { from: Math.min(origin, row), to: Math.max(origin, row) + 1 };
  return { ranges: normaliseRanges(keep ? [...selection.ranges, range] : [range]), focus: row, origin, all: false };
}

export function selectAll(selection: Selection, total: number): Selection {
  return { ...selection, ranges: total > 0 ? [{ from: 0, to: total }] : [], all: true };
}

/** The row numbers whose new places `remap` asks for. */
export function edges(selection: Selection): number[] {
  const found = new Set<number>();
  if (selection.focus !== null) found.add(selection.focus);
  if (selection.origin !== null) found.add(selection.origin);
  for (const range of selection.all ? [] : selection.ranges) {
    found.add(range.from);
    found.add(range.to - 1);
  }
  return [...found];
}

/**
 * Follows the rows to their new places. A range keeps its first and last row, so rows that appear between them are in
 * it; a range whose two ends are gone goes too.
 */
export function remap(selection: Selection, placeOf: (row: number) => number | null, total: number): Selection {
  const inside = (row: number | null) => (row !== null && row >= 0 && row < total ? row : null);
  const place = (row: number | null) => (row === null ? null : inside(placeOf(row)));
  const moved = selection.ranges.flatMap((range) => {
    const first = place(range.from);
    const last = place(range.to - 1);
    if (first === null && last === null) return [];
    const length = range.to - range.from;
    const from = first ?? Math.max(0, (last as number) - length + 1);
    const to = (last ?? Math.min(total - 1, from + length - 1)) + 1;
    return [{ from: Math.min(from, to - 1), to: Math.max(to, from + 1) }];
  });
  return {
    ranges: selection.all ? [{ from: 0, to: total }].filter((range) => range.to > 0) : normaliseRanges(moved),
    focus: place(selection.focus),
    origin: place(selection.origin),
    all: selection.all,
  };
}

/**
 * After the folder at row `at` opened (`delta` rows appeared below it) or closed (`delta` negative). What was selected
 * inside a folder that closes is represented by the folder.
 */
export function afterToggle(selection: Selection, at: number, delta: number): Selection {
  if (delta === 0) return selection;
  const removed = Math.max(0, -delta);
  const move = (row: number) => (row <= at ? row : row <= at + removed ? at : row + delta);
  const ranges = selection.ranges.map((range) => {
    const last = range.to - 1;
    // Opening a selected folder takes its rows into the selection.
    const to = last === at && delta > 0 ? at + delta + 1 : move(last) + 1;
    return { from: move(range.from), to };
  });
  return {
    ranges: normaliseRanges(ranges),
    focus: selection.focus === null ? null : move(selection.focus),
    origin: selection.origin === null ? null : move(selection.origin),
    all: selection.all,
  };
}
