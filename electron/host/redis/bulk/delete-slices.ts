import { LookasideError } from '../../../../shared/contract/errors.ts';
import { listOf, numberOf, textOf } from '../values/replies.ts';
import type { Command, CommandPart, RedisSession } from '../session.ts';
import type { ChangeOutcome } from './expiry-target.ts';
import type { Intent } from './journal/records.ts';
import { isPassing } from './server-wait.ts';

/** Elements taken out at a time: freeing them takes the server well below a millisecond. */
const slice = 500;

/** The command that takes a slice out of a collection, or `null` when it is small enough for DEL. */
async function nextSlice(session: RedisSession, db: number, type: string, name: Buffer): Promise<Command | null> {
  const members = async (command: Command, each: number): Promise<CommandPart[]> =>
    listOf(listOf(await session.call(db, command))[1]).flatMap((part, at) => (at % each === 0 && Buffer.isBuffer(part) ? [part] : []));
  const length = async (command: string): Promise<number> => numberOf(await session.call(db, [command, name]));
  switch (type) {
    case 'hash':
      return (await length('HLEN')) <= slice ? null : ['HDEL', name, ...(await members(['HSCAN', name, '0', 'COUNT', slice], 2))];
    case 'set':
      return (await length('SCARD')) <= slice ? null : ['SREM', name, ...(await members(['SSCAN', name, '0', 'COUNT', slice], 1))];
    case 'zset':
      return (await length('ZCARD')) <= slice ? null : ['ZREMRANGEBYRANK', name, 0, slice - 1];
    case 'list':
      return (await length('LLEN')) <= slice ? null : ['LTRIM', name, slice, -1];
    default:
      return null;
  }
}

/**
 * Deletes on a server without UNLINK: large collections are emptied in slices, then DEL. What was judged just before is not
 * compared again: between two slices nothing could hold anyway.
 */
export async function deleteInSlices(session: RedisSession, db: number, intents: readonly Intent[]): Promise<ChangeOutcome[]> {
  const results: ChangeOutcome[] = [];
  for (const { name } of intents) {
    try {
      const type = textOf(await session.call(db, ['TYPE', name]));
      for (let command = await nextSlice(session, db, type, name); command !== null && command.length > 2; command = await nextSlice(session, db, type, name)) {
        await session.call(db, command);
      }
      results.push(numberOf(await session.call(db, ['DEL', name])) === 1 ? { kind: 'changed' } : { kind: 'gone' });
    } catch (error) {
      if (!(error instanceof LookasideError) || error.code === 'READ_ONLY') throw error;
      results.push(isPassing(error) ? { kind: 'unknown', problem: error } : { kind: 'failed', problem: error });
    }
  }
  return results;
}
