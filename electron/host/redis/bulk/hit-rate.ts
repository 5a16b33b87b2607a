import { LookasideError } from '../../../../shared/contract/errors.ts';
import { infoFields, replyText } from '../../connections/redis/replies.ts';
import type { RedisSession } from '../session.ts';
import { rest } from './server-wait.ts';

/** Fewer lookups than this say nothing. */
const leastLookups = 20;

export function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Numbers of an INFO section summed over all masters; a node that may not be asked counts nothing. Rejects with what stops all. */
export async function infoSums(session: RedisSession, section: string, fields: readonly string[]): Promise<number[]> {
  const masters = await session.masters();
  const sums = fields.map(() => 0);
  await Promise.all(
    masters.map(async ({ id }) => {
      const [reply] = await session.batch(0, [['INFO', section]], { node: id });
      if (reply instanceof LookasideError) {
        if (reply.code === 'REDIS_NO_PERMISSION' || reply.code === 'REDIS_COMMAND_FAILED') return;
        throw reply;
      }
      const info = infoFields(replyText(reply));
      fields.forEach((field, at) => (sums[at] = (sums[at] ?? 0) + (Number(info.get(field)) || 0)));
    }),
  );
  return sums;
}

/** Hit rate of all clients over some ms, 0 to 1; `null` when too few keys were looked up. One's own reads must rest meanwhile. */
export async function measureHitRate(session: () => RedisSession, ms: number, signal: AbortSignal): Promise<{ rate: number | null; lookups: number }> {
  const fields = ['keyspace_hits', 'keyspace_misses'];
  const before = await infoSums(session(), 'stats', fields);
  await rest(ms, signal);
  const after = await infoSums(session(), 'stats', fields);
  const [hits, misses] = [0, 1].map((at) => (after[at] ?? 0) - (before[at] ?? 0)) as [number, number];
  const lookups = hits + misses;
  // counters that went back: someone reset them, or the server began anew
  return { rate: lookups < leastLookups || hits < 0 || misses < 0 ? null : hits / lookups, lookups };
}
