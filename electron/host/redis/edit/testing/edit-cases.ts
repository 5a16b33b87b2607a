import { toWire } from '../../../../../shared/bytes.ts';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import type { EditService } from '../../../services.ts';
import { at } from './edit-fixture.ts';

export type Seed = (string | Buffer | number)[][];

export interface EditCase {
  what: string;
  seed: Seed;
  run: (edit: EditService) => Promise<EditResult>;
  /** What a second client does between the reading and the save. */
  rival: Seed;
  /** Read after the edit. */
  look: (string | Buffer | number)[];
  sees: unknown;
  /** Undo gives back the very same DUMP; otherwise the same elements (`logical` reads them). */
  logical?: (string | Buffer | number)[];
}

const k = at('k');
export const binary = Buffer.from([0x00, 0xff, 0x0d, 0x0a, 0x80]);
const b64 = toWire(binary);

/** Every kind of edit of an element or a key, with what others may do meanwhile. */
export const editCases: EditCase[] = [
  {
    what: 'setString',
    seed: [['SET', 'k', 'old']],
    run: (edit) => edit.setString({ ...k, expect: { bytes: 'old' }, value: 'new value' }),
    rival: [['SET', 'k', 'theirs']],
    look: ['GET', 'k'],
    sees: 'new value',
  },
  {
    what: 'setString by SHA-1, to bytes that are no text',
    seed: [['SET', 'k', 'old']],
    run: (edit) => edit.setString({ ...k, expect: { sha1: 'c00dbbc9dadfbe1e232e93a729dd4752fade0abf', length: 3 }, value: b64 }),
    rival: [['APPEND', 'k', '!']],
    look: ['GET', 'k'],
    sees: binary.toString('latin1'),
  },
  {
    what: 'setRange',
    seed: [['SET', 'k', 'abcdef']],
    run: (edit) => edit.setRange({ ...k, length: 6, offset: 2, expect: 'cd', value: 'XY' }),
    rival: [['SETRANGE', 'k', 2, 'z']],
    look: ['GET', 'k'],
    sees: 'abXYef',
  },
  {
    what: 'setRange at the end, which appends',
    seed: [['SET', 'k', 'abc']],
    run: (edit) => edit.setRange({ ...k, length: 3, offset: 3, expect: '', value: 'def' }),
    rival: [['APPEND', 'k', 'x']],
    look: ['GET', 'k'],
    sees: 'abcdef',
  },
  {
    what: 'hashField add',
    seed: [['HSET', 'k', 'a', '1']],
    run: (edit) => edit.hashField({ ...k, change: { kind: 'add', field: '__proto__', value: 'x' } }),
    rival: [['HSET', 'k', '__proto__', 'theirs']],
    look: ['HGET', 'k', '__proto__'],
    sees: 'x',
  },
  {
    what: 'hashField set',
    seed: [['HSET', 'k', 'a', '1', 'b', '2']],
    run: (edit) => edit.hashField({ ...k, change: { kind: 'set', field: 'a', expect: '1', value: 'one' } }),
    rival: [['HSET', 'k', 'a', '11']],
    look: ['HGET', 'k', 'a'],
    sees: 'one',
  },
  {
    what: 'hashField remove',
    seed: [['HSET', 'k', 'a', '1', 'b', '2']],
    run: (edit) => edit.hashField({ ...k, change: { kind: 'remove', field: 'b', expect: '2' } }),
    rival: [['HSET', 'k', 'b', '22']],
    look: ['HGETALL', 'k'],
    sees: ['a', '1'],
  },
  {
    what: 'hashField remove of the only field',
    seed: [['HSET', 'k', 'a', '1']],
    run: (edit) => edit.hashField({ ...k, change: { kind: 'remove', field: 'a', expect: '1' } }),
    rival: [['HSET', 'k', 'b', '2']],
    look: ['EXISTS', 'k'],
    sees: 0,
  },
  {
    what: 'hashField rename',
    seed: [['HSET', 'k', 'a', '1']],
    run: (edit) => edit.hashField({ ...k, change: { kind: 'rename', field: 'a', expect: '1', to: b64 } }),
    rival: [['HSET', 'k', binary, 'taken']],
    look: ['HGETALL', 'k'],
    sees: [binary.toString('latin1'), '1'],
  },
  {
    what: 'listElement set',
    seed: [['RPUSH', 'k', 'a', 'b', 'c']],
    run: (edit) => edit.listElement({ ...k, change: { kind: 'set', index: 1, expect: 'b', value: 'B' } }),
    rival: [['LPUSH', 'k', 'first']],
    look: ['LRANGE', 'k', 0, -1],
    sees: ['a', 'B', 'c'],
  },
  {
    what: 'listElement insert before',
    seed: [['RPUSH', 'k', 'b', 'b', 'c']],
    run: (edit) => edit.listElement({ ...k, change: { kind: 'insert', index: 1, expect: 'b', place: 'before', value: 'new' } }),
    rival: [['LPOP', 'k']],
    look: ['LRANGE', 'k', 0, -1],
    sees: ['b', 'new', 'b', 'c'],
  },
  {
    what: 'listElement insert after',
    seed: [['RPUSH', 'k', 'a', 'a', 'a']],
    run: (edit) => edit.listElement({ ...k, change: { kind: 'insert', index: 1, expect: 'a', place: 'after', value: 'new' } }),
    rival: [['LSET', 'k', 1, 'z']],
    look: ['LRANGE', 'k', 0, -1],
    sees: ['a', 'a', 'new', 'a'],
  },
  {
    what: 'listElement remove in the middle of equal ones',
    seed: [['RPUSH', 'k', 'a', 'a', 'a', 'b']],
    run: (edit) => edit.listElement({ ...k, change: { kind: 'remove', index: 2, expect: 'a' } }),
    rival: [['LSET', 'k', 2, 'z']],
    look: ['LRANGE', 'k', 0, -1],
    sees: ['a', 'a', 'b'],
  },
  {
    what: 'listElement remove at the tail',
    seed: [['RPUSH', 'k', 'a', 'b']],
    run: (edit) => edit.listElement({ ...k, change: { kind: 'remove', index: 1, expect: 'b' } }),
    rival: [['RPUSH', 'k', 'c']],
    look: ['LRANGE', 'k', 0, -1],
    sees: ['a'],
  },
  {
    what: 'listElement remove of the only one',
    seed: [['RPUSH', 'k', 'a']],
    run: (edit) => edit.listElement({ ...k, change: { kind: 'remove', index: 0, expect: 'a' } }),
    rival: [['LPUSH', 'k', 'z']],
    look: ['EXISTS', 'k'],
    sees: 0,
  },
  {
    what: 'setMember add',
    seed: [['SADD', 'k', 'a']],
    run: (edit) => edit.setMember({ ...k, change: { kind: 'add', member: '' } }),
    rival: [['SADD', 'k', '']],
    look: ['SCARD', 'k'],
    sees: 2,
  },
  {
    what: 'setMember remove',
    seed: [['SADD', 'k', 'a', 'b']],
    run: (edit) => edit.setMember({ ...k, change: { kind: 'remove', member: 'b' } }),
    rival: [['SREM', 'k', 'b']],
    look: ['SMEMBERS', 'k'],
    sees: ['a'],
  },
  {
    what: 'setMember replace',
    seed: [['SADD', 'k', 'a']],
    run: (edit) => edit.setMember({ ...k, change: { kind: 'replace', member: 'a', to: 'A' } }),
    rival: [['SADD', 'k', 'A']],
    look: ['SMEMBERS', 'k'],
    sees: ['A'],
  },
  {
    what: 'zsetMember add',
    seed: [['ZADD', 'k', 1, 'a']],
    run: (edit) => edit.zsetMember({ ...k, change: { kind: 'add', member: 'b', score: '0.1' } }),
    rival: [['ZADD', 'k', 5, 'b']],
    look: ['ZCARD', 'k'],
    sees: 2,
  },
  {
    what: 'zsetMember score, with a score that prints in many digits',
    seed: [['ZADD', 'k', 0.1, 'a', 'inf', 'b']],
    run: (edit) => edit.zsetMember({ ...k, change: { kind: 'score', member: 'a', expect: '0.10000000000000001', score: '-inf' } }),
    rival: [['ZINCRBY', 'k', 1, 'a']],
    look: ['ZSCORE', 'k', 'a'],
    sees: '-inf',
  },
  {
    what: 'zsetMember remove',
    seed: [['ZADD', 'k', 1, 'a', 2.5, 'b']],
    run: (edit) => edit.zsetMember({ ...k, change: { kind: 'remove', member: 'b', expect: '2.5' } }),
    rival: [['ZADD', 'k', 3, 'b']],
    look: ['ZCARD', 'k'],
    sees: 1,
  },
  {
    what: 'zsetMember rename',
    seed: [['ZADD', 'k', 2.5, 'a']],
    run: (edit) => edit.zsetMember({ ...k, change: { kind: 'rename', member: 'a', expect: '2.5', to: 'A' } }),
    rival: [['ZADD', 'k', 3, 'A']],
    look: ['ZRANGE', 'k', 0, -1],
    sees: ['A'],
  },
  {
    what: 'streamEntry add with an id',
    seed: [['XADD', 'k', '1-1', 'f', 'v']],
    run: (edit) => edit.streamEntry({ ...k, change: { kind: 'add', id: '2-1', fields: [{ field: 'f', value: b64 }] } }),
    rival: [['XADD', 'k', '2-1', 'f', 'theirs']],
    look: ['XLEN', 'k'],
    sees: 2,
    logical: ['XRANGE', 'k', '-', '+'],
  },
  {
    what: 'streamEntry remove',
    seed: [['XADD', 'k', '1-1', 'f', 'v'], ['XADD', 'k', '2-1', 'f', 'w'], ['XGROUP', 'CREATE', 'k', 'g', '0']],
    run: (edit) => edit.streamEntry({ ...k, change: { kind: 'remove', id: '1-1' } }),
    rival: [['XDEL', 'k', '1-1']],
    look: ['XLEN', 'k'],
    sees: 1,
  },
  {
    what: 'rename',
    seed: [['SET', 'k', 'v']],
    run: (edit) => edit.rename({ ...k, to: 'k:renamed' }),
    rival: [['SET', 'k:renamed', 'taken']],
    look: ['GET', 'k:renamed'],
    sees: 'v',
  },
  {
    what: 'copy',
    seed: [['HSET', 'k', 'a', '1']],
    run: (edit) => edit.copy({ ...k, to: 'k:copy', toDb: 0 }),
    rival: [['SET', 'k:copy', 'taken']],
    look: ['HGETALL', 'k:copy'],
    sees: ['a', '1'],
  },
  {
    what: 'remove',
    seed: [['RPUSH', 'k', 'a', 'b']],
    run: (edit) => edit.remove({ ...k, expect: { type: 'list', length: 2 } }),
    rival: [['LSET', 'k', 0, 'z']],
    look: ['EXISTS', 'k'],
    sees: 0,
  },
];

