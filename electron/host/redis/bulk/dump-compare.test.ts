import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUnordered, sameDump } from './dump-compare.ts';

function string(bytes: Buffer): Buffer {
  if (bytes.length < 64) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([0x40 | (bytes.length >> 8), bytes.length & 0xff]), bytes]);
}

/** A payload as DUMP writes it, with a footer that differs with the order as a checksum does. */
function payload(type: number, elements: readonly Buffer[], sum: number): Buffer {
  return Buffer.concat([Buffer.from([type, elements.length]), ...elements, Buffer.from([11, 0]), Buffer.alloc(8, sum)]);
}

const text = fc.uint8Array({ maxLength: 100 }).map((bytes) => string(Buffer.from(bytes)));
/** An integer of one, two or four bytes, and a compressed string. */
const special = fc.constantFrom(Buffer.from([0xc0, 7]), Buffer.from([0xc1, 7, 1]), Buffer.from([0xc2, 1, 2, 3, 4]), Buffer.from([0xc3, 3, 40, 9, 9, 9]));
const element = fc.oneof(text, special);

test('values without order are the same in any order, and differ when one element does', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(element, element), { minLength: 1, maxLength: 30 }), fc.nat(), (pairs, at) => {
      const hash = pairs.map((pair) => Buffer.concat(pair));
      const turned = [...hash.slice(at % hash.length), ...hash.slice(0, at % hash.length)];
      expect(sameDump(payload(4, hash, 1), payload(4, turned, 2))).toBe(true);
      expect(sameDump(payload(4, hash, 1), payload(4, [...turned.slice(1), Buffer.concat([string(Buffer.from('other')), string(Buffer.alloc(0))])], 2))).toBe(
        (hash[at % hash.length] as Buffer).equals(Buffer.concat([string(Buffer.from('other')), string(Buffer.alloc(0))])),
      );
      const members = pairs.map(([member]) => member);
      expect(sameDump(payload(2, members, 1), payload(2, members.toReversed(), 2))).toBe(true);
    }),
  );
});

test('ordered values are compared as they are, and what makes no sense is not the same', () => {
  const [a, b] = [string(Buffer.from('a')), string(Buffer.from('b'))];
  expect(isUnordered(payload(1, [a, b], 1))).toBe(false);
  expect(sameDump(payload(1, [a, b], 1), payload(1, [b, a], 2))).toBe(false);
  expect(sameDump(payload(4, [a], 1), payload(4, [a], 2))).toBe(false);
  expect(sameDump(Buffer.from([2, 9]), Buffer.from([2, 8]))).toBe(false);
});
