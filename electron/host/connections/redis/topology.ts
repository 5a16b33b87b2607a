import type { RedisNode } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Link } from './link.ts';
import type { NodeLinks } from './node-links.ts';
import { infoFields, replyText } from './replies.ts';

/** What a topology tells the session that owns it. */
export interface TopologyEvents {
  /** Nodes, roles or slots are others than before; the connection as a whole still stands. */
  changed(): void;
  /** Nothing can be reached any more: everything has to be opened again. */
  broken(problem: LookasideError): void;
}

/** The open connections of one Redis, arranged as its topology is. */
export interface Topology {
  readonly kind: 'standalone' | 'cluster' | 'sentinel';
  nodes(): RedisNode[];
  /** The nodes that hold keys and are connected. */
  masters(): NodeLinks[];
  /** Where a command with this first key goes; `null` for one without a key. Throws CONNECTION_LOST when that node is down. */
  route(key: Buffer | null): NodeLinks;
  /** A node by its id; `null` when it is not a connected master. */
  byId(id: string): NodeLinks | null;
  /** Follows a MOVED or ASK: the connection to that node, opened when it is new. */
  follow(address: { host: string; port: number }): Promise<NodeLinks>;
  /** The server moved a slot: remember it and look at the whole map soon. */
  noteMoved(slot: number, node: NodeLinks): void;
  /** What is wrong with a part, while the rest works. */
  problem(): LookasideError | null;
  close(): void;
}

/** What INFO says that decides how to connect. Empty values when the user may not ask. */
export interface ServerMode {
  mode: 'standalone' | 'cluster' | 'sentinel' | 'unknown';
  loading: boolean;
  role: 'master' | 'replica' | 'unknown';
}

/** Asks a server what it is. Tolerates a user who may not run INFO. */
export async function serverMode(link: Link): Promise<ServerMode> {
  const info = await link.send(['INFO'], false).catch((error: unknown) => {
    if (error instanceof LookasideError && (error.code === 'REDIS_NO_PERMISSION' || error.code === 'REDIS_COMMAND_FAILED')) return '';
    throw error;
  });
  const fields = infoFields(replyText(info));
  const role = fields.get('role');
  const named = fields.get('redis_mode') ?? fields.get('server_mode') ?? fields.get('valkey_mode');
  const mode = named === 'sentinel' || named === 'cluster' || named === 'standalone' ? named : fields.get('cluster_enabled') === '1' ? 'cluster' : fields.has('cluster_enabled') ? 'standalone' : 'unknown';
  return {
    mode: mode === 'standalone' && fields.get('cluster_enabled') === '1' ? 'cluster' : mode === 'unknown' ? await modeByAsking(link) : mode,
    loading: fields.get('loading') === '1',
    role: role === 'master' ? 'master' : role === 'slave' || role === 'replica' ? 'replica' : 'unknown',
  };
}

/** Without INFO: a server outside a cluster says so when asked for slots. */
async function modeByAsking(link: Link): Promise<ServerMode['mode']> {
  try {
    await link.send(['CLUSTER', 'SLOTS'], false);
    return 'cluster';
  } catch (error) {
    if (error instanceof LookasideError && error.code === 'REDIS_CLUSTER_MODE_MISMATCH') return 'standalone';
    if (error instanceof LookasideError && (error.code === 'REDIS_NO_PERMISSION' || error.code === 'REDIS_COMMAND_FAILED')) return 'unknown';
    throw error;
  }
}

export function loadingError(where: string): LookasideError {
  return new LookasideError('REDIS_LOADING', `${where} is loading its data set into memory`, {
    hint: 'It answers when it is done; the connection is tried again by itself.',
  });
}
