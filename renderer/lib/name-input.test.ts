import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toWire } from '../../shared/bytes.ts';
import { redisCliQuoted } from '../../shared/redis/cli-quote.ts';
import { nameFromInput } from './name-input.ts';

test('any bytes can be given as redis-cli quotes them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(nameFromInput(redisCliQuoted(bytes))).toEqual(toWire(bytes));
    }),
  );
});

test.each([
  ['user:1', 'user:1'],
  ['', ''],
  ['""', ''],
  ['"', '"'],
  ['"half', '"half'],
  [' a\\x41', ' a\\x41'],
  ['"grün \\x00"', 'grün \u0000'],
  ['"\\xff"', { b64: '/w==' }],
])('%j names %j', (typed, name) => {
  expect(nameFromInput(typed)).toEqual(name);
});
