import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clampOffset, isScaled, lastOffset, offsetOfRow, offsetOfScroll, rowAfterKey, rowsInView, scrollOfOffset, spacerHeight, tallest } from './virtual-scroll.ts';

const shape = (count: number, viewport = 600) => ({ count, rowHeight: 26, viewport });

describe('a list of ordinary height', () => {
  const small = shape(1000);
  it('scrolls as it is', () => {
    expect(isScaled(small)).toBe(false);
    expect(spacerHeight(small)).toBe(26_000);
    expect(offsetOfScroll(1234, small)).toBe(1234);
    expect(rowsInView(0, small, 0)).toEqual({ from: 0, to: 24 });
    expect(rowsInView(26 * 10 + 1, small, 2)).toEqual({ from: 8, to: 36 });
  });

  it('brings rows into view with no more movement than needed', () => {
    expect(offsetOfRow(5, 0, small, 'nearest')).toBe(0);
    expect(offsetOfRow(23, 0, small, 'nearest')).toBe(24);
    expect(offsetOfRow(5, 1000, small, 'nearest')).toBe(130);
    expect(offsetOfRow(999, 0, small, 'start')).toBe(25_400);
    expect(offsetOfRow(500, 0, small, 'center')).toBe(12_713);
  });

  it('is still when it is empty', () => {
    expect(rowsInView(0, shape(0), 8)).toEqual({ from: 0, to: 0 });
    expect(rowAfterKey('ArrowDown', -1, shape(0))).toBeNull();
    expect(clampOffset(100, shape(3))).toBe(0);
  });
});

describe('a list taller than a browser allows', () => {
  it('reaches every row of ten millions, and both ends exactly', () => {
    const big = shape(10_000_000);
    expect(spacerHeight(big)).toBe(tallest);
    expect(offsetOfScroll(0, big)).toBe(0);
    expect(offsetOfScroll(tallest - 600, big)).toBe(lastOffset(big));
    expect(rowsInView(lastOffset(big), big, 0).to).toBe(10_000_000);
  });

  it('finds the position of a scrollbar again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000_000 }), fc.integer({ min: 1, max: 4000 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, viewport, part) => {
        const geometry = shape(count, viewport);
        const offset = clampOffset(part * lastOffset(geometry), geometry);
        expect(offsetOfScroll(scrollOfOffset(offset, geometry), geometry)).toBeCloseTo(offset, 3);
        const { from, to } = rowsInView(offset, geometry, 8);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(count);
        expect(to - from).toBeLessThanOrEqual(Math.ceil(viewport / 26) + 18);
      }),
    );
  });
});

describe('rowAfterKey', () => {
  it.each([
    ['ArrowDown', 0, 1],
    ['ArrowDown', 999, 999],
    ['ArrowDown', -1, 0],
    ['ArrowUp', -1, 0],
    ['ArrowUp', 0, 0],
    ['PageDown', 0, 22],
    ['PageUp', 100, 78],
    ['Home', 500, 0],
    ['End', 0, 999],
  ])('%s from %s leads to %s', (key, active, expected) => expect(rowAfterKey(key, active, shape(1000))).toBe(expected));

  it('leaves other keys alone', () => expect(rowAfterKey('a', 3, shape(1000))).toBeNull());
});
