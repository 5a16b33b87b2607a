import { expect, test } from 'vitest';
import { elementJson, readElementCommand, writeElementCommand, type WholeElement } from './element-commands.ts';

const element = (more: Partial<WholeElement>): WholeElement => ({ type: 'hash', place: '', field: null, value: 'v', ...more });

test('commands quote what needs it, bytes included', () => {
  const hash = element({ field: 'a b', value: { b64: '/wA=' } });
  expect(readElementCommand('key', hash)).toBe('HGET key "a b"');
  expect(writeElementCommand('key', hash)).toBe(String.raw`HSET key "a b" "\xff\x00"`);
  expect(elementJson(hash)).toBe('{"field":"a b","value":{"b64":"/wA="}}');
  const list = element({ type: 'list', place: '3' });
  expect([readElementCommand('', list), writeElementCommand('', list), elementJson(list)]).toEqual(['LINDEX "" 3', 'LSET "" 3 v', '{"index":3,"value":"v"}']);
  const set = element({ type: 'set', value: '' });
  expect([readElementCommand('s', set), writeElementCommand('s', set), elementJson(set)]).toEqual(['SISMEMBER s ""', 'SADD s ""', '{"member":""}']);
  const zset = element({ type: 'zset', place: '-inf', value: '__proto__' });
  expect([readElementCommand('z', zset), writeElementCommand('z', zset), elementJson(zset)]).toEqual(['ZSCORE z __proto__', 'ZADD z -inf __proto__', '{"score":"-inf","member":"__proto__"}']);
});
