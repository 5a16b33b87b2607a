import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Command, RedisReply, RedisSession } from '../../redis/session.ts';
import type { Link } from './link.ts';
import { translateRedisError } from './redis-errors.ts';

type Work = Parameters<RedisSession['transaction']>[2];

/** A failure as a value, so that every reply of one write is waited for. */
function settled(reply: Promise<RedisReply>): Promise<RedisReply | LookasideError> {
  return reply.catch((error: unknown) => {
    if (error instanceof LookasideError) return error;
    throw error;
  });
}

/**
 * WATCH, the work's own reads, then MULTI … EXEC, on a connection that nothing else uses. `check` refuses what may not be sent.
 * `null` when the work wants nothing written or a watched key changed. Rejects with OUTCOME_UNKNOWN when the answer to EXEC is lost.
 */
export async function runTransaction(link: Link, keys: readonly Buffer[], check: (command: Command) => void, work: Work): Promise<(RedisReply | LookasideError)[] | null> {
  await link.send(['WATCH', ...keys], false);
  const commands = await work((command) => {
    check(command);
    return link.send(command, false);
  });
  if (commands === null) return null;
  for (const command of commands) check(command);
  const all: Command[] = [['MULTI'], ...commands, ['EXEC']];
  // only EXEC decides: what was merely queued when the connection broke was not carried out
  const sent = link.sendAll(all.map((command, at) => ({ command, effect: at === all.length - 1 })));
  const outcomes = await Promise.all(sent.map(settled));
  const last = outcomes.at(-1) as RedisReply | LookasideError;
  if (last instanceof LookasideError) throw last.code === 'OUTCOME_UNKNOWN' ? last : (outcomes.find((outcome) => outcome instanceof LookasideError) as LookasideError);
  if (!Array.isArray(last)) return null;
  return last.map((reply, at) => ((reply as unknown) instanceof Error ? translateRedisError(reply, { target: link.target, command: commands[at]?.[0] }) : reply));
}
