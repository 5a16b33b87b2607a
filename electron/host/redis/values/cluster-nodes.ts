import type { RedisSession } from '../session.ts';
import { listOf, numberOf, replyOrNull, textOf } from './replies.ts';

interface SlotRange {
  from: number;
  to: number;
  node: string;
}

const ranges = new WeakMap<RedisSession, Promise<SlotRange[]>>();

/** CLUSTER SLOTS: [from, to, [host, port, id], …] each. An empty host means the one that was asked. */
async function readRanges(session: RedisSession): Promise<SlotRange[]> {
  const [outcome] = await session.batch(0, [['CLUSTER', 'SLOTS']]);
  const found = listOf(replyOrNull(outcome)).map((entry) => {
    const [from, to, master] = listOf(entry);
    const [host, port] = listOf(master);
    return { from: numberOf(from), to: numberOf(to), node: `${host === null ? '' : textOf(host)}:${numberOf(port)}` };
  });
  return found.filter(({ node }) => !node.startsWith(':'));
}

/** Master that holds a slot; `null` where the user may not ask. Asked once per topology. */
export async function nodeOfSlot(session: RedisSession, slot: number): Promise<string | null> {
  let known = ranges.get(session);
  if (known === undefined) {
    known = readRanges(session).catch(() => []);
    ranges.set(session, known);
    const stop = session.onTopologyChange(() => {
      stop();
      ranges.delete(session);
    });
  }
  const range = (await known).find(({ from, to }) => slot >= from && slot <= to);
  return range?.node ?? null;
}
