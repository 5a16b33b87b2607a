import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitAll, formatDistance, formatPlace, fromScreen, graticuleStep, linesBetween, project, toScreen, unproject, zoomAt } from './projection.ts';

const place = fc.record({ longitude: fc.double({ min: -180, max: 180, noNaN: true }), latitude: fc.double({ min: -85, max: 85, noNaN: true }) });

test('a place projected and back is the same place', () => {
  fc.assert(
    fc.property(place, (point) => {
      const back = unproject(project(point));
      expect(back.longitude).toBeCloseTo(point.longitude, 9);
      expect(back.latitude).toBeCloseTo(point.latitude, 9);
    }),
  );
});

test('all points are in the picture, and zooming keeps what is under the pointer', () => {
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 20 }), fc.double({ min: 0.2, max: 5, noNaN: true }), (places, factor) => {
      const points = places.map(project);
      const window = fitAll(points, 600, 400);
      for (const point of points) {
        const { x, y } = toScreen(point, window);
        expect(x).toBeGreaterThan(-1);
        expect(x).toBeLessThan(601);
        expect(y).toBeGreaterThan(-1);
        expect(y).toBeLessThan(401);
      }
      const under = fromScreen(100, 50, window);
      const after = fromScreen(100, 50, zoomAt(window, factor, 100, 50));
      expect(after.x).toBeCloseTo(under.x, 9);
      expect(after.y).toBeCloseTo(under.y, 9);
    }),
  );
});

test('lines and words', () => {
  expect(graticuleStep({ ...fitAll([], 800, 600), worldPx: 720 })).toBe(45);
  expect(linesBetween(-50, 95, 45)).toEqual([-45, 0, 45, 90]);
  expect(formatPlace({ longitude: -0.1276, latitude: 51.5072 })).toBe('51.50720 N, 0.12760 W');
  expect([5, 850, 1500, 877_463, 8_816_000].map(formatDistance)).toEqual(['5.0\u00a0m', '850\u00a0m', '1.50\u00a0km', '877\u00a0km', '8,816\u00a0km']);
});
