import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type RunningRedis } from '../../../../demo/servers/redis-server.ts';
import { readHyperLogLog } from '../../../../../shared/redis/hyperloglog.ts';

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('HyperLogLogs of %s', (build) => {
  let server: RunningRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis({ build });
    redis = new Redis(server.port);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test.each([0, 1, 2, 10, 100, 1000, 5000, 20_000, 300_000])('of %i elements read as PFCOUNT counts them', async (count) => {
    const name = `hll:${count}`;
    await redis.pfadd(name);
    for (let from = 0; from < count; from += 10_000) {
      await redis.pfadd(name, ...Array.from({ length: Math.min(10_000, count - from) }, (_, at) => `element ${from + at}`));
    }
    const before = readHyperLogLog((await redis.getBuffer(name)) as Buffer);
    const counted = await redis.pfcount(name);
    const after = readHyperLogLog((await redis.getBuffer(name)) as Buffer);
    expect(before?.estimate).toBe(counted);
    expect(after).toEqual({ ...before, cached: counted });
    expect(before?.histogram.reduce((sum, one) => sum + one, 0)).toBe(16_384);
    expect(before?.encoding).toBe(count >= 20_000 ? 'dense' : before?.encoding);
  });
});
