import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, quantileOf, ttlEdges } from './ttl-buckets.ts';

test('edges ascend from nothing to years', () => {
  expect(ttlEdges).toEqual(ttlEdges.toSorted((a, b) => a - b));
  expect(ttlEdges[0]).toBe(0);
  expect(ttlEdges.at(-1)).toBeGreaterThan(9 * 365 * 86_400_000);
});

test('a bucket holds what is at or above its edge and below the next', () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      const bucket = bucketOf(ttlEdges, ms);
      expect(ttlEdges[bucket]).toBeLessThanOrEqual(ms);
      expect(ttlEdges[bucket + 1] ?? Infinity).toBeGreaterThan(ms);
    }),
  );
  expect(bucketOf([10, 20], 5)).toBe(-1);
});

test('a quantile lies in the bucket of the time that has it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 1 }), fc.constantFrom(0.25, 0.5, 0.9), (times, share) => {
      const counts = ttlEdges.map(() => 0);
      for (const ms of times) counts[bucketOf(ttlEdges, ms)] = (counts[bucketOf(ttlEdges, ms)] ?? 0) + 1;
      const truth = times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1] ?? 0;
      const found = quantileOf(ttlEdges, counts, share) ?? -1;
      const bucket = bucketOf(ttlEdges, truth);
      expect(found).toBeGreaterThanOrEqual(ttlEdges[bucket] ?? 0);
      expect(found).toBeLessThanOrEqual(ttlEdges[bucket + 1] ?? Infinity);
    }),
  );
  expect(quantileOf(ttlEdges, ttlEdges.map(() => 0), 0.5)).toBeNull();
});
