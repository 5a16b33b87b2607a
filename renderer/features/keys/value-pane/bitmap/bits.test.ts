import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitAt, bitUnder, onesIn, pathOfOnes, xOfBit } from './bits.ts';

test('bits are counted from the highest of the first byte', () => {
  const bytes = Uint8Array.from([0b1000_0001, 0b0100_0000]);
  expect(Array.from({ length: 16 }, (_, at) => bitAt(bytes, at)).join('')).toBe('1000000101000000');
  expect(onesIn(bytes)).toBe(3);
});

test('what is drawn are exactly the set bits, and each is found under its place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 16 }), (bytes) => {
      const drawn = new Set<number>();
      for (const [, x, width] of pathOfOnes(bytes, 9, 3).matchAll(/M(\d+) 1h(\d+)v/g)) {
        for (let at = Number(x); at < Number(x) + Number(width); at += 9) drawn.add(bitUnder(at, bytes.length * 8, 9, 3) ?? -1);
      }
      const set = new Set(Array.from({ length: bytes.length * 8 }, (_, at) => at).filter((at) => bitAt(bytes, at) === 1));
      expect(drawn).toEqual(set);
    }),
  );
  expect(bitUnder(xOfBit(17, 9, 3) + 4, 64, 9, 3)).toBe(17);
  expect(bitUnder(8 * 9 + 1, 64, 9, 3)).toBeNull();
  expect(bitUnder(-1, 64, 9, 3)).toBeNull();
});
