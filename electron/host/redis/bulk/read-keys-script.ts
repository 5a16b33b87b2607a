import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { lengthCommand } from '../values/key-read.ts';
import { isPassing } from './server-wait.ts';
import { listOf, numberOf, numberOrNull, textOf } from '../values/replies.ts';
import type { CommandPart, RedisReply, RedisSession } from '../session.ts';
import { scriptOf, type Script } from './compare-and-set.ts';
import type { ItemState, PageState } from './expiry-target.ts';

/** Types by number, so that a reply holds no text for each key. Others come as their names. */
const types = ['none', 'string', 'hash', 'list', 'set', 'zset', 'stream', 'vectorset'];

const lengths = types.flatMap((type) => {
  const command = lengthCommand(type, Buffer.alloc(0));
  return command === null ? [] : [`['${type}']='${command[0]}'`];
});

/**
 * What is asked of many keys in one round trip that may not write: time first, then the same number of values for each. Values are
 * dumped while their sizes fit what is left of a budget, the first one always. DUMP counts as a use of the key, so idle time and
 * frequency are read before it. One that may not be read ends it, and the page is read key by key.
 */
const script: Script = scriptOf(`
local types = {${types.map((type, at) => `['${type}']=${at}`).join(',')}}
local lengths = {${lengths.join(',')}}
local bytes, use, encoding, elements, dump = ARGV[1] == '1', ARGV[2], ARGV[3] == '1', ARGV[4] == '1', ARGV[5] == '1'
local left, most, typed, first = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8] == '1', ARGV[9] == '1'
local time = redis.call('TIME')
local out = {time[1], time[2]}
local n = 2
local function add(value) n = n + 1; out[n] = value end
for i, key in ipairs(KEYS) do
  local expiry = redis.call('PEXPIRETIME', key)
  local is = expiry ~= -2
  local size, type = false, false
  add(expiry)
  if typed then
    type = redis.call('TYPE', key).ok
    add(types[type] or type)
  end
  if bytes then size = is and redis.call('MEMORY', 'USAGE', key); add(size) end
  if use ~= '' then add(is and redis.call('OBJECT', use, key)) end
  if encoding then add(is and redis.call('OBJECT', 'ENCODING', key)) end
  if elements then add(is and lengths[type] and redis.call(lengths[type], key)) end
  if dump then
    if is and size and size <= most and ((i == 1 and first) or size <= left) then
      left = left - size
      add(redis.call('DUMP', key))
    else
      add(false)
    end
  end
end
return out`);

/** The type of a value by the first byte of its DUMP: a type of RDB's, of which each Redis type has several. */
const dumpTypes: readonly [string, readonly number[]][] = [
  ['string', [0]],
  ['list', [1, 10, 14, 18]],
  ['set', [2, 11, 20]],
  ['zset', [3, 5, 12, 17]],
  ['hash', [4, 9, 13, 16, 22, 23, 24, 25]],
  ['stream', [15, 19, 21, 26]],
];
const typesOfDumps = new Map(dumpTypes.flatMap(([type, codes]) => codes.map((code) => [code, type])));

function typeOfDump(dump: Buffer): string {
  const code = dump[0] ?? -1;
  return typesOfDumps.get(code) ?? `rdb-${code}`;
}

/** Keys of one script: about a millisecond of the server's time, so that others are served between two. */
const keysPerScript = 200;

/** Sessions that have no scripts that only read: asked once. */
const without = new WeakSet<RedisSession>();

/** How much may be dumped in one round trip, and of one value, bytes by MEMORY USAGE. */
export interface DumpLimits {
  all: number;
  one: number;
}

export interface ScriptReading {
  fields: readonly KeyFactField[];
  lfu: boolean;
  dump: DumpLimits | null;
}

/** `null` where this server, this user or these keys need another way. */
export async function readByScript(session: RedisSession, db: number, reading: ScriptReading, names: readonly Buffer[], signal: AbortSignal): Promise<PageState | null> {
  if (without.has(session) || session.facts().topology === 'cluster') return null;
  if (names.length < 8 && reading.dump === null) return null;
  const { fields, lfu, dump } = reading;
  const asks = { bytes: fields.includes('bytes') || dump !== null, use: fields.includes('recency'), encoding: fields.includes('encoding'), elements: fields.includes('elements'), typed: dump === null || fields.includes('type') || fields.includes('elements') };
  const flag = (asked: boolean): number => (asked ? 1 : 0);
  const given: CommandPart[] = [flag(asks.bytes), asks.use ? (lfu ? 'FREQ' : 'IDLETIME') : '', flag(asks.encoding), flag(asks.elements), flag(dump !== null), Math.ceil((dump?.all ?? 0) / Math.ceil(names.length / keysPerScript)), dump?.one ?? 0, flag(asks.typed)];
  const pieces: Buffer[][] = [];
  for (let at = 0; at < names.length; at += keysPerScript) pieces.push(names.slice(at, at + keysPerScript));
  const replies = await Promise.all(pieces.map((piece, at) => send(session, db, piece, [...given, flag(at === 0)], signal)));
  if (replies.includes(null)) return null;
  const stride = 1 + flag(asks.typed) + flag(asks.bytes) + flag(asks.use) + flag(asks.encoding) + flag(asks.elements) + flag(dump !== null);
  const pages = replies.map((reply, at) => pageOf(listOf(reply), pieces[at]?.length ?? 0, stride, asks, reading));
  return { now: pages[0]?.now ?? 0, items: pages.flatMap(({ items }) => items) };
}

async function send(session: RedisSession, db: number, names: readonly Buffer[], given: readonly CommandPart[], signal: AbortSignal): Promise<RedisReply | null> {
  let outcome: RedisReply | LookasideError | undefined;
  try {
    [outcome] = await session.batch(db, [['EVALSHA_RO', script.sha, names.length, ...names, ...given]], { signal });
    if (outcome instanceof LookasideError && String(outcome.details['reply'] ?? '').startsWith('NOSCRIPT')) {
      [outcome] = await session.batch(db, [['EVAL_RO', script.text, names.length, ...names, ...given]], { signal });
    }
  } catch (error) {
    // on a locked connection the gate refuses what the server does not list
    if (!(error instanceof LookasideError) || error.code !== 'READ_ONLY') throw error;
    without.add(session);
    return null;
  }
  if (!(outcome instanceof LookasideError)) return outcome ?? null;
  if (outcome.code === 'CANCELLED' || isPassing(outcome)) throw outcome;
  // a key that this user may not read spoils its page only; no scripts at all spoil all
  const { details }: LookasideError = outcome;
  if (/unknown command|run the '/i.test(String(details['reply'] ?? ''))) without.add(session);
  return null;
}

function pageOf(
  flat: readonly RedisReply[],
  count: number,
  stride: number,
  asks: { bytes: boolean; use: boolean; encoding: boolean; elements: boolean; typed: boolean },
  { lfu, dump }: ScriptReading,
): PageState {
  const now = numberOf(flat[0]) * 1000 + Math.floor(numberOf(flat[1]) / 1000);
  const items = Array.from({ length: count }, (_, index): ItemState => {
    let at = 2 + index * stride;
    const next = (asked: boolean): RedisReply => (asked ? (flat[at++] ?? null) : null);
    const expiry = numberOf(next(true));
    const kind = next(asks.typed);
    const told = kind === null ? null : typeof kind === 'number' ? (types[kind] ?? 'unknown') : textOf(kind);
    const [bytes, use] = [numberOrNull(next(asks.bytes)), numberOrNull(next(asks.use))];
    const encoding = next(asks.encoding);
    const elements = numberOrNull(next(asks.elements));
    const dumped = next(dump !== null);
    const type = told ?? (Buffer.isBuffer(dumped) ? typeOfDump(dumped) : null);
    if (expiry === -2) return { present: false, expiry: -1, type: 'none', facts: null, problem: null };
    return {
      present: true,
      expiry,
      type,
      facts: {
        type,
        ttlMs: expiry === -1 ? 'none' : Math.max(0, expiry - now),
        bytes,
        elements,
        idleSeconds: lfu ? null : use,
        frequency: lfu ? use : null,
        encoding: encoding === null ? null : textOf(encoding),
      },
      problem: null,
      ...(dump === null ? {} : { dump: Buffer.isBuffer(dumped) ? dumped : null }),
    };
  });
  return { now, items };
}
