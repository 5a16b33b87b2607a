import type { RunningRedis } from '../servers/redis-server.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { ShopScale } from './catalogue.ts';
import { keyCommands } from './key-families.ts';
import { RespWriter } from './resp-writer.ts';
import { sharedCommands } from './shared-keys.ts';

/** Bytes to allow for one key; the mean measured over the demo's families is about 320. */
const bytesPerKey = 520;

/** `maxmemory` that holds the promised keys with room for the traffic's. */
export function memoryFor(keys: number): number {
  return Math.max(256 * 2 ** 20, keys * bytesPerKey);
}

/**
 * Fills the cache by mass insertion (100,000 keys in about a second). Rejects with CANCELLED, or with
 * DEMO_UNAVAILABLE when the server refuses or goes away.
 */
export async function seedRedis(
  server: RunningRedis,
  options: { keys: number; scale: ShopScale; seed: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const writer = await RespWriter.open(server.host, server.port, server.password);
  try {
    const shared = sharedCommands(options.scale, options.seed);
    for (const command of keyCommands({ ...options, shared })) {
      const pause = writer.write(command);
      if (pause === undefined) continue;
      await pause;
      if (options.signal?.aborted) throw new LookasideError('CANCELLED', 'The demo is stopped');
    }
    await writer.end();
  } finally {
    writer.destroy();
  }
}
