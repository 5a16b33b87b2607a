import type { KeyFacts } from '../../../../shared/contract/values.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import type { Command } from '../session.ts';
import { nodeOfSlot } from './cluster-nodes.ts';
import { lengthCommand, type KeyAt } from './key-read.ts';
import { numberOf, numberOrNull, replyOf, replyOrNull, textOf } from './replies.ts';

/** Encodings that MEMORY USAGE measures as one block; it samples the elements of the others. */
const measuredWhole: ReadonlySet<string> = new Set(['raw', 'int', 'embstr', 'listpack', 'listpackex', 'ziplist', 'intset']);

async function whereOf({ session, name }: KeyAt): Promise<{ node: string | null; slot: number | null }> {
  if (session.facts().topology !== 'cluster') return { node: null, slot: null };
  const slot = keySlot(name);
  return { slot, node: await nodeOfSlot(session, slot) };
}

/**
 * Type, encoding, expiry, memory, idle time or frequency in one round trip, then the length, whose command follows
 * from the type. What this user or server does not have is `null`. TYPE, OBJECT, PTTL and MEMORY USAGE leave the key's
 * idle time and frequency alone; a length counts as an access, so it comes last. (On one's own connection CLIENT
 * NO-TOUCH of Redis 7.2 would avoid that; the session shares its connections.)
 */
export async function keyFacts(key: KeyAt): Promise<KeyFacts> {
  const { session, db, name } = key;
  const lfu = session.facts().maxmemoryPolicy?.includes('lfu') ?? false;
  const recency = (frequency: boolean): Command => ['OBJECT', frequency ? 'FREQ' : 'IDLETIME', name];
  const [[type, encoding, pttl, memory, first], place] = await Promise.all([
    session.batch(db, [['TYPE', name], ['OBJECT', 'ENCODING', name], ['PTTL', name], ['MEMORY', 'USAGE', name], recency(lfu)]),
    whereOf(key),
  ]);
  const readAt = Date.now();
  const typeName = textOf(replyOf(type));
  const gone = typeName === 'none';

  // The policy may have changed since the facts were read: then the other question is the one with an answer.
  const stale = !gone && replyOrNull(first) === null;
  const length = gone ? null : lengthCommand(typeName, name);
  const further: Command[] = [...(stale ? [recency(!lfu)] : []), ...(length === null ? [] : [length])];
  const outcomes = further.length === 0 ? [] : await session.batch(db, further);
  const second = stale ? outcomes[0] : undefined;
  const recencies = { asked: numberOrNull(replyOrNull(first)), other: numberOrNull(replyOrNull(second)) };

  const encodingReply = replyOrNull(encoding);
  const encodingName = gone || encodingReply === null ? null : textOf(encodingReply);
  const ttl = numberOf(replyOrNull(pttl) ?? -1);
  return {
    name: toWire(name),
    type: typeName,
    encoding: encodingName,
    ttlMs: ttl < 0 ? null : ttl,
    readAt,
    length: length === null ? null : numberOrNull(replyOrNull(outcomes.at(-1))),
    memoryBytes: gone ? null : numberOrNull(replyOrNull(memory)),
    memoryExactness: encodingName !== null && measuredWhole.has(encodingName) ? 'exact' : 'estimated',
    idleSeconds: lfu ? recencies.other : recencies.asked,
    frequency: lfu ? recencies.asked : recencies.other,
    ...place,
  };
}
