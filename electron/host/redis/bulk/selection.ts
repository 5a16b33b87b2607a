import type { BulkSelection } from '../../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { fromWire } from '../../../../shared/bytes.ts';
import { redisCliArgument } from '../../../../shared/redis/cli-quote.ts';
import { listOf, replyOf, textOf } from '../values/replies.ts';
import type { Command, RedisSession } from '../session.ts';
import type { NameMatch } from './name-match.ts';
import { fillTemplate } from './name-template.ts';
import { chooseKeys, namesOf, type KeyChoice } from './select-keys.ts';
import { SeenNames } from './seen-names.ts';
import { untilAnswered } from './server-wait.ts';

/** What a selection says, in the terms of a walk. */
export interface Selected {
  /** Names that were given or gathered; `null` = every key of the databases is met. */
  list: readonly Buffer[] | null;
  choice: KeyChoice;
  /** All of these must hold; they go into the run's header. */
  filters: KeyFilter[];
  exclude: KeyFilter[];
  dbs: number[];
  node: string | null;
  /** In words, for titles: `keys beginning with user:`. */
  words: string;
  /** Nothing narrows it. */
  everything: boolean;
  /** The literal prefix that all names have, where that is all that is asked. */
  prefix: Buffer | null;
}

export interface SelectionSources {
  session: () => RedisSession;
  namesOfList: (listId: string) => readonly Buffer[];
  signal: AbortSignal;
}

const longestName = 60;
const maxMembers = 5_000_000;
const scanCount = 1000;

function shown(bytes: Uint8Array): string {
  const text = redisCliArgument(bytes);
  return text.length <= longestName ? text : `${text.slice(0, longestName)}…`;
}

export function shownName(wire: Parameters<typeof fromWire>[0]): string {
  return shown(fromWire(wire));
}

function wordsOf(filters: readonly KeyFilter[], exclude: readonly KeyFilter[], given: string | null): string {
  const named = filters.filter(({ pattern }) => fromWire(pattern).length > 0);
  const verbs: Record<KeyFilter['mode'], string> = { glob: 'matching', regex: 'matching', literal: 'containing', prefix: 'beginning with' };
  const match = named.map(({ mode, pattern }) => ` ${verbs[mode]} ${shownName(pattern)}`).join(' and');
  const facts = filters.some((filter) => Object.entries(filter).some(([field, asked]) => field !== 'pattern' && field !== 'mode' && asked !== undefined));
  const conditions = `${facts ? ' that meet a filter' : ''}${exclude.length > 0 ? ', with exceptions' : ''}`;
  if (given !== null) return `${given}${match}${conditions}`;
  return `${match !== '' || conditions !== '' ? 'keys' : 'all keys'}${match}${conditions}`;
}

/** Reads the members of a set by pages, each once. Rejects with KEY_GONE, REDIS_WRONG_TYPE, LIMIT_EXCEEDED. */
async function membersOf(set: Buffer, db: number, { session, signal }: SelectionSources): Promise<Buffer[]> {
  const type = textOf(replyOf((await untilAnswered(() => session().batch(db, [['TYPE', set]], { signal }), { signal }))[0]));
  if (type === 'none') throw new LookasideError('KEY_GONE', `There is no set ${shown(set)}`);
  if (type !== 'set') throw new LookasideError('REDIS_WRONG_TYPE', `The key ${shown(set)} holds a ${type}, not a set of names`, { details: { actual: type } });
  const seen = new SeenNames();
  const members: Buffer[] = [];
  let cursor = '0';
  do {
    const command: Command = ['SSCAN', set, cursor, 'COUNT', scanCount];
    const page = listOf(replyOf((await untilAnswered(() => session().batch(db, [command], { signal }), { signal }))[0]));
    cursor = textOf(page[0]);
    for (const member of listOf(page[1])) if (Buffer.isBuffer(member) && seen.add(member)) members.push(member);
    if (members.length > maxMembers) throw new LookasideError('LIMIT_EXCEEDED', `The set ${shown(set)} has more than ${maxMembers.toLocaleString('en')} members`);
  } while (cursor !== '0');
  return members;
}

/** Reads what a selection needs before the walk. Rejects with INVALID_INPUT, NOT_FOUND and what its sources say. */
export async function resolveSelection(selection: BulkSelection, sources: SelectionSources): Promise<Selected> {
  const { keys, db } = selection;
  const exclude = selection.exclude ?? [];
  const dbs = [...new Set(selection.dbs ?? [db])];
  const node = selection.node ?? null;
  const facts = sources.session().facts();
  if (facts.topology === 'cluster' && dbs.some((each) => each !== 0)) throw new LookasideError('INVALID_INPUT', 'A cluster has only database 0', { details: { field: 'selection.dbs' } });
  if (node !== null && !facts.nodes.some((each) => each.id === node && each.role === 'master')) {
    throw new LookasideError('NOT_FOUND', `${node} is no master of this connection`, { details: { field: 'selection.node' } });
  }
  const filter = keys.filter === undefined ? [] : [keys.filter];
  let filters: KeyFilter[] = filter;
  let list: readonly Buffer[] | null = null;
  let also: NameMatch | null = null;
  let given: string | null = null;
  switch (keys.kind) {
    case 'filter':
      break;
    case 'names':
      list = namesOf(keys.names);
      given = `${list.length} named keys`;
      break;
    case 'list':
      list = sources.namesOfList(keys.listId);
      given = `${list.length} named keys`;
      break;
    case 'prefix':
      filters = [{ pattern: keys.prefix, mode: 'prefix' }, ...filter];
      break;
    case 'template': {
      if ((keys.values === undefined) === (keys.listId === undefined)) {
        throw new LookasideError('INVALID_INPUT', 'A template needs values, or a list of them', { details: { field: 'selection.keys.values' } });
      }
      const values = keys.values === undefined ? sources.namesOfList(keys.listId ?? '') : namesOf(keys.values);
      const filled = fillTemplate(Buffer.from(fromWire(keys.template)), values);
      list = filled.names;
      also = filled.match;
      given = `keys of ${shownName(keys.template)} with ${values.length} values`;
      break;
    }
    case 'set': {
      const set = Buffer.from(fromWire(keys.name));
      const members = await membersOf(set, db, sources);
      list = keys.withSet === true ? [...members, set] : members;
      given = `${members.length} keys named by the set ${shown(set)}${keys.withSet === true ? ' and the set itself' : ''}`;
      break;
    }
  }
  const choice = chooseKeys(filters, exclude, also);
  const everything = list === null && node === null && choice.everything;
  const only = list === null && also === null && exclude.length === 0 && choice.fields.length === 0 ? filters.filter(({ pattern }) => fromWire(pattern).length > 0) : [];
  const where = `${dbs.length > 1 ? ` in ${dbs.length} databases` : ''}${node === null ? '' : ` on ${node}`}`;
  return { list, choice, filters, exclude, dbs, node, words: `${wordsOf(filters, exclude, given)}${where}`, everything, prefix: only.length === 1 ? prefixOf(only[0] as KeyFilter) : null };
}

/** `user:` of a filter for that prefix, also as the glob `user:*`; `null` where more is asked. */
function prefixOf({ pattern, mode }: KeyFilter): Buffer | null {
  const bytes = Buffer.from(fromWire(pattern));
  if (mode === 'prefix') return bytes;
  if (mode !== 'glob') return null;
  const text = bytes.toString('latin1');
  return /^[^*?[\]\\]+\*$/.test(text) ? bytes.subarray(0, -1) : null;
}
