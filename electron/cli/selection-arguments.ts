import type { ParseArgsConfig } from 'node:util';
import { parseBytes, parseCount } from '../../shared/amounts.ts';
import { toWire, type WireBytes } from '../../shared/bytes.ts';
import type { KeyFilter } from '../../shared/contract/key-filter.ts';
import { maxNamesPerCall, type BulkSelection } from '../../shared/contract/bulk.ts';
import { nameBytes } from '../../shared/redis/cli-quote.ts';
import { parseDuration } from '../../shared/redis/ttl-input.ts';
import type { BulkService } from '../host/services.ts';
import { usageError } from '../launch/launch-arguments.ts';
import { namesIn } from './names-file.ts';
import { readRange } from './ranges.ts';

export const selectionOptions = {
  match: { type: 'string' },
  prefix: { type: 'string' },
  names: { type: 'string' },
  column: { type: 'string' },
  template: { type: 'string' },
  value: { type: 'string', multiple: true },
  values: { type: 'string' },
  set: { type: 'string' },
  'with-set': { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  type: { type: 'string', multiple: true },
  'no-ttl': { type: 'boolean', default: false },
  'ttl-left': { type: 'string' },
  idle: { type: 'string' },
  frequency: { type: 'string' },
  size: { type: 'string' },
  elements: { type: 'string' },
  encoding: { type: 'string', multiple: true },
  exclude: { type: 'string', multiple: true },
  dbs: { type: 'string' },
  node: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export const selectionHelp = `  --match GLOB            names that match, as Redis matches (* ? [a-z] \\); "\\xff" in double quotes for bytes
  --prefix TEXT           names that begin with these bytes, whatever they mean in a glob
  --names FILE            the names in a file, a line each (as exports write them); - is standard input
    --column NAME|N       the file is a CSV: the column of this name in its first row, or the Nth of every row
  --template TEXT         user:{id}:* with values for its one hole
    --value TEXT          a value, may be repeated; --values FILE: a line each, - is standard input
  --set KEY               the members of a Redis set are the names (a tag); --with-set: the set itself too
  --all                   every key: a flush, and needs --flush as well
  --exclude GLOB          leave these alone, may be repeated
  --type TYPE             only keys of this type, may be repeated
  --no-ttl                only keys without expiry
  --ttl-left RANGE        only with so much time left: '<1h', '10m..2h'
  --idle RANGE            only keys that nobody used for so long: '>7d' (not known under an LFU policy)
  --frequency RANGE       only with this LFU counter: '<5' (only under an LFU policy)
  --size RANGE            only of this MEMORY USAGE: '>1MB'
  --elements RANGE        only with so many elements, or bytes of a string: '>1000'
  --encoding NAME         only of this encoding, may be repeated
  --dbs LIST              several databases: 0,1,5
  --node HOST:PORT        only keys that this master holds`;

/** Where names come from; the rest of a selection. */
export interface SelectionArguments {
  keys:
    | { kind: 'filter' }
    | { kind: 'prefix'; prefix: WireBytes }
    | { kind: 'names'; file: string; column: string | undefined }
    | { kind: 'template'; template: WireBytes; values: WireBytes[]; file: string | undefined }
    | { kind: 'set'; name: WireBytes; withSet: boolean };
  filter: KeyFilter;
  exclude: KeyFilter[];
  dbs: number[] | undefined;
  node: string | undefined;
  /** Nothing narrows it, and that is meant. */
  all: boolean;
}

type Values = { [Option in keyof typeof selectionOptions]?: string | boolean | string[] | undefined };

const whole = (text: string): number | null => parseDuration(text);
const seconds = (text: string): number | null => {
  const ms = parseDuration(text);
  return ms === null ? null : Math.round(ms / 1000);
};

function text(values: Values, option: keyof typeof selectionOptions): string | undefined {
  const value = values[option];
  return typeof value === 'string' ? value : undefined;
}

function texts(values: Values, option: keyof typeof selectionOptions): string[] {
  const value = values[option];
  return Array.isArray(value) ? value : [];
}

const bytesOf = (given: string): WireBytes => toWire(nameBytes(given));

function keysOf(values: Values): SelectionArguments['keys'] {
  const kinds = (['match', 'prefix', 'names', 'template', 'set', 'all'] as const).filter((option) => values[option] !== undefined && values[option] !== false);
  if (kinds.length > 1) throw usageError(`--${kinds[0]} and --${kinds[1]} cannot be given together`);
  const [kind] = kinds;
  const { prefix, names, template, set } = Object.fromEntries((['prefix', 'names', 'template', 'set'] as const).map((option) => [option, text(values, option)]));
  if (values.column !== undefined && kind !== 'names') throw usageError('--column belongs to --names');
  if ((values.value !== undefined || values.values !== undefined) && kind !== 'template') throw usageError('--value and --values belong to --template');
  if (values['with-set'] === true && kind !== 'set') throw usageError('--with-set belongs to --set');
  if (prefix !== undefined) return { kind: 'prefix', prefix: bytesOf(prefix) };
  if (names !== undefined) return { kind: 'names', file: names, column: text(values, 'column') };
  if (set !== undefined) return { kind: 'set', name: bytesOf(set), withSet: values['with-set'] === true };
  if (template === undefined) return { kind: 'filter' };
  const file = text(values, 'values');
  const given = texts(values, 'value').map(bytesOf);
  if (given.length === 0 && file === undefined) throw usageError('--template needs values: --value or --values FILE');
  if (given.length > 0 && file !== undefined) throw usageError('--value and --values cannot be given together');
  return { kind: 'template', template: bytesOf(template), values: given, file };
}

function databases(list: string | undefined): number[] | undefined {
  if (list === undefined) return undefined;
  const found = list.split(',').map((each) => (/^\d{1,5}$/u.test(each.trim()) ? Number(each) : Number.NaN));
  if (found.some((db) => !Number.isInteger(db) || db > 65_535) || new Set(found).size !== found.length) throw usageError('--dbs takes numbers with commas between them, each once: 0,1,5');
  return found;
}

/** @throws INVALID_INPUT, also where nothing says which keys */
export function readSelection(values: Values): SelectionArguments {
  const range = (option: 'ttl-left' | 'idle' | 'frequency' | 'size' | 'elements', parseAmount: (given: string) => number | null, example: string) => {
    const given = text(values, option);
    return given === undefined ? undefined : readRange(`--${option}`, given, parseAmount, example);
  };
  const [left, idle, frequency, size, elements] = [
    range('ttl-left', whole, `'<1h' or 10m..2h`),
    range('idle', seconds, `'>7d' or 1h..2h`),
    range('frequency', parseCount, `'<5'`),
    range('size', parseBytes, `'>1MB' or 1KB..10KB`),
    range('elements', parseCount, `'>1000'`),
  ];
  if (values['no-ttl'] === true && left !== undefined) throw usageError('--no-ttl and --ttl-left cannot be given together');
  const [types, encodings] = [texts(values, 'type'), texts(values, 'encoding')];
  const match = text(values, 'match');
  const filter: KeyFilter = {
    pattern: match === undefined ? '' : bytesOf(match),
    mode: 'glob',
    ...(types.length === 0 ? {} : { types }),
    ...(values['no-ttl'] === true ? { ttlMs: 'none' as const } : left === undefined ? {} : { ttlMs: left }),
    ...(size === undefined ? {} : { bytes: size }),
    ...(elements === undefined ? {} : { elements }),
    ...(idle === undefined ? {} : { idleSeconds: idle }),
    ...(frequency === undefined ? {} : { frequency }),
    ...(encodings.length === 0 ? {} : { encodings }),
  };
  const keys = keysOf(values);
  const all = values.all === true;
  if (keys.kind === 'filter' && !all && match === undefined && Object.keys(filter).length === 2) {
    throw usageError('Nothing says which keys: give --match, --prefix, --names, --template or --set, or a condition; --all means every key');
  }
  if (match === '' || text(values, 'prefix') === '') throw usageError('An empty --match or --prefix is every key: --all says so');
  return {
    keys,
    filter,
    exclude: texts(values, 'exclude').map((pattern) => ({ pattern: bytesOf(pattern), mode: 'glob' as const })),
    dbs: databases(text(values, 'dbs')),
    node: text(values, 'node'),
    all,
  };
}

async function gather(bulk: Pick<BulkService, 'nameList'>, source: AsyncIterable<WireBytes>): Promise<string | null> {
  let listId: string | null = null;
  let batch: WireBytes[] = [];
  const send = async (): Promise<void> => {
    if (batch.length === 0) return;
    ({ listId } = await bulk.nameList({ listId, names: batch }));
    batch = [];
  };
  for await (const name of source) {
    batch.push(name);
    if (batch.length === maxNamesPerCall) await send();
  }
  await send();
  return listId;
}

/** What is asked of the host: files are read here and their names handed over. */
export async function selectionOf(given: SelectionArguments, where: { bulk: Pick<BulkService, 'nameList'>; workspaceId: string; db: number }): Promise<BulkSelection> {
  const { keys, filter } = given;
  const also = Object.keys(filter).length > 2 ? { filter } : {};
  const about = { workspaceId: where.workspaceId, db: where.db, exclude: given.exclude, ...(given.dbs === undefined ? {} : { dbs: given.dbs }), ...(given.node === undefined ? {} : { node: given.node }) };
  const list = async (file: string, column?: string): Promise<string> => {
    const listId = await gather(where.bulk, namesIn(file, column));
    if (listId === null) throw usageError(`${file === '-' ? 'Standard input' : file} holds no name`);
    return listId;
  };
  switch (keys.kind) {
    case 'filter':
      return { ...about, keys: { kind: 'filter', filter } };
    case 'prefix':
      return { ...about, keys: { ...keys, ...also } };
    case 'set':
      return { ...about, keys: { ...keys, ...also } };
    case 'names':
      return { ...about, keys: { kind: 'list', listId: await list(keys.file, keys.column), ...also } };
    case 'template':
      return { ...about, keys: { kind: 'template', template: keys.template, ...(keys.file === undefined ? { values: keys.values } : { listId: await list(keys.file) }), ...also } };
  }
}
