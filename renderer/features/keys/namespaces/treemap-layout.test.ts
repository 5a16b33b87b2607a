import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { neighbour, squarify, type Tile } from './treemap-layout.ts';

const box: Tile = { x: 0, y: 0, width: 600, height: 400 };
const area = (tile: Tile) => tile.width * tile.height;

test('the example of the paper', () => {
  const tiles = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  expect(tiles[0]).toEqual({ x: 0, y: 0, width: 3, height: 2 });
  expect(tiles[1]).toEqual({ x: 0, y: 2, width: 3, height: 2 });
  expect(tiles[2]?.height).toBeCloseTo(7 / 3);
});

test('areas are in proportion, tiles stay inside and do not overlap', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 60 }), (unsorted) => {
      const weights = unsorted.toSorted((a, b) => b - a);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const tiles = squarify(weights, box);
      expect(tiles).toHaveLength(weights.length);
      for (const [at, tile] of tiles.entries()) {
        expect(area(tile)).toBeCloseTo(total === 0 ? 0 : ((weights[at] as number) / total) * area(box), 3);
        expect(tile.x).toBeGreaterThanOrEqual(0);
        expect(tile.x + tile.width).toBeLessThanOrEqual(box.width + 1e-6);
        expect(tile.y + tile.height).toBeLessThanOrEqual(box.height + 1e-6);
        for (const other of tiles.slice(0, at)) {
          const apart = other.x + other.width <= tile.x + 1e-6 || tile.x + tile.width <= other.x + 1e-6 || other.y + other.height <= tile.y + 1e-6 || tile.y + tile.height <= other.y + 1e-6;
          expect(apart || area(tile) < 1e-6 || area(other) < 1e-6).toBe(true);
        }
      }
    }),
  );
});

test('nothing has no tiles, and a box without room gives empty ones', () => {
  expect(squarify([], box)).toEqual([]);
  expect(squarify([1, 2], { ...box, width: 0 }).every((tile) => area(tile) === 0)).toBe(true);
  expect(squarify([0, 0], box).every((tile) => area(tile) === 0)).toBe(true);
});

test('arrows lead to the tile that lies that way and back', () => {
  const tiles = squarify([4, 3, 2, 1, 1], box);
  const right = neighbour(tiles, 0, 'ArrowRight');
  expect(neighbour(tiles, right, 'ArrowLeft')).toBe(0);
  const down = neighbour(tiles, right, 'ArrowDown');
  expect(tiles[down]?.y).toBeGreaterThan(0);
  expect(neighbour(tiles, down, 'ArrowUp')).toBe(right);
  expect(neighbour(tiles, 0, 'ArrowDown')).toBe(0);
  expect(neighbour(tiles, 0, 'ArrowLeft')).toBe(0);
  expect(tiles[right]?.x).toBeGreaterThan(0);
  expect(neighbour(tiles, 0, 'Enter')).toBe(0);
});
