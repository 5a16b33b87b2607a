import type { liveEventKinds } from '../contract/live-events.ts';

type LiveEventKind = (typeof liveEventKinds)[number];

/** The flag of `notify-keyspace-events` for each kind. */
const flagOf: Record<LiveEventKind, string> = {
  expired: 'x',
  evicted: 'e',
  miss: 'm',
  new: 'n',
  generic: 'g',
  string: '$',
  hash: 'h',
  list: 'l',
  set: 's',
  zset: 'z',
  stream: 't',
};

/** What `A` stands for; misses and new keys are not part of it. */
const all = 'g$lshzxetd';
/** The order in which the flags are written. */
const order = 'g$lshzxetdmnoc';

/** Single flags of a setting, `A` written out. Letters of later servers are kept as they are. */
export function parseFlags(text: string): Set<string> {
  const flags = new Set<string>();
  for (const letter of text) {
    if (letter === 'A') for (const each of all) flags.add(each);
    else flags.add(letter);
  }
  return flags;
}

/** A setting as the server itself writes it, so far as it is known here: `A` for all, then the rest, then `K` and `E`. */
export function formatFlags(flags: ReadonlySet<string>): string {
  const rest = new Set(flags);
  let text = '';
  if (Array.from(all).every((letter) => flags.has(letter))) {
    text = 'A';
    for (const letter of all) rest.delete(letter);
  }
  const rank = (letter: string): number => (letter === 'K' || letter === 'E' ? 100 : order.includes(letter) ? order.indexOf(letter) : 50);
  return text + [...rest].toSorted((a, b) => rank(a) - rank(b) || (a === 'K' ? -1 : 1)).join('');
}

/** The same events, however they are written. */
export function sameFlags(a: string, b: string): boolean {
  return formatFlags(parseFlags(a)) === formatFlags(parseFlags(b));
}

/** Whether a server with this setting tells of all these kinds by `__keyevent@…` channels. */
export function tellsOf(setting: string, kinds: readonly LiveEventKind[]): boolean {
  const flags = parseFlags(setting);
  return flags.has('E') && kinds.every((kind) => flags.has(flagOf[kind]));
}

/** The present setting plus what these kinds need. Nothing is taken away. */
export function withKinds(setting: string, kinds: readonly LiveEventKind[]): string {
  const flags = parseFlags(setting);
  flags.add('E');
  for (const kind of kinds) flags.add(flagOf[kind]);
  return formatFlags(flags);
}

const byEvent = new Map<string, LiveEventKind>([
  ['expired', 'expired'],
  ['evicted', 'evicted'],
  ['keymiss', 'miss'],
  ['new', 'new'],
  ...words('string', 'set setrange incrby incrbyfloat append'),
  ...words('hash', 'hset hincrby hincrbyfloat hdel hexpire hexpired hpersist'),
  ...words('list', 'lpush rpush lpop rpop linsert lset ltrim lrem sortstore'),
  ...words('set', 'sadd srem spop sinterstore sunionstore sdiffstore'),
  ...words('zset', 'zadd zincr zrem zremrangebyscore zremrangebyrank zremrangebylex zdiffstore zinterstore zunionstore zrangestore'),
  ...words('stream', 'xadd xtrim xdel xsetid xgroup-create xgroup-createconsumer xgroup-delconsumer xgroup-destroy xgroup-setid'),
]);

function words(kind: LiveEventKind, events: string): [string, LiveEventKind][] {
  return events.split(' ').map((event) => [event, kind]);
}

/** The kind of an event by the server's word for it; what is unknown here counts as generic. */
export function kindOfEvent(event: string): LiveEventKind {
  return byEvent.get(event) ?? 'generic';
}

/** Exact channels where one event makes a kind; else `null`, and all events of the database have to be heard. */
export function channelsOf(kinds: readonly LiveEventKind[], db: number): string[] | null {
  const single: Partial<Record<LiveEventKind, string>> = { expired: 'expired', evicted: 'evicted', miss: 'keymiss', new: 'new' };
  const events = kinds.map((kind) => single[kind]);
  return events.includes(undefined) ? null : events.map((event) => `__keyevent@${db}__:${event}`);
}
