import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHex, parseOffset, rowMargin, rowSegments } from './text-rows.ts';

const words = (bytes: Uint8Array, from: number, to: number) =>
  rowSegments(bytes, from, to)
    .map(({ text }) => text)
    .join('');

test('rows of any length put together are the whole, for text and for any bytes', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 }).map((value) => new TextEncoder().encode(value));
  fc.assert(
    fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 80 })), fc.integer({ min: 1, max: 9 }), (bytes, perRow) => {
      let joined = '';
      for (let at = 0; at < bytes.length; at += perRow) {
        // a row sees no more than its margin
        const before = Math.max(0, at - rowMargin);
        const window = bytes.subarray(before, Math.min(bytes.length, at + perRow + rowMargin));
        joined += words(window, at - before, Math.min(window.length, at + perRow - before));
      }
      expect(joined).toBe(words(bytes, 0, bytes.length));
    }),
  );
});

test('what is cut by an edge belongs to the row where it begins', () => {
  const bytes = new TextEncoder().encode('aé€😀z');
  expect(words(bytes, 0, 2)).toBe('aé');
  expect(words(bytes, 2, 4)).toBe('€');
  expect(words(bytes, 4, 7)).toBe('😀');
  expect(words(bytes, 7, 11)).toBe('z');
});

test('line breaks, invisible characters and bytes that are no text have marks', () => {
  const bytes = Uint8Array.from([...new TextEncoder().encode('a\n\tb\u202ec'), 0xff, 0x00]);
  expect(words(bytes, 0, bytes.length)).toBe('a\\n\\tb\\u{202e}c··');
});

test.each([
  ['0', 0],
  ['1,000', 1000],
  ['0xff', 255],
  ['50%', 5119],
  ['2 KiB', 2048],
  ['1k', 1024],
  ['1 GiB', 10_239],
  ['x', null],
  ['', null],
  ['-1', null],
])('%j is offset %j of 10 KiB', (text, offset) => {
  expect(parseOffset(text, 10_240)).toBe(offset);
});

test('hexadecimal bytes with and without spaces', () => {
  expect([...(parseHex('ff 00 0A') ?? [])]).toEqual([255, 0, 10]);
  expect([...(parseHex('0xff00') ?? [])]).toEqual([255, 0]);
  expect(parseHex('f')).toBeNull();
  expect(parseHex('xy')).toBeNull();
  expect(parseHex('')).toBeNull();
});
