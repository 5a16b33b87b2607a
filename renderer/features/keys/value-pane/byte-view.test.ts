import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexRow, looksReadable, mayBeJson, textWindow } from './byte-view.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

test('a hex row has its offset in the whole value, pairs and printable characters', () => {
  const bytes = Uint8Array.from([...utf8('Hello, world\n\x00'), 0xff, 0x7f, 0x41]);
  expect(hexRow(bytes, 0, 0x1000, 0x1011)).toEqual({
    offset: '00001000',
    hex: ['48', '65', '6c', '6c', '6f', '2c', '20', '77', '6f', '72', '6c', '64', '0a', '00', 'ff', '7f'],
    ascii: 'Hello, world....',
  });
  expect(hexRow(bytes, 1, 0x1000, 0x1011)).toEqual({ offset: '00001010', hex: ['41'], ascii: 'A' });
  expect(hexRow(bytes, 0, 0, 0x1_0000_0001).offset).toBe('000000000');
});

test('every window of a text is text, with at most the cut characters left out', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(80), fc.integer({ min: 8, max: 40 }), (text, start, length) => {
      fc.pre(text.isWellFormed());
      const whole = utf8(text);
      const from = Math.min(start, whole.length);
      const chunk = whole.subarray(from, from + length);
      const window = textWindow(chunk, from, whole.length);
      expect(window.text).not.toBeNull();
      expect(utf8(window.text ?? '').length + window.skippedBefore + window.skippedAfter).toBe(chunk.length);
      expect(window.skippedBefore).toBeLessThanOrEqual(3);
      expect(window.skippedAfter).toBeLessThanOrEqual(3);
    }),
  );
});

test.each([
  ['a broken byte in the middle', [0x61, 0xff, 0x62], 0, 3, null],
  ['a cut character at the real end', [0x61, 0xe2, 0x82], 0, 3, null],
  ['a continuation byte at the real start', [0x82, 0x61], 0, 2, null],
  ['nothing', [], 0, 0, ''],
  ['a byte order mark, which stays', [0xef, 0xbb, 0xbf, 0x61], 0, 4, '\ufeffa'],
])('%s', (_, bytes, from, total, text) => {
  expect(textWindow(Uint8Array.from(bytes), from, total).text).toBe(text);
});

test('controls make text unreadable, line breaks and tabs do not', () => {
  expect(looksReadable('a\n\tb\r\n'.repeat(100))).toBe(true);
  expect(looksReadable('\u0000\u0001ab')).toBe(false);
  expect(looksReadable('')).toBe(true);
});

test.each([
  [' {"a":1}\n', true],
  ['[1]', true],
  ['12', false],
  ['{]', false],
  ['', false],
])('%j may be JSON: %s', (text, expected) => {
  expect(mayBeJson(text)).toBe(expected);
});
