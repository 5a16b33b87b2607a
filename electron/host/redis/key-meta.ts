import { fromWire, type WireBytes } from '../../../shared/bytes.ts';
import type { KeyMeta } from '../../../shared/contract/keys.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { Command, RedisReply, RedisSession } from './session.ts';

function typeOf(reply: RedisReply | LookasideError | undefined): string {
  if (Buffer.isBuffer(reply)) return reply.toString('latin1');
  return typeof reply === 'string' ? reply : 'unknown';
}

/**
 * TYPE and PTTL of many keys in one pipeline, in the order asked. A key that the user may not touch has the type `unknown`;
 * when that is so for all, or the connection fails, it rejects with the first error.
 */
export async function readMeta(session: RedisSession, db: number, names: readonly WireBytes[]): Promise<KeyMeta[]> {
  const commands = names.flatMap((name): Command[] => {
    const bytes = Buffer.from(fromWire(name));
    return [
      ['TYPE', bytes],
      ['PTTL', bytes],
    ];
  });
  const outcomes = await session.batch(db, commands);
  const errors = outcomes.filter((outcome) => outcome instanceof LookasideError);
  const first = errors[0];
  if (first !== undefined && (errors.length === outcomes.length || first.code !== 'REDIS_NO_PERMISSION')) throw first;
  return names.map((name, i) => {
    const type = typeOf(outcomes[i * 2]);
    const ttl = outcomes[i * 2 + 1];
    // -1 = no expiry, -2 = no such key: between TYPE and PTTL it can have gone
    const ms = typeof ttl === 'number' ? ttl : typeof ttl === 'bigint' ? Number(ttl) : -1;
    return { name, type: ms === -2 ? 'none' : type, ttlMs: ms >= 0 ? ms : null };
  });
}
