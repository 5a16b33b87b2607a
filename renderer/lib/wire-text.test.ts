import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, toWire } from '../../shared/bytes.ts';
import { wireLabel, wireSegments } from './wire-text.ts';

const bytes = (...values: number[]) => toWire(Uint8Array.from(values));

describe('wireLabel', () => {
  it.each([
    ['user:42', 'user:42'],
    ['', '(empty)'],
    ['a b', 'a b'],
    [' a ', '\\x20a\\x20'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
    ['\u0000\u0007\u007f', '\\x00\\x07\\x7f'],
    ['a\\n', 'a\\\\n'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['a\u200bb\u200db\ufeff', 'a\\u{200b}b\\u{200d}b\\u{feff}'],
    ['a\u00a0b', 'a\\u{a0}b'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['a\u3164b', 'a\\u{3164}b'],
    ['a\u{e0041}b', 'a\\u{e0041}b'],
    ['a\u0085b', 'a\\u{85}b'],
    ['emoji 😀 ok', 'emoji 😀 ok'],
    ['Ключ:ключ', 'Ключ:ключ'],
    ['__proto__', '__proto__'],
  ])('shows %j as %s', (name, expected) => expect(wireLabel(name)).toBe(expected));

  it('shows bytes that are not UTF-8, and reads the text between them', () => {
    expect(wireLabel(bytes(0x61, 0xff, 0x62))).toBe('a\\xffb');
    expect(wireLabel(bytes(0xc3, 0xa9, 0xff))).toBe('é\\xff');
    expect(wireLabel(bytes(0xc0, 0x80))).toBe('\\xc0\\x80');
    expect(wireLabel(bytes(0xed, 0xa0, 0x80))).toBe('\\xed\\xa0\\x80');
    expect(wireLabel(bytes(0xf0, 0x9f, 0x98))).toBe('\\xf0\\x9f\\x98');
    expect(wireLabel(bytes(0xf5, 0x80, 0x80, 0x80))).toBe('\\xf5\\x80\\x80\\x80');
  });

  it('cuts what is too long', () => {
    expect(wireLabel('abcdef', 3)).toBe('abc…');
    expect(wireLabel('abc', 3)).toBe('abc');
    const long = new Uint8Array(65_536).fill(0xff);
    expect(wireLabel(toWire(long), 4)).toBe('\\xff\\xff\\xff\\xff…');
  });

  it('never shows two names alike, nor anything unseen', () => {
    const names = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(names, names, (a, b) => {
        const same = compareBytes(a, b) === 0;
        const [left, right] = [wireLabel(toWire(a)), wireLabel(toWire(b))];
        expect(left === right).toBe(same);
        expect(left).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps apart what is close', () => {
    const near = ['(empty)', '\\x00', '\u0000', 'a', 'a ', ' a', 'a\u200b', 'a\\', 'a\\\\', '\\u{200b}', '…'];
    expect(new Set(near.map((name) => wireLabel(name))).size).toBe(near.length);
  });
});

describe('wireSegments', () => {
  it('tells escapes from text', () => {
    expect(wireSegments('a\u0000b')).toEqual([
      { text: 'a', escape: false },
      { text: '\\x00', escape: true },
      { text: 'b', escape: false },
    ]);
    expect(wireSegments('')).toEqual([]);
  });

  it('leaves lines, tabs, backslashes and edges of values as they are', () => {
    expect(wireSegments(' a\n\tb\\c\r ', { multiline: true })).toEqual([
      { text: ' a\n\tb\\c', escape: false },
      { text: '\\r', escape: true },
      { text: ' ', escape: false },
    ]);
  });
});
