import { expect, test } from 'vitest';
import { crc16, keySlot } from './slot.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('crc16 gives the check value of the cluster specification', () => {
  expect(crc16(bytes('123456789'))).toBe(0x31c3);
  expect(crc16(new Uint8Array())).toBe(0);
});

// As CLUSTER KEYSLOT of a real server answers; the integration test of the values asks one for random names too.
test.each([
  ['', 0],
  ['foo', 12182],
  ['bar', 5061],
  ['hello', 866],
  ['user:1000', 1649],
  ['{user:1000}.following', 1649],
  ['{user:1000}.followers', 1649],
  ['foo{}{bar}', 8363],
  ['foo{{bar}}zap', 4015],
  ['foo{bar}{zap}', 5061],
  ['foo{bar', 15278],
  ['}foo{bar}', 5061],
])('%j lies in slot %i', (name, slot) => {
  expect(keySlot(bytes(name))).toBe(slot);
});

test('bytes that are not text have a slot too', () => {
  expect(keySlot(Uint8Array.of(0xff, 0x00, 0x7b, 0x80, 0x7d))).toBe(keySlot(Uint8Array.of(0x80)));
});
