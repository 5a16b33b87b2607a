import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfHex, hexOfBytes } from './hex-input.ts';

test('any bytes come back from their hexadecimal form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(bytesOfHex(hexOfBytes(bytes))).toEqual(bytes);
    }),
  );
});

test.each([
  ['', []],
  ['ff 00', [255, 0]],
  ['0xFF,0x0a', [255, 10]],
  [String.raw`\xff\x01`, [255, 1]],
  ['FF00\n 7F', [255, 0, 127]],
])('%j', (text, bytes) => {
  expect(Array.from(bytesOfHex(text) ?? [-1])).toEqual(bytes);
});

test.each(['f', 'fg', 'ff 0', '12 zz'])('%j is no hexadecimal form', (text) => {
  expect(bytesOfHex(text)).toBeNull();
});
