/**
 * What a server says about one command (Redis documentation, COMMAND). Flags are lower-case without a prefix:
 * `readonly`, `write`, `admin`, `may_replicate`, `blocking`, `movablekeys`, ...
 */
export interface CommandEntry {
  readonly flags: ReadonlySet<string>;
  /** Position of the first key among the parts, the name being 0; 0 means no key at a fixed place. */
  readonly firstKey: number;
  /** A key specification (7.0 and later) says that keys are modified: PFCOUNT is flagged `readonly` and rewrites its cached count. */
  readonly changesKeys: boolean;
  /** By lower-case name; empty when the command has none, or the server (before 7.0) does not tell. */
  readonly subcommands: ReadonlyMap<string, CommandEntry>;
}

/** Commands by lower-case name. A Map, since names come from the server. */
export type CommandTable = ReadonlyMap<string, CommandEntry>;

const decoder = new TextDecoder('latin1');
const encoder = new TextEncoder();

function text(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  if (reply instanceof Uint8Array) return decoder.decode(reply);
  return '';
}

/**
 * A name as the server compares it: bytes, with only ASCII letters folded. `String.toLowerCase` is not the same: it
 * folds the Kelvin sign to `k`, which the server does not.
 */
export function foldName(name: string | Uint8Array | number): string {
  const bytes = name instanceof Uint8Array ? name : encoder.encode(String(name));
  return decoder.decode(bytes).replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const changing = new Set(['rw', 'ow', 'rm', 'insert', 'update', 'delete']);

function specChangesKeys(spec: unknown): boolean {
  if (!Array.isArray(spec)) return false;
  const cells: readonly unknown[] = spec;
  const flags = cells[cells.findIndex((cell) => text(cell) === 'flags') + 1];
  return Array.isArray(flags) && flags.some((flag) => changing.has(text(flag).toLowerCase()));
}

function parseEntry(row: unknown): [string, CommandEntry] | null {
  if (!Array.isArray(row) || row.length < 4) return null;
  const cells: readonly unknown[] = row;
  const name = foldName(text(cells[0]));
  if (name === '') return null;
  const flags = Array.isArray(cells[2]) ? cells[2].map((flag) => text(flag).toLowerCase()) : [];
  const subcommands = new Map<string, CommandEntry>();
  for (const sub of Array.isArray(cells[9]) ? cells[9] : []) {
    const parsed = parseEntry(sub);
    // The server names a subcommand `config|get`.
    if (parsed !== null) subcommands.set(parsed[0].slice(parsed[0].indexOf('|') + 1), parsed[1]);
  }
  const firstKey = typeof cells[3] === 'number' ? cells[3] : 0;
  const changesKeys = Array.isArray(cells[8]) && cells[8].some(specChangesKeys);
  return [name, { flags: new Set(flags), firstKey, changesKeys, subcommands }];
}

/**
 * Reads the reply of `COMMAND` (RESP2 shape; bytes or text). Rows that make no sense are left out, so their commands
 * are unknown, and the read-only gate refuses them.
 */
export function parseCommandTable(reply: unknown): CommandTable {
  const table = new Map<string, CommandEntry>();
  for (const row of Array.isArray(reply) ? reply : []) {
    const parsed = parseEntry(row);
    if (parsed !== null) table.set(parsed[0], parsed[1]);
  }
  return table;
}

const coreReads =
  'bitcount bitfield_ro bitpos dbsize dump exists expiretime geodist geohash geopos georadius_ro georadiusbymember_ro ' +
  'geosearch get getbit getrange hexists hget hgetall hkeys hlen hmget hpttl hrandfield hscan hstrlen httl hvals keys ' +
  'lcs lindex llen lpos lrange memory mget object pexpiretime pttl randomkey scan scard sdiff sinter sintercard ' +
  'sismember smembers smismember sort_ro srandmember sscan strlen substr sunion touch ttl type xinfo xlen xpending ' +
  'xrange xread xrevrange zcard zcount zdiff zinter zintercard zlexcount zmscore zrandmember zrange zrangebylex ' +
  'zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion';

const keyless = new Set(['dbsize', 'keys', 'randomkey', 'scan', 'memory', 'object', 'xinfo', 'xread']);
const numberFirst = new Set(['sintercard', 'zdiff', 'zinter', 'zintercard', 'zunion']);

/**
 * Stands in for `COMMAND` where the user may not run it: the read commands of Redis itself, whose meaning has never
 * changed. Everything else is unknown, and so refused while the connection is read-only.
 */
export function coreCommandTable(): CommandTable {
  const none = new Map<string, CommandEntry>();
  return new Map(
    coreReads.split(' ').map((name) => {
      const firstKey = keyless.has(name) || numberFirst.has(name) ? 0 : 1;
      return [name, { flags: new Set(['readonly']), firstKey, changesKeys: false, subcommands: none }];
    }),
  );
}
