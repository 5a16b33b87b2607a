import { LookasideError } from '../../../../shared/contract/errors.ts';
import { parseClusterSlots } from '../../connections/redis/cluster-map.ts';
import { replyText } from '../../connections/redis/replies.ts';
import type { MasterNode, RedisSession } from '../session.ts';
import type { ScanNode } from './index-messages.ts';

/** Owners of the slots as the first master tells; `null` where it may not be asked. */
async function slotOwners(session: RedisSession, asked: MasterNode): Promise<readonly (string | null)[] | null> {
  const [reply] = await session.batch(0, [['CLUSTER', 'SLOTS']], { node: asked.id });
  return reply === undefined || reply instanceof LookasideError ? null : parseClusterSlots(reply, asked).owners;
}

/** Slot ranges as text, for example `0-5460,7000-7000`. */
function rangesOf(owners: readonly (string | null)[], id: string): string {
  const ranges: string[] = [];
  for (let slot = 0; slot < owners.length; slot += 1) {
    if (owners[slot] !== id) continue;
    const first = slot;
    while (owners[slot + 1] === id) slot += 1;
    ranges.push(`${first}-${slot}`);
  }
  return ranges.join(',');
}

/**
 * Slots that are just now on their way from or to the node that gave this CLUSTER NODES: `93->-id`, `93-<-id`. Only the line of a
 * node about itself tells of them, and the owners of slots change only at the end of the way, while keys go over one by one.
 */
export function slotsUnderWay(clusterNodes: string): string[] {
  const own = clusterNodes.split('\n').find((line) => line.includes('myself')) ?? '';
  return [...own.matchAll(/\[(\d+-[<>]-[^\]]*)\]/g)].map((match) => match[1] as string);
}

/** None where the node may not be asked or cannot be reached: whoever reads its keys learns of that. */
async function movingSlots(session: RedisSession, id: string): Promise<string[]> {
  const [reply] = await session.batch(0, [['CLUSTER', 'NODES']], { node: id });
  return reply === undefined || reply instanceof LookasideError ? [] : slotsUnderWay(replyText(reply));
}

/** The masters to scan, each with the slots it holds now. Rejects with LookasideError. */
export async function scanNodes(session: RedisSession): Promise<ScanNode[]> {
  const masters = await session.masters();
  const asked = masters[0];
  if (asked === undefined || session.facts().topology !== 'cluster') return masters.map(({ id }) => ({ id, slots: '', moving: false }));
  const owners = await slotOwners(session, asked);
  const moving = await Promise.all(masters.map(({ id }) => movingSlots(session, id)));
  const counts = new Map(session.facts().nodes.map((node) => [node.id, node.slots]));
  return masters.map(({ id }, at) => {
    const held = owners === null ? String(counts.get(id) ?? '') : rangesOf(owners, id);
    const underWay = moving[at] ?? [];
    return { id, slots: [held, ...underWay].join(' '), moving: underWay.length > 0 };
  });
}
