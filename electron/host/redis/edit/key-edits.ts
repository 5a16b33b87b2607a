import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { ExpiryChoice, NewValue } from '../../../../shared/contract/edit.ts';
import type { Command } from '../session.ts';
import { lengthCommand, type KeyAt } from '../values/key-read.ts';
import { dumpOf, expireAt, maxUndoBytes, memoryOf, restore, sameExpiry, type KeyState } from './key-state.ts';
import { boundedBytes, expiryOf, refused, unchanged, type Operation, type Prepared } from './operation.ts';
import { hasSha1, isAbsent, isType, replies, type Guard } from './plan.ts';
import { sha1Of } from './script.ts';
import { nextId } from './stream-edits.ts';

/** Between the reading of an expiry and its edit the clock goes on; more than this apart it was changed, ms. */
const expiryTolerance = 2500;

const typeWords = (type: string): string => (type === 'zset' ? 'sorted set' : type);

const gone = refused('The key does not exist any more');

function isAsRead(state: KeyState, { ttlMs, readAt }: { ttlMs: number | null; readAt: number }): boolean {
  if (ttlMs === null || state.ttlMs === null) return ttlMs === state.ttlMs;
  return Math.abs(ttlMs - (Date.now() - readAt) - state.ttlMs) <= expiryTolerance;
}

/** Sets or removes the key's expiry. */
export function expiry(key: KeyAt, input: { expect: { ttlMs: number | null; readAt: number }; to: ExpiryChoice }): Operation {
  const { name, db } = key;
  return {
    operation: 'expiry',
    key,
    probe: { kind: 'key' },
    prepare: async (state): Promise<Prepared> => {
      if (state.type === 'none') return gone;
      if (!isAsRead(state, input.expect)) return refused('The expiry was changed after it was read');
      const at = expiryOf(input.to, state.now);
      if (at === state.expiresAt) return unchanged;
      const is = (when: number | null): Guard[] => [isType(name, state.type), ...sameExpiry(name, { ...state, expiresAt: when })];
      const set = (when: number | null): Command => (when === null ? ['PERSIST', name] : ['PEXPIREAT', name, when]);
      return {
        kind: 'plan',
        summary: at === null ? 'Remove the expiry' : 'Set the expiry',
        steps: [{ db, keys: [name], guards: is(state.expiresAt), writes: [set(at)] }],
        back: [{ db, keys: [name], guards: is(at), writes: [set(state.expiresAt)] }],
        why: '',
      };
    },
  };
}

export function tooLargeToKeep(memory: number | null): LookasideError {
  const limit = maxUndoBytes / 1024 / 1024;
  return new LookasideError('LIMIT_EXCEEDED', memory === null ? 'The key cannot be kept for undo: this user may not read its size or its DUMP' : `The key is larger than ${limit} MiB, so it cannot be kept for undo`, {
    hint: 'It can still be deleted or overwritten, for good.',
    details: { limit: maxUndoBytes, ...(memory === null ? {} : { bytes: memory }) },
  });
}

/** Deletes the key; its DUMP and its expiry are kept before. */
export function remove(key: KeyAt, input: { expect: { type: string; length: number | null }; withoutUndo: boolean }): Operation {
  const { name, db } = key;
  return {
    operation: 'remove',
    key,
    probe: { kind: 'key' },
    prepare: async (state): Promise<Prepared> => {
      if (state.type === 'none') return gone;
      if (state.type !== input.expect.type) return refused(`The key holds a ${state.type} now, not a ${input.expect.type}`);
      if (input.expect.length !== null && state.length !== input.expect.length) return refused('The size of the value changed after it was read');
      const payload = await dumpOf(key);
      if (payload === null && !input.withoutUndo) throw tooLargeToKeep(await memoryOf(key));
      const length = lengthCommand(state.type, name);
      const same: Guard[] = [
        isType(name, state.type),
        ...(length === null || state.length === null ? [] : [replies(length, state.length)]),
        ...sameExpiry(name, state),
        ...(payload === null ? [] : [hasSha1(['DUMP', name], sha1Of(payload))]),
      ];
      return {
        kind: 'plan',
        summary: `Delete the ${typeWords(state.type)}`,
        steps: [{ db, keys: [name], guards: same, writes: [['UNLINK', name]] }],
        back: payload === null ? null : [{ db, keys: [name], guards: [isAbsent(name)], writes: [restore(name, payload, state.expiresAt, false)] }],
        why: payload === null ? 'The key was too large to be kept' : '',
        proof: [isAbsent(name)],
      };
    },
  };
}

function addsOf(name: Buffer, value: NewValue, now: number): Command[] {
  const batches = <T>(items: readonly T[], command: (some: readonly T[]) => Command): Command[] => {
    const made: Command[] = [];
    for (let at = 0; at < items.length; at += 250) made.push(command(items.slice(at, at + 250)));
    return made;
  };
  switch (value.type) {
    case 'string':
      return [['SET', name, boundedBytes(value.value)]];
    case 'hash':
      return batches(value.fields, (some) => ['HSET', name, ...some.flatMap(({ field, value: one }) => [boundedBytes(field), boundedBytes(one)])]);
    case 'list':
      return batches(value.elements, (some) => ['RPUSH', name, ...some.map(boundedBytes)]);
    case 'set':
      return batches(value.members, (some) => ['SADD', name, ...some.map(boundedBytes)]);
    case 'zset':
      return batches(value.members, (some) => ['ZADD', name, ...some.flatMap(({ member, score }) => [score, boundedBytes(member)])]);
    case 'stream':
      return [['XADD', name, value.id === '*' ? nextId(now, '0-0') : value.id, ...value.fields.flatMap(({ field, value: one }) => [boundedBytes(field), boundedBytes(one)])]];
  }
}

/** A new key of any type, only where there is none of this name. */
export function create(key: KeyAt, input: { value: NewValue; expiry?: ExpiryChoice | undefined }): Operation {
  const { name, db } = key;
  return {
    operation: 'create',
    key,
    probe: { kind: 'key' },
    prepare: async (state): Promise<Prepared> => {
      if (state.type !== 'none') return refused('A key of this name exists already');
      const at = input.expiry === undefined ? null : expiryOf(input.expiry, state.now);
      const adds = addsOf(name, input.value, state.now);
      return {
        kind: 'plan',
        summary: `Create a ${typeWords(input.value.type)}`,
        steps: [{ db, keys: [name], guards: [isAbsent(name)], writes: [...adds, ...expireAt(name, at), ['DUMP', name]] }],
        back: null,
        why: 'What was created could not be read back',
        proof: [isType(name, input.value.type)],
        complete: async ([answers]) => {
          const made = answers?.at(-1);
          if (!Buffer.isBuffer(made)) return { back: null, why: 'What was created could not be read back' };
          return { back: [{ db, keys: [name], guards: [hasSha1(['DUMP', name], sha1Of(made))], writes: [['UNLINK', name]] }], why: '' };
        },
      };
    },
  };
}
