import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameBytes, nameLine, redisCliArgument, redisCliCommand, redisCliQuoted } from './cli-quote.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('quoting for redis-cli', () => {
  it('prints bytes as redis-cli does', () => {
    expect(redisCliQuoted(utf8('a"b\\c\n\r\t\u0007\b\u0000\u007fé'))).toBe('"a\\"b\\\\c\\n\\r\\t\\a\\b\\x00\\x7f\\xc3\\xa9"');
    expect(redisCliQuoted(Uint8Array.of())).toBe('""');
  });

  it('quotes arguments only where the prompt would read them otherwise', () => {
    expect(redisCliArgument(utf8('user:{1}:name'))).toBe('user:{1}:name');
    for (const text of ['', 'two words', "it's", 'say"', 'back\\slash', 'é']) expect(redisCliArgument(utf8(text))).toMatch(/^".*"$/);
    expect(redisCliCommand([utf8('GET'), utf8('a b')])).toBe('GET "a b"');
  });
});

describe('nameLine', () => {
  it('leaves readable names and quotes the others, so that each line has one meaning', () => {
    expect(nameLine(utf8('käse:1 2'))).toBe('käse:1 2');
    expect(nameLine(utf8('back\\slash'))).toBe('back\\slash');
    expect(nameLine(utf8(''))).toBe('""');
    expect(nameLine(utf8('"quoted"'))).toBe('"\\"quoted\\""');
    expect(nameLine(utf8('two\nlines'))).toBe('"two\\nlines"');
    expect(nameLine(utf8(' padded'))).toBe('" padded"');
    expect(nameLine(utf8('padded '))).toBe('"padded "');
    expect(nameLine(Uint8Array.of(0xff, 0x41))).toBe('"\\xffA"');
  });

  it('is read back to the same bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'grapheme' }).map(utf8)), (name) => {
        expect(nameBytes(nameLine(name))).toEqual(name);
      }),
    );
  });
});
