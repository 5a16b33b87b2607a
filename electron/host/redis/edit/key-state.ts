import type { PresentState } from '../../../../shared/contract/edit.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Cut } from '../../../../shared/contract/values.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import type { CallOptions, Command, RedisReply } from '../session.ts';
import { nodeOfSlot } from '../values/cluster-nodes.ts';
import { cutAt } from '../values/cut-bytes.ts';
import { lengthCommand, type KeyAt } from '../values/key-read.ts';
import { bytesOf, listOf, numberOf, numberOrNull, replyOf, replyOrNull, saysError, textOf } from '../values/replies.ts';
import { replies, type Guard } from './plan.ts';

/** What an edit may carry, before and after. */
export const maxEditBytes = 1024 * 1024;
/** What is kept of a key that is deleted or overwritten, so that it can come back. */
export const maxUndoBytes = 64 * 1024 * 1024;

export interface KeyState {
  /** `none` when there is no such key. */
  type: string;
  length: number | null;
  /** Unix ms by the server's clock; `null` = no expiry. */
  expiresAt: number | null;
  /** PEXPIRETIME answers (7.0 and later): only then can the expiry be guarded and restored to the millisecond. */
  exactExpiry: boolean;
  ttlMs: number | null;
  /** The server's clock, Unix ms. */
  now: number;
}

/** In a cluster every node has a clock of its own: the one that holds the key counts. */
async function clockOf({ session, name }: KeyAt): Promise<CallOptions> {
  if (session.facts().topology !== 'cluster') return {};
  const node = await nodeOfSlot(session, keySlot(name));
  const known = node !== null && (await session.masters()).some(({ id }) => id === node);
  return known ? { node } : {};
}

/** Type, expiry and length, as a basis for an edit. */
export async function keyState(key: KeyAt): Promise<KeyState> {
  const { session, db, name } = key;
  const [[type, pttl, expireTime], [time]] = await Promise.all([session.batch(db, [['TYPE', name], ['PTTL', name], ['PEXPIRETIME', name]]), session.batch(db, [['TIME']], await clockOf(key))]);
  const typeName = textOf(replyOf(type));
  const ttl = numberOf(replyOf(pttl));
  const clock = replyOrNull(time);
  const [seconds, micros] = clock === null ? [undefined, undefined] : listOf(clock);
  const now = seconds === undefined ? Date.now() : numberOf(seconds) * 1000 + Math.floor(numberOf(micros) / 1000);
  const exactExpiry = !(expireTime instanceof LookasideError);
  const at = exactExpiry ? numberOf(replyOf(expireTime)) : ttl < 0 ? ttl : now + ttl;
  const length = lengthCommand(typeName, name);
  return {
    type: typeName,
    length: length === null ? null : numberOrNull(replyOrNull((await session.batch(db, [length]))[0])),
    expiresAt: at < 0 ? null : at,
    exactExpiry,
    ttlMs: ttl < 0 ? null : ttl,
    now,
  };
}

/** That the expiry is what it was; nothing where the server cannot tell it exactly. */
export function sameExpiry(name: Buffer, { exactExpiry, expiresAt }: KeyState): Guard[] {
  return exactExpiry ? [replies(['PEXPIRETIME', name], expiresAt ?? -1)] : [];
}

/** The commands that give a key this expiry; none for no expiry where the key is new. */
export function expireAt(name: Buffer, at: number | null): Command[] {
  return at === null ? [] : [['PEXPIREAT', name, at]];
}

/** MEMORY USAGE with its default samples; `null` where the user may not ask. */
export async function memoryOf({ session, db, name }: KeyAt): Promise<number | null> {
  const [outcome] = await session.batch(db, [['MEMORY', 'USAGE', name]]);
  return numberOrNull(replyOrNull(outcome));
}

/** The key in the server's own form; `null` when it is larger than the limit or cannot be had. */
export async function dumpOf(key: KeyAt, limit = maxUndoBytes): Promise<Buffer | null> {
  const memory = await memoryOf(key);
  if (memory === null || memory > limit) return null;
  const [outcome] = await key.session.batch(key.db, [['DUMP', key.name]]);
  if (outcome instanceof LookasideError && (outcome.code === 'REDIS_NO_PERMISSION' || outcome.code === 'REDIS_COMMAND_FAILED')) return null;
  const reply = replyOf(outcome);
  return Buffer.isBuffer(reply) && reply.length <= limit ? reply : null;
}

export function restore(name: Buffer, payload: Buffer, expiresAt: number | null, replace: boolean): Command {
  return ['RESTORE', name, expiresAt ?? 0, payload, ...(replace ? ['REPLACE'] : []), ...(expiresAt === null ? [] : ['ABSTTL'])];
}

function whole(bytes: Buffer): Cut {
  return cutAt(bytes, maxEditBytes);
}

/** Where to look for what stands there now. */
export type Probe =
  | { kind: 'key' }
  | { kind: 'range'; from: number; bytes: number }
  | { kind: 'field'; field: Buffer }
  | { kind: 'index'; index: number }
  | { kind: 'member'; member: Buffer }
  | { kind: 'score'; member: Buffer };

async function probed(key: KeyAt, type: string, probe: Probe): Promise<{ value: Cut | null; score: string | null }> {
  const { session, db, name } = key;
  const ask = async (command: Command): Promise<RedisReply> => {
    const [outcome] = await session.batch(db, [command]);
    // it changes under the reader: then there is nothing to show
    if (outcome instanceof LookasideError && outcome.code === 'REDIS_WRONG_TYPE') return null;
    return replyOf(outcome);
  };
  const none = { value: null, score: null };
  if (probe.kind === 'range' && type === 'string') return { ...none, value: whole(bytesOf(await ask(['GETRANGE', name, probe.from, probe.from + probe.bytes - 1]))) };
  if (probe.kind === 'field' && type === 'hash') {
    const length = await ask(['HSTRLEN', name, probe.field]);
    if (numberOrNull(length) === null) return none;
    if (numberOf(length) > maxEditBytes) return { ...none, value: { data: '', bytes: numberOf(length), truncated: true } };
    const reply = await ask(['HGET', name, probe.field]);
    return reply === null ? none : { ...none, value: whole(bytesOf(reply)) };
  }
  if (probe.kind === 'index' && type === 'list') {
    const reply = await ask(['LINDEX', name, probe.index]);
    return reply === null ? none : { ...none, value: whole(bytesOf(reply)) };
  }
  if (probe.kind === 'member' && type === 'set') return { ...none, value: numberOf(await ask(['SISMEMBER', name, probe.member])) === 1 ? whole(probe.member) : null };
  if (probe.kind === 'score' && type === 'zset') {
    const reply = await ask(['ZSCORE', name, probe.member]);
    return reply === null ? none : { value: whole(probe.member), score: textOf(reply) };
  }
  return none;
}

/** What stands there now, bounded. */
export async function presentState(key: KeyAt, probe: Probe): Promise<PresentState> {
  const state = await keyState(key);
  return { type: state.type, length: state.length, ttlMs: state.ttlMs, ...(await probed(key, state.type, probe)) };
}

/** ms at which each field expires, `-1` none, `-2` no such field; `null` where the server has no field TTLs. */
export async function fieldExpiry({ session, db, name }: KeyAt, field: Buffer): Promise<number | null> {
  const [outcome] = await session.batch(db, [['HPEXPIRETIME', name, 'FIELDS', 1, field]]);
  if (outcome instanceof LookasideError) {
    if (saysError(outcome, 'unknown command') || outcome.code === 'UNSUPPORTED') return null;
    throw outcome;
  }
  return numberOf(listOf(outcome ?? null)[0] ?? -2);
}
