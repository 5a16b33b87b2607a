import { createHash } from 'node:crypto';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { translateRedisError } from '../../connections/redis/redis-errors.ts';
import { listOf, numberOf, saysError, textOf, type Outcome } from '../values/replies.ts';
import type { Command, CommandPart, RedisReply, RedisSession } from '../session.ts';
import type { ChangeOutcome } from './expiry-target.ts';
import { isPassing } from './server-wait.ts';

/** A script with its digest, sent by digest first. */
export interface Script {
  text: string;
  sha: string;
}

export function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** One call of a script: the indexes that it covers, in the order of its replies. */
export interface ScriptGroup {
  covers: number[];
  keys: Buffer[];
  /** Of one covered index each, `perItem` long; `head` stands before all. */
  arguments: CommandPart[];
}

function evalCommand(script: Script, whole: boolean, { keys, arguments: given }: ScriptGroup): Command {
  return [whole ? 'EVAL' : 'EVALSHA', whole ? script.text : script.sha, keys.length, ...keys, ...given];
}

/**
 * Sends groups; a server that does not hold the script yet gets its text. NOSCRIPT says that nothing was done, so sending
 * again is no repetition.
 */
export async function sendScript(session: RedisSession, db: number, script: Script, groups: readonly ScriptGroup[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = await session.batch(
    db,
    groups.map((group) => evalCommand(script, false, group)),
  );
  const again = outcomes.flatMap((outcome, at) => (saysError(outcome, 'NOSCRIPT') ? [at] : []));
  if (again.length > 0) {
    const second = await session.batch(
      db,
      again.map((at) => evalCommand(script, true, groups[at] as ScriptGroup)),
    );
    again.forEach((at, index) => {
      outcomes[at] = second[index] as Outcome;
    });
  }
  return outcomes;
}

/** Whether scripts themselves are what this user or server does not have. */
export function refusesScripts(outcome: Outcome): boolean {
  if (!(outcome instanceof LookasideError)) return false;
  const reply = String(outcome.details['reply'] ?? '');
  return /run the '(?:eval|evalsha)/i.test(reply) || /unknown command\W+eval/i.test(reply);
}

/** How the versions say inside a script that an ACL forbids the command or the key. */
const notAllowed = /user executing the script|^-?NOPERM/i;

/** One pair of the script's reply: status and present expiry, or the server's refusal of the change itself. */
export function outcomeOf(status: RedisReply | undefined, detail: RedisReply | undefined, session: RedisSession): ChangeOutcome {
  const code = numberOf(status);
  if (code === 1) return { kind: 'changed' };
  if (code === -2) return { kind: 'gone' };
  if (code === -3) return { kind: 'occupied' };
  if (code === 0) return { kind: 'other', present: numberOf(detail) };
  const problem = problemOf(textOf(detail), session);
  // a replica or a loading server refuses inside the script too: that passes
  return isPassing(problem) ? { kind: 'unknown', problem } : { kind: 'failed', problem };
}

/** The server's refusal of one change inside a script, from its words. */
export function problemOf(words: string, session: RedisSession): LookasideError {
  const node = session.facts().nodes[0];
  const text = words.replace(/,? ?script: [0-9a-f]{40}.*$/su, '');
  if (notAllowed.test(text)) {
    return new LookasideError('REDIS_NO_PERMISSION', `The user ${session.facts().user} may not change this key`, { details: { reply: text } });
  }
  const reply = Object.assign(new Error(text), { name: 'ReplyError' });
  return translateRedisError(reply, { target: { host: node?.host ?? '', port: node?.port ?? 0 }, user: session.facts().user });
}

/** Outcomes of one group's items from its reply. A group that failed as a whole gives `null` when it should be split. */
export function outcomesOf(group: ScriptGroup, outcome: Outcome, session: RedisSession): ChangeOutcome[] | null {
  if (!(outcome instanceof LookasideError)) {
    const flat = listOf(outcome);
    return group.covers.map((_, at) => outcomeOf(flat[at * 2], flat[at * 2 + 1], session));
  }
  // TRYAGAIN: the keys of a slot are in two places just now; one by one they are found
  const inTwoPlaces = saysError(outcome, 'TRYAGAIN');
  if (isPassing(outcome) && !inTwoPlaces) return group.covers.map(() => ({ kind: 'unknown', problem: outcome }));
  if (group.covers.length > 1) return null;
  return [inTwoPlaces ? { kind: 'unknown', problem: outcome } : { kind: 'failed', problem: outcome }];
}
