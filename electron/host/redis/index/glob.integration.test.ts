import fc from 'fast-check';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { compileGlob } from '../../../../shared/redis/glob.ts';
import { startRedis } from '../../../demo/servers/redis-server.ts';

const units = [0x2a, 0x3f, 0x5b, 0x5d, 0x5e, 0x2d, 0x5c, 0x61, 0x62, 0x63, 0x2f, 0x00, 0x80, 0xff];

it('matches what SCAN MATCH of a real server matches', async () => {
  const redis = await startRedis({ build: 'redis-7.0' });
  const client = new Redis(redis.port, redis.host);
  try {
    const text = (maxLength: number) => fc.array(fc.constantFrom(...units), { maxLength }).map((bytes) => Buffer.from(bytes));
    const names = [Buffer.alloc(0), ...fc.sample(text(5), { numRuns: 800, seed: 7 })];
    await client.mset(...names.flatMap((name) => [name, 'v']));
    const patterns = [Buffer.from('*'), Buffer.from('**'), Buffer.alloc(0), ...fc.sample(text(7), { numRuns: 3000, seed: 11 })];
    const pipeline = client.pipeline();
    for (const pattern of patterns) pipeline.callBuffer('SCAN', '0', 'MATCH', pattern, 'COUNT', '100000');
    const replies = (await pipeline.exec()) ?? [];
    const unique = new Map(names.map((name) => [name.toString('latin1'), name]));
    let matched = 0;
    for (const [i, pattern] of patterns.entries()) {
      const [cursor, found] = (replies[i] as [Error | null, [Buffer, Buffer[]]])[1];
      expect(cursor.toString()).toBe('0');
      const glob = compileGlob(pattern);
      const ours = [...unique.values()].filter((name) => glob.matches(name, 0, name.length)).map((name) => name.toString('hex'));
      expect({ pattern: pattern.toString('latin1'), names: ours.toSorted() }).toEqual({
        pattern: pattern.toString('latin1'),
        names: found.map((name) => name.toString('hex')).toSorted(),
      });
      matched += found.length;
    }
    expect(matched).toBeGreaterThan(patterns.length);
  } finally {
    client.disconnect();
    await redis.stop();
  }
});
