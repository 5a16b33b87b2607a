import { Redis } from 'ioredis';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type RunningRedis } from '../../../../demo/servers/redis-server.ts';
import { geoDistanceM, geoPointOf, isGeoScore } from '../../../../../shared/redis/geohash.ts';

let server: RunningRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.port);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const longitude = fc.double({ min: -179.999, max: 179.999, noNaN: true });
const latitude = fc.double({ min: -85.05, max: 85.05, noNaN: true });

test('any place is where GEOPOS says, and as far from the next as GEODIST says', async () => {
  await fc.assert(
    fc.asyncProperty(longitude, latitude, longitude, latitude, async (lonA, latA, lonB, latB) => {
      await redis.del('g');
      await redis.geoadd('g', lonA, latA, 'a', lonB, latB, 'b');
      const scores = (await redis.zmscore('g', 'a', 'b')).map(Number);
      expect(scores.every(isGeoScore)).toBe(true);
      const points = scores.map(geoPointOf);
      const positions = await redis.geopos('g', 'a', 'b');
      for (const [at, position] of positions.entries()) {
        expect(points[at]?.longitude).toBeCloseTo(Number(position?.[0]), 12);
        expect(points[at]?.latitude).toBeCloseTo(Number(position?.[1]), 12);
      }
      const [a, b] = points;
      const told = Number(await redis.geodist('g', 'a', 'b'));
      if (a && b) expect(Math.abs(geoDistanceM(a, b) - told)).toBeLessThan(0.01 + told * 1e-9);
    }),
    { numRuns: 200 },
  );
});
