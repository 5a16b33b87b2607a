import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisSession } from '../session.ts';
import type { KeyAt } from './key-read.ts';
import { listOf, numberOf, saysError } from './replies.ts';

/** Sessions whose server has no HPTTL (before Redis 7.4 and Valkey 9); asked once. */
const without = new WeakSet<RedisSession>();

function lacksCommand(outcome: LookasideError): boolean {
  // On a read-only connection the gate refuses what the server's COMMAND does not list, before it is sent.
  return outcome.code === 'READ_ONLY' || outcome.code === 'UNSUPPORTED' || saysError(outcome, 'unknown command');
}

/**
 * ms left of each field, in one round trip; `null` = no expiry, or the server has no field TTLs, or the user may not
 * ask. Replies of HPTTL: -1 no expiry, -2 no such field.
 */
export async function fieldTtls(key: KeyAt, fields: readonly Buffer[]): Promise<(number | null)[]> {
  const none = fields.map(() => null);
  if (fields.length === 0 || without.has(key.session)) return none;
  try {
    const reply = await key.session.call(key.db, ['HPTTL', key.name, 'FIELDS', fields.length, ...fields]);
    const values = listOf(reply);
    return fields.map((_, index) => {
      const ms = values[index] === undefined ? -1 : numberOf(values[index]);
      return ms < 0 ? null : ms;
    });
  } catch (error) {
    if (!(error instanceof LookasideError)) throw error;
    if (lacksCommand(error)) without.add(key.session);
    else if (error.code !== 'REDIS_NO_PERMISSION' && error.code !== 'REDIS_WRONG_TYPE') throw error;
    return none;
  }
}
