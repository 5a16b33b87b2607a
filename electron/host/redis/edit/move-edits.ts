import { keySlot } from '../../../../shared/redis/slot.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Command } from '../session.ts';
import type { KeyAt } from '../values/key-read.ts';
import { listOf } from '../values/replies.ts';
import { tooLargeToKeep } from './key-edits.ts';
import { dumpOf, keyState, memoryOf, restore, sameExpiry, type KeyState } from './key-state.ts';
import { refused, type Operation, type Prepared } from './operation.ts';
import { hasSha1, isAbsent, isType, replies, type Guard, type Plan } from './plan.ts';
import { sha1Of } from './script.ts';

interface Target {
  /** Where it goes: the same session, perhaps another database. */
  to: KeyAt;
  overwrite: boolean;
}

/** What stands at the target, kept for undo. */
interface Overwritten {
  payload: Buffer;
  expiresAt: number | null;
}

const exists = refused('A key of the new name exists already');

async function overwrittenAt(to: KeyAt, state: KeyState): Promise<Overwritten | null> {
  if (state.type === 'none') return null;
  const payload = await dumpOf(to);
  if (payload === null) throw tooLargeToKeep(await memoryOf(to));
  return { payload, expiresAt: state.expiresAt };
}

function untouched({ name }: KeyAt, there: Overwritten | null): Guard[] {
  return there === null ? [isAbsent(name)] : [hasSha1(['DUMP', name], sha1Of(there.payload))];
}

function inOtherSlots(a: KeyAt, b: KeyAt): boolean {
  return a.session.facts().topology === 'cluster' && keySlot(a.name) !== keySlot(b.name);
}

const apart: readonly [string, string] = ['The two names lie in different slots of the cluster', 'Give both names the same {hash tag}, or move the key with redis-cli.'];
const noCopy: readonly [string, string] = ['The server has no COPY (Redis 6.2)', 'Copy it with a tool that reads and writes its elements.'];

/** Whether the server knows COPY. Where the user may not ask, COPY itself says so. */
async function hasCopy({ session, db }: KeyAt): Promise<boolean> {
  const [outcome] = await session.batch(db, [['COMMAND', 'INFO', 'COPY']]);
  if (outcome === undefined || outcome instanceof LookasideError) return true;
  const [entry] = listOf(outcome);
  return entry !== undefined && entry !== null && listOf(entry).length > 0;
}

/** The key in the server's own form, for a way that goes through this machine. */
async function carried(key: KeyAt, why: string, hint: string): Promise<Buffer> {
  const payload = await dumpOf(key);
  if (payload === null) {
    throw new LookasideError('LIMIT_EXCEEDED', `${why}, and the key is too large to be carried over (64 MiB)`, {
      hint,
      details: { bytes: await memoryOf(key) },
    });
  }
  return payload;
}

/** The step that puts back what was overwritten, or takes away what was put. */
function takeAway({ db, name }: KeyAt, guards: Guard[], there: Overwritten | null): Plan {
  const write: Command = there === null ? ['UNLINK', name] : restore(name, there.payload, there.expiresAt, true);
  return { db, keys: [name], guards, writes: [write] };
}

async function prepareRename(key: KeyAt, state: KeyState, { to, overwrite }: Target): Promise<Prepared> {
  if (state.type === 'none') return refused('The key does not exist any more');
  if (to.name.equals(key.name)) return { kind: 'unchanged' };
  const target = await keyState(to);
  if (target.type !== 'none' && !overwrite) return exists;
  const there = await overwrittenAt(to, target);
  const { db, name } = key;
  if (!inOtherSlots(key, to)) {
    const keys = [name, to.name];
    return {
      kind: 'plan',
      summary: there === null ? 'Rename the key' : 'Rename the key over another',
      steps: [{ db, keys, guards: [isType(name, state.type), ...untouched(to, there)], writes: [[there === null ? 'RENAMENX' : 'RENAME', name, to.name]] }],
      back: [
        {
          db,
          keys,
          guards: [isAbsent(name), isType(to.name, state.type)],
          writes: [['RENAMENX', to.name, name], ...(there === null ? [] : [restore(to.name, there.payload, there.expiresAt, false)])],
        },
      ],
      why: '',
    };
  }
  const payload = await carried(key, ...apart);
  const isPayload = (one: KeyAt): Guard => hasSha1(['DUMP', one.name], sha1Of(payload));
  const undoPut = takeAway(to, [isPayload(to)], there);
  return {
    kind: 'plan',
    summary: there === null ? 'Rename the key across slots' : 'Rename the key across slots, over another',
    steps: [
      { db, keys: [to.name], guards: untouched(to, there), writes: [restore(to.name, payload, state.expiresAt, there !== null)], revert: undoPut },
      { db, keys: [name], guards: [isType(name, state.type), ...sameExpiry(name, state), isPayload(key)], writes: [['UNLINK', name]] },
    ],
    back: [
      { db, keys: [name], guards: [isAbsent(name)], writes: [restore(name, payload, state.expiresAt, false)], revert: { db, keys: [name], guards: [isPayload(key)], writes: [['UNLINK', name]] } },
      undoPut,
    ],
    why: '',
    proof: [isAbsent(name)],
    note: 'The names lie in different slots of the cluster: the key was copied by DUMP and RESTORE, then deleted under its old name, only while unchanged',
  };
}

/** Another name for the key; never over an existing one unasked. */
export function rename(key: KeyAt, target: Target): Operation {
  return { operation: 'rename', key, probe: { kind: 'key' }, prepare: (state) => prepareRename(key, state, target) };
}

async function prepareCopy(key: KeyAt, state: KeyState, { to, overwrite }: Target): Promise<Prepared> {
  if (state.type === 'none') return refused('The key does not exist any more');
  if (to.name.equals(key.name) && to.db === key.db) return { kind: 'unchanged' };
  const target = await keyState(to);
  if (target.type !== 'none' && !overwrite) return exists;
  const there = await overwrittenAt(to, target);
  const summary = there === null ? 'Copy the key' : 'Copy the key over another';
  const { db, name } = key;
  const otherDb = to.db !== db;
  const slotsApart = inOtherSlots(key, to);
  if (slotsApart || !(await hasCopy(key))) {
    const payload = await carried(key, ...(slotsApart ? apart : noCopy));
    // where one step can see both, the key must still be what was carried
    const together = !slotsApart && !otherDb;
    const still = together ? [hasSha1(['DUMP', name], sha1Of(payload))] : [];
    return {
      kind: 'plan',
      summary,
      steps: [{ db: to.db, keys: together ? [name, to.name] : [to.name], guards: [...still, ...untouched(to, there)], writes: [restore(to.name, payload, state.expiresAt, there !== null)] }],
      back: [takeAway(to, [hasSha1(['DUMP', to.name], sha1Of(payload))], there)],
      why: '',
      note: slotsApart ? 'The names lie in different slots of the cluster: the key was copied by DUMP and RESTORE' : 'The server has no COPY (Redis 6.2): the key was copied by DUMP and RESTORE',
    };
  }
  const command: Command = ['COPY', name, to.name, ...(otherDb ? ['DB', to.db] : []), ...(there === null ? [] : ['REPLACE'])];
  const completed = async () => {
    const made = await dumpOf(to);
    if (made === null) return { back: null, why: 'The copy is too large to be compared (64 MiB)' };
    return { back: [takeAway(to, [hasSha1(['DUMP', to.name], sha1Of(made))], there)], why: '' };
  };
  return {
    kind: 'plan',
    summary,
    steps: [{ db, keys: otherDb ? [name] : [name, to.name], guards: [isType(name, state.type), ...(otherDb ? lookInto(to.db, db, untouched(to, there)) : untouched(to, there))], writes: [command] }],
    back: null,
    why: 'The copy could not be read back',
    // in another database no step can look; the command itself refuses there
    proof: otherDb ? [] : [isType(to.name, state.type)],
    complete: completed,
  };
}

/** Guards about another database: the script looks there and comes back. */
function lookInto(other: number, back: number, guards: Guard[]): Guard[] {
  const select = (db: number): Guard => replies(['SELECT', db], Buffer.from('OK'));
  return [select(other), ...guards, select(back)];
}

/** The same key under another name or in another database; never over an existing one unasked. */
export function copy(key: KeyAt, target: Target): Operation {
  return { operation: 'copy', key, probe: { kind: 'key' }, prepare: (state) => prepareCopy(key, state, target) };
}
