import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coreReadCommands, keysAmong, partsNeeded, readCommandsOf, type KeyRule } from './read-commands.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function keysOf(line: string): string[] {
  const [name = '', ...args] = line.split(' ');
  const rules = coreReadCommands.get(name) ?? [];
  return keysAmong(rules, args.map(latin1)).map((key) => Buffer.from(key).toString('latin1'));
}

describe('the keys of a read', () => {
  it.each([
    ['get k', ['k']],
    ['mget a b c', ['a', 'b', 'c']],
    ['lcs a b LEN', ['a', 'b']],
    ['hmget h f g', ['h']],
    ['zunion 2 a b WITHSCORES', ['a', 'b']],
    ['sintercard 3 a b', ['a', 'b']],
    ['zdiff x a b', []],
    ['zdiff 99999999999999999999 a', []],
    ['zdiff -1 a', []],
    ['xread COUNT 2 STREAMS a b 0 0', ['a', 'b']],
    ['xread BLOCK 0 streams a $', ['a']],
    ['xread COUNT 2', []],
    ['get', []],
    ['exists k', []],
    ['eval_ro script 1 k', []],
  ])('%s', (line, keys) => {
    expect(keysOf(line)).toEqual(keys);
  });

  it('are found by the word from the end, at steps, and each once', () => {
    const rules: KeyRule[] = [
      { begin: { kind: 'keyword', word: 'keys', from: -2 }, find: { kind: 'range', last: -1, step: 1, limit: 0 } },
      { begin: { kind: 'index', index: 2 }, find: { kind: 'range', last: 2, step: 2, limit: 0 } },
    ];
    const found = keysAmong(rules, ['x', 'a', 'y', 'b', 'KEYS', 'a', 'c'].map(latin1)).map((key) => Buffer.from(key).toString());
    expect(found).toEqual(['a', 'b', 'a', 'c']);
    expect(partsNeeded([{ begin: { kind: 'index', index: 1 }, find: { kind: 'range', last: 0, step: 1, limit: 0 } }])).toBe(1);
    expect(partsNeeded(rules)).toBe(Infinity);
  });

  it('are always among the arguments, whatever those are', () => {
    const parts = fc.array(fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constantFrom('streams', '2', '1000000000', '-3', 'x').map(latin1)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...coreReadCommands.values()), parts, (rules, args) => {
        for (const key of keysAmong(rules, args)) expect(args).toContain(key);
      }),
    );
  });
});

describe('COMMAND', () => {
  const spec = (begin: unknown[], find: unknown[]) => ['flags', ['RO', 'access'], 'begin_search', begin, 'find_keys', find];
  const index = (at: number) => ['type', 'index', 'spec', ['index', at]];
  const range = (last: number, step: number, limit: number) => ['type', 'range', 'spec', ['lastkey', last, 'keystep', step, 'limit', limit]];

  it('tells of reads with keys, by their specifications', () => {
    const commands = readCommandsOf([
      [Buffer.from('GET'), 2, ['readonly', 'fast'], 1, 1, 1, [], [], [spec(index(1), range(0, 1, 0))], []],
      ['set', -3, ['write'], 1, 1, 1, [], [], [spec(index(1), range(0, 1, 0))], []],
      ['ttl', 2, ['readonly'], 1, 1, 1, [], [], [spec(index(1), range(0, 1, 0))], []],
      ['getex', -2, ['write', 'fast'], 1, 1, 1, [], [], [spec(index(1), range(0, 1, 0))], []],
      ['ts.get', -2, ['readonly', 'module'], 1, 1, 1, [], [], [], []],
      ['ping', -1, ['fast'], 0, 0, 0, [], [], [], []],
      ['dbsize', 1, ['readonly'], 0, 0, 0, [], [], [], []],
      ['bad'],
      null,
    ]);
    expect([...commands.keys()].toSorted()).toEqual(['get', 'getex', 'ts.get']);
    expect(keysAmong(commands.get('ts.get') ?? [], [latin1('series')])).toHaveLength(1);
  });

  it('that says nothing is replaced by the reads of Redis itself', () => {
    expect(readCommandsOf(null)).toBe(coreReadCommands);
    expect(readCommandsOf([])).toBe(coreReadCommands);
    // without specifications, as before 7.0
    expect(keysAmong(readCommandsOf([['xread', -4, ['readonly'], 0, 0, 0]]).get('xread') ?? [], ['STREAMS', 'a', '0'].map(latin1))).toHaveLength(1);
  });
});
