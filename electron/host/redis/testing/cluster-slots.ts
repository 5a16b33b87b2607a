import type { Redis } from 'ioredis';
import { keySlot } from '../../../../shared/redis/slot.ts';

const slots = 16_384;

/** A hash tag for each of three masters, in the order of their slots, which are dealt out evenly. */
export function tagsOfMasters(): [string, string, string] {
  const third = Math.floor(slots / 3);
  const masterOf = (tag: string) => Math.min(2, Math.floor(keySlot(Buffer.from(tag)) / (third + 1)));
  const tags = Array.from({ length: 200 }, (_, at) => `{t${at}}`);
  const of = (master: number) => tags.find((tag) => masterOf(tag) === master) ?? '';
  return [of(0), of(1), of(2)];
}

/** Moves the slot of a tag from the first of these masters to the second, key by key, as an operator does; all of them learn of it. `underWay` runs when the first keys have gone over. */
export async function moveSlot(tag: string, [from, to, ...others]: readonly [Redis, Redis, ...Redis[]], underWay: () => Promise<void> = async () => undefined): Promise<void> {
  const slot = String(keySlot(Buffer.from(tag)));
  const [fromId = '', toId = ''] = await Promise.all([from, to].map(async (admin) => String(await admin.call('CLUSTER', 'MYID'))));
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
  for (let first = true; ; first = false) {
    const batch = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, '500')) as string[];
    if (batch.length === 0) break;
    await from.call('MIGRATE', '127.0.0.1', String(to.options.port), '', '0', '5000', 'KEYS', ...batch);
    if (first) await underWay();
  }
  for (const admin of [from, to, ...others]) await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
}
