import { expect, test } from 'vitest';
import { geoDistanceM, geoPointOf, looksLikeGeo } from './geohash.ts';

test('the places of the GEOADD documentation, and the distance between them', () => {
  const palermo = geoPointOf(3_479_099_956_230_698);
  const catania = geoPointOf(3_479_447_370_796_909);
  expect(palermo.longitude).toBeCloseTo(13.361389338970184, 12);
  expect(palermo.latitude).toBeCloseTo(38.1155563954963, 12);
  expect(geoDistanceM(palermo, catania)).toBeCloseTo(166_274.1516, 3);
});

test('ranks, counts, times and fractions do not look like places', () => {
  expect(looksLikeGeo([1, 2, 3])).toBe(false);
  expect(looksLikeGeo([1_764_000_000, 1_764_000_100])).toBe(false);
  expect(looksLikeGeo([1_764_000_000_000])).toBe(false);
  expect(looksLikeGeo([3_479_099_956_230_698.5])).toBe(false);
  expect(looksLikeGeo([-3_479_099_956_230_698])).toBe(false);
  expect(looksLikeGeo([])).toBe(false);
  expect(looksLikeGeo([3_479_099_956_230_698, 3_479_447_370_796_909])).toBe(true);
});
