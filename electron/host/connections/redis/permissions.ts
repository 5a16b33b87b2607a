import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Command, RedisReply } from '../../redis/session.ts';
import type { Link } from './link.ts';
import { replyText } from './replies.ts';

export interface Denied {
  /** For example `MEMORY USAGE`. */
  command: string;
  /** What cannot be done without it. */
  purpose: string;
}

export interface Permissions {
  denied: Denied[];
  /** The user's key patterns leave keys out, so some keys cannot be read. */
  keysLimited: boolean;
}

const probe = 'lookaside:permission-probe';

/** What this app wants to run, with arguments that pass the server's count of them. Nothing of it is carried out. */
const wanted: readonly (readonly [purpose: string, command: Command])[] = [
  ['listing keys', ['SCAN', '0']],
  ['counting keys', ['DBSIZE']],
  ['types of keys', ['TYPE', probe]],
  ['remaining time to live', ['PTTL', probe]],
  ['memory of a key', ['MEMORY', 'USAGE', probe]],
  ['encoding and idle time of a key', ['OBJECT', 'ENCODING', probe]],
  ['reading strings', ['GETRANGE', probe, 0, 0]],
  ['reading hashes', ['HSCAN', probe, '0']],
  ['reading lists', ['LRANGE', probe, 0, 0]],
  ['reading sets', ['SSCAN', probe, '0']],
  ['reading sorted sets', ['ZRANGE', probe, 0, 0]],
  ['reading streams', ['XRANGE', probe, '-', '+']],
  ['groups of streams', ['XINFO', 'GROUPS', probe]],
  ['backing up a key before it is deleted', ['DUMP', probe]],
  ['restoring deleted keys', ['RESTORE', probe, 0, '']],
  ['deleting keys', ['UNLINK', probe]],
  ['setting expiry', ['PEXPIRE', probe, 1]],
  ['removing expiry', ['PERSIST', probe]],
  ['editing strings', ['SET', probe, '']],
  ['scripts', ['EVAL', 'return 1', 0]],
  ['state of the server', ['INFO']],
  ['configuration', ['CONFIG', 'GET', 'maxmemory']],
  ['list of clients', ['CLIENT', 'LIST']],
  ['slow log', ['SLOWLOG', 'GET', 1]],
  ['latency events', ['LATENCY', 'LATEST']],
  ['watching commands live', ['MONITOR']],
];

const shown = ([name, sub]: Command): string => (name === 'MEMORY' || name === 'OBJECT' || name === 'XINFO' || name === 'CONFIG' || name === 'CLIENT' || name === 'SLOWLOG' || name === 'LATENCY' ? `${name} ${String(sub)}` : name);

function judge(answers: readonly string[]): Permissions {
  const denied: Denied[] = [];
  let keysLimited = false;
  answers.forEach((answer, at) => {
    const [purpose, command] = wanted[at] as (typeof wanted)[number];
    if (/to run the|can't run this command/.test(answer)) denied.push({ command: shown(command), purpose });
    else if (/access (?:the|a|one of the)\b.*key/.test(answer)) keysLimited = true;
  });
  return { denied, keysLimited };
}

/** Text of each answer; an error's text where the server refused. */
async function answersOf(replies: readonly Promise<RedisReply>[]): Promise<string[]> {
  const results = await Promise.allSettled(replies);
  return results.map((result) => {
    if (result.status === 'fulfilled') return replyText(result.value);
    if (result.reason instanceof LookasideError && typeof result.reason.details['reply'] === 'string') return result.reason.details['reply'];
    throw result.reason;
  });
}

/**
 * Asks with ACL DRYRUN (7.0 and later) what a user may not do; `null` where there is no such command or it is itself
 * refused.
 */
export async function permissionsByDryRun(link: Link, user: string): Promise<Permissions | null> {
  const answers = await answersOf(link.sendAll(wanted.map(([, command]) => ({ command: ['ACL', 'DRYRUN', user, ...command] as const, effect: false }))));
  const usable = answers.some((answer) => answer === 'OK' || answer.startsWith(`User ${user} has no permissions`));
  return usable ? judge(answers.map((answer) => (answer.startsWith('ERR') ? '' : answer))) : null;
}

/**
 * The same without ACL DRYRUN: queues the commands in a transaction that is discarded. The server checks permission
 * when it queues, and runs nothing. Needs a connection of its own; `null` where transactions are refused.
 */
export async function permissionsByDiscard(link: Link): Promise<Permissions | null> {
  const all = [['MULTI'] as const, ...wanted.map(([, command]) => command), ['DISCARD'] as const];
  const [multi = '', ...answers] = await answersOf(link.sendAll(all.map((command) => ({ command, effect: false }))));
  return multi === 'OK' ? judge(answers.slice(0, -1)) : null;
}
