import { expect, test } from 'vitest';
import { prefixPattern, readCommand, scanCommand } from './cli-commands.ts';

test.each([
  ['user:1', 'string', 'GET user:1'],
  ['user:1', 'hash', 'HGETALL user:1'],
  ['a b', 'list', 'LRANGE "a b" 0 -1'],
  ['s"t', 'set', String.raw`SMEMBERS "s\"t"`],
  [{ b64: '/w==' }, 'zset', String.raw`ZRANGE "\xff" 0 -1 WITHSCORES`],
  ['', 'stream', 'XRANGE "" - + COUNT 100'],
  ['doc', 'ReJSON-RL', 'JSON.GET doc'],
  ['bloom', 'MBbloom--', 'TYPE bloom'],
  ['x', '__proto__', 'TYPE x'],
])('reads %j of type %s by %s', (name, type, command) => {
  expect(readCommand(name, type)).toBe(command);
});

test('a folder pattern matches its own bytes only', () => {
  expect(prefixPattern('a[1]*:')).toBe(String.raw`a\[1\]\*:*`);
  expect(scanCommand('cart:')).toBe('SCAN 0 MATCH cart:* COUNT 1000');
});
