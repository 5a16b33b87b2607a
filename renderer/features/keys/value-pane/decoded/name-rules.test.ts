import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { areRules, patternLabel, patternsFor, ruleFor, withoutRule, withRule, type NameRule } from './name-rules.ts';

const labels = (name: string) => patternsFor(name, [':']).map((pattern) => patternLabel(pattern, ':'));
const rule = (name: string, at: number, layers: NameRule['layers']): NameRule => {
  const pattern = patternsFor(name, [':'])[at];
  if (pattern === undefined) throw new Error('no such pattern');
  return { pattern, type: 'string', layers, proto: null };
};

test.each([
  ['user:42:profile', ['user:*:profile', 'user:*']],
  ['user:42', ['user:*']],
  ['shop:cart:0af9c2d3e4b5:items:7', ['shop:cart:*:items:*', 'shop:cart:*']],
  ['session:3b241101-e2bb-4255-8caf-4136c566a962', ['session:*']],
  ['motd', []],
  ['42', []],
  ['', []],
  ['a:b:c', ['a:b:*', 'a:*']],
])('%s can be remembered as %j', (name, expected) => {
  expect(labels(name).slice(0, 2)).toEqual(expected);
});

test('the narrowest rule counts, and only for its type', () => {
  const rules = [rule('user:42:profile', 1, ['gzip']), rule('user:42:profile', 0, ['zstd', 'msgpack'])];
  expect(ruleFor(rules, 'user:7:profile', 'string', [':'])?.layers).toEqual(['zstd', 'msgpack']);
  expect(ruleFor(rules, 'user:7:cart', 'string', [':'])?.layers).toEqual(['gzip']);
  expect(ruleFor(rules, 'user:7:profile', 'hash', [':'])).toBeNull();
  expect(ruleFor(rules, 'users:7', 'string', [':'])).toBeNull();
});

test('a rule for the same names takes the place of the one before, and can go', () => {
  const one = withRule([], rule('user:42', 0, ['gzip']));
  const two = withRule(one, rule('user:42', 0, ['zlib']));
  expect(two).toHaveLength(1);
  expect(ruleFor(two, 'user:1', 'string', [':'])?.layers).toEqual(['zlib']);
  expect(withoutRule(two, rule('user:9', 0, []))).toEqual([]);
});

test('any name fits every pattern that is offered for it, also when it is no text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()), fc.constant({ b64: 'OnVzZXI6/zoB' })), (name) => {
      for (const pattern of patternsFor(name, [':', '/'])) {
        expect(ruleFor([{ pattern, type: 'string', layers: [], proto: null }], name, 'string', [':', '/'])).not.toBeNull();
      }
    }),
  );
});

test('stored rules of another form are not understood', () => {
  expect(areRules([rule('user:42', 0, ['gzip'])])).toBe(true);
  expect(areRules(JSON.parse(JSON.stringify([rule('user:42', 0, ['gzip'])])))).toBe(true);
  for (const wrong of [null, {}, [1], [{}], [{ ...rule('user:42', 0, []), layers: ['rar'] }], [{ ...rule('user:42', 0, []), pattern: { parts: [1], rest: true } }]]) {
    expect(areRules(wrong)).toBe(false);
  }
});
