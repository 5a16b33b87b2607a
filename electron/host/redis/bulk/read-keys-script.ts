import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { isPassing } from './server-wait.ts';
import { listOf, numberOf, textOf } from '../values/replies.ts';
import type { RedisReply, RedisSession } from '../session.ts';
import { scriptOf, type Script } from './compare-and-set.ts';
import type { PageState } from './expiry-target.ts';

/** Types by number, so that a reply holds no text for each key. Others come as their names. */
const types = ['none', 'string', 'hash', 'list', 'set', 'zset', 'stream', 'vectorset'];

/**
 * Type and expiry of many keys in one round trip that may not write: time first, then expiry and type of each. One that may
 * not be read ends it, and the page is read key by key.
 */
const script: Script = scriptOf(`
local types = {${types.map((type, at) => `['${type}']=${at}`).join(',')}}
local time = redis.call('TIME')
local out = {time[1], time[2]}
for i, key in ipairs(KEYS) do
  local type = redis.call('TYPE', key).ok
  out[2 * i + 1] = redis.call('PEXPIRETIME', key)
  out[2 * i + 2] = types[type] or type
end
return out`);

/** Sessions that have no scripts that only read: asked once. */
const without = new WeakSet<RedisSession>();

/** `null` where this server, this user or these keys need another way. */
export async function readByScript(
  session: RedisSession,
  db: number,
  fields: readonly KeyFactField[],
  names: readonly Buffer[],
  signal: AbortSignal,
): Promise<PageState | null> {
  if (names.length < 8 || without.has(session) || session.facts().topology === 'cluster') return null;
  if (fields.some((field) => field !== 'type' && field !== 'ttl')) return null;
  let outcome: RedisReply | LookasideError | undefined;
  try {
    [outcome] = await session.batch(db, [['EVALSHA_RO', script.sha, names.length, ...names]], { signal });
    if (outcome instanceof LookasideError && String(outcome.details['reply'] ?? '').startsWith('NOSCRIPT')) {
      [outcome] = await session.batch(db, [['EVAL_RO', script.text, names.length, ...names]], { signal });
    }
  } catch (error) {
    // on a locked connection the gate refuses what the server does not list
    if (!(error instanceof LookasideError) || error.code !== 'READ_ONLY') throw error;
    without.add(session);
    return null;
  }
  if (outcome instanceof LookasideError) {
    if (outcome.code === 'CANCELLED' || isPassing(outcome)) throw outcome;
    // a key that this user may not read spoils its page only; no scripts at all spoil all
    const { details }: LookasideError = outcome;
    if (/unknown command|run the '/i.test(String(details['reply'] ?? ''))) without.add(session);
    return null;
  }
  const flat = listOf(outcome);
  const now = numberOf(flat[0]) * 1000 + Math.floor(numberOf(flat[1]) / 1000);
  return {
    now,
    items: names.map((_, at) => {
      const expiry = numberOf(flat[2 * at + 2]);
      const kind = flat[2 * at + 3];
      const type = typeof kind === 'number' ? (types[kind] ?? 'unknown') : textOf(kind);
      if (expiry === -2) return { present: false, expiry: -1, type: 'none', facts: null, problem: null };
      const ttlMs = expiry === -1 ? ('none' as const) : Math.max(0, expiry - now);
      return { present: true, expiry, type, facts: { type, ttlMs, bytes: null, elements: null, idleSeconds: null, frequency: null, encoding: null }, problem: null };
    }),
  };
}
