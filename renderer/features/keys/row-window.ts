import type { Row, RowPage } from '../../../shared/contract/keys.ts';

/** Rows `first` to `last`, both included. */
export interface RowSpan {
  readonly first: number;
  readonly last: number;
}

export interface RowRef {
  readonly kind: Row['kind'];
  readonly id: number;
}

/** The contract gives at most this many rows in one call. */
export const rowsPerCall = 500;
/** Rows asked for beyond each edge of what is in view, so that slow scrolling never meets a gap. */
const margin = 80;

/** What to ask for so that `span` and a margin on both sides are covered. */
export function requestFor(span: RowSpan): { from: number; count: number } {
  const height = Math.max(1, span.last - span.first + 1);
  const spare = Math.max(0, Math.min(margin, Math.floor((rowsPerCall - height) / 2)));
  const from = Math.max(0, span.first - spare);
  return { from, count: Math.max(1, Math.min(rowsPerCall, span.last + spare + 1 - from)) };
}

/** The same span after rows have moved by `delta`, kept inside a view of `total` rows with its height. */
export function moveSpan(span: RowSpan, delta: number, total: number): RowSpan {
  const height = span.last - span.first;
  const first = Math.max(0, Math.min(span.first + delta, total - 1 - height));
  return { first, last: Math.max(first, Math.min(first + height, total - 1)) };
}

/** Whether a page holds every row of the span that exists. */
export function pageCovers(page: Pick<RowPage, 'from' | 'rows' | 'total'>, span: RowSpan): boolean {
  if (page.total === 0) return true;
  const last = Math.min(span.last, page.total - 1);
  return page.from <= span.first && page.from + page.rows.length > last;
}

/** Rows under new numbers; `place` gives `null` for what goes away. */
export function moveRows(rows: ReadonlyMap<number, Row>, place: (at: number) => number | null): Map<number, Row> {
  const moved = new Map<number, Row>();
  for (const [at, row] of rows) {
    const to = place(at);
    if (to !== null && to >= 0) moved.set(to, row);
  }
  return moved;
}

/** Where each row goes when the folder at `at` gains (`delta` > 0) or loses rows directly below it. */
export function placeAfterToggle(at: number, delta: number): (row: number) => number | null {
  return (row) => {
    if (row <= at) return row;
    if (delta < 0 && row <= at - delta) return null;
    return row + delta;
  };
}

/** Row numbers known under a row's identity. */
export function refKey(row: RowRef): string {
  return `${row.kind === 'folder' ? 'f' : 'k'}${row.id}`;
}
