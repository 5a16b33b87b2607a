import type { InferContractRouterInputs } from '@orpc/contract';
import type { editContract } from '../../../../shared/contract/edit.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Command, RedisReply } from '../session.ts';
import type { KeyAt } from '../values/key-read.ts';
import { numberOf, replyOf } from '../values/replies.ts';
import { expireAt, fieldExpiry, maxEditBytes, type KeyState } from './key-state.ts';
import { boundedBytes, bytesIn, refused, typeProblem, unchanged, type Operation, type Prepared } from './operation.ts';
import { isAbsent, isType, replies, type Guard, type Plan } from './plan.ts';

type Change = InferContractRouterInputs<typeof editContract>['hashField']['change'];

/** A field's value; `null` when it is not there. LIMIT_EXCEEDED above 1 MiB. */
async function readField({ session, db, name }: KeyAt, field: Buffer): Promise<Buffer | null> {
  const [exists, length] = await session.batch(db, [['HEXISTS', name, field], ['HSTRLEN', name, field]]);
  if (numberOf(replyOf(exists)) === 0) return null;
  const bytes = numberOf(replyOf(length));
  if (bytes > maxEditBytes) throw new LookasideError('LIMIT_EXCEEDED', 'The field is larger than 1 MiB', { hint: 'Edit it with redis-cli.', details: { bytes } });
  const reply: RedisReply = replyOf((await session.batch(db, [['HGET', name, field]]))[0]);
  return Buffer.isBuffer(reply) ? reply : null;
}

/** A field as it is: its value and, where the server has field TTLs, when it expires (`-1` = never). */
interface FieldState {
  value: Buffer;
  expiresAt: number | null;
}

class Hash {
  readonly key: KeyAt;
  readonly state: KeyState;
  constructor(key: KeyAt, state: KeyState) {
    this.key = key;
    this.state = state;
  }

  has(field: Buffer, { value, expiresAt }: FieldState): Guard[] {
    const { name } = this.key;
    return [
      isType(name, 'hash'),
      replies(['HSTRLEN', name, field], value.length),
      replies(['HGET', name, field], value),
      ...(expiresAt === null ? [] : [replies(['HPEXPIRETIME', name, 'FIELDS', 1, field], [expiresAt])]),
    ];
  }

  lacks(field: Buffer): Guard[] {
    return [isType(this.key.name, 'hash'), replies(['HEXISTS', this.key.name, field], 0)];
  }

  /** HSET takes a field's TTL away (7.4 and later), so it is given back in the same step. */
  put(field: Buffer, { value, expiresAt }: FieldState): Command[] {
    const { name } = this.key;
    const set: Command = ['HSET', name, field, value];
    return expiresAt === null || expiresAt < 0 ? [set] : [set, ['HPEXPIREAT', name, expiresAt, 'FIELDS', 1, field]];
  }

  drop(field: Buffer): Command {
    return ['HDEL', this.key.name, field];
  }

  plan(guards: Guard[], writes: Command[]): Plan {
    return { db: this.key.db, keys: [this.key.name], guards, writes };
  }
}

const gone = refused('The field is not there any more');
const changed = refused('The field was changed after it was read');

async function prepare(key: KeyAt, state: KeyState, change: Change): Promise<Prepared> {
  const problem = typeProblem(state, 'hash');
  if (problem !== null) return problem;
  const hash = new Hash(key, state);
  const field = bytesIn(change.field);
  const old = await readField(key, field);
  if (change.kind === 'add') {
    if (old !== null) return refused('The hash has this field already');
    const added: FieldState = { value: boundedBytes(change.value), expiresAt: (await fieldExpiry(key, field)) === null ? null : -1 };
    return {
      kind: 'plan',
      summary: 'Add a field',
      steps: [hash.plan(hash.lacks(field), hash.put(field, added))],
      back: [hash.plan(hash.has(field, added), [hash.drop(field)])],
      why: '',
    };
  }
  if (old === null) return gone;
  if (!old.equals(boundedBytes(change.expect))) return changed;
  const expiresAt = await fieldExpiry(key, field);
  if (expiresAt === -2) return gone;
  const before: FieldState = { value: old, expiresAt };
  switch (change.kind) {
    case 'set': {
      const after: FieldState = { value: boundedBytes(change.value), expiresAt };
      if (after.value.equals(old)) return unchanged;
      return {
        kind: 'plan',
        summary: `Set a field to ${after.value.length} bytes`,
        steps: [hash.plan(hash.has(field, before), hash.put(field, after))],
        back: [hash.plan(hash.has(field, after), hash.put(field, before))],
        why: '',
      };
    }
    case 'remove': {
      const last = state.length === 1;
      const only = last ? [replies(['HLEN', key.name], 1)] : [];
      return {
        kind: 'plan',
        summary: last ? 'Remove the last field, and so the key' : 'Remove a field',
        steps: [hash.plan([...hash.has(field, before), ...only], [hash.drop(field)])],
        back: last
          ? [hash.plan([isAbsent(key.name)], [...hash.put(field, before), ...expireAt(key.name, state.expiresAt)])]
          : [hash.plan(hash.lacks(field), hash.put(field, before))],
        why: '',
      };
    }
    case 'rename': {
      const to = bytesIn(change.to);
      if (to.equals(field)) return unchanged;
      if ((await readField(key, to)) !== null) return refused('The hash has a field of the new name already');
      return {
        kind: 'plan',
        summary: 'Rename a field',
        // the new one first: a hash that becomes empty in between would lose the key's expiry
        steps: [hash.plan([...hash.has(field, before), ...hash.lacks(to)], [...hash.put(to, before), hash.drop(field)])],
        back: [hash.plan([...hash.has(to, before), ...hash.lacks(field)], [...hash.put(field, before), hash.drop(to)])],
        why: '',
      };
    }
  }
}

/** One field of a hash: added, set, removed, renamed. Its own TTL is kept. */
export function hashField(key: KeyAt, change: Change): Operation {
  return { operation: 'hashField', key, probe: { kind: 'field', field: bytesIn(change.field) }, prepare: (state) => prepare(key, state, change) };
}
