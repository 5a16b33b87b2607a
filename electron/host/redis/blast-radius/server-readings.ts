import { LookasideError } from '../../../../shared/contract/errors.ts';
import { parseCommandStats, type CommandStats } from '../../connections/redis/impact-meter.ts';
import { infoFields, replyText } from '../../connections/redis/replies.ts';
import type { RedisSession } from '../session.ts';

/** Counters of one server at one moment. */
export interface ServerReading {
  /** ms of this machine's clock, `performance.now`. */
  at: number;
  hits: number;
  misses: number;
  commands: number;
  /** Seconds of processor time that it has used. */
  cpu: number | null;
}

function amount(fields: Map<string, string>, name: string): number | null {
  const text = fields.get(name);
  return text === undefined || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
}

/** A reply that this user may be forbidden; empty then. */
async function infoText(session: RedisSession, node: string, section: string, signal: AbortSignal): Promise<string> {
  const [reply] = await session.batch(0, [['INFO', section]], { node, signal });
  if (reply instanceof LookasideError) {
    if (reply.code === 'REDIS_NO_PERMISSION' || reply.code === 'REDIS_COMMAND_FAILED') return '';
    throw reply;
  }
  return replyText(reply);
}

/** `null` where INFO may not be read. */
export async function readServer(session: RedisSession, node: string, signal: AbortSignal): Promise<ServerReading | null> {
  const [stats, cpu] = await Promise.all([infoText(session, node, 'stats', signal), infoText(session, node, 'cpu', signal)]);
  const fields = infoFields(stats);
  const [hits, misses, commands] = [amount(fields, 'keyspace_hits'), amount(fields, 'keyspace_misses'), amount(fields, 'total_commands_processed')];
  if (hits === null || misses === null || commands === null) return null;
  const used = infoFields(cpu);
  const [user, sys] = [amount(used, 'used_cpu_user'), amount(used, 'used_cpu_sys')];
  return { at: performance.now(), hits, misses, commands, cpu: user === null || sys === null ? null : user + sys };
}

/** `instantaneous_ops_per_sec`; `null` where INFO may not be read. */
export async function commandsPerSecond(session: RedisSession, node: string, signal: AbortSignal): Promise<number | null> {
  return amount(infoFields(await infoText(session, node, 'stats', signal)), 'instantaneous_ops_per_sec');
}

export async function readCommandStats(session: RedisSession, node: string, signal: AbortSignal): Promise<CommandStats> {
  return parseCommandStats(await infoText(session, node, 'commandstats', signal));
}

export interface ServerRates {
  hitsPerSecond: number;
  missesPerSecond: number;
  commandsPerSecond: number;
  /** Processors in use, 1 = one of them all the time. */
  cpu: number | null;
}

/** What happened between two readings; `null` when the counters went back (a restart, CONFIG RESETSTAT) or no time passed. */
export function ratesBetween(before: ServerReading | null, after: ServerReading | null): ServerRates | null {
  if (before === null || after === null) return null;
  const seconds = (after.at - before.at) / 1000;
  if (seconds <= 0 || after.hits < before.hits || after.misses < before.misses || after.commands < before.commands) return null;
  return {
    hitsPerSecond: (after.hits - before.hits) / seconds,
    missesPerSecond: (after.misses - before.misses) / seconds,
    commandsPerSecond: (after.commands - before.commands) / seconds,
    cpu: before.cpu === null || after.cpu === null || after.cpu < before.cpu ? null : (after.cpu - before.cpu) / seconds,
  };
}

/** The same for all servers; `null` when one of them is not known. */
export function sumRates(all: readonly (ServerRates | null)[]): ServerRates | null {
  if (all.length === 0) return null;
  return all.reduce<ServerRates | null>(
    (sum, each) =>
      sum === null || each === null
        ? null
        : {
            hitsPerSecond: sum.hitsPerSecond + each.hitsPerSecond,
            missesPerSecond: sum.missesPerSecond + each.missesPerSecond,
            commandsPerSecond: sum.commandsPerSecond + each.commandsPerSecond,
            cpu: sum.cpu === null || each.cpu === null ? null : sum.cpu + each.cpu,
          },
    { hitsPerSecond: 0, missesPerSecond: 0, commandsPerSecond: 0, cpu: 0 },
  );
}

/** Round trip of a PING, ms; `null` when it is refused. */
export async function pingMs(session: RedisSession, node: string, signal: AbortSignal): Promise<number | null> {
  const begun = performance.now();
  const [reply] = await session.batch(0, [['PING']], { node, signal });
  return reply instanceof LookasideError ? null : performance.now() - begun;
}

/**
 * Server time of calls that we made, ms: calls times the server's mean of each command between two readings. `null` when a
 * command is not in the statistics.
 */
export function timeOfCalls(calls: ReadonlyMap<string, number>, before: CommandStats, after: CommandStats): number | null {
  let usec = 0;
  for (const [name, made] of calls) {
    const now = after.get(name);
    if (now === undefined || now.calls === 0) return null;
    const then = before.get(name) ?? { calls: 0, usec: 0 };
    const fresh = now.calls > then.calls && now.usec >= then.usec ? (now.usec - then.usec) / (now.calls - then.calls) : now.usec / now.calls;
    usec += made * fresh;
  }
  return usec / 1000;
}
