import { slotCount } from '../../../../shared/redis/slot.ts';
import type { RedisReply } from '../../redis/session.ts';
import { nodeId } from './node-links.ts';
import { replyList, replyText } from './replies.ts';

export interface ClusterNode {
  id: string;
  host: string;
  port: number;
  role: 'master' | 'replica';
  slots: number;
}

export interface ClusterMap {
  /** By `host:port`. */
  nodes: Map<string, ClusterNode>;
  /** Id of the master of each slot; `null` where no node serves it. */
  owners: (string | null)[];
}

/**
 * Reads the reply of CLUSTER SLOTS, which every version answers with the endpoint and port that fit this client (TLS
 * port, announced host name). `asked` stands in where the cluster does not know its own address: an empty or null host means
 * "the one you asked".
 */
export function parseClusterSlots(reply: RedisReply, asked: { host: string; port: number }): ClusterMap {
  const nodes = new Map<string, ClusterNode>();
  const owners: (string | null)[] = Array.from({ length: slotCount }, () => null);

  function nodeOf(row: RedisReply | undefined, role: ClusterNode['role']): ClusterNode | null {
    const [announced, port] = replyList(row);
    if (typeof port !== 'number') return null;
    const text = replyText(announced);
    const host = text === '' || text === '?' ? asked.host : text;
    const id = nodeId({ host, port });
    const known = nodes.get(id);
    if (known !== undefined) return known;
    const node: ClusterNode = { id, host, port, role, slots: 0 };
    nodes.set(id, node);
    return node;
  }

  for (const range of replyList(reply)) {
    const [first, last, master, ...replicas] = replyList(range);
    if (typeof first !== 'number' || typeof last !== 'number') continue;
    const owner = nodeOf(master, 'master');
    if (owner === null) continue;
    for (let slot = Math.max(0, first); slot <= Math.min(last, slotCount - 1); slot += 1) {
      owners[slot] = owner.id;
      owner.slots += 1;
    }
    for (const replica of replicas) nodeOf(replica, 'replica');
  }
  return { nodes, owners };
}

/** Addresses that CLUSTER NODES flags as failing, as `ip:port`; host names do not stand there, so it is a hint only. */
export function failingNodes(text: string): Set<string> {
  const failing = new Set<string>();
  for (const line of text.split('\n')) {
    const [, address, flags] = line.split(' ');
    if (address === undefined || flags === undefined) continue;
    const names = flags.split(',');
    if (names.includes('fail') || names.includes('fail?') || names.includes('noaddr')) failing.add(address.split('@')[0] ?? '');
  }
  return failing;
}
