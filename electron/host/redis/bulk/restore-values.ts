import { LookasideError } from '../../../../shared/contract/errors.ts';
import { noExpiry } from '../../../../shared/redis/ttl-change.ts';
import { listOf, numberOf, numberOrNull, replyOrNull, saysError, textOf, type Outcome } from '../values/replies.ts';
import type { Command, CommandPart, RedisSession } from '../session.ts';
import { problemOf, refusesScripts, scriptOf, sendScript, type Script, type ScriptGroup } from './compare-and-set.ts';
import { isUnordered, sameDump } from './dump-compare.ts';
import { dumpSum } from './unlink-keys.ts';
import type { Intent, KeptValue } from './journal/records.ts';
import { isPassing } from './server-wait.ts';

export type KeptIntent = Intent & { kept: KeptValue };

/** `exists`: the name is taken, by whatever. */
export type RestoreOutcome = { kind: 'restored' } | { kind: 'exists' } | { kind: 'failed'; problem: LookasideError } | { kind: 'unknown'; problem: LookasideError };

/** Values of one script, bytes: more would hold others up. */
const scriptBytes = 256 * 1024;

const script: Script = scriptOf(`
local out = {}
local replace, facts, values = ARGV[1] == '1', ARGV[2], ARGV[3]
local uses = {'IDLETIME', 'FREQ'}
local from = 1
for i, key in ipairs(KEYS) do
  local expiry, use, kind, length = struct.unpack('<ddI4I4', facts, i * 24 - 23)
  local by = uses[kind] or ''
  local value = string.sub(values, from, from + length - 1)
  from = from + length
  expiry = string.format('%.0f', expiry)
  use = string.format('%.0f', use)
  local done
  if replace then
    if by == '' then done = redis.pcall('RESTORE', key, expiry, value, 'REPLACE', 'ABSTTL')
    else done = redis.pcall('RESTORE', key, expiry, value, 'REPLACE', 'ABSTTL', by, use) end
  elseif by == '' then
    done = redis.pcall('RESTORE', key, expiry, value, 'ABSTTL')
  else
    done = redis.pcall('RESTORE', key, expiry, value, 'ABSTTL', by, use)
  end
  out[i] = done.err or 1
end
return out`);

const uses = { idle: 'IDLETIME', frequency: 'FREQ' } as const;

function keptUse({ use }: KeptValue): [CommandPart, CommandPart] {
  return use === null ? ['', ''] : [uses[use.by], use.value];
}

function restoreCommand({ name, earlier, kept }: KeptIntent, replace: boolean): Command {
  const [by, use] = keptUse(kept);
  return ['RESTORE', name, earlier === noExpiry ? 0 : earlier, kept.dump, ...(replace ? ['REPLACE'] : []), 'ABSTTL', ...(by === '' ? [] : [by, use])];
}

function outcomeOf(problem: LookasideError): RestoreOutcome {
  if (saysError(problem, 'BUSYKEY')) return { kind: 'exists' };
  return isPassing(problem) ? { kind: 'unknown', problem } : { kind: 'failed', problem };
}

/** Gives values back with their expiries and uses. Without `replace` never over an existing key. Sent once. */
export async function restoreValues(session: RedisSession, db: number, intents: readonly KeptIntent[], replace: boolean, scripts: boolean): Promise<RestoreOutcome[]> {
  if (scripts && session.facts().topology !== 'cluster') {
    const found = await byScript(session, db, intents, replace);
    if (found !== null) return found;
  }
  const outcomes = await session.batch(
    db,
    intents.map((intent) => restoreCommand(intent, replace)),
  );
  return outcomes.map((outcome) => (outcome instanceof LookasideError ? outcomeOf(outcome) : { kind: 'restored' }));
}

const useKinds = ['none', 'idle', 'frequency'];

/** Facts of all keys in one argument and their values in another: an argument for each of them costs more than all else. */
function packValues(intents: readonly KeptIntent[]): [Buffer, Buffer] {
  const facts = Buffer.alloc(intents.length * 24);
  intents.forEach(({ earlier, kept }, index) => {
    const at = index * 24;
    facts.writeDoubleLE(earlier === noExpiry ? 0 : earlier, at);
    facts.writeDoubleLE(kept.use?.value ?? 0, at + 8);
    facts.writeUInt32LE(useKinds.indexOf(kept.use?.by ?? 'none'), at + 16);
    facts.writeUInt32LE(kept.dump.length, at + 20);
  });
  return [facts, Buffer.concat(intents.map(({ kept }) => kept.dump))];
}

async function byScript(session: RedisSession, db: number, intents: readonly KeptIntent[], replace: boolean): Promise<RestoreOutcome[] | null> {
  const groups: ScriptGroup[] = [];
  let bytes = 0;
  intents.forEach(({ name, kept }, at) => {
    let group = groups.at(-1);
    if (group === undefined || bytes + kept.dump.length > scriptBytes || group.covers.length >= 250) {
      bytes = 0;
      groups.push((group = { covers: [], keys: [], arguments: [replace ? 1 : 0] }));
    }
    bytes += kept.dump.length;
    group.covers.push(at);
    group.keys.push(name);
  });
  for (const group of groups) group.arguments.push(...packValues(group.covers.map((at) => intents[at] as KeptIntent)));
  const replies = await sendScript(session, db, script, groups);
  if (replies.every(refusesScripts)) return null;
  const results: RestoreOutcome[] = [];
  groups.forEach((group, index) => {
    const reply = replies[index] as Outcome;
    const flat = reply instanceof LookasideError ? null : listOf(reply);
    group.covers.forEach((at, each) => {
      if (reply instanceof LookasideError) results[at] = outcomeOf(reply);
      else if (flat?.[each] === 1) results[at] = { kind: 'restored' };
      else results[at] = outcomeOf(problemOf(textOf(flat?.[each]), session));
    });
  });
  return results;
}

/** What stands under a name now, beside a value that was kept. */
export type Presence = 'absent' | 'same' | 'other';

const compareScript: Script = scriptOf(`
local out = {}
for i, key in ipairs(KEYS) do
  local size = redis.call('MEMORY', 'USAGE', key)
  if not size then out[i] = 0
  elseif size > tonumber(ARGV[2 * i]) then out[i] = 3
  elseif string.sub(redis.call('DUMP', key) or '', -8) == ARGV[2 * i - 1] then out[i] = 1
  else out[i] = 2 end
end
return out`);

/** A value that takes more memory than this cannot be the one that was kept. */
function sizeLimit({ dump }: KeptValue): number {
  return dump.length * 64 + 4096;
}

const presences: readonly Presence[] = ['absent', 'same', 'other', 'other'];
/** Status of a value of about the same size with other bytes. */
const otherBytes = 2;

/** Reads whether kept values are there, by the checksums of DUMP. Rejects with what concerns all. */
export async function compareValues(session: RedisSession, db: number, intents: readonly KeptIntent[], signal: AbortSignal): Promise<(Presence | LookasideError)[]> {
  if (intents.length === 0) return [];
  if (session.facts().topology !== 'cluster') {
    const given = intents.flatMap(({ kept }): CommandPart[] => [dumpSum(kept.dump), sizeLimit(kept)]);
    const names = intents.map(({ name }) => name);
    let [reply] = await session.batch(db, [['EVALSHA_RO', compareScript.sha, names.length, ...names, ...given]], { signal });
    if (saysError(reply, 'NOSCRIPT')) [reply] = await session.batch(db, [['EVAL_RO', compareScript.text, names.length, ...names, ...given]], { signal });
    if (!(reply instanceof LookasideError)) {
      const found: (Presence | LookasideError)[] = listOf(reply).map((each) => presences[numberOf(each)] ?? 'other');
      const due = intents.flatMap(({ kept }, at) => (numberOf(listOf(reply)[at]) === otherBytes && isUnordered(kept.dump) ? [at] : []));
      await compareDumps(session, db, intents, due, found, signal);
      return found;
    }
    if (reply.code === 'CANCELLED' || isPassing(reply)) throw reply;
  }
  const sizes = await session.batch(
    db,
    intents.map(({ name }): Command => ['MEMORY', 'USAGE', name]),
    { signal },
  );
  const results: (Presence | LookasideError)[] = [];
  const due: number[] = [];
  sizes.forEach((size, at) => {
    if (size instanceof LookasideError) {
      if (size.code === 'CANCELLED' || isPassing(size)) throw size;
      results[at] = size;
      return;
    }
    const bytes = numberOrNull(replyOrNull(size));
    if (bytes === null) results[at] = 'absent';
    else if (bytes > sizeLimit((intents[at] as KeptIntent).kept)) results[at] = 'other';
    else due.push(at);
  });
  await compareDumps(session, db, intents, due, results, signal);
  return results;
}

/** Reads the values at `due`, whose sizes are known to be about right, and notes how each compares. */
async function compareDumps(
  session: RedisSession,
  db: number,
  intents: readonly KeptIntent[],
  due: readonly number[],
  results: (Presence | LookasideError)[],
  signal: AbortSignal,
): Promise<void> {
  const dumps = await session.batch(
    db,
    due.map((at): Command => ['DUMP', (intents[at] as KeptIntent).name]),
    { signal },
  );
  due.forEach((at, index) => {
    const dump = dumps[index];
    if (dump instanceof LookasideError) {
      if (dump.code === 'CANCELLED' || isPassing(dump)) throw dump;
      results[at] = dump;
    } else if (!Buffer.isBuffer(dump)) results[at] = 'absent';
    else results[at] = sameDump((intents[at] as KeptIntent).kept.dump, dump) ? 'same' : 'other';
  });
}
