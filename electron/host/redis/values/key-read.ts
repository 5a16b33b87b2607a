import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { ConnectionService } from '../../services.ts';
import type { Command, RedisReply, RedisSession } from '../session.ts';
import { numberOf, numberOrNull, replyOf, replyOrNull, textOf, type Outcome } from './replies.ts';
import { sizeFor } from './cursor.ts';

/** One key of an open Redis. */
export interface KeyAt {
  session: RedisSession;
  db: number;
  name: Buffer;
}

export function keyAt(connections: Pick<ConnectionService, 'redis'>, where: { workspaceId: string; db: number; name: WireBytes }): KeyAt {
  if (!Number.isSafeInteger(where.db)) {
    throw new LookasideError('INVALID_INPUT', 'db: too large a number', { details: { field: 'db' } });
  }
  return { session: connections.redis(where.workspaceId), db: where.db, name: Buffer.from(fromWire(where.name)) };
}

export function gone(): LookasideError {
  return new LookasideError('KEY_GONE', 'The key does not exist any more');
}

export function wrongType(expected: string, actual: string): LookasideError {
  return new LookasideError('REDIS_WRONG_TYPE', `The key holds a ${actual} now, not a ${expected}`, { details: { expected, actual } });
}

/**
 * Sends `reads` with TYPE before them in one round trip and gives their outcomes.
 * @throws KEY_GONE, REDIS_WRONG_TYPE when the key is not what the reads are for; what the reads themselves fail with
 * is in their outcomes, except WRONGTYPE, which a change between TYPE and the read causes
 */
export async function readTyped(key: KeyAt, expected: string, reads: readonly Command[]): Promise<Outcome[]> {
  const [type, ...outcomes] = await key.session.batch(key.db, [['TYPE', key.name], ...reads]);
  // A user may have the read and not TYPE; the read itself still refuses another type.
  const actual = replyOrNull(type);
  if (actual !== null) {
    if (textOf(actual) === 'none') throw gone();
    if (textOf(actual) !== expected) throw wrongType(expected, textOf(actual));
  }
  for (const outcome of outcomes) {
    if (outcome instanceof LookasideError && outcome.code === 'REDIS_WRONG_TYPE') throw wrongType(expected, 'value of another type');
  }
  return outcomes;
}

const lengthCommands: ReadonlyMap<string, string> = new Map([
  ['string', 'STRLEN'],
  ['hash', 'HLEN'],
  ['list', 'LLEN'],
  ['set', 'SCARD'],
  ['zset', 'ZCARD'],
  ['stream', 'XLEN'],
  ['vectorset', 'VCARD'],
]);

/** The command that tells the length of a type in constant time; `null` where there is none. */
export function lengthCommand(type: string, name: Buffer): Command | null {
  const command = lengthCommands.get(type);
  return command === undefined ? null : [command, name];
}

/** How many elements of this value one reply may hold: a page never brings megabytes only because it has many rows. */
export async function replySize(key: KeyAt, type: string, length: Command): Promise<number> {
  const [total, memory] = await readTyped(key, type, [length, ['MEMORY', 'USAGE', key.name]]);
  return sizeFor(numberOrNull(replyOrNull(memory)), numberOf(replyOf(total)));
}

/** Length and read in one round trip. A collection without elements does not exist in Redis, except a stream. */
export async function readWithLength(key: KeyAt, type: string, read: Command): Promise<{ total: number; reply: RedisReply }> {
  const length = lengthCommand(type, key.name) as Command;
  const [lengthOutcome, outcome] = await readTyped(key, type, [length, read]);
  const total = numberOf(replyOf(lengthOutcome));
  if (total === 0 && type !== 'stream' && type !== 'string') throw gone();
  return { total, reply: replyOf(outcome) };
}
