import { LookasideError } from '../../../../shared/contract/errors.ts';
import { infoFields, replyText } from '../../connections/redis/replies.ts';
import { scanNodes, slotsUnderWay } from '../index/scan-nodes.ts';
import type { RedisSession } from '../session.ts';

/** Who holds the keys at one moment. */
export interface ScanMap {
  nodes: string[];
  /** The same as long as no slot has changed hands. */
  shape: string;
  /** Slots are on their way from one master to another just now. */
  moving: boolean;
}

/** Text of a reply that a user may be forbidden; empty then. */
async function textOrNothing(session: RedisSession, command: readonly [string, ...string[]], node: string): Promise<string> {
  const [reply] = await session.batch(0, [command], { node });
  if (reply instanceof LookasideError) {
    if (reply.code === 'REDIS_NO_PERMISSION' || reply.code === 'REDIS_COMMAND_FAILED') return '';
    throw reply;
  }
  return replyText(reply);
}

/** Rejects with CONNECTION_LOST while a master cannot be reached. */
export async function readScanMap(session: RedisSession): Promise<ScanMap> {
  const nodes = await scanNodes(session);
  const cluster = session.facts().topology === 'cluster';
  const missing = cluster ? session.facts().nodes.find((node) => node.role === 'master' && node.slots > 0 && !node.up) : undefined;
  if (missing !== undefined) throw new LookasideError('CONNECTION_LOST', `${missing.id} cannot be reached`, { details: { node: missing.id } });
  const texts = cluster ? await Promise.all(nodes.map(({ id }) => textOrNothing(session, ['CLUSTER', 'NODES'], id))) : [];
  const moving = texts.some((text) => slotsUnderWay(text).length > 0);
  return { nodes: nodes.map(({ id }) => id), shape: JSON.stringify(nodes), moving };
}

/** `run_id` of a server process: another one has other cursors. Empty when it may not be asked. */
export async function serverRunId(session: RedisSession, node: string): Promise<string> {
  return infoFields(await textOrNothing(session, ['INFO', 'server'], node)).get('run_id') ?? '';
}
