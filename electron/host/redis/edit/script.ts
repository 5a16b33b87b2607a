import { createHash } from 'node:crypto';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Command, CommandPart, RedisReply, RedisSession } from '../session.ts';
import { listOf, numberOf, saysError, textOf } from '../values/replies.ts';
import { canonical, type Guard, type Plan } from './plan.ts';

/**
 * ARGV: count of guards, each as kind, expected, count of parts, parts; count of writes, each as count of parts, parts.
 * Answers {1, replies of the writes}, {0, number of the guard that failed}, or {2, number of the write that failed, error}
 * when an earlier one had been made. An error of the first write, or of a guard, comes as it is: nothing was written.
 */
const source = `
local at = 1
local function take() local value = ARGV[at]; at = at + 1; return value end
local function command()
  local count = tonumber(take())
  local parts = {}
  for i = 1, count do parts[i] = take() end
  return parts
end
local function canonical(reply)
  local kind = type(reply)
  if kind == 'string' then return '$' .. #reply .. ':' .. reply end
  if kind == 'number' then return ':' .. string.format('%.0f', reply) end
  if kind == 'boolean' then return reply and ':1' or '_' end
  if reply.ok then return '$' .. #reply.ok .. ':' .. reply.ok end
  local parts = {}
  for i = 1, #reply do parts[i] = canonical(reply[i]) end
  return '*' .. #reply .. ';' .. table.concat(parts)
end
local function holds(kind, expected, reply)
  if kind == 'eq' then return canonical(reply) == expected end
  if type(reply) ~= 'string' then return false end
  if kind == 'sha1' then return redis.sha1hex(reply) == expected end
  local number = tonumber(reply)
  return number ~= nil and number == tonumber(expected)
end
for i = 1, tonumber(take()) do
  local kind = take()
  local expected = take()
  local reply = redis.pcall(unpack(command()))
  if type(reply) == 'table' and reply.err then return reply end
  if not holds(kind, expected, reply) then return {0, i} end
end
local replies = {}
for i = 1, tonumber(take()) do
  local reply = redis.pcall(unpack(command()))
  if type(reply) == 'table' and reply.err then
    if i == 1 then return reply end
    return {2, i, reply.err}
  end
  replies[i] = reply
end
return {1, replies}
`;
const sha1 = createHash('sha1').update(source).digest('hex');

export type PlanOutcome =
  | { kind: 'done'; replies: RedisReply[] }
  /** Nothing was written: `guard` (from 0) did not answer as expected, or a key changed meanwhile (`null`). */
  | { kind: 'refused'; guard: number | null };

const counted = (command: Command): CommandPart[] => [command.length, ...command];

function scriptCommand(plan: Plan, name: 'EVAL' | 'EVALSHA'): Command {
  const guards = plan.guards.flatMap(({ is, expected, command }): CommandPart[] => [is, expected, ...counted(command)]);
  const writes = plan.writes.flatMap(counted);
  return [name, name === 'EVAL' ? source : sha1, plan.keys.length, ...plan.keys, plan.guards.length, ...guards, plan.writes.length, ...writes];
}

function partly(plan: Plan, at: number, words: string): LookasideError {
  return new LookasideError('REDIS_COMMAND_FAILED', `The edit was made in part: ${plan.writes[at]?.[0] ?? 'a command'} failed after ${at} of ${plan.writes.length} commands: ${words}`, {
    hint: 'Read the key again before going on.',
  });
}

function outcomeOf(plan: Plan, reply: RedisReply): PlanOutcome {
  const [status, detail, words] = listOf(reply);
  switch (numberOf(status)) {
    case 1:
      return { kind: 'done', replies: listOf(detail) };
    case 0:
      return { kind: 'refused', guard: numberOf(detail) - 1 };
    default:
      throw partly(plan, numberOf(detail) - 1, textOf(words).slice(0, 200));
  }
}

/** The user, or the server, has no scripts. An error of a command inside the script does not name EVAL. */
function lacksScripts(error: unknown): boolean {
  if (!(error instanceof LookasideError)) return false;
  const reply = String(error.details['reply'] ?? error.message);
  return /^NOPERM .*'eval/i.test(reply) || /unknown command.*eval/i.test(reply);
}

function satisfies({ is, expected }: Guard, reply: RedisReply): boolean {
  if (is === 'eq') return canonical(reply).equals(expected);
  if (!Buffer.isBuffer(reply)) return false;
  if (is === 'sha1') return createHash('sha1').update(reply).digest('hex') === expected.toString('latin1');
  return scoreOf(reply.toString('latin1')) === scoreOf(expected.toString('latin1'));
}

/** A score's text as a number, with the infinities of Redis. */
export function scoreOf(text: string): number {
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return Number(text);
}

/** Without scripts: WATCH, ask, MULTI, EXEC on a connection of its own. A change of any key in between leaves everything as it was. */
async function runWatched(session: RedisSession, plan: Plan): Promise<PlanOutcome> {
  let refused: number | null = null;
  const replies = await session.transaction(plan.db, plan.keys, async (read) => {
    for (const [at, guard] of plan.guards.entries()) {
      if (satisfies(guard, await read(guard.command))) continue;
      refused = at;
      return null;
    }
    return plan.writes;
  });
  if (replies === null) return { kind: 'refused', guard: refused };
  const failed = replies.findIndex((reply) => reply instanceof LookasideError);
  if (failed === -1) return { kind: 'done', replies: replies as RedisReply[] };
  const error = replies[failed] as LookasideError;
  if (failed === 0 && replies.length === 1) throw error;
  throw partly(plan, failed, error.message);
}

/**
 * Checks and writes in one step. Rejects with OUTCOME_UNKNOWN when the answer was lost, UNSUPPORTED when the user may neither
 * run scripts nor transactions, and with the server's refusal; in the last two cases nothing was written.
 */
export async function runPlan(session: RedisSession, plan: Plan): Promise<PlanOutcome> {
  try {
    try {
      return outcomeOf(plan, await session.call(plan.db, scriptCommand(plan, 'EVALSHA')));
    } catch (error) {
      if (!(error instanceof LookasideError) || !saysError(error, 'NOSCRIPT')) throw error;
      return outcomeOf(plan, await session.call(plan.db, scriptCommand(plan, 'EVAL')));
    }
  } catch (error) {
    if (!lacksScripts(error)) throw error;
  }
  try {
    return await runWatched(session, plan);
  } catch (error) {
    const denied = error instanceof LookasideError && /(?:run|command) .*'?(?:watch|multi|exec)/i.test(String(error.details['reply'] ?? ''));
    if (!denied) throw error;
    throw new LookasideError('UNSUPPORTED', 'This user may run neither scripts nor transactions, so an edit cannot be checked and written in one step', {
      hint: 'Let an administrator allow EVAL and EVALSHA, or WATCH, MULTI and EXEC, with ACL SETUSER.',
      cause: error,
    });
  }
}

/** Asks the guards one after the other, and stops at the first that does not hold. */
export async function holds(session: RedisSession, db: number, guards: readonly Guard[]): Promise<boolean> {
  for (const guard of guards) {
    const [outcome] = await session.batch(db, [guard.command]);
    if (outcome instanceof LookasideError) {
      if (outcome.code === 'REDIS_WRONG_TYPE' || outcome.code === 'KEY_GONE') return false;
      throw outcome;
    }
    if (!satisfies(guard, outcome ?? null)) return false;
  }
  return true;
}

export const sha1Of = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
