import { randomBytes } from 'node:crypto';
import type { InferContractRouterInputs } from '@orpc/contract';
import type { editContract } from '../../../../shared/contract/edit.ts';
import type { Command } from '../session.ts';
import type { KeyAt } from '../values/key-read.ts';
import { replyOf } from '../values/replies.ts';
import { expireAt, type KeyState } from './key-state.ts';
import { boundedBytes, refused, typeProblem, unchanged, type Operation, type Prepared } from './operation.ts';
import { isAbsent, isType, replies, type Guard, type Plan } from './plan.ts';

type Change = InferContractRouterInputs<typeof editContract>['listElement']['change'];

const changed = refused('The element was changed, or others moved it');

class List {
  readonly key: KeyAt;
  constructor(key: KeyAt) {
    this.key = key;
  }

  async at(index: number): Promise<Buffer | null> {
    const [outcome] = await this.key.session.batch(this.key.db, [['LINDEX', this.key.name, index]]);
    const reply = replyOf(outcome);
    return Buffer.isBuffer(reply) ? reply : null;
  }

  has(index: number, value: Buffer): Guard {
    return replies(['LINDEX', this.key.name, index], value);
  }

  length(count: number): Guard {
    return replies(['LLEN', this.key.name], count);
  }

  plan(guards: Guard[], writes: Command[]): Plan {
    return { db: this.key.db, keys: [this.key.name], guards: [isType(this.key.name, 'list'), ...guards], writes };
  }

  /** Redis removes and inserts by value only: for the moment of one step a mark that nobody else has stands at the index. */
  removeAt(index: number): Command[] {
    const { name } = this.key;
    if (index === 0) return [['LPOP', name]];
    const mark = randomBytes(16);
    return [['LSET', name, index, mark], ['LREM', name, 1, mark]];
  }

  insertAt(index: number, value: Buffer, neighbour: Buffer, place: 'BEFORE' | 'AFTER'): Command[] {
    const { name } = this.key;
    if (index === 0 && place === 'BEFORE') return [['LPUSH', name, value]];
    const mark = randomBytes(16);
    return [
      ['LSET', name, index, mark],
      ['LINSERT', name, place, mark, value],
      ['LSET', name, place === 'BEFORE' ? index + 1 : index, neighbour],
    ];
  }
}

async function remove(list: List, state: KeyState, index: number, old: Buffer): Promise<Prepared> {
  const { key } = list;
  const length = state.length ?? 0;
  const planned = { kind: 'plan', summary: 'Remove an element', why: '' } as const;
  if (length === 1) {
    return {
      ...planned,
      summary: 'Remove the last element, and so the key',
      steps: [list.plan([list.length(1), list.has(0, old)], [['LPOP', key.name]])],
      back: [{ db: key.db, keys: [key.name], guards: [isAbsent(key.name)], writes: [['RPUSH', key.name, old], ...expireAt(key.name, state.expiresAt)] }],
    };
  }
  if (index === length - 1) {
    const left = await list.at(index - 1);
    return {
      ...planned,
      steps: [list.plan([list.length(length), list.has(index, old)], [['RPOP', key.name]])],
      back: [list.plan([list.length(length - 1), ...(left === null ? [] : [list.has(index - 1, left)])], [['RPUSH', key.name, old]])],
    };
  }
  const right = await list.at(index + 1);
  const left = index === 0 ? null : await list.at(index - 1);
  if (right === null) return changed;
  return {
    ...planned,
    steps: [list.plan([list.has(index, old), list.has(index + 1, right)], list.removeAt(index))],
    back: [list.plan([list.has(index, right), ...(left === null ? [] : [list.has(index - 1, left)])], list.insertAt(index, old, right, 'BEFORE'))],
  };
}

async function prepare(key: KeyAt, state: KeyState, change: Change): Promise<Prepared> {
  const problem = typeProblem(state, 'list');
  if (problem !== null) return problem;
  const list = new List(key);
  const length = state.length ?? 0;
  if (change.kind === 'push') {
    const value = boundedBytes(change.value);
    const head = change.end === 'head';
    // the length tells apart what was pushed from what stood there before, should the answer be lost
    return {
      kind: 'plan',
      summary: head ? 'Push at the head' : 'Push at the tail',
      steps: [list.plan([list.length(length)], [[head ? 'LPUSH' : 'RPUSH', key.name, value]])],
      back: [list.plan([list.length(length + 1), list.has(head ? 0 : -1, value)], [[head ? 'LPOP' : 'RPOP', key.name]])],
      why: '',
    };
  }
  const expect = boundedBytes(change.expect);
  const old = await list.at(change.index);
  if (old === null || !old.equals(expect)) return changed;
  switch (change.kind) {
    case 'set': {
      const value = boundedBytes(change.value);
      if (value.equals(old)) return unchanged;
      return {
        kind: 'plan',
        summary: 'Set an element',
        steps: [list.plan([list.has(change.index, old)], [['LSET', key.name, change.index, value]])],
        back: [list.plan([list.has(change.index, value)], [['LSET', key.name, change.index, old]])],
        why: '',
      };
    }
    case 'insert': {
      const value = boundedBytes(change.value);
      const before = change.place === 'before';
      const at = before ? change.index : change.index + 1;
      const neighbour = before ? change.index + 1 : change.index;
      return {
        kind: 'plan',
        summary: 'Insert an element',
        steps: [list.plan([list.length(length), list.has(change.index, old)], list.insertAt(change.index, value, old, before ? 'BEFORE' : 'AFTER'))],
        back: [list.plan([list.length(length + 1), list.has(at, value), list.has(neighbour, old)], list.removeAt(at))],
        why: '',
      };
    }
    case 'remove':
      return remove(list, state, change.index, old);
  }
}

/** One element of a list, by index and by what stands there. */
export function listElement(key: KeyAt, change: Change): Operation {
  const index = change.kind === 'push' ? (change.end === 'head' ? 0 : -1) : change.index;
  return { operation: 'listElement', key, probe: { kind: 'index', index }, prepare: (state) => prepare(key, state, change) };
}
