import { fromWire } from '../../../../shared/bytes.ts';
import { mostBlastNames, type BlastTarget } from '../../../../shared/contract/blast-radius.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { escapeGlob } from '../../../../shared/redis/glob.ts';
import type { ItemState } from '../bulk/expiry-target.ts';
import { readKeys } from '../bulk/read-keys.ts';
import type { KeyChoice } from '../bulk/select-keys.ts';
import { resolveSelection } from '../bulk/selection.ts';
import type { BulkService, InvalidateService } from '../../services.ts';
import type { RedisSession } from '../session.ts';

/** What a key is for the question: one that would be gone, one that would not (or is not there), or nobody can say. */
export type Verdict = 'in' | 'out' | 'unknown';

export interface NameIn {
  db: number;
  name: Buffer;
}

/** The keys that a question is about: by the bytes of their names, and where it asks for facts by those too. */
export interface ReadTarget {
  dbs: ReadonlySet<number>;
  /** Only keys that this master holds. */
  node: string | null;
  matches: (name: Uint8Array, db: number) => boolean;
  /** For SCAN MATCH; `null` = every name comes here to be matched. */
  pattern: Buffer | null;
  /** The very names, where they were given; they may be gone by now. */
  names: readonly NameIn[] | null;
  /**
   * Reads what the question asks of keys. Time left is judged as it was when the question was put: what expires within the next
   * minute is the same keys a few seconds later.
   */
  judge: (session: RedisSession, db: number, names: readonly Buffer[], signal: AbortSignal) => Promise<Verdict[]>;
}

/** Where the names of plans are. */
export interface PlanNames {
  bulk: Pick<BulkService, 'planNames'>;
  invalidate: Pick<InvalidateService, 'planRows'>;
}

const namesPerPage = 500;
const namesPerRead = 250;

type NameTest = Pick<ReadTarget, 'matches' | 'pattern'>;

function startsWithAny(prefixes: readonly Uint8Array[]): NameTest {
  const [only] = prefixes;
  return {
    matches: (name) => prefixes.some((prefix) => name.length >= prefix.length && prefix.every((byte, at) => name[at] === byte)),
    pattern: prefixes.length === 1 && only !== undefined && only.length > 0 ? Buffer.concat([escapeGlob(only), Buffer.from('*')]) : null,
  };
}

function identity(name: Uint8Array, db: number): string {
  return `${db} ${Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1')}`;
}

function amongNames(names: readonly NameIn[]): NameTest {
  const known = new Set(names.map(({ name, db }) => identity(name, db)));
  return { matches: (name, db) => known.has(identity(name, db)), pattern: null };
}

function judgeBy(choice: Pick<KeyChoice, 'fields' | 'judge'>): ReadTarget['judge'] {
  const askedAt = performance.now();
  return async (session, db, names, signal) => {
    const verdicts: Verdict[] = [];
    for (let at = 0; at < names.length; at += namesPerRead) {
      const page = names.slice(at, at + namesPerRead);
      const passed = performance.now() - askedAt;
      const { items } = await readKeys({ session, db, fields: choice.fields, exactExpiry: false }, page, null, signal);
      for (const [index, item] of items.entries()) verdicts.push(verdictOf(choice, page[index] as Buffer, item, passed));
    }
    return verdicts;
  };
}

function verdictOf(choice: Pick<KeyChoice, 'judge'>, name: Buffer, item: ItemState, passed: number): Verdict {
  if (!item.present) return 'out';
  const { facts } = item;
  const then = facts === null || typeof facts.ttlMs !== 'number' ? item : { ...item, facts: { ...facts, ttlMs: facts.ttlMs + passed } };
  const taken = choice.judge(name, then);
  return taken === null ? 'unknown' : taken ? 'in' : 'out';
}

const presence: Pick<KeyChoice, 'fields' | 'judge'> & { fields: KeyFactField[] } = { fields: [], judge: (_, { facts }) => (facts === null ? null : true) };

async function namesOfPlan({ bulk, invalidate }: PlanNames, { planId, of, db }: Extract<BlastTarget, { kind: 'plan' }>): Promise<NameIn[]> {
  const found: NameIn[] = [];
  for (;;) {
    const place = { planId, from: found.length, count: namesPerPage };
    const page =
      of === 'ttl'
        ? await bulk.planNames(place).then(({ names, total }) => ({ rows: names.map((name) => ({ db, name })), total }))
        : await invalidate.planRows({ ...place, of: 'selected' });
    if (page.total > mostBlastNames) throw tooMany(page.total);
    for (const row of page.rows) found.push({ db: row.db, name: Buffer.from(fromWire(row.name)) });
    if (page.rows.length === 0 || found.length >= page.total) return found;
  }
}

function tooMany(names: number): LookasideError {
  return new LookasideError('LIMIT_EXCEEDED', `${names.toLocaleString('en')} names are more than one measurement can tell apart`, {
    hint: `At most ${mostBlastNames.toLocaleString('en')} names. Measure the namespaces that they are in instead.`,
    details: { names },
  });
}

export interface TargetSources extends PlanNames {
  session: RedisSession;
  signal: AbortSignal;
}

/** Rejects with INVALID_INPUT for a filter that has an error, CONFLICT for a plan that is gone, LIMIT_EXCEEDED, UNSUPPORTED. */
export async function readTarget(target: BlastTarget, sources: TargetSources): Promise<ReadTarget> {
  switch (target.kind) {
    case 'namespaces': {
      const { db, prefixes } = target;
      return { dbs: new Set([db]), node: null, ...startsWithAny(prefixes.map(fromWire)), names: null, judge: judgeBy(presence) };
    }
    case 'plan': {
      const names = await namesOfPlan(sources, target);
      const dbs = new Set(names.map(({ db }) => db));
      return { dbs: dbs.size === 0 ? new Set([target.db]) : dbs, node: null, ...amongNames(names), names, judge: judgeBy(presence) };
    }
    case 'selection':
      return ofSelection(target.selection, sources);
  }
}

async function ofSelection(selection: Extract<BlastTarget, { kind: 'selection' }>['selection'], { session, signal }: TargetSources): Promise<ReadTarget> {
  const { list, choice, dbs, node } = await resolveSelection({ ...selection, exclude: selection.exclude ?? [] }, { session: () => session, namesOfList: refuseList, signal });
  const common = { dbs: new Set(dbs), node, judge: judgeBy(choice) };
  if (list === null) return { ...common, ...choice.match, names: null };
  const given = [...new Map(list.map((name) => [name.toString('latin1'), name])).values()].filter((name) => choice.match.matches(name));
  const names = dbs.flatMap((db) => given.map((name) => ({ db, name })));
  if (names.length > mostBlastNames) throw tooMany(names.length);
  return { ...common, ...amongNames(names), names };
}

function refuseList(): never {
  throw new LookasideError('UNSUPPORTED', 'Reads of a gathered list are measured by its plan', { hint: 'Count the plan first, then measure the reads of the keys that it found.' });
}

export function workspaceOf(target: BlastTarget): string {
  return target.kind === 'selection' ? target.selection.workspaceId : target.workspaceId;
}
