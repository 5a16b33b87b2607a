import type { InferContractRouterInputs } from '@orpc/contract';
import type { editContract } from '../../../../shared/contract/edit.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyAt } from '../values/key-read.ts';
import { fieldsOf, listOf, replyOf, textOf } from '../values/replies.ts';
import { dumpOf, restore, type KeyState } from './key-state.ts';
import { boundedBytes, refused, typeProblem, type Operation, type Prepared } from './operation.ts';
import { hasSha1, isType, replies, type Guard } from './plan.ts';
import { sha1Of } from './script.ts';

type Change = InferContractRouterInputs<typeof editContract>['streamEntry']['change'];

/** Streams up to this size can have a removed entry back: as a whole, since Redis takes no entry between others. */
const maxStreamUndo = 4 * 1024 * 1024;

/** The id that the server would make: its clock, or the next after the last one. */
export function nextId(now: number, last: string): string {
  const [ms = '0', seq = '0'] = last.split('-');
  if (BigInt(now) > BigInt(ms)) return `${now}-0`;
  return seq === '18446744073709551615' ? `${BigInt(ms) + 1n}-0` : `${ms}-${BigInt(seq) + 1n}`;
}

async function lastId({ session, db, name }: KeyAt): Promise<string> {
  const [info] = await session.batch(db, [['XINFO', 'STREAM', name]]);
  return textOf(fieldsOf(replyOf(info)).get('last-generated-id'));
}

async function prepare(key: KeyAt, state: KeyState, change: Change): Promise<Prepared> {
  const problem = typeProblem(state, 'stream');
  if (problem !== null) return problem;
  const { session, db, name } = key;
  if (change.kind === 'add') {
    const parts = change.fields.flatMap(({ field, value }) => [boundedBytes(field), boundedBytes(value)]);
    // an id fixed beforehand: what was sent can be looked for, and taken back
    const id = change.id === '*' ? nextId(state.now, await lastId(key)) : change.id.includes('-') ? change.id : `${change.id}-0`;
    if (id.endsWith('-*')) throw new LookasideError('INVALID_INPUT', 'Give the whole id, or * for one that the server makes');
    const entry: Guard = replies(['XRANGE', name, id, id], [[Buffer.from(id), parts]]);
    return {
      kind: 'plan',
      summary: `Add the entry ${id}`,
      steps: [{ db, keys: [name], guards: [isType(name, 'stream'), replies(['XRANGE', name, id, id], [])], writes: [['XADD', name, id, ...parts]] }],
      back: [{ db, keys: [name], guards: [isType(name, 'stream'), entry], writes: [['XDEL', name, id]] }],
      why: '',
      note: change.id === '*' ? `The entry is ${id}` : '',
    };
  }
  const { id } = change;
  if (id.includes('*')) throw new LookasideError('INVALID_INPUT', 'Give the id of the entry to remove');
  const [found] = await session.batch(db, [['XRANGE', name, id, id]]);
  const entries = replyOf(found);
  if (listOf(entries).length === 0) return refused('The entry is not there any more');
  const dump = await dumpOf(key, maxStreamUndo);
  const tooLarge = 'Redis takes no entry between others, and the stream is too large (over 4 MiB) to be kept as a whole';
  return {
    kind: 'plan',
    summary: `Remove the entry ${id}`,
    steps: [{ db, keys: [name], guards: [isType(name, 'stream'), replies(['XRANGE', name, id, id], entries)], writes: [['XDEL', name, id], ...(dump === null ? [] : [['DUMP', name] as const])] }],
    back: null,
    why: tooLarge,
    proof: [isType(name, 'stream'), replies(['XRANGE', name, id, id], [])],
    ...(dump === null
      ? {}
      : {
          complete: async ([answers]) => {
            const after = answers?.[1];
            if (!Buffer.isBuffer(after)) return { back: null, why: 'The stream changed before it could be kept' };
            return { back: [{ db, keys: [name], guards: [hasSha1(['DUMP', name], sha1Of(after))], writes: [restore(name, dump, state.expiresAt, true)] }], why: '' };
          },
        }),
  };
}

/** Adds an entry to a stream, or removes one. */
export function streamEntry(key: KeyAt, change: Change): Operation {
  return { operation: 'streamEntry', key, probe: { kind: 'key' }, prepare: (state) => prepare(key, state, change) };
}
