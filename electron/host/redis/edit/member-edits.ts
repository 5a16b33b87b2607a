import type { InferContractRouterInputs } from '@orpc/contract';
import type { editContract } from '../../../../shared/contract/edit.ts';
import type { Command } from '../session.ts';
import type { KeyAt } from '../values/key-read.ts';
import { numberOf, replyOf, textOf } from '../values/replies.ts';
import { expireAt, type KeyState } from './key-state.ts';
import { boundedBytes, bytesIn, refused, typeProblem, unchanged, type Operation, type Prepared } from './operation.ts';
import { isAbsent, isNumber, isType, replies, type Guard, type Plan } from './plan.ts';
import { scoreOf } from './script.ts';

type Inputs = InferContractRouterInputs<typeof editContract>;
type SetChange = Inputs['setMember']['change'];
type ZsetChange = Inputs['zsetMember']['change'];

function step({ db, name }: KeyAt, type: string, guards: Guard[], writes: Command[]): Plan {
  return { db, keys: [name], guards: [isType(name, type), ...guards], writes };
}

/** A member that is the last one takes the key with it: coming back, it brings the key's expiry. */
function again({ db, name }: KeyAt, state: KeyState, write: Command): Plan {
  return { db, keys: [name], guards: [isAbsent(name)], writes: [write, ...expireAt(name, state.expiresAt)] };
}

async function prepareSet(key: KeyAt, state: KeyState, change: SetChange): Promise<Prepared> {
  const problem = typeProblem(state, 'set');
  if (problem !== null) return problem;
  const { session, db, name } = key;
  const member = boundedBytes(change.member);
  const is = (one: Buffer, there: 0 | 1): Guard => replies(['SISMEMBER', name, one], there);
  const present = async (one: Buffer): Promise<boolean> => numberOf(replyOf((await session.batch(db, [['SISMEMBER', name, one]]))[0])) === 1;
  const add = (one: Buffer): Command => ['SADD', name, one];
  const drop = (one: Buffer): Command => ['SREM', name, one];
  if (change.kind === 'add') {
    if (await present(member)) return refused('The set has this member already');
    return {
      kind: 'plan',
      summary: 'Add a member',
      steps: [step(key, 'set', [is(member, 0)], [add(member)])],
      back: [step(key, 'set', [is(member, 1)], [drop(member)])],
      why: '',
    };
  }
  if (!(await present(member))) return refused('The member is not there any more');
  if (change.kind === 'remove') {
    const last = state.length === 1;
    return {
      kind: 'plan',
      summary: last ? 'Remove the last member, and so the key' : 'Remove a member',
      steps: [step(key, 'set', [is(member, 1), ...(last ? [replies(['SCARD', name], 1)] : [])], [drop(member)])],
      back: [last ? again(key, state, add(member)) : step(key, 'set', [is(member, 0)], [add(member)])],
      why: '',
    };
  }
  const to = boundedBytes(change.to);
  if (to.equals(member)) return unchanged;
  if (await present(to)) return refused('The set has the new member already');
  return {
    kind: 'plan',
    summary: 'Replace a member',
    steps: [step(key, 'set', [is(member, 1), is(to, 0)], [add(to), drop(member)])],
    back: [step(key, 'set', [is(to, 1), is(member, 0)], [add(member), drop(to)])],
    why: '',
  };
}

/** One member of a set: added, removed, replaced. */
export function setMember(key: KeyAt, change: SetChange): Operation {
  return { operation: 'setMember', key, probe: { kind: 'member', member: bytesIn(change.member) }, prepare: (state) => prepareSet(key, state, change) };
}

async function prepareZset(key: KeyAt, state: KeyState, change: ZsetChange): Promise<Prepared> {
  const problem = typeProblem(state, 'zset');
  if (problem !== null) return problem;
  const { session, db, name } = key;
  const member = boundedBytes(change.member);
  const scored = async (one: Buffer): Promise<string | null> => {
    const reply = replyOf((await session.batch(db, [['ZSCORE', name, one]]))[0]);
    return reply === null ? null : textOf(reply);
  };
  // compared as numbers: servers print the same score in different ways
  const has = (one: Buffer, score: string): Guard => isNumber(['ZSCORE', name, one], score);
  const lacks = (one: Buffer): Guard => replies(['ZSCORE', name, one], null);
  const put = (one: Buffer, score: string): Command => ['ZADD', name, score, one];
  const drop = (one: Buffer): Command => ['ZREM', name, one];
  const old = await scored(member);
  if (change.kind === 'add') {
    if (old !== null) return refused('The sorted set has this member already');
    return {
      kind: 'plan',
      summary: 'Add a member',
      steps: [step(key, 'zset', [lacks(member)], [put(member, change.score)])],
      back: [step(key, 'zset', [has(member, change.score)], [drop(member)])],
      why: '',
    };
  }
  if (old === null) return refused('The member is not there any more');
  if (scoreOf(old) !== scoreOf(change.expect)) return refused('The score was changed after it was read');
  if (change.kind === 'score') {
    if (scoreOf(change.score) === scoreOf(old)) return unchanged;
    return {
      kind: 'plan',
      summary: `Set a score from ${old} to ${change.score}`,
      steps: [step(key, 'zset', [has(member, old)], [put(member, change.score)])],
      back: [step(key, 'zset', [has(member, change.score)], [put(member, old)])],
      why: '',
    };
  }
  if (change.kind === 'remove') {
    const last = state.length === 1;
    return {
      kind: 'plan',
      summary: last ? 'Remove the last member, and so the key' : 'Remove a member',
      steps: [step(key, 'zset', [has(member, old), ...(last ? [replies(['ZCARD', name], 1)] : [])], [drop(member)])],
      back: [last ? again(key, state, put(member, old)) : step(key, 'zset', [lacks(member)], [put(member, old)])],
      why: '',
    };
  }
  const to = boundedBytes(change.to);
  if (to.equals(member)) return unchanged;
  if ((await scored(to)) !== null) return refused('The sorted set has the new member already');
  return {
    kind: 'plan',
    summary: 'Rename a member',
    steps: [step(key, 'zset', [has(member, old), lacks(to)], [put(to, old), drop(member)])],
    back: [step(key, 'zset', [has(to, old), lacks(member)], [put(member, old), drop(to)])],
    why: '',
  };
}

/** One member of a sorted set: added, scored anew, removed, renamed. */
export function zsetMember(key: KeyAt, change: ZsetChange): Operation {
  return { operation: 'zsetMember', key, probe: { kind: 'score', member: bytesIn(change.member) }, prepare: (state) => prepareZset(key, state, change) };
}
