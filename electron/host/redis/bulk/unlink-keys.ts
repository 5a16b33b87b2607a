import { LookasideError } from '../../../../shared/contract/errors.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import { numberOf, saysError, type Outcome } from '../values/replies.ts';
import type { Command, CommandPart, RedisSession } from '../session.ts';
import { outcomesOf, refusesScripts, scriptOf, sendScript, type Script, type ScriptGroup } from './compare-and-set.ts';
import type { ChangeOutcome } from './expiry-target.ts';
import { deleteInSlices } from './delete-slices.ts';
import type { Intent } from './journal/records.ts';
import { isPassing } from './server-wait.ts';

/**
 * How keys are deleted, and why so.
 *
 * With an undo there are two steps: one round trip reads the facts and dumps the values, the journal is flushed to the disk, and
 * only then one script for each page (each slot in a cluster) deletes the keys that are still what was journalled. One script
 * that dumps and deletes together would be a third faster, but a program that dies before it has flushed would lose that page for
 * good; two steps lose nothing. "Still what was journalled" means: the same expiry, and a fresh DUMP with the same checksum. DUMP ends
 * in a CRC64 of all bytes before it, so the whole value is compared by eight bytes and nothing travels. Only what the journal
 * holds can be deleted; a writer that comes between makes its key "other", and it is read, judged and journalled anew.
 *
 * Without an undo and with conditions on facts, the same script compares expiry and type (and that the key was not used since, where
 * idle time or frequency decide) and deletes together. Without conditions the names are all there is to check, and they are exact:
 * plain UNLINK of a page.
 *
 * Without scripts the comparison runs under WATCH, and UNLINK in MULTI: as exact, only slower.
 */
const script: Script = scriptOf(`
local out = {}
local idle, frequency, facts = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local none = string.rep('\\0', 8)
local function expiry(key)
  local at = redis.pcall('PEXPIRETIME', key)
  if type(at) ~= 'table' then return at, 0 end
  local left = redis.pcall('PTTL', key)
  if type(left) == 'table' then return at, 0 end
  if left < 0 then return left, 0 end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000) + left, 5
end
for i, key in ipairs(KEYS) do
  local earlier = struct.unpack('<d', facts, i * 16 - 15)
  local sum = string.sub(facts, i * 16 - 7, i * 16)
  local is = ARGV[i + 3] or ''
  local present, slack = expiry(key)
  local status, detail = 0, present
  if type(present) == 'table' then
    status, detail = -9, present.err
  elseif present == -2 then
    status = -2
  elseif math.abs(present - earlier) <= slack then
    local same = true
    if is ~= '' then same = redis.call('TYPE', key).ok == is end
    if same and idle then same = redis.call('OBJECT', 'IDLETIME', key) >= idle end
    if same and frequency then same = redis.call('OBJECT', 'FREQ', key) <= frequency end
    if same and sum ~= none then
      local value = redis.pcall('DUMP', key)
      if type(value) == 'table' then
        same, status, detail = false, -9, value.err
      else
        same = value and string.sub(value, -8) == sum
      end
    end
    if same then
      local done = redis.pcall('UNLINK', key)
      if type(done) == 'table' then status, detail = -9, done.err else status, detail = 1, 0 end
    end
  end
  out[2 * i - 1] = status
  out[2 * i] = detail
end
return out`);

/** What must still hold at the moment of deletion. */
export interface UnlinkCheck {
  /** OBJECT IDLETIME at least, OBJECT FREQ at most; `null` = not asked. */
  idleSeconds: number | null;
  frequency: number | null;
}

/** Checksum that stands at the end of what DUMP gives. */
export function dumpSum(dump: Buffer): Buffer {
  return dump.subarray(-8);
}

/** Type of an intent that keeps no value but whose type was judged. */
export type UnlinkIntent = Intent & { type?: string | null };

/** Keys of one script: below a millisecond of the server's time, so that others are served between two. */
const keysPerScript = 200;

function groupsOf(session: RedisSession, intents: readonly UnlinkIntent[], indexes: readonly number[], check: UnlinkCheck): ScriptGroup[] {
  const cluster = session.facts().topology === 'cluster';
  const bySlot = new Map<number, ScriptGroup>();
  const head: CommandPart[] = [check.idleSeconds ?? '', check.frequency ?? ''];
  for (const [order, index] of indexes.entries()) {
    const { name, kept, type } = intents[index] as UnlinkIntent;
    const slot = cluster ? keySlot(name) : Math.floor(order / keysPerScript);
    let group = bySlot.get(slot);
    if (group === undefined) bySlot.set(slot, (group = { covers: [], keys: [], arguments: [...head] }));
    group.covers.push(index);
    group.keys.push(name);
    // what DUMP's checksum covers needs no look at the type
    if (kept === undefined) group.arguments.push(type ?? '');
  }
  const groups = [...bySlot.values()];
  for (const group of groups) {
    group.arguments.splice(
      2,
      0,
      packFacts(group.covers.map((index) => intents[index] as UnlinkIntent)),
    );
  }
  return groups;
}

/** Expiry and checksum of each key in one argument: an argument for each of them costs more than all else. Zeros: no checksum. */
function packFacts(intents: readonly UnlinkIntent[]): Buffer {
  const packed = Buffer.alloc(intents.length * 16);
  intents.forEach(({ earlier, kept }, at) => {
    packed.writeDoubleLE(earlier, at * 16);
    if (kept !== undefined) dumpSum(kept.dump).copy(packed, at * 16 + 8);
  });
  return packed;
}

const lacksUnlink = (outcome: ChangeOutcome): boolean => outcome.kind === 'failed' && /unknown.*command/i.test(`${outcome.problem.message} ${String(outcome.problem.details['reply'] ?? '')}`);

/** By one script for each slot. `null`: this user or server has no scripts. */
async function byScript(session: RedisSession, db: number, intents: readonly UnlinkIntent[], check: UnlinkCheck): Promise<ChangeOutcome[] | null> {
  const results: ChangeOutcome[] = [];
  let groups = groupsOf(
    session,
    intents,
    intents.map((_, at) => at),
    check,
  );
  while (groups.length > 0) {
    const sent = groups;
    const outcomes = await sendScript(session, db, script, sent);
    if (results.length === 0 && outcomes.some(refusesScripts) && outcomes.every(refusesScripts)) return null;
    groups = [];
    sent.forEach((group, at) => {
      const found = outcomesOf(group, outcomes[at] as Outcome, session);
      if (found === null) groups.push(...group.covers.flatMap((index) => groupsOf(session, intents, [index], check)));
      else group.covers.forEach((index, each) => (results[index] = found[each] as ChangeOutcome));
    });
  }
  return results;
}

/** Keys of one transaction: they are all watched, and one that someone touches spoils the others' turn. */
const watchedTogether = 50;

/** Under WATCH: what is unchanged goes in one MULTI. */
async function byTransaction(session: RedisSession, db: number, intents: readonly UnlinkIntent[]): Promise<ChangeOutcome[]> {
  const cluster = session.facts().topology === 'cluster';
  const bySlot = new Map<number, number[][]>();
  intents.forEach(({ name }, at) => {
    const slot = cluster ? keySlot(name) : 0;
    const groups = bySlot.get(slot) ?? [];
    bySlot.set(slot, groups);
    const open = groups.at(-1);
    if (open !== undefined && open.length < watchedTogether) open.push(at);
    else groups.push([at]);
  });
  const results: ChangeOutcome[] = [];
  for (const group of [...bySlot.values()].flat()) {
    const found = await watchGroup(
      session,
      db,
      group.map((at) => intents[at] as UnlinkIntent),
    );
    group.forEach((at, index) => (results[at] = found[index] as ChangeOutcome));
  }
  return results;
}

async function watchGroup(session: RedisSession, db: number, intents: readonly UnlinkIntent[]): Promise<ChangeOutcome[]> {
  const results: ChangeOutcome[] = intents.map((intent) => ({ kind: 'other', present: intent.earlier }));
  const due: number[] = [];
  try {
    const replies = await session.transaction(
      db,
      intents.map(({ name }) => name),
      async (read) => {
        await Promise.all(
          intents.map(async ({ name, earlier, kept }, at) => {
            const present = numberOf(await read(['PEXPIRETIME', name]));
            if (present === -2) results[at] = { kind: 'gone' };
            else if (present !== earlier) results[at] = { kind: 'other', present };
            else if (kept === undefined) due.push(at);
            else {
              const dump = await read(['DUMP', name]);
              if (Buffer.isBuffer(dump) && dumpSum(dump).equals(dumpSum(kept.dump))) due.push(at);
            }
          }),
        );
        return due.length === 0 ? null : due.map((at): Command => ['UNLINK', (intents[at] as UnlinkIntent).name]);
      },
    );
    // someone touched one of them: all are looked at again
    if (replies === null) return results;
    due.forEach((at, index) => {
      const reply = replies[index] as Outcome;
      if (reply instanceof LookasideError) results[at] = isPassing(reply) ? { kind: 'unknown', problem: reply } : { kind: 'failed', problem: reply };
      else results[at] = numberOf(reply) === 1 ? { kind: 'changed' } : { kind: 'gone' };
    });
    return results;
  } catch (error) {
    if (!(error instanceof LookasideError) || error.code === 'READ_ONLY' || error.code === 'CANCELLED') throw error;
    return intents.map(() => (isPassing(error) ? { kind: 'unknown', problem: error } : { kind: 'failed', problem: error }));
  }
}

/** Sessions whose server has no UNLINK. */
const withoutUnlink = new WeakSet<RedisSession>();

/** Deletes what is still as its intent says. Sent once: what broke before its answer is `unknown`. `scripts`: this user may run them. */
export async function unlinkUnchanged(session: RedisSession, db: number, intents: readonly UnlinkIntent[], check: UnlinkCheck, scripts: boolean): Promise<ChangeOutcome[]> {
  if (withoutUnlink.has(session)) return deleteInSlices(session, db, intents);
  const results = (scripts ? await byScript(session, db, intents, check) : null) ?? (await byTransaction(session, db, intents));
  if (!results.some(lacksUnlink)) return results;
  withoutUnlink.add(session);
  const due = results.flatMap((result, at) => (lacksUnlink(result) ? [at] : []));
  const again = await deleteInSlices(
    session,
    db,
    due.map((at) => intents[at] as UnlinkIntent),
  );
  due.forEach((at, index) => (results[at] = again[index] as ChangeOutcome));
  return results;
}

/** Names of one command: what UNLINK does at a time without holding others up. */
const unlinkedTogether = 500;

/**
 * Deletes names whatever they hold: plain UNLINK. Which of a group were there cannot be told, only how many; the outcomes
 * are given in that sense.
 */
export async function unlinkNames(session: RedisSession, db: number, names: readonly Buffer[]): Promise<ChangeOutcome[]> {
  const asIntents = (indexes: readonly number[]): Intent[] => indexes.map((at) => ({ name: names[at] as Buffer, db, earlier: -1, target: -1 }));
  const all = names.map((_, at) => at);
  if (withoutUnlink.has(session)) return deleteInSlices(session, db, asIntents(all));
  const cluster = session.facts().topology === 'cluster';
  const groups = new Map<number, number[]>();
  for (const at of all) {
    const group = cluster ? keySlot(names[at] as Buffer) : Math.floor(at / unlinkedTogether);
    const open = groups.get(group);
    if (open === undefined) groups.set(group, [at]);
    else open.push(at);
  }
  const results: ChangeOutcome[] = [];
  let due = [...groups.values()];
  while (due.length > 0) {
    const sent = due;
    due = [];
    const outcomes: Outcome[] = await session.batch(
      db,
      sent.map((group): Command => ['UNLINK', ...group.map((at) => names[at] as Buffer)]),
    );
    for (const [index, group] of sent.entries()) {
      const outcome = outcomes[index] as Outcome;
      if (!(outcome instanceof LookasideError)) {
        const gone = group.length - numberOf(outcome);
        group.forEach((at, each) => (results[at] = each < gone ? { kind: 'gone' } : { kind: 'changed' }));
      } else if (saysError(outcome, 'unknown command')) {
        withoutUnlink.add(session);
        const found = await deleteInSlices(session, db, asIntents(group));
        group.forEach((at, each) => (results[at] = found[each] as ChangeOutcome));
      } else if (isPassing(outcome) && !saysError(outcome, 'TRYAGAIN')) {
        for (const at of group) results[at] = { kind: 'unknown', problem: outcome };
      } else if (group.length > 1) {
        // refused as a whole: each by itself tells which one is the cause
        due.push(...group.map((at) => [at]));
      } else {
        results[group[0] as number] = isPassing(outcome) ? { kind: 'unknown', problem: outcome } : { kind: 'failed', problem: outcome };
      }
    }
  }
  return results;
}
