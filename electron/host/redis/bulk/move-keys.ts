import { LookasideError } from '../../../../shared/contract/errors.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import { noExpiry } from '../../../../shared/redis/ttl-change.ts';
import { numberOf, type Outcome } from '../values/replies.ts';
import type { Command, RedisSession } from '../session.ts';
import { outcomesOf, refusesScripts, scriptOf, sendScript, type ScriptGroup } from './compare-and-set.ts';
import type { ChangeOutcome } from './expiry-target.ts';
import type { Intent } from './journal/records.ts';
import { isPassing } from './server-wait.ts';

/** A key that gets another name and another expiry, where its expiry is still the earlier one and the new name is free. */
export type Move = Intent & { to: Buffer };

/** Status -3: the new name is taken. */
const script = scriptOf(`
local out = {}
for i = 1, #KEYS / 2 do
  local key, to = KEYS[2 * i - 1], KEYS[2 * i]
  local earlier, target = ARGV[2 * i - 1], ARGV[2 * i]
  local present = redis.pcall('PEXPIRETIME', key)
  local status, detail = 0, present
  if type(present) == 'table' then
    status, detail = -9, present.err
  elseif present == -2 then
    status = -2
  elseif earlier == '*' or present == tonumber(earlier) then
    local done = redis.pcall('RENAMENX', key, to)
    if type(done) == 'table' then
      status, detail = -9, done.err
    elseif done == 0 then
      status = -3
    else
      if target == '-1' then redis.pcall('PERSIST', to) else redis.pcall('PEXPIREAT', to, target) end
      status, detail = 1, 0
    end
  end
  out[2 * i - 1] = status
  out[2 * i] = detail
end
return out`);

const open = 0x7b;
const close = 0x7d;

/**
 * The name of a key in the graveyard: prefix and name. In a cluster the slot must stay, so a name without a hash tag becomes one
 * itself: `prefix{name}`. `null` where no such name keeps the slot.
 */
export function graveyardName(prefix: Buffer, name: Buffer, cluster: boolean): Buffer | null {
  const plain = Buffer.concat([prefix, name]);
  if (!cluster || keySlot(plain) === keySlot(name)) return plain;
  const tagged = Buffer.concat([prefix, Buffer.from([open]), name, Buffer.from([close])]);
  return keySlot(tagged) === keySlot(name) ? tagged : null;
}

function groupsOf(session: RedisSession, moves: readonly Move[], indexes: readonly number[], force: boolean): ScriptGroup[] {
  const cluster = session.facts().topology === 'cluster';
  const bySlot = new Map<number, ScriptGroup>();
  for (const index of indexes) {
    const { name, to, earlier, target } = moves[index] as Move;
    const slot = cluster ? keySlot(name) : 0;
    let group = bySlot.get(slot);
    if (group === undefined) bySlot.set(slot, (group = { covers: [], keys: [], arguments: [] }));
    group.covers.push(index);
    group.keys.push(name, to);
    group.arguments.push(force ? '*' : String(earlier), String(target));
  }
  return [...bySlot.values()];
}

/** Moves keys. Sent once: what broke before its answer is `unknown`. `force`: whatever the expiry is. */
export async function moveKeys(session: RedisSession, db: number, moves: readonly Move[], { force, scripts }: { force: boolean; scripts: boolean }): Promise<ChangeOutcome[]> {
  if (!scripts) return moveByTransactions(session, db, moves, force);
  const results: ChangeOutcome[] = [];
  let groups = groupsOf(
    session,
    moves,
    moves.map((_, at) => at),
    force,
  );
  while (groups.length > 0) {
    const sent = groups;
    const outcomes = await sendScript(session, db, script, sent);
    if (results.length === 0 && outcomes.length > 0 && outcomes.every(refusesScripts)) return moveByTransactions(session, db, moves, force);
    groups = [];
    sent.forEach((group, at) => {
      const found = outcomesOf(group, outcomes[at] as Outcome, session);
      if (found === null) groups.push(...group.covers.flatMap((index) => groupsOf(session, moves, [index], force)));
      else group.covers.forEach((index, each) => (results[index] = found[each] as ChangeOutcome));
    });
  }
  return results;
}

/** One key at a time under WATCH, with the new name watched too. */
async function moveByTransactions(session: RedisSession, db: number, moves: readonly Move[], force: boolean): Promise<ChangeOutcome[]> {
  const results: ChangeOutcome[] = [];
  for (const { name, to, earlier, target } of moves) {
    let result: ChangeOutcome = { kind: 'other', present: earlier };
    try {
      const replies = await session.transaction(db, [name, to], async (read) => {
        const present = numberOf(await read(['PEXPIRETIME', name]));
        if (present === -2) result = { kind: 'gone' };
        else if (!force && present !== earlier) result = { kind: 'other', present };
        else if (numberOf(await read(['EXISTS', to])) === 1) result = { kind: 'occupied' };
        else return [['RENAMENX', name, to] as Command, target === noExpiry ? ['PERSIST', to] : ['PEXPIREAT', to, target]];
        return null;
      });
      const first = replies?.[0];
      if (first instanceof LookasideError) result = { kind: 'failed', problem: first };
      else if (first !== undefined) result = { kind: 'changed' };
    } catch (error) {
      if (!(error instanceof LookasideError) || error.code === 'READ_ONLY') throw error;
      result = isPassing(error) ? { kind: 'unknown', problem: error } : { kind: 'failed', problem: error };
    }
    results.push(result);
  }
  return results;
}
