import type { Command, CommandPart, RedisReply } from '../session.ts';

/** A read and what it must answer. `eq`: the same reply; `num`: the same number; `sha1`: bytes of this SHA-1 (hexadecimal). */
export interface Guard {
  readonly is: 'eq' | 'num' | 'sha1';
  readonly command: Command;
  /** For `eq` the reply in its canonical form. */
  readonly expected: Buffer;
}

/**
 * One step that the server takes as a whole: all guards are asked, and only if all answer as expected the writes are made.
 * Everything in it is fixed beforehand, so that it can be noted, repeated as a question, and reversed.
 */
export interface Plan {
  readonly db: number;
  /** All keys that it touches, in one slot. */
  readonly keys: readonly Buffer[];
  readonly guards: readonly Guard[];
  readonly writes: readonly Command[];
  /** Takes the step back when a later step of the same edit is refused. */
  readonly revert?: Plan;
}

/** A reply as bytes that are equal exactly when the replies are. Status replies count as strings. */
export function canonical(reply: RedisReply): Buffer {
  if (Buffer.isBuffer(reply)) return Buffer.concat([Buffer.from(`$${reply.length}:`), reply]);
  if (typeof reply === 'string') return canonical(Buffer.from(reply));
  if (typeof reply === 'number' || typeof reply === 'bigint') return Buffer.from(`:${reply}`);
  if (typeof reply === 'boolean') return Buffer.from(reply ? ':1' : '_');
  if (reply === null) return Buffer.from('_');
  return Buffer.concat([Buffer.from(`*${reply.length};`), ...reply.map(canonical)]);
}

export function replies(command: Command, expected: RedisReply): Guard {
  return { is: 'eq', command, expected: canonical(expected) };
}

export function isNumber(command: Command, expected: string): Guard {
  return { is: 'num', command, expected: Buffer.from(expected) };
}

export function hasSha1(command: Command, sha1: string): Guard {
  return { is: 'sha1', command, expected: Buffer.from(sha1) };
}

export function isType(name: Buffer, type: string): Guard {
  return replies(['TYPE', name], Buffer.from(type));
}

export function isAbsent(name: Buffer): Guard {
  return replies(['EXISTS', name], 0);
}

const asBytes = (part: CommandPart): Buffer => (Buffer.isBuffer(part) ? part : Buffer.from(String(part)));

interface StoredPlan {
  db: number;
  keys: string[];
  guards: { is: Guard['is']; command: string[]; expected: string }[];
  writes: string[][];
}

const store = (part: CommandPart): string => asBytes(part).toString('base64');
const load = (text: string): Buffer => Buffer.from(text, 'base64');
const loadCommand = ([name = '', ...parts]: string[]): Command => [load(name).toString('latin1'), ...parts.map(load)];

/** Steps as plain JSON, bytes as base64. */
export function storePlans(plans: readonly Plan[]): StoredPlan[] {
  return plans.map(({ db, keys, guards, writes }) => ({
    db,
    keys: keys.map(store),
    guards: guards.map(({ is, command, expected }) => ({ is, command: command.map(store), expected: store(expected) })),
    writes: writes.map((command) => command.map(store)),
  }));
}

/** What `storePlans` gave. Only for files that this program wrote itself. */
export function loadPlans(stored: unknown): Plan[] {
  return (stored as StoredPlan[]).map(({ db, keys, guards, writes }) => ({
    db,
    keys: keys.map(load),
    guards: guards.map(({ is, command, expected }) => ({ is, command: loadCommand(command), expected: load(expected) })),
    writes: writes.map(loadCommand),
  }));
}
