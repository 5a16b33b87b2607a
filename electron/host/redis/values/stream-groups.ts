import type * as v from 'valibot';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { pendingEntry, streamConsumer, streamGroup } from '../../../../shared/contract/values.ts';
import { toWire } from '../../../../shared/bytes.ts';
import type { Command, RedisReply } from '../session.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { readTyped, type KeyAt } from './key-read.ts';
import { bytesOf, fieldsOf, listOf, numberOf, numberOrNull, replyOf, saysError, textOf } from './replies.ts';

async function readStream(key: KeyAt, read: Command): Promise<RedisReply[]> {
  const [outcome] = await readTyped(key, 'stream', [read]);
  if (saysError(outcome, 'NOGROUP')) throw new LookasideError('NOT_FOUND', 'The consumer group does not exist any more');
  return listOf(replyOf(outcome));
}

/** XINFO GROUPS. `lag` is `null` before Redis 7 and where the server cannot tell. */
export async function streamGroups(key: KeyAt): Promise<v.InferOutput<typeof streamGroup>[]> {
  const groups = await readStream(key, ['XINFO', 'GROUPS', key.name]);
  return groups.map((group) => {
    const fields = fieldsOf(group);
    return {
      name: toWire(bytesOf(fields.get('name'))),
      consumers: numberOf(fields.get('consumers')),
      pending: numberOf(fields.get('pending')),
      lastDeliveredId: textOf(fields.get('last-delivered-id')),
      lag: numberOrNull(fields.get('lag')),
    };
  });
}

/** XINFO CONSUMERS. `inactive` came with Redis 7.2, which is also where `idle` began to count mere attempts. */
export async function streamConsumers(key: KeyAt, group: Buffer): Promise<v.InferOutput<typeof streamConsumer>[]> {
  const consumers = await readStream(key, ['XINFO', 'CONSUMERS', key.name, group]);
  return consumers.map((consumer) => {
    const fields = fieldsOf(consumer);
    const inactive = numberOrNull(fields.get('inactive'));
    return {
      name: toWire(bytesOf(fields.get('name'))),
      pending: numberOf(fields.get('pending')),
      idleMs: numberOf(fields.get('idle')),
      // -1: this consumer never had an entry.
      inactiveMs: inactive === null || inactive < 0 ? null : inactive,
    };
  });
}

/** XPENDING in its extended form, by id. */
export async function streamPending(
  key: KeyAt,
  group: Buffer,
  request: { cursor: string | null; count: number; consumer: Buffer | null; minIdleMs: number },
): Promise<{ items: v.InferOutput<typeof pendingEntry>[]; next: string | null }> {
  const from = request.cursor === null ? '-' : `(${decodeCursor('after', request.cursor).at}`;
  // IDLE came with Redis 6.2.
  const idle = request.minIdleMs > 0 ? ['IDLE', request.minIdleMs] : [];
  const consumer = request.consumer === null ? [] : [request.consumer];
  const entries = await readStream(key, ['XPENDING', key.name, group, ...idle, from, '+', request.count + 1, ...consumer]);
  const items = entries.slice(0, request.count).map((entry) => {
    const [id, consumer, idle, deliveries] = listOf(entry);
    return { id: textOf(id), consumer: toWire(bytesOf(consumer)), idleMs: numberOf(idle), deliveries: numberOf(deliveries) };
  });
  const lastId = items.at(-1)?.id;
  const more = entries.length > request.count && lastId !== undefined;
  return { items, next: more ? encodeCursor({ kind: 'after', size: request.count, at: lastId }) : null };
}
