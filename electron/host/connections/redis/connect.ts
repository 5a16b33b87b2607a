import { LookasideError, type ErrorCode } from '../../../../shared/contract/errors.ts';
import type { RedisProfile } from '../../../../shared/contract/workspaces.ts';
import type { NetworkTarget } from '../dial/network-errors.ts';
import type { RedisAccess } from './access.ts';
import { openCluster } from './cluster.ts';
import type { Link } from './link.ts';
import { nodeId, nodeOver } from './node-links.ts';
import { openSentinel, watchedMasters } from './sentinel.ts';
import { singleTopology } from './single.ts';
import { loadingError, serverMode, type ServerMode, type Topology, type TopologyEvents } from './topology.ts';

function refuse(message: string, hint: string): never {
  throw new LookasideError('INVALID_INPUT', message, { hint });
}

/** Throws INVALID_INPUT for a profile that cannot work, before anything is dialled. */
export function checkProfile(profile: RedisProfile): void {
  if (profile.nodes.length === 0 && profile.socketPath === '') refuse('There is no address', 'Give a host and a port, or the path of a unix socket.');
  if (profile.topology === 'sentinel') {
    if (profile.sentinelMaster === '') refuse('The name of the master is missing', 'Give the name that the sentinels use (sentinel monitor <name> …).');
    if (profile.nodes.length === 0) refuse('There is no sentinel', 'Give the host and port of at least one sentinel.');
  }
  if (profile.topology === 'cluster') {
    if (profile.nodes.length === 0) refuse('There is no seed node', 'A cluster is reached by host and port, not by a unix socket.');
    if (profile.db !== 0) refuse('A cluster has database 0 only', 'Set the database to 0.');
  }
  if (profile.tls.mode === 'pin' && profile.tls.pinSha256.trim() === '') {
    refuse('There is no fingerprint to pin', 'Give the SHA-256 of the certificate; a test of the connection shows it.');
  }
}

/** Where to knock first, in order. */
export function firstTargets(profile: RedisProfile): NetworkTarget[] {
  return profile.socketPath === '' ? profile.nodes : [{ path: profile.socketPath }];
}

/** Why a server cannot be used with the chosen topology, or `null`. */
export async function modeMismatch(profile: RedisProfile, link: Link, mode: ServerMode): Promise<LookasideError | null> {
  const where = nodeId(link.target);
  if (mode.mode === 'sentinel') {
    const names = await watchedMasters(link);
    const known = names.length === 0 ? '' : ` It watches: ${names.join(', ')}.`;
    return new LookasideError('REDIS_CLUSTER_MODE_MISMATCH', `${where} is a sentinel, which holds no keys`, {
      hint: `Choose Sentinel as the topology and give the name of the master.${known}`,
    });
  }
  if (profile.topology === 'standalone' && mode.mode === 'cluster') {
    return new LookasideError('REDIS_CLUSTER_MODE_MISMATCH', `${where} is a node of a cluster`, {
      hint: 'Choose Cluster, or Auto, as the topology: a single node holds only a part of the keys.',
    });
  }
  if (profile.topology === 'cluster' && mode.mode === 'standalone') {
    return new LookasideError('REDIS_CLUSTER_MODE_MISMATCH', `${where} is not part of a cluster`, {
      hint: 'Choose Standalone, or Auto, as the topology.',
    });
  }
  return null;
}

const refusedByAll: ReadonlySet<ErrorCode> = new Set(['REDIS_AUTH_REQUIRED', 'REDIS_WRONG_PASSWORD', 'TLS_MATERIAL_INVALID', 'CANCELLED']);

/** Whether the next address would answer in the same way; asking it too could lock an account. */
export function sameEverywhere(error: LookasideError): boolean {
  return refusedByAll.has(error.code) || error.code.startsWith('SSH_');
}

/** Opens everything that a profile names, as its topology is. Rejects with a LookasideError; nothing stays open then. */
export async function connectRedis(access: RedisAccess, signal: AbortSignal, events: TopologyEvents): Promise<Topology> {
  const { profile } = access;
  checkProfile(profile);
  access.forgetTls();
  if (profile.topology === 'sentinel') return openSentinel(access, signal, events);

  let last: LookasideError | null = null;
  for (const target of firstTargets(profile)) {
    try {
      const link = await access.open(target, { signal });
      try {
        const mode = await serverMode(link);
        const mismatch = await modeMismatch(profile, link, mode);
        if (mismatch !== null) throw mismatch;
        if (mode.loading) throw loadingError(nodeId(target));
        const isCluster = mode.mode === 'cluster' || profile.topology === 'cluster';
        const node = nodeOver(access, link, (problem) => (isCluster ? undefined : events.broken(problem)));
        if (isCluster) return await openCluster(access, node, signal, events);
        return singleTopology({ kind: 'standalone', node, role: mode.role === 'replica' ? 'replica' : 'master', others: () => [], close: () => undefined });
      } catch (error) {
        link.close();
        throw error;
      }
    } catch (error) {
      if (!(error instanceof LookasideError) || error.code === 'CANCELLED') throw error;
      last ??= error;
      if (sameEverywhere(error)) break;
    }
  }
  throw last ?? new LookasideError('INVALID_INPUT', 'There is no address', { hint: 'Give a host and a port.' });
}
