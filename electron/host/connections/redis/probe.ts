import type { RedisFacts } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { coreCommandTable, parseCommandTable, type CommandTable } from '../../../../shared/redis/command-table.ts';
import type { Command, RedisReply } from '../../redis/session.ts';
import type { RedisAccess } from './access.ts';
import type { ImpactMeter } from './impact-meter.ts';
import type { Link } from './link.ts';
import { permissionsByDiscard, permissionsByDryRun, type Permissions } from './permissions.ts';
import { infoFields, replyList, replyMap, replyText } from './replies.ts';
import type { Topology } from './topology.ts';

export interface Capabilities {
  table: CommandTable;
  facts: Omit<RedisFacts, 'topology' | 'nodes' | 'keyspace'>;
  /** Whether INFO commandstats may be read. */
  mayReadStats: boolean;
}

interface Denial {
  feature: string;
  reason: string;
}

function flavourOf(info: Map<string, string>): RedisFacts['flavour'] {
  if (info.has('valkey_version') || info.get('server_name') === 'valkey') return 'valkey';
  if (info.has('dragonfly_version')) return 'dragonfly';
  if (info.get('server_name') === 'keydb' || info.has('mvcc_depth') || /keydb/i.test(info.get('executable') ?? '')) return 'keydb';
  return info.has('redis_version') ? 'redis' : 'unknown';
}

function versionOf(info: Map<string, string>): string {
  const own = info.get('valkey_version') ?? info.get('dragonfly_version') ?? info.get('redis_version') ?? '';
  return own.replace(/^df-v?/, '');
}

/** Asks a question that the user may be forbidden, or the server may not know; `null` and a note then. */
function asker(link: Link, meter: ImpactMeter, missing: Denial[]) {
  return async (command: Command, feature: string): Promise<RedisReply> => {
    meter.count(command.slice(0, 2).join('|').toLowerCase(), 1);
    try {
      return await link.send(command, false);
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      if (error.code !== 'REDIS_NO_PERMISSION' && error.code !== 'REDIS_COMMAND_FAILED') throw error;
      const reason = error.code === 'REDIS_NO_PERMISSION' ? error.message : `This server does not answer ${command.slice(0, 2).join(' ')}`;
      if (feature !== '') missing.push({ feature, reason });
      return null;
    }
  };
}

/** What this server is and what this user may know of it. Tolerates every refusal, and says in words what is missing then. */
export async function probeCapabilities(link: Link, username: string, meter: ImpactMeter): Promise<Capabilities> {
  const missing: Denial[] = [];
  const ask = asker(link, meter, missing);
  const [info, whoami, databases, policy, modules, commands, stats] = await Promise.all([
    ask(['INFO', 'server'], 'Version and state of the server'),
    ask(['ACL', 'WHOAMI'], ''),
    ask(['CONFIG', 'GET', 'databases'], 'Number of databases'),
    ask(['CONFIG', 'GET', 'maxmemory-policy'], ''),
    ask(['MODULE', 'LIST'], 'List of modules'),
    ask(['COMMAND'], 'Commands of the server: only the read commands of Redis itself pass the read-only mode'),
    ask(['INFO', 'commandstats'], 'Server time that this app uses'),
  ]);
  const server = infoFields(replyText(info));
  const memory = policy === null ? infoFields(replyText(await ask(['INFO', 'memory'], 'Eviction policy'))) : null;
  const count = Number(replyText(replyMap(databases).get('databases')));
  const parsed = parseCommandTable(commands);
  return {
    table: parsed.size > 0 ? parsed : coreCommandTable(),
    facts: {
      flavour: flavourOf(server),
      version: versionOf(server),
      user: replyText(whoami) || username || 'default',
      databases: Number.isInteger(count) && count > 0 ? count : null,
      maxmemoryPolicy: replyText(replyMap(policy).get('maxmemory-policy')) || memory?.get('maxmemory_policy') || null,
      modules: replyList(modules).map((row) => replyText(replyMap(row).get('name'))),
      missing,
    },
    mayReadStats: stats !== null,
  };
}

/**
 * What this user may not do, by ACL DRYRUN or, without it, by a discarded transaction on a connection of its own.
 * `null` where the server has no ACL (before 6.0) or lets neither be asked.
 */
export async function findPermissions(access: RedisAccess, link: Link, signal: AbortSignal): Promise<Permissions | null> {
  const whoami = await link.send(['ACL', 'WHOAMI'], false).catch(refusedWith);
  if (whoami === 'unknown') return null;
  const user = Buffer.isBuffer(whoami) ? whoami.toString() : access.profile.username || 'default';
  const dry = await permissionsByDryRun(link, user);
  if (dry !== null) return dry;
  const own = await access.open(link.target, { signal });
  try {
    return await permissionsByDiscard(own);
  } finally {
    own.close();
  }
}

function refusedWith(error: unknown): 'denied' | 'unknown' {
  if (error instanceof LookasideError && error.code === 'REDIS_NO_PERMISSION') return 'denied';
  if (error instanceof LookasideError && error.code === 'REDIS_COMMAND_FAILED') return 'unknown';
  throw error;
}

/** The denials as features of this app, leaving out what the probe has already said. */
export function missingFrom(permissions: Permissions | null, user: string): RedisFacts['missing'] {
  if (permissions === null) return [];
  const told = new Set(['INFO', 'CONFIG GET']);
  const lines = permissions.denied
    .filter(({ command }) => !told.has(command))
    .map(({ command, purpose }) => ({ feature: purpose.charAt(0).toUpperCase() + purpose.slice(1), reason: `The user ${user} may not run ${command}` }));
  return permissions.keysLimited ? [...lines, { feature: 'All keys', reason: `The key patterns of the user ${user} leave some out` }] : lines;
}

/** Key counts by database, summed over all masters; `null` when the user may not run INFO. */
export async function readKeyspace(topology: Topology, meter: ImpactMeter): Promise<RedisFacts['keyspace'] | null> {
  const texts = await Promise.all(
    topology.masters().map(async (node) => {
      meter.count('info', 1);
      return replyText(await node.main.send(['INFO', 'keyspace'], false).catch(noPermission));
    }),
  );
  if (texts.length > 0 && texts.every((text) => text === '')) return null;
  const sums = new Map<number, { db: number; keys: number; expires: number }>();
  for (const [, db, keys, expires] of texts.join('\n').matchAll(/^db(\d+):keys=(\d+),expires=(\d+)/gm)) {
    const sum = sums.get(Number(db)) ?? { db: Number(db), keys: 0, expires: 0 };
    sums.set(sum.db, { db: sum.db, keys: sum.keys + Number(keys), expires: sum.expires + Number(expires) });
  }
  return [...sums.values()].toSorted((a, b) => a.db - b.db);
}

function noPermission(error: unknown): '' {
  if (error instanceof LookasideError && error.code === 'REDIS_NO_PERMISSION') return '';
  throw error;
}
