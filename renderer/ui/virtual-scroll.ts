/**
 * Arithmetic of a list of rows of one height that may be taller than a browser lets an element be (about 16 to 33
 * million px). Up to `tallest` the scroll position is the list's own. Beyond, the scrollbar covers the list in
 * proportion, and the exact position is kept beside it. All lengths are px.
 */
export interface ScrollGeometry {
  count: number;
  rowHeight: number;
  viewport: number;
}

export const tallest = 8_000_000;

export function listHeight({ count, rowHeight }: ScrollGeometry): number {
  return count * rowHeight;
}

export function isScaled(geometry: ScrollGeometry): boolean {
  return listHeight(geometry) > tallest;
}

/** Height of the element that gives the scrollbar its length. */
export function spacerHeight(geometry: ScrollGeometry): number {
  return Math.min(listHeight(geometry), tallest);
}

/** The furthest position in the list. */
export function lastOffset(geometry: ScrollGeometry): number {
  return Math.max(0, listHeight(geometry) - geometry.viewport);
}

export function clampOffset(offset: number, geometry: ScrollGeometry): number {
  return Math.max(0, Math.min(offset, lastOffset(geometry)));
}

/** Position in the list where the scrollbar stands at `scrollTop`. */
export function offsetOfScroll(scrollTop: number, geometry: ScrollGeometry): number {
  if (!isScaled(geometry)) return scrollTop;
  const range = spacerHeight(geometry) - geometry.viewport;
  return range <= 0 ? 0 : clampOffset((scrollTop / range) * lastOffset(geometry), geometry);
}

/** Where the scrollbar stands when the list is at `offset`. */
export function scrollOfOffset(offset: number, geometry: ScrollGeometry): number {
  if (!isScaled(geometry)) return offset;
  const furthest = lastOffset(geometry);
  return furthest === 0 ? 0 : (offset / furthest) * (spacerHeight(geometry) - geometry.viewport);
}

/** Rows to draw, `to` exclusive, with `overscan` more on each side. */
export function rowsInView(offset: number, geometry: ScrollGeometry, overscan: number): { from: number; to: number } {
  const first = Math.floor(offset / geometry.rowHeight);
  const last = Math.ceil((offset + geometry.viewport) / geometry.rowHeight);
  return { from: Math.max(0, first - overscan), to: Math.min(geometry.count, last + overscan) };
}

export type RowAlign = 'nearest' | 'start' | 'center';

/** The position that brings a row into view. */
export function offsetOfRow(index: number, offset: number, geometry: ScrollGeometry, align: RowAlign): number {
  const top = index * geometry.rowHeight;
  const bottom = top + geometry.rowHeight;
  if (align === 'start') return clampOffset(top, geometry);
  if (align === 'center') return clampOffset(top - (geometry.viewport - geometry.rowHeight) / 2, geometry);
  if (top < offset) return clampOffset(top, geometry);
  if (bottom > offset + geometry.viewport) return clampOffset(bottom - geometry.viewport, geometry);
  return clampOffset(offset, geometry);
}

/** The row that a movement key leads to, or `null` when the key moves nothing. */
export function rowAfterKey(key: string, active: number, geometry: ScrollGeometry): number | null {
  const last = geometry.count - 1;
  if (last < 0) return null;
  const page = Math.max(1, Math.floor(geometry.viewport / geometry.rowHeight) - 1);
  const target = new Map([
    ['ArrowDown', active + 1],
    ['ArrowUp', active < 0 ? 0 : active - 1],
    ['PageDown', Math.max(active, 0) + page],
    ['PageUp', active - page],
    ['Home', 0],
    ['End', last],
  ]).get(key);
  return target === undefined ? null : Math.max(0, Math.min(target, last));
}
