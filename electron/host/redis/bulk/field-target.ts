import { LookasideError } from '../../../../shared/contract/errors.ts';
import { noExpiry } from '../../../../shared/redis/ttl-change.ts';
import { listOf, numberOf, replyOf, saysError, textOf, type Outcome } from '../values/replies.ts';
import type { Command, RedisReply, RedisSession } from '../session.ts';
import { outcomeOf, outcomesOf, refusesScripts, scriptOf, sendScript, type ScriptGroup } from './compare-and-set.ts';
import type { ChangeOutcome, ExpiryTarget, ItemState } from './expiry-target.ts';
import type { Intent } from './journal/records.ts';
import { askOutcome, lacksCommand, serverClock } from './read-keys.ts';
import { mayRunScripts } from './key-target.ts';
import { isPassing } from './server-wait.ts';

/** As the script of keys, for the fields of one hash: field, earlier, target. A server's reply for a field that is not there is -2. */
const script = scriptOf(`
local out = {}
local key, force = KEYS[1], ARGV[1] == '*'
for i = 1, (#ARGV - 1) / 3 do
  local field, earlier, target = ARGV[3 * i - 1], ARGV[3 * i], ARGV[3 * i + 1]
  local reply = redis.pcall('HPEXPIRETIME', key, 'FIELDS', 1, field)
  local status, detail = 0, 0
  if reply.err then
    status, detail = -9, reply.err
  else
    local present = reply[1]
    if present == nil or present == -2 then
      status = -2
    elseif force or present == tonumber(earlier) then
      local done
      if target == '-1' then done = redis.pcall('HPERSIST', key, 'FIELDS', 1, field) else done = redis.pcall('HPEXPIREAT', key, target, 'FIELDS', 1, field) end
      if done.err then status, detail = -9, done.err else status = 1 end
    else
      detail = present
    end
  end
  out[2 * i - 1] = status
  out[2 * i] = detail
end
return out`);

/** Throws UNSUPPORTED where fields cannot expire, KEY_GONE, REDIS_WRONG_TYPE. Returns HLEN. */
export async function requireFieldTtls(session: RedisSession, db: number, hash: Buffer): Promise<number> {
  const probe = await askOutcome(session, db, ['HPEXPIRETIME', hash, 'FIELDS', 1, '']);
  if (lacksCommand(probe)) {
    const { flavour, version } = session.facts();
    const what = flavour === 'unknown' || version === '' ? 'This server' : `${flavour === 'valkey' ? 'Valkey' : 'Redis'} ${version}`;
    throw new LookasideError('UNSUPPORTED', `${what} has no expiry for the fields of a hash`, { hint: 'It came with Redis 7.4 and Valkey 9.' });
  }
  const [type, length] = await session.batch(db, [
    ['TYPE', hash],
    ['HLEN', hash],
  ]);
  const actual = type instanceof LookasideError ? 'hash' : textOf(replyOf(type));
  if (actual === 'none') throw new LookasideError('KEY_GONE', 'The key does not exist any more');
  if (actual !== 'hash') throw new LookasideError('REDIS_WRONG_TYPE', `The key holds a ${actual}, not a hash`, { details: { actual } });
  replyOf(probe);
  return numberOf(replyOf(length));
}

/** HPEXPIRETIME and HPERSIST reply with a list of numbers, one for each field; with nothing when the key is gone. */
function perField(reply: RedisReply, fields: number): number[] {
  const list = reply === null ? [] : listOf(reply);
  return Array.from({ length: fields }, (_, at) => (list[at] === undefined ? -2 : numberOf(list[at])));
}

export async function fieldExpiries(session: RedisSession, db: number, hash: Buffer, fields: readonly Buffer[], signal?: AbortSignal): Promise<number[]> {
  if (fields.length === 0) return [];
  return perField(await session.call(db, ['HPEXPIRETIME', hash, 'FIELDS', fields.length, ...fields], { signal }), fields.length);
}

/** The fields of one hash. A hash whose last field expires goes with it. */
export function fieldTarget({ session, db, hash }: { session: () => RedisSession; db: number; hash: Buffer }): ExpiryTarget {
  let scripts: boolean | null = null;
  return {
    read: async (names, node, signal) => {
      const present = session();
      const [now, expiries] = await Promise.all([serverClock(present, node, signal), fieldExpiries(present, db, hash, names, signal)]);
      const items = expiries.map((expiry): ItemState => ({ present: expiry !== -2, expiry: expiry === -2 ? noExpiry : expiry, type: 'hash', facts: null, problem: null }));
      return { now, items };
    },
    change: async (intents, _node, { force }) => {
      const present = session();
      scripts ??= mayRunScripts(present);
      if (scripts) {
        const changed = await byScript(present, db, hash, intents, force);
        if (changed !== null) return changed;
        scripts = false;
      }
      return inTwoSteps(present, db, hash, intents, force);
    },
  };
}

async function byScript(session: RedisSession, db: number, hash: Buffer, intents: readonly Intent[], force: boolean): Promise<ChangeOutcome[] | null> {
  const group: ScriptGroup = {
    covers: intents.map((_, at) => at),
    keys: [hash],
    arguments: [force ? '*' : '=', ...intents.flatMap(({ name, earlier, target }) => [name, String(earlier), String(target)])],
  };
  const [outcome] = await sendScript(session, db, script, [group]);
  if (refusesScripts(outcome as Outcome)) return null;
  const found = outcomesOf(group, outcome as Outcome, session);
  if (found !== null) return found;
  // one key: what refused it refuses all of its fields
  return intents.map(() => ({ kind: 'failed', problem: outcome as LookasideError }));
}

function conditional(hash: Buffer, { name, earlier, target }: Intent, force: boolean): Command {
  const tail = ['FIELDS', 1, name] as const;
  if (target === noExpiry) return ['HPERSIST', hash, ...tail];
  if (force) return ['HPEXPIREAT', hash, target, ...tail];
  return ['HPEXPIREAT', hash, target, earlier === noExpiry ? 'NX' : target > earlier ? 'GT' : 'LT', ...tail];
}

async function inTwoSteps(session: RedisSession, db: number, hash: Buffer, intents: readonly Intent[], force: boolean): Promise<ChangeOutcome[]> {
  const results: ChangeOutcome[] = [];
  const present = await fieldExpiries(
    session,
    db,
    hash,
    intents.map(({ name }) => name),
  );
  const due = intents.flatMap((intent, at) => {
    const now = present[at] as number;
    if (now !== -2 && (force || now === intent.earlier)) return [at];
    results[at] = now === -2 ? { kind: 'gone' } : { kind: 'other', present: now };
    return [];
  });
  const outcomes = await session.batch(
    db,
    due.map((at) => conditional(hash, intents[at] as Intent, force)),
  );
  due.forEach((at, index) => {
    const outcome = outcomes[index] as Outcome;
    if (outcome instanceof LookasideError) {
      results[at] = isPassing(outcome) || saysError(outcome, 'TRYAGAIN') ? { kind: 'unknown', problem: outcome } : { kind: 'failed', problem: outcome };
      return;
    }
    // 1 done, 2 gone because the time is past, 0 the condition does not hold, -1 there was no expiry, -2 no such field
    const [code = -2] = perField(outcome, 1);
    results[at] = code === 0 || code === -1 ? { kind: 'other', present: noExpiry } : outcomeOf(code === 2 ? 1 : code, 0, session);
  });
  return results;
}
