import { LookasideError } from '../../../../../shared/contract/errors.ts';
import type { Command } from '../../session.ts';
import { gone, readTyped, type KeyAt } from '../key-read.ts';
import { numberOf, numberOrNull, replyOf } from '../replies.ts';

export interface ZsetRangeRequest {
  by: 'score' | 'lex' | 'member';
  min: Buffer;
  max: Buffer;
}

const scoreBound = /^\(?[+-]?(inf|\d+(\.\d*)?(e[+-]?\d+)?|\.\d+)$/i;
const open = 0x28;
const closed = 0x5b;

function bad(field: string, expected: string): LookasideError {
  return new LookasideError('INVALID_INPUT', `${field}: expected ${expected}`, { details: { field } });
}

function checkScore(bound: Buffer, field: string): string {
  const text = bound.toString('latin1');
  if (!scoreBound.test(text)) throw bad(field, 'a score such as 10, (10 or -inf');
  return text;
}

function checkLex(bound: Buffer, field: string): Buffer {
  const text = bound.toString('latin1');
  if (text === '-' || text === '+' || bound[0] === open || bound[0] === closed) return bound;
  throw bad(field, 'a bound such as [a, (a, - or +');
}

/** The last bound that lies before `min`: what is counted up to it is the rank of the first in range. */
function scoreBefore(min: string): string {
  return min.startsWith('(') ? min.slice(1) : `(${min}`;
}

function lexBefore(min: Buffer): Buffer {
  return Buffer.concat([Buffer.from(min[0] === open ? '[' : '('), min.subarray(1)]);
}

/**
 * Ranks of a range, from the lowest, by counting what lies before it and in it: three commands of logarithmic cost.
 * @throws INVALID_INPUT for a bound that the server would not understand, KEY_GONE, REDIS_WRONG_TYPE
 */
export async function zsetRange(key: KeyAt, { by, min, max }: ZsetRangeRequest): Promise<{ from: number; count: number; total: number }> {
  const { name } = key;
  if (by === 'member') {
    const [total, rank] = await readTyped(key, 'zset', [['ZCARD', name], ['ZRANK', name, min]]);
    const from = numberOrNull(replyOf(rank));
    return { from: from ?? 0, count: from === null ? 0 : 1, total: numberOf(replyOf(total)) };
  }
  let inside: Command;
  let before: Command | null;
  if (by === 'score') {
    const from = checkScore(min, 'min');
    inside = ['ZCOUNT', name, from, checkScore(max, 'max')];
    before = ['ZCOUNT', name, '-inf', scoreBefore(from)];
  } else {
    const from = checkLex(min, 'min');
    inside = ['ZLEXCOUNT', name, from, checkLex(max, 'max')];
    before = from.equals(Buffer.from('-')) ? null : from.equals(Buffer.from('+')) ? ['ZCARD', name] : ['ZLEXCOUNT', name, '-', lexBefore(from)];
  }
  const [total, found, earlier] = await readTyped(key, 'zset', [['ZCARD', name], inside, ...(before === null ? [] : [before])]);
  const all = numberOf(replyOf(total));
  if (all === 0) throw gone();
  return { from: before === null ? 0 : numberOf(replyOf(earlier)), count: numberOf(replyOf(found)), total: all };
}
