import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { toWire, wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import type { EditOperation, EditResult } from '../../../../shared/contract/edit.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { AuditJournal } from '../../connections/audit-journal.ts';
import type { ConnectionService, EditService, KeyService, WorkspaceService } from '../../services.ts';
import type { RedisReply, RedisSession } from '../session.ts';
import { keyAt, type KeyAt } from '../values/key-read.ts';
import { saysError, textOf } from '../values/replies.ts';
import type { EditJournal } from './edit-journal.ts';
import { hashField } from './hash-edits.ts';
import { create, expiry, remove } from './key-edits.ts';
import { keyState, presentState } from './key-state.ts';
import { listElement } from './list-edits.ts';
import { setMember, zsetMember } from './member-edits.ts';
import { copy, rename } from './move-edits.ts';
import { bytesIn, presentOf, type Operation, type PlannedEdit } from './operation.ts';
import type { Guard, Plan } from './plan.ts';
import { holds, runPlan } from './script.ts';
import { setRange, setString } from './string-edits.ts';
import { streamEntry } from './stream-edits.ts';

export interface EditServiceOptions {
  connections: Pick<ConnectionService, 'redis'>;
  workspaces: Pick<WorkspaceService, 'get'>;
  /** Told which keys came and went. */
  keys: Pick<KeyService, 'noteChange'>;
  journal: EditJournal;
  audit: AuditJournal;
  /** Gets a failure to tell the indexes; the edit itself has taken place. */
  report: (error: unknown) => void;
  /** How long a lost connection is waited for before an outcome stays unknown, ms. */
  settleMs?: number;
}

const settleEveryMs = 250;
/** Pushes and entries without an id of their own are planned anew when others came in between. */
const attempts = 5;

type Ran = { kind: 'done'; replies: RedisReply[][]; confirmed: boolean } | { kind: 'refused' } | { kind: 'notApplied'; reason: string };

/** Edits of keys: planned from what is read, noted, then checked and written by the server in one step. */
export function createEditService({ connections, workspaces, keys, journal, audit, report, settleMs = 15_000 }: EditServiceOptions): EditService {
  /** Waits for the connection; what a question answers then. */
  async function askLater<T>(ask: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + settleMs;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const passing = error instanceof LookasideError && ['CONNECTION_LOST', 'NOT_CONNECTED', 'REDIS_LOADING', 'REDIS_CLUSTER_DOWN'].includes(error.code);
        if (!passing || Date.now() > deadline) throw error;
        await delay(settleEveryMs);
      }
    }
  }

  /** The answer was lost: reading tells what came of it. The write itself is never sent again. */
  async function settle(session: () => RedisSession, step: Plan, proof: readonly Guard[] | null, lost: LookasideError): Promise<Ran> {
    try {
      if (proof !== null && proof.length > 0 && (await askLater(() => holds(session(), step.db, proof)))) return { kind: 'done', replies: [], confirmed: true };
      if (await askLater(() => holds(session(), step.db, step.guards))) {
        return { kind: 'notApplied', reason: 'The connection broke before the edit took place: reading again shows the value as it was' };
      }
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      throw lost;
    }
    if (proof === null || proof.length === 0) throw lost;
    throw new LookasideError('OUTCOME_UNKNOWN', 'The answer was lost, and someone else has changed the key since', {
      hint: 'Read the key again: it holds neither what was there before nor what was written.',
    });
  }

  async function runSteps(session: () => RedisSession, { steps, back, proof }: Pick<PlannedEdit, 'steps' | 'back' | 'proof'>): Promise<Ran> {
    const replies: RedisReply[][] = [];
    let confirmed = false;
    const undoEarlier = async (at: number): Promise<void> => {
      for (const { revert } of steps.slice(0, at).toReversed()) if (revert !== undefined) await runPlan(session(), revert);
    };
    for (const [at, step] of steps.entries()) {
      const last = at === steps.length - 1;
      try {
        const outcome = await runPlan(session(), step);
        if (outcome.kind === 'refused') {
          await undoEarlier(at);
          return { kind: 'refused' };
        }
        replies.push(outcome.replies);
      } catch (error) {
        if (!(error instanceof LookasideError)) throw error;
        if (error.code !== 'OUTCOME_UNKNOWN') {
          await undoEarlier(at);
          throw error;
        }
        const shows = last ? (proof ?? back?.at(-1)?.guards ?? null) : (step.revert?.guards ?? null);
        const settled = await settle(session, step, shows, error);
        if (settled.kind !== 'done') {
          await undoEarlier(at);
          return settled;
        }
        confirmed = true;
        replies.push([]);
      }
    }
    return { kind: 'done', replies, confirmed };
  }

  interface Noted {
    workspaceId: string;
    db: number;
    name: WireBytes;
    operation: EditOperation;
  }

  async function note(edit: Noted, editId: string, outcome: string): Promise<void> {
    const { name: workspaceName } = await workspaces.get(edit.workspaceId);
    await audit.write({ event: 'edit', workspaceId: edit.workspaceId, workspaceName, db: edit.db, key: edit.name, operation: edit.operation, editId, outcome });
  }

  async function tellIndexes(workspaceId: string, plans: readonly Plan[]): Promise<void> {
    for (const db of new Set(plans.map((plan) => plan.db))) {
      const touched = new Map(plans.filter((plan) => plan.db === db).flatMap((plan) => plan.keys.map((name) => [wireKey(toWire(name)), name])));
      const names = [...touched.values()];
      const types = await connections.redis(workspaceId).batch(db, names.map((name) => ['TYPE', name]));
      const known = names.flatMap((name, at) => {
        const type = types[at];
        return type === undefined || type instanceof LookasideError ? [] : [{ name: toWire(name), type: textOf(type) }];
      });
      await keys.noteChange({ workspaceId, db, keys: known });
    }
  }

  /** Notes, sends, and notes what came of it. */
  async function carryOut(edit: Noted, planned: Omit<PlannedEdit, 'kind'>): Promise<{ editId: string; ran: Ran; undo: { possible: boolean; reason: string } }> {
    const editId = randomUUID();
    const session = (): RedisSession => connections.redis(edit.workspaceId);
    let undo = { possible: planned.back !== null, reason: planned.why };
    await journal.plan({ ...edit, editId, at: Date.now(), summary: planned.summary, undo }, { forward: planned.steps, back: planned.back });
    await note(edit, editId, 'sending');
    let ran: Ran;
    try {
      ran = await runSteps(session, planned);
    } catch (error) {
      const unknown = error instanceof LookasideError && error.code === 'OUTCOME_UNKNOWN';
      await journal.end(editId, unknown ? 'unknown' : 'failed');
      await note(edit, editId, error instanceof LookasideError ? error.code : 'INTERNAL');
      throw error;
    }
    if (ran.kind !== 'done') {
      await journal.end(editId, 'failed');
      await note(edit, editId, ran.kind === 'refused' ? 'CONFLICT' : 'not applied');
      return { editId, ran, undo };
    }
    let { back } = planned;
    // from here on it is done, whatever fails: that must not look like an edit that failed
    try {
      if (planned.complete === undefined) await journal.end(editId, 'applied');
      else {
        const completed = ran.confirmed ? { back: null, why: 'The answer of the server was lost' } : await planned.complete(ran.replies);
        ({ back } = completed);
        undo = { possible: back !== null, reason: completed.why };
        await journal.end(editId, 'applied', { undo, plans: { forward: planned.steps, back } });
      }
      await note(edit, editId, 'applied');
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      report(error);
      undo = { possible: false, reason: `the edit took place, but afterwards ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}` };
    }
    await tellIndexes(edit.workspaceId, [...planned.steps, ...(back ?? [])]).catch(report);
    return { editId, ran, undo };
  }

  /** RENAMENX and COPY say 0 when the target came into being after it was looked at. */
  const didNothing = ({ steps }: Pick<PlannedEdit, 'steps'>, replies: RedisReply[][]): boolean =>
    ['RENAMENX', 'COPY'].includes(steps.at(-1)?.writes[0]?.[0] ?? '') && replies.at(-1)?.[0] === 0;

  async function apply(workspaceId: string, operation: Operation, repeats = false): Promise<EditResult> {
    const { session, db, name } = operation.key;
    session.assertWritable(['SET', name, '']);
    for (let attempt = 1; ; attempt += 1) {
      const state = await keyState(operation.key);
      const prepared = await operation.prepare(state);
      if (prepared.kind === 'unchanged') return { outcome: 'unchanged' };
      if (prepared.kind === 'conflict') return { outcome: 'conflict', reason: prepared.reason, present: await presentOf(operation) };
      const edit = { workspaceId, db, name: toWire(name), operation: operation.operation };
      const carried = await carryOut(edit, prepared).catch((error: unknown) => {
        if (repeats && attempt < attempts && isOvertaken(error)) return null;
        throw error;
      });
      if (carried === null) continue;
      const { ran, editId, undo } = carried;
      if (ran.kind === 'notApplied') return { outcome: 'notApplied', reason: ran.reason };
      if (ran.kind === 'refused' && repeats && attempt < attempts) continue;
      if (ran.kind === 'refused' || didNothing(prepared, ran.replies)) {
        if (ran.kind === 'done') await journal.end(editId, 'failed');
        return { outcome: 'conflict', reason: 'The key was changed between the check and the write; nothing was written', present: await presentOf(operation) };
      }
      return { outcome: 'applied', editId, confirmed: ran.confirmed, undo, note: prepared.note ?? '' };
    }
  }

  const at = (where: { workspaceId: string; db: number; name: WireBytes }): KeyAt => keyAt(connections, where);

  async function undo({ workspaceId, editId }: { workspaceId: string; editId: string }): Promise<EditResult> {
    const entry = await journal.find(editId);
    if (entry === null || entry.workspaceId !== workspaceId) throw new LookasideError('NOT_FOUND', 'The journal does not hold this edit');
    if (entry.state !== 'applied') {
      throw new LookasideError('CONFLICT', entry.state === 'undone' ? 'This edit has been taken back already' : 'This edit did not take place, or it is not known whether it did');
    }
    if (!entry.undo.possible) throw new LookasideError('UNSUPPORTED', 'This edit cannot be taken back', { hint: entry.undo.reason });
    const plans = await journal.plans(editId);
    if (plans?.back === undefined || plans.back === null) throw new LookasideError('NOT_FOUND', 'What is needed to take this edit back is not kept any more');
    const key = at({ workspaceId, db: entry.db, name: entry.name });
    key.session.assertWritable(['SET', key.name, '']);
    const state = await keyState(key);
    refuseExpired(plans.back, state.now);
    const { back: steps, forward: back } = plans;
    // a stream takes no id twice
    const final = back.some(({ writes }) => writes.some(([command]) => command === 'XADD'));
    const ran = await carryOut(
      { workspaceId, db: entry.db, name: entry.name, operation: 'undo' },
      { summary: `Undo: ${entry.summary}`, steps, back: final ? null : back, why: final ? 'A stream does not take the same id again' : '', proof: back[0]?.guards ?? [] },
    );
    if (ran.ran.kind === 'notApplied') return { outcome: 'notApplied', reason: ran.ran.reason };
    if (ran.ran.kind === 'refused') {
      return { outcome: 'conflict', reason: 'The key is not as the edit left it any more; nothing was written', present: await presentState(key, { kind: 'key' }) };
    }
    await journal.end(editId, 'undone');
    return { outcome: 'applied', editId: ran.editId, confirmed: ran.ran.confirmed, undo: ran.undo, note: '' };
  }

  return {
    setString: async (input) => apply(input.workspaceId, setString(at(input), input)),
    setRange: async (input) => apply(input.workspaceId, setRange(at(input), input)),
    hashField: async (input) => apply(input.workspaceId, hashField(at(input), input.change)),
    listElement: async (input) => apply(input.workspaceId, listElement(at(input), input.change), input.change.kind === 'push'),
    setMember: async (input) => apply(input.workspaceId, setMember(at(input), input.change)),
    zsetMember: async (input) => apply(input.workspaceId, zsetMember(at(input), input.change)),
    streamEntry: async (input) => apply(input.workspaceId, streamEntry(at(input), input.change), input.change.kind === 'add' && input.change.id === '*'),
    expiry: async (input) => apply(input.workspaceId, expiry(at(input), input)),
    rename: async (input) => apply(input.workspaceId, rename(at(input), target(input, input.db))),
    copy: async (input) => apply(input.workspaceId, copy(at(input), target(input, input.toDb))),
    remove: async ({ withoutUndo = false, ...input }) => apply(input.workspaceId, remove(at(input), { expect: input.expect, withoutUndo })),
    create: async (input) => apply(input.workspaceId, create(at(input), input)),
    undo,
    recent: async ({ workspaceId, limit = 50 }) => journal.recent(workspaceId, limit),
  };

  function target(input: { workspaceId: string; to: WireBytes; overwrite?: boolean | undefined }, db: number): { to: KeyAt; overwrite: boolean } {
    return { to: { session: connections.redis(input.workspaceId), db, name: bytesIn(input.to) }, overwrite: input.overwrite ?? false };
  }
}

/** Another entry took the id, or a later one, first: the server refused, and nothing was written. */
function isOvertaken(error: unknown): boolean {
  return error instanceof LookasideError && error.code === 'REDIS_COMMAND_FAILED' && saysError(error, 'equal or smaller than the target stream');
}

/** A key that comes back with an expiry that has passed would vanish at once. */
function refuseExpired(steps: readonly Plan[], now: number): void {
  for (const { writes } of steps) {
    for (const [name, , expiresAt, , ...flags] of writes) {
      if (name !== 'RESTORE' || !flags.some((flag) => String(flag) === 'ABSTTL') || Number(String(expiresAt)) > now) continue;
      throw new LookasideError('KEY_GONE', 'The time to live of this key has run out meanwhile, so it cannot come back', { details: { expiredAt: Number(String(expiresAt)) } });
    }
  }
}
