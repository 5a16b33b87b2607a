import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisReply } from '../session.ts';

export type Outcome = RedisReply | LookasideError;

function odd(expected: string): LookasideError {
  return new LookasideError('REDIS_COMMAND_FAILED', `The server's reply is not ${expected}`);
}

/** The reply, or throws the error that stands in its place. */
export function replyOf(outcome: Outcome | undefined): RedisReply {
  if (outcome instanceof LookasideError) throw outcome;
  if (outcome === undefined) throw odd('there');
  return outcome;
}

/** The reply, or `null` where the user or the server does not have the command. */
export function replyOrNull(outcome: Outcome | undefined): RedisReply {
  return outcome instanceof LookasideError || outcome === undefined ? null : outcome;
}

export function bytesOf(reply: RedisReply | undefined): Buffer {
  if (Buffer.isBuffer(reply)) return reply;
  if (typeof reply === 'string' || typeof reply === 'number' || typeof reply === 'bigint') return Buffer.from(String(reply));
  throw odd('a string');
}

/** Text of what the server itself wrote: types, ids, scores, field names of its reports. All of it is ASCII. */
export function textOf(reply: RedisReply | undefined): string {
  return bytesOf(reply).toString('latin1');
}

export function numberOf(reply: RedisReply | undefined): number {
  const value = typeof reply === 'number' ? reply : Number(textOf(reply));
  if (!Number.isFinite(value)) throw odd('a number');
  return value;
}

export function numberOrNull(reply: RedisReply | undefined): number | null {
  return reply === null || reply === undefined ? null : numberOf(reply);
}

export function listOf(reply: RedisReply | undefined): RedisReply[] {
  if (reply === null) return [];
  if (!Array.isArray(reply)) throw odd('a list');
  return reply;
}

/** A flat list of names and values, as XINFO replies in RESP2. */
export function fieldsOf(reply: RedisReply | undefined): Map<string, RedisReply> {
  const flat = listOf(reply);
  const fields = new Map<string, RedisReply>();
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(textOf(flat[at]), flat[at + 1] as RedisReply);
  return fields;
}

/** Whether the server's own words begin with this error code, whatever code of the contract they became. */
export function saysError(outcome: Outcome | undefined, prefix: string): boolean {
  if (!(outcome instanceof LookasideError)) return false;
  return [outcome.message, ...Object.values(outcome.details)].some((text) => typeof text === 'string' && text.includes(prefix));
}
