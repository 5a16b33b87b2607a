import { LookasideError } from '../../../../shared/contract/errors.ts';
import { noExpiry } from '../../../../shared/redis/ttl-change.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import { numberOf, type Outcome } from '../values/replies.ts';
import type { Command, RedisSession } from '../session.ts';
import { outcomesOf, refusesScripts, scriptOf, sendScript, type ScriptGroup } from './compare-and-set.ts';
import type { ChangeOptions, ChangeOutcome } from './expiry-target.ts';
import type { Intent } from './journal/records.ts';
import { isPassing } from './server-wait.ts';

/**
 * Compares and changes in one step, so that no writer slips between. Nothing may stop it half way: every call is protected.
 * Status 1 changed, 0 another expiry (given), -2 gone, -9 refused (the words given).
 */
const script = scriptOf(`
local out = {}
for i, key in ipairs(KEYS) do
  local earlier, target = ARGV[2 * i - 1], ARGV[2 * i]
  local present = redis.pcall('PEXPIRETIME', key)
  local status, detail = 0, present
  if type(present) == 'table' then
    status, detail = -9, present.err
  elseif present == -2 then
    status = -2
  elseif earlier == '*' or present == tonumber(earlier) then
    local done
    if target == '-1' then done = redis.pcall('PERSIST', key) else done = redis.pcall('PEXPIREAT', key, target) end
    if type(done) == 'table' then status, detail = -9, done.err else status, detail = 1, 0 end
  end
  out[2 * i - 1] = status
  out[2 * i] = detail
end
return out`);

function groupsOf(session: RedisSession, intents: readonly Intent[], indexes: readonly number[], force: boolean): ScriptGroup[] {
  const cluster = session.facts().topology === 'cluster';
  const bySlot = new Map<number, ScriptGroup>();
  for (const index of indexes) {
    const { name, earlier, target } = intents[index] as Intent;
    const slot = cluster ? keySlot(name) : 0;
    let group = bySlot.get(slot);
    if (group === undefined) bySlot.set(slot, (group = { covers: [], keys: [], arguments: [] }));
    group.covers.push(index);
    group.keys.push(name);
    group.arguments.push(force ? '*' : String(earlier), String(target));
  }
  return [...bySlot.values()];
}

/**
 * Sets the expiry of keys where it is still the earlier one; one script for all keys of a server, of a slot in a cluster.
 * `null`: this user or server has no scripts.
 */
export async function changeByScript(session: RedisSession, db: number, intents: readonly Intent[], { force }: ChangeOptions): Promise<ChangeOutcome[] | null> {
  const results: ChangeOutcome[] = [];
  let groups = groupsOf(
    session,
    intents,
    intents.map((_, at) => at),
    force,
  );
  while (groups.length > 0) {
    const sent = groups;
    const outcomes = await sendScript(session, db, script, sent);
    const refusal = outcomes.find(refusesScripts);
    if (refusal !== undefined && results.length === 0 && outcomes.every(refusesScripts)) return null;
    groups = [];
    sent.forEach((group, at) => {
      const found = outcomesOf(group, outcomes[at] as Outcome, session);
      // nothing of it was done: each by itself tells which one is the cause
      if (found === null) groups.push(...group.covers.flatMap((index) => groupsOf(session, intents, [index], force)));
      else group.covers.forEach((index, each) => (results[index] = found[each] as ChangeOutcome));
    });
  }
  return results;
}

/** What the server itself can check, to keep the moment between reading and changing harmless. */
function conditional({ name, earlier, target }: Intent, force: boolean): Command {
  if (target === noExpiry) return ['PERSIST', name];
  const command: Command = ['PEXPIREAT', name, target];
  if (force) return command;
  if (earlier === noExpiry) return [...command, 'NX'];
  return target > earlier ? [...command, 'GT'] : [...command, 'XX', 'LT'];
}

/**
 * The same without scripts: reads, then changes what is unchanged, with the server's own NX, XX, GT and LT. A writer that comes
 * between the two steps and leaves an expiry on the same side can be overwritten; nothing else can.
 */
export async function changeInTwoSteps(session: RedisSession, db: number, intents: readonly Intent[], { force }: ChangeOptions): Promise<ChangeOutcome[]> {
  const results: ChangeOutcome[] = [];
  const present = await expiries(session, db, intents);
  const due = intents.flatMap((intent, at) => {
    const now = present[at];
    if (now instanceof LookasideError) results[at] = isPassing(now) ? { kind: 'unknown', problem: now } : { kind: 'failed', problem: now };
    else if (now === -2) results[at] = { kind: 'gone' };
    else if (!force && now !== intent.earlier) results[at] = { kind: 'other', present: now as number };
    else return [at];
    return [];
  });
  const outcomes = await session.batch(
    db,
    due.map((at) => conditional(intents[at] as Intent, force)),
  );
  const refused: number[] = [];
  due.forEach((at, index) => {
    const outcome = outcomes[index] as Outcome;
    if (outcome instanceof LookasideError) results[at] = isPassing(outcome) ? { kind: 'unknown', problem: outcome } : { kind: 'failed', problem: outcome };
    else if (numberOf(outcome) === 1) results[at] = { kind: 'changed' };
    else refused.push(at);
  });
  const after = await expiries(
    session,
    db,
    refused.map((at) => intents[at] as Intent),
  );
  refused.forEach((at, index) => {
    const now = after[index];
    if (now instanceof LookasideError) results[at] = { kind: 'unknown', problem: now };
    else if (now === (intents[at] as Intent).target) results[at] = { kind: 'changed' };
    else results[at] = now === -2 ? { kind: 'gone' } : { kind: 'other', present: now as number };
  });
  return results;
}

async function expiries(session: RedisSession, db: number, intents: readonly Intent[]): Promise<(number | LookasideError)[]> {
  const outcomes = await session.batch(
    db,
    intents.map(({ name }): Command => ['PEXPIRETIME', name]),
  );
  return outcomes.map((outcome) => (outcome instanceof LookasideError ? outcome : numberOf(outcome)));
}
