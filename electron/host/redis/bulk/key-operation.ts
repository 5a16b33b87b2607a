import type { LeftReason } from '../../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { TtlAction } from '../../../../shared/contract/ttl-action.ts';
import { fromWire } from '../../../../shared/bytes.ts';
import { leftBecause, targetOf } from '../../../../shared/redis/ttl-change.ts';
import type { RedisSession } from '../session.ts';
import { isSameExpiry, type ChangeOutcome, type ExpiryTarget, type ItemState, type PageState } from './expiry-target.ts';
import { fieldTarget } from './field-target.ts';
import type { Intent, RunHeader } from './journal/records.ts';
import { keyTarget, mayRunScripts } from './key-target.ts';
import { graveyardName, moveKeys, type Move } from './move-keys.ts';
import { lacksExpiryTimes, readKeys } from './read-keys.ts';
import type { DumpLimits } from './read-keys-script.ts';
import { chooseKeys, filtersOf } from './select-keys.ts';
import { dumpSum, unlinkNames, unlinkUnchanged, type UnlinkCheck, type UnlinkIntent } from './unlink-keys.ts';

/** A key that cannot be changed, or not yet: its value was too large to be read beside the others. */
export type Judged = { kind: 'change'; intent: Intent } | { kind: 'leave'; reason: LeftReason } | { kind: 'fail'; problem: LookasideError } | { kind: 'later'; bytes: number };

/** What a kind of run does with the names of one page, in one database. */
export interface KeyOperation {
  /** Reads what is needed to judge and to journal. Rejects with a failure that concerns all of them. */
  read(db: number, names: readonly Buffer[], node: string | null, signal: AbortSignal): Promise<PageState>;
  /** What is to be done to a key that is there and selected. */
  judge(db: number, name: Buffer, item: ItemState, now: number): Judged;
  /** What became of an intent whose answer was lost, by what is there now. `unclear`: it may have been done, and someone wrote since. */
  fate(intent: Intent, item: ItemState): 'done' | 'not-done' | 'unclear';
  /** Sent once: what broke before its answer is `unknown`. Rejects only with what stopped it before anything was sent. */
  change(db: number, intents: readonly Intent[], node: string | null): Promise<ChangeOutcome[]>;
  /** Works on names without reading them first; their page is journalled as begun, not name by name. */
  blind: boolean;
}

export interface OperationOptions {
  header: RunHeader;
  session: () => RedisSession;
}

export function operationOf(options: OperationOptions): KeyOperation {
  const { kind } = options.header;
  switch (kind) {
    case 'unlink':
      return unlinkOperation(options);
    case 'graveyard':
      return graveyardOperation(options);
    case 'ttl':
    case 'field-ttl':
    case 'soft':
    case 'persist':
      return expiryOperation(options);
  }
}

/** The expiries of keys or fields that a run of this kind changes. One for each database. */
export function expiryTargets({ header, session }: OperationOptions): (db: number) => ExpiryTarget {
  const targets = new Map<number, ExpiryTarget>();
  return (db) => {
    let target = targets.get(db);
    if (target === undefined) {
      const { fields } = chooseKeys(filtersOf(header), header.exclude);
      target = header.kind === 'field-ttl' ? fieldTarget({ session, db, hash: Buffer.from(fromWire(header.hash ?? '')) }) : keyTarget({ session, db, fields });
      targets.set(db, target);
    }
    return target;
  };
}

function actionOf({ action }: RunHeader): TtlAction {
  if (action === null) throw new LookasideError('STORE_CORRUPT', 'The journal names no change of the expiry');
  return action;
}

function expiryOperation(options: OperationOptions): KeyOperation {
  const { header, session } = options;
  const targets = expiryTargets(options);
  const action = actionOf(header);
  return {
    read: (db, names, node, signal) => targets(db).read(names, node, signal),
    judge: (db, name, item, now) => {
      const target = targetOf(action, header.seed, name, now);
      const reason = leftBecause(action, item.expiry, target, now);
      return reason === null ? { kind: 'change', intent: { name, db, earlier: item.expiry, target } } : { kind: 'leave', reason };
    },
    fate: (intent, item) => (item.present && isSameExpiry(item.expiry, intent.target, session().facts().topology === 'cluster') ? 'done' : 'not-done'),
    change: (db, intents, node) => targets(db).change(intents, node, { force: false }),
    blind: false,
  };
}

/**
 * Values of one round trip and of one record, bytes by MEMORY USAGE. A larger value goes by itself: serialising 2 MiB holds the server
 * for about 5 ms.
 */
const dumpLimits: DumpLimits = { all: 256 * 1024, one: 32 * 1024 * 1024 };

function unlinkOperation({ header, session }: OperationOptions): KeyOperation {
  const undo = header.invalidate?.undo ?? true;
  const filters = filtersOf(header);
  const choice = chooseKeys(filters, header.exclude);
  const conditions = choice.fields.length > 0;
  const check = checkOf(header, undo);
  const fields: KeyFactField[] = [...new Set<KeyFactField>([...choice.fields, ...(undo ? (['bytes', 'recency'] as const) : (['type'] as const))])];
  const limits = undo ? dumpLimits : null;
  const blind = !undo && !conditions;
  const scripts = scriptsOf(session);
  let exact = true;
  return {
    blind,
    read: async (db, names, node, signal) => {
      const reading = { session: session(), db, fields, dump: limits };
      if (exact) {
        const page = await readKeys({ ...reading, exactExpiry: true }, names, node, signal);
        if (!page.items.some(lacksExpiryTimes)) return page;
        // before Redis 7.0: the expiry is the clock and the time left, to the ms or two
        exact = false;
      }
      return readKeys({ ...reading, exactExpiry: false }, names, node, signal);
    },
    judge: (db, name, item) => {
      const type = item.type ?? '';
      const intent: UnlinkIntent = { name, db, earlier: item.expiry, target: -1, type };
      if (limits === null) return { kind: 'change', intent };
      const bytes = item.facts?.bytes ?? null;
      if (bytes === null) {
        return { kind: 'fail', problem: new LookasideError('REDIS_NO_PERMISSION', 'Its size may not be read, so its value cannot be kept for the undo', { hint: 'Run without undo, or allow MEMORY USAGE.' }) };
      }
      if (bytes > limits.one) {
        return { kind: 'fail', problem: new LookasideError('LIMIT_EXCEEDED', `Its value takes more than ${limits.one / 1024 ** 2} MiB: reading it for the undo would hold up the server`, { hint: 'Delete it without undo.' }) };
      }
      if (!Buffer.isBuffer(item.dump)) return { kind: 'later', bytes };
      const { idleSeconds = null, frequency = null } = item.facts ?? {};
      const use = idleSeconds !== null ? { by: 'idle' as const, value: idleSeconds } : frequency !== null ? { by: 'frequency' as const, value: frequency } : null;
      return { kind: 'change', intent: { name, db, earlier: item.expiry, target: -1, kept: { type, dump: item.dump, use } } };
    },
    fate: (intent, item) => {
      if (!item.present) return 'done';
      if (intent.kept === undefined) return 'not-done';
      // so much larger than what was kept that it was not read
      if (!Buffer.isBuffer(item.dump)) return 'unclear';
      return item.expiry === intent.earlier && dumpSum(item.dump).equals(dumpSum(intent.kept.dump)) ? 'not-done' : 'unclear';
    },
    change: (db, intents) => (blind ? unlinkNames(session(), db, intents.map(({ name }) => name)) : unlinkUnchanged(session(), db, intents, check, scripts())),
  };
}

/** The parts of conditions that the moment of deletion can check, and must: reading a value for the undo is a use of the key itself. */
function checkOf(header: RunHeader, undo: boolean): UnlinkCheck {
  if (undo) return { idleSeconds: null, frequency: null };
  const filters = filtersOf(header);
  const least = Math.max(...filters.map(({ idleSeconds }) => idleSeconds?.min ?? 0), 0);
  const most = Math.min(...filters.map(({ frequency }) => frequency?.max ?? Infinity), Infinity);
  return { idleSeconds: least > 0 ? least : null, frequency: Number.isFinite(most) ? most : null };
}

function scriptsOf(session: () => RedisSession): () => boolean {
  let scripts: boolean | null = null;
  return () => (scripts ??= mayRunScripts(session()));
}

function graveyardOperation({ header, session }: OperationOptions): KeyOperation {
  const choice = chooseKeys(filtersOf(header), header.exclude);
  const action = header.invalidate?.action;
  if (action?.kind !== 'graveyard') throw new LookasideError('STORE_CORRUPT', 'The journal names no graveyard');
  const prefix = Buffer.from(fromWire(action.prefix));
  const scripts = scriptsOf(session);
  return {
    blind: false,
    read: (db, names, node, signal) => readKeys({ session: session(), db, fields: choice.fields, exactExpiry: true }, names, node, signal),
    judge: (db, name, item, now) => {
      const to = graveyardName(prefix, name, session().facts().topology === 'cluster');
      if (to === null) return { kind: 'fail', problem: new LookasideError('UNSUPPORTED', 'In a cluster no name in the graveyard would stay in its slot', { hint: 'Its name holds a brace that hides the hash tag.' }) };
      const end = now + action.ttlMs;
      return { kind: 'change', intent: { name, db, to, earlier: item.expiry, target: item.expiry === -1 ? end : Math.min(item.expiry, end) } };
    },
    fate: (intent, item) => (item.present ? (item.expiry === intent.earlier ? 'not-done' : 'unclear') : 'done'),
    change: (db, intents) => moveKeys(session(), db, intents as readonly Move[], { force: false, scripts: scripts() }),
  };
}
