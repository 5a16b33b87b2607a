import type { PostgresProfile, RedisProfile, Workspace } from '../../../shared/contract/workspaces.ts';

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** Where a Redis profile points, in a few words: `cache.example:6380/2 over TLS, by SSH bastion`. */
export function redisTarget(profile: RedisProfile): string {
  const { nodes, socketPath, topology, sentinelMaster, db } = profile;
  const first = nodes[0];
  const place = socketPath !== '' ? socketPath : first === undefined ? 'no address' : `${bracketed(first.host)}:${first.port}`;
  const more = socketPath === '' && nodes.length > 1 ? ` +${nodes.length - 1}` : '';
  const kind = topology === 'sentinel' ? `${sentinelMaster} by Sentinel ` : topology === 'cluster' ? 'cluster ' : '';
  const tls = profile.tls !== undefined && profile.tls.mode !== 'off' ? ', TLS' : '';
  const ssh = profile.ssh ? `, SSH ${profile.ssh.host}` : '';
  return `${kind}${place}${more}${db === 0 ? '' : `/${db}`}${tls}${ssh}`;
}

/** Where a Postgres profile points: `app@db.example:5432/shop`. */
export function postgresTarget(profile: PostgresProfile): string {
  const user = profile.user ? `${profile.user}@` : '';
  const place = profile.host.startsWith('/') ? profile.host : `${bracketed(profile.host || 'localhost')}:${profile.port ?? 5432}`;
  const database = profile.database ? `/${profile.database}` : '';
  return `${user}${place}${database}${profile.ssh ? `, SSH ${profile.ssh.host}` : ''}`;
}

/** Everything that a filter looks at. */
export function searchText(workspace: Workspace): string {
  const parts = [workspace.name, workspace.environment];
  if (workspace.redis !== null) parts.push(redisTarget(workspace.redis));
  if (workspace.postgres !== null) parts.push(postgresTarget(workspace.postgres));
  return parts.join(' ').toLowerCase();
}

/** Keeps what holds every word of the query, in any order. */
export function filterWorkspaces(workspaces: readonly Workspace[], query: string): Workspace[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return workspaces.filter((workspace) => {
    const text = searchText(workspace);
    return words.every((word) => text.includes(word));
  });
}
