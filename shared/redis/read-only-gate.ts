import { foldName, type CommandEntry, type CommandTable } from './command-table.ts';

export type GateDecision = { allowed: true } | { allowed: false; name: string; reason: string };

type Part = string | Uint8Array | number;

/**
 * Commands without the `readonly` flag that change nothing that anyone else could see: no key, no configuration, no
 * other connection, no statistic. Each group says why. Anything absent is refused: AUTH, HELLO, CLIENT SETNAME are sent
 * by the connection itself; SUBSCRIBE and MONITOR turn a connection into something else and load the server; WAIT blocks.
 */
const harmless: readonly (readonly [reason: string, entries: string])[] = [
  ['answers about the connection itself', 'ping echo select client|id client|info client|getname client|getredir client|trackinginfo'],
  ['reports what the server is and does', 'info time role lastsave client|list module|list pubsub|channels pubsub|numpat pubsub|numsub pubsub|shardchannels pubsub|shardnumsub'],
  ['describes commands and runs none', 'command command|count command|docs command|getkeys command|getkeysandflags command|info command|list'],
  ['reads the configuration', 'config|get'],
  ['tells what a user may do', 'acl|whoami acl|cat acl|dryrun acl|users'],
  ['reads logs without trimming them', 'slowlog|get slowlog|len commandlog|get commandlog|len latency|latest latency|history latency|graph latency|doctor latency|histogram'],
  ['reports memory without freeing any', 'memory|usage memory|stats memory|doctor memory|malloc-stats'],
  ['reads the topology', 'cluster|info cluster|nodes cluster|shards cluster|slots cluster|links cluster|myid cluster|myshardid cluster|keyslot cluster|countkeysinslot cluster|getkeysinslot cluster|replicas cluster|slaves cluster|count-failure-reports cluster|slot-stats'],
  ['lists code and runs none', 'function|list function|stats function|dump script|exists'],
  // The `readonly` flag covers these from 7.0 on; older servers have one flag for the whole container.
  ['reads facts of one key', 'object|encoding object|freq object|idletime object|refcount xinfo|stream xinfo|groups xinfo|consumers'],
  ['prints a text', 'acl|help client|help cluster|help command|help config|help function|help latency|help memory|help module|help object|help pubsub|help script|help slowlog|help xinfo|help'],
];

const harmlessNames: ReadonlySet<string> = new Set(harmless.flatMap(([, entries]) => entries.split(' ')));

/** Containers that servers before 7.0 report without their subcommands. */
const containers: ReadonlySet<string> = new Set(
  'acl client cluster command config debug function latency memory module object pubsub script sentinel slowlog xgroup xinfo'.split(' '),
);

/** Flagged `readonly` by every server, yet its cached count is written into the key. Before 7.0 no key specification says so. */
const readsThatWrite: ReadonlySet<string> = new Set(['pfcount']);

function judge(name: string, entry: CommandEntry): GateDecision {
  const refuse = (reason: string): GateDecision => ({ allowed: false, name, reason });
  if (entry.flags.has('write')) return refuse('the server flags it as a write');
  if (harmlessNames.has(name)) return { allowed: true };
  if (!entry.flags.has('readonly')) return refuse('the server does not flag it as read-only');
  // a module that gives no key specification is given one that claims full access, even for its reads
  const changesKeys = entry.changesKeys && !entry.flags.has('module');
  if (changesKeys || entry.flags.has('may_replicate') || readsThatWrite.has(name)) return refuse('it may change the key');
  // modules flag their CONFIG and DEBUG commands as readonly and admin
  if (entry.flags.has('admin')) return refuse('it administers the server');
  return { allowed: true };
}

/**
 * Whether a read-only connection may send this command, judged by the server's own table. An allow-list: what the
 * table does not know is refused. Names are compared as the server does, so bytes and any case are fine.
 */
export function decideReadOnly(table: CommandTable, command: readonly Part[]): GateDecision {
  const [first, second] = command;
  if (first === undefined) return { allowed: false, name: '', reason: 'there is no command' };
  const name = foldName(first);
  const entry = table.get(name);
  if (entry === undefined) return { allowed: false, name, reason: 'the server does not list it' };
  const isContainer = entry.subcommands.size > 0 || containers.has(name);
  if (!isContainer) return judge(name, entry);
  if (second === undefined) return name === 'command' ? judge(name, entry) : { allowed: false, name, reason: 'it needs a subcommand' };
  const sub = foldName(second);
  const full = `${name}|${sub}`;
  if (entry.subcommands.size === 0) {
    if (harmlessNames.has(full) && !entry.flags.has('write')) return { allowed: true };
    return { allowed: false, name: full, reason: 'the server does not say what this subcommand does' };
  }
  const subEntry = entry.subcommands.get(sub);
  if (subEntry === undefined) return { allowed: false, name: full, reason: 'the server does not list it' };
  return judge(full, subEntry);
}

/** Whether a lost reply leaves it open what happened on the server. Unknown commands count as writes. */
export function mayHaveEffect(table: CommandTable, command: readonly Part[]): boolean {
  return !decideReadOnly(table, command).allowed;
}
