import { foldName } from './command-table.ts';

/** Where the keys of a command stand among its parts, the name being 0: COMMAND's key specifications (Redis 7.0 and later). */
export interface KeyRule {
  /** At a fixed place, or after a word that is looked for from `from` on (from the end when negative). */
  begin: { kind: 'index'; index: number } | { kind: 'keyword'; word: string; from: number };
  /**
   * `range`: up to `last` beyond the first (negative: from the end of all), every `step`; with `limit` above 1 only that part of
   * what is left. `keynum`: a number of keys stands at `number`, the first of them at `first`, counted from the beginning.
   */
  find: { kind: 'range'; last: number; step: number; limit: number } | { kind: 'keynum'; number: number; first: number; step: number };
}

/** Commands that read keys' values, by lower-case name. */
export type ReadCommands = ReadonlyMap<string, readonly KeyRule[]>;

/**
 * They ask about a key (is it there, how long, of what type, how large) and fetch nothing, so nothing is loaded when they miss;
 * consoles such as this one send them. Scripts are not reads themselves: MONITOR prints what they call as well.
 */
const questions: ReadonlySet<string> = new Set(
  (
    'exists touch type ttl pttl expiretime pexpiretime object memory dump debug xinfo randomkey scan keys dbsize wait ' +
    'strlen llen hlen scard zcard xlen hstrlen httl hpttl hexpiretime hpexpiretime hscan sscan zscan ' +
    'eval_ro evalsha_ro fcall_ro migrate watch xpending'
  ).split(' '),
);

/** They fetch a value and change its key at once: flagged as writes, but a cache reads with them. */
const readsThatChange: ReadonlySet<string> = new Set(['getex', 'getdel', 'getset', 'hgetex', 'hgetdel']);

const first: KeyRule = { begin: { kind: 'index', index: 1 }, find: { kind: 'range', last: 0, step: 1, limit: 0 } };
const all: KeyRule = { begin: { kind: 'index', index: 1 }, find: { kind: 'range', last: -1, step: 1, limit: 0 } };
const two: KeyRule = { begin: { kind: 'index', index: 1 }, find: { kind: 'range', last: 1, step: 1, limit: 0 } };
const counted: KeyRule = { begin: { kind: 'index', index: 1 }, find: { kind: 'keynum', number: 0, first: 1, step: 1 } };
const streams: KeyRule = { begin: { kind: 'keyword', word: 'streams', from: 1 }, find: { kind: 'range', last: -1, step: 1, limit: 2 } };

const core: readonly (readonly [rule: KeyRule, names: string])[] = [
  [
    first,
    'bitcount bitfield_ro bitpos geodist geohash geopos georadius_ro georadiusbymember_ro geosearch get getbit getdel getex getrange getset ' +
      'hexists hget hgetall hgetdel hgetex hkeys hmget hrandfield hvals lindex lpos lrange sismember smembers smismember sort_ro srandmember ' +
      'substr xrange xrevrange zcount zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex ' +
      'zrevrangebyscore zrevrank zscore',
  ],
  [all, 'mget pfcount sdiff sinter sunion'],
  [two, 'lcs'],
  [counted, 'sintercard zdiff zinter zintercard zunion'],
  [streams, 'xread'],
];

/** The reads of Redis itself: for servers that give no key specifications (before 7.0) or do not let COMMAND be asked. */
export const coreReadCommands: ReadCommands = new Map(core.flatMap(([rule, names]) => names.split(' ').map((name) => [name, [rule]] as const)));

const latin1 = new TextDecoder('latin1');

function text(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  return reply instanceof Uint8Array ? latin1.decode(reply) : '';
}

/** A flat list of names and values. */
function fields(reply: unknown): Map<string, unknown> {
  const list: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const found = new Map<string, unknown>();
  for (let at = 0; at + 1 < list.length; at += 2) found.set(text(list[at]).toLowerCase(), list[at + 1]);
  return found;
}

function whole(value: unknown): number | null {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : null;
}

function parseRule(reply: unknown): KeyRule | null {
  const spec = fields(reply);
  const [begin, find] = [fields(spec.get('begin_search')), fields(spec.get('find_keys'))];
  const [beginSpec, findSpec] = [fields(begin.get('spec')), fields(find.get('spec'))];
  const index = whole(beginSpec.get('index'));
  const [word, from] = [text(beginSpec.get('keyword')).toLowerCase(), whole(beginSpec.get('startfrom'))];
  const where: KeyRule['begin'] | null =
    text(begin.get('type')) === 'index' && index !== null && index > 0 ? { kind: 'index', index } : word !== '' && from !== null ? { kind: 'keyword', word, from } : null;
  if (where === null) return null;
  const step = whole(findSpec.get('keystep'));
  if (step === null || step < 1) return null;
  const [last, limit] = [whole(findSpec.get('lastkey')), whole(findSpec.get('limit'))];
  if (text(find.get('type')) === 'range' && last !== null && limit !== null) return { begin: where, find: { kind: 'range', last, step, limit } };
  const [number, firstKey] = [whole(findSpec.get('keynumidx')), whole(findSpec.get('firstkey'))];
  if (text(find.get('type')) === 'keynum' && number !== null && firstKey !== null) return { begin: where, find: { kind: 'keynum', number, first: firstKey, step } };
  return null;
}

/**
 * The commands that read values, from the reply of COMMAND (RESP2): those flagged `readonly` that have keys, and those that
 * fetch and change at once; without the ones that only ask about a key. Specifications that the server calls incomplete
 * (SORT_RO's BY and GET) give the keys that they do give. What has none is taken from the core's list.
 */
export function readCommandsOf(reply: unknown): ReadCommands {
  const rows: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const found = new Map<string, readonly KeyRule[]>();
  for (const row of rows) {
    if (!Array.isArray(row)) continue;
    const cells: readonly unknown[] = row;
    const name = foldName(text(cells[0]));
    const flags = Array.isArray(cells[2]) ? cells[2].map((flag) => text(flag).toLowerCase()) : [];
    if (questions.has(name) || (!flags.includes('readonly') && !readsThatChange.has(name))) continue;
    const specs: readonly unknown[] = Array.isArray(cells[8]) ? cells[8] : [];
    const rules = specs.map(parseRule).filter((rule) => rule !== null);
    const known = rules.length > 0 ? rules : coreReadCommands.get(name);
    if (known !== undefined) found.set(name, known);
    else if (whole(cells[3]) !== null && (cells[3] as number) > 0) {
      const [from, last, step] = [cells[3] as number, whole(cells[4]) ?? 0, Math.max(1, whole(cells[5]) ?? 1)];
      found.set(name, [{ begin: { kind: 'index', index: from }, find: { kind: 'range', last: last < 0 ? last : Math.max(0, last - from), step, limit: 0 } }]);
    }
  }
  return found.size > 0 ? found : coreReadCommands;
}

/** How many parts after the name are needed to find the keys; `Infinity` when all are. */
export function partsNeeded(rules: readonly KeyRule[]): number {
  return Math.max(
    0,
    ...rules.map(({ begin, find }) => (begin.kind === 'index' && find.kind === 'range' && find.last >= 0 ? begin.index + find.last : Infinity)),
  );
}

function isWord(part: Uint8Array | undefined, word: string): boolean {
  return part !== undefined && part.length === word.length && foldName(part) === word;
}

/** Where a rule's keys begin; -1 when its word is not there. Positions count the name as 0. */
function beginOf({ begin }: KeyRule, args: readonly Uint8Array[]): number {
  if (begin.kind === 'index') return begin.index;
  if (begin.from >= 0) {
    for (let at = Math.max(1, begin.from); at <= args.length; at += 1) if (isWord(args[at - 1], begin.word)) return at + 1;
  } else {
    for (let at = args.length + 1 + begin.from; at >= 1; at -= 1) if (isWord(args[at - 1], begin.word)) return at + 1;
  }
  return -1;
}

/** The keys among the arguments (those after the command's name), each place once. Places that are not there are left out. */
export function keysAmong(rules: readonly KeyRule[], args: readonly Uint8Array[]): Uint8Array[] {
  const places = new Set<number>();
  for (const rule of rules) {
    const begin = beginOf(rule, args);
    if (begin < 1) continue;
    const { find } = rule;
    let [from, last] = [begin, begin];
    if (find.kind === 'range') {
      if (find.last >= 0) last = begin + find.last;
      else if (find.limit > 1) last = begin + Math.floor((args.length + 1 - begin) / find.limit) - 1;
      else last = args.length + 1 + find.last;
    } else {
      const said = Number(latin1.decode(args[begin + find.number - 1] ?? new Uint8Array(0)));
      if (!Number.isSafeInteger(said) || said < 1) continue;
      from = begin + find.first;
      last = from + (said - 1) * find.step;
    }
    for (let at = from; at <= Math.min(last, args.length); at += find.step) places.add(at);
  }
  return [...places].toSorted((a, b) => a - b).map((at) => args[at - 1] as Uint8Array);
}
