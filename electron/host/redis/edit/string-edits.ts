import type { ExpiryChoice } from '../../../../shared/contract/edit.ts';
import type { WireBytes } from '../../../../shared/bytes.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Command } from '../session.ts';
import type { KeyAt } from '../values/key-read.ts';
import { bytesOf, replyOf } from '../values/replies.ts';
import { expireAt, maxEditBytes, sameExpiry } from './key-state.ts';
import { boundedBytes, expiryOf, refused, typeProblem, unchanged, type Operation, type Prepared } from './operation.ts';
import { isType, replies, type Guard } from './plan.ts';
import { sha1Of } from './script.ts';

type Expected = { bytes: WireBytes } | { sha1: string; length: number };

const changed = refused('The value was changed after it was read');
const words = (bytes: number): string => `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;

async function readRange({ session, db, name }: KeyAt, from: number, bytes: number): Promise<Buffer> {
  if (bytes === 0) return Buffer.alloc(0);
  const [outcome] = await session.batch(db, [['GETRANGE', name, from, from + bytes - 1]]);
  return bytesOf(replyOf(outcome));
}

function tooLarge(length: number): LookasideError {
  return new LookasideError('LIMIT_EXCEEDED', 'The string is larger than 1 MiB', {
    hint: 'Edit a window of it: the same number of bytes, in place.',
    details: { bytes: length, limit: maxEditBytes },
  });
}

const holdsString = (name: Buffer, value: Buffer): Guard[] => [isType(name, 'string'), replies(['STRLEN', name], value.length), replies(['GET', name], value)];

/** The whole of a string, at most 1 MiB before and after. */
export function setString(key: KeyAt, input: { expect: Expected; value: WireBytes; expiry?: ExpiryChoice | undefined }): Operation {
  const { name, db } = key;
  const value = boundedBytes(input.value);
  const { expect } = input;
  return {
    operation: 'setString',
    key,
    probe: { kind: 'range', from: 0, bytes: maxEditBytes },
    prepare: async (state): Promise<Prepared> => {
      const problem = typeProblem(state, 'string');
      if (problem !== null) return problem;
      const length = state.length ?? 0;
      if (length > maxEditBytes) throw tooLarge(length);
      const old = await readRange(key, 0, length);
      const same = 'bytes' in expect ? old.equals(boundedBytes(expect.bytes)) : old.length === expect.length && sha1Of(old) === expect.sha1;
      if (!same) return changed;
      const expiry = input.expiry;
      if (expiry === undefined) {
        if (old.equals(value)) return unchanged;
        const set = (bytes: Buffer): Command => ['SET', name, bytes, 'KEEPTTL'];
        return {
          kind: 'plan',
          summary: `Set ${words(value.length)}`,
          steps: [{ db, keys: [name], guards: holdsString(name, old), writes: [set(value)] }],
          back: [{ db, keys: [name], guards: holdsString(name, value), writes: [set(old)] }],
          why: '',
        };
      }
      const at = expiryOf(expiry, state.now);
      return {
        kind: 'plan',
        summary: `Set ${words(value.length)} and the expiry`,
        steps: [{ db, keys: [name], guards: [...holdsString(name, old), ...sameExpiry(name, state)], writes: [['SET', name, value], ...expireAt(name, at)] }],
        back: [{ db, keys: [name], guards: [...holdsString(name, value), ...sameExpiry(name, { ...state, expiresAt: at })], writes: [['SET', name, old], ...expireAt(name, state.expiresAt)] }],
        why: '',
      };
    },
  };
}

/** A window of a string in place, or bytes at its end. */
export function setRange(key: KeyAt, input: { length: number; offset: number; expect: WireBytes; value: WireBytes }): Operation {
  const { name, db } = key;
  const old = boundedBytes(input.expect);
  const value = boundedBytes(input.value);
  const { length, offset } = input;
  const appends = old.length === 0 && offset === length;
  if (!appends && (old.length !== value.length || offset + old.length > length)) {
    throw new LookasideError('INVALID_INPUT', 'A window keeps its number of bytes', { hint: 'Write as many bytes as were read, or append at the end.' });
  }
  const range = (bytes: Buffer): Guard[] => [
    isType(name, 'string'),
    replies(['STRLEN', name], length),
    ...(bytes.length === 0 ? [] : [replies(['GETRANGE', name, offset, offset + bytes.length - 1], bytes)]),
  ];
  return {
    operation: 'setRange',
    key,
    probe: { kind: 'range', from: offset, bytes: Math.max(1, old.length) },
    prepare: async (state): Promise<Prepared> => {
      const problem = typeProblem(state, 'string');
      if (problem !== null) return problem;
      if (state.length !== length || !(await readRange(key, offset, old.length)).equals(old)) return changed;
      if (old.equals(value)) return unchanged;
      if (!appends) {
        return {
          kind: 'plan',
          summary: `Write ${words(value.length)} at ${offset}`,
          steps: [{ db, keys: [name], guards: range(old), writes: [['SETRANGE', name, offset, value]] }],
          back: [{ db, keys: [name], guards: range(value), writes: [['SETRANGE', name, offset, old]] }],
          why: '',
        };
      }
      const small = length <= maxEditBytes;
      const before = small ? await readRange(key, 0, length) : null;
      const after: Guard[] = [replies(['STRLEN', name], length + value.length), replies(['GETRANGE', name, length, length + value.length - 1], value)];
      return {
        kind: 'plan',
        summary: `Append ${words(value.length)}`,
        steps: [{ db, keys: [name], guards: range(old), writes: [['APPEND', name, value]] }],
        back:
          before === null
            ? null
            : [{ db, keys: [name], guards: [isType(name, 'string'), ...after, ...(length === 0 ? [] : [replies(['GETRANGE', name, 0, length - 1], before)])], writes: [['SET', name, before, 'KEEPTTL']] }],
        why: small ? '' : 'The string is larger than 1 MiB, and Redis has no command that shortens it',
        proof: after,
      };
    },
  };
}
