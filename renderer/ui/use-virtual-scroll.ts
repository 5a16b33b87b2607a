import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { clampOffset, isScaled, offsetOfScroll, scrollOfOffset, spacerHeight, type ScrollGeometry } from './virtual-scroll.ts';

export interface VirtualScroll {
  element: RefObject<HTMLDivElement | null>;
  geometry: ScrollGeometry;
  /** Position in the list, px. */
  offset: number;
  scaled: boolean;
  /** Height of the scrolled content, px. */
  spacer: number;
  scrollTo: (next: (offset: number, geometry: ScrollGeometry) => number) => void;
  currentOffset: () => number;
}

const linePx = 26;
/** Height of the list measured last, px: a list that opens draws that many rows at once, and mostly need not draw again. */
let lastViewport = 0;

function wheelPx(event: WheelEvent, viewport: number): number {
  if (event.deltaMode === WheelEvent.DOM_DELTA_LINE) return event.deltaY * linePx;
  return event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? event.deltaY * viewport : event.deltaY;
}

/**
 * Follows the scroll position of a list. In a scaled list one px of the scrollbar is many rows, so the wheel moves
 * the exact position and the scrollbar after it; dragging the scrollbar sets the position in proportion.
 */
export function useVirtualScroll(count: number, rowHeight: number): VirtualScroll {
  const element = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState(lastViewport);
  const [offset, setOffset] = useState(0);
  const geometry: ScrollGeometry = { count, rowHeight, viewport };
  const now = useRef({ offset: 0, geometry, ownScrollTop: 0 });

  useLayoutEffect(() => {
    now.current.geometry = geometry;
  });

  const show = useCallback((wanted: number) => {
    const node = element.current;
    const { geometry: shape } = now.current;
    const next = clampOffset(wanted, shape);
    now.current.offset = next;
    if (node !== null) {
      node.scrollTop = scrollOfOffset(next, shape);
      // The browser rounds and clamps; what it made of it is recognised as our own doing.
      now.current.ownScrollTop = node.scrollTop;
    }
    setOffset(next);
  }, []);

  useLayoutEffect(() => {
    const node = element.current;
    if (node === null) return undefined;
    const measure = () => {
      lastViewport = node.clientHeight;
      setViewport(lastViewport);
    };
    const observer = new ResizeObserver(measure);
    const onScroll = () => {
      const { geometry: shape, ownScrollTop } = now.current;
      if (isScaled(shape) && Math.abs(node.scrollTop - ownScrollTop) < 1) return;
      now.current.ownScrollTop = node.scrollTop;
      now.current.offset = offsetOfScroll(node.scrollTop, shape);
      setOffset(now.current.offset);
    };
    const onWheel = (event: WheelEvent) => {
      const { geometry: shape } = now.current;
      if (!isScaled(shape) || event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      show(now.current.offset + wheelPx(event, shape.viewport));
    };
    measure();
    observer.observe(node);
    node.addEventListener('scroll', onScroll, { passive: true });
    node.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', onScroll);
      node.removeEventListener('wheel', onWheel);
    };
  }, [show]);

  // Fewer rows than before, a larger viewport, or the change between scaled and not: stay where the list was. A list
  // of ordinary height stays by itself, and is not disturbed in the middle of a scroll.
  const wasScaled = useRef(false);
  useLayoutEffect(() => {
    const node = element.current;
    const scaled = isScaled({ count, rowHeight, viewport });
    if (scaled || wasScaled.current || node === null) show(now.current.offset);
    else {
      now.current.offset = node.scrollTop;
      setOffset(node.scrollTop);
    }
    wasScaled.current = scaled;
  }, [show, count, rowHeight, viewport]);

  const scrollTo = useCallback(
    (next: (offset: number, geometry: ScrollGeometry) => number) => show(next(now.current.offset, now.current.geometry)),
    [show],
  );
  const currentOffset = useCallback(() => now.current.offset, []);
  return { element, geometry, offset, scaled: isScaled(geometry), spacer: spacerHeight(geometry), scrollTo, currentOffset };
}
