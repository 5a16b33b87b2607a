import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Delimiters, maxFolderDepth, splitKeyName } from './key-name.ts';

function split(name: string, ...delimiters: string[]): string[] {
  const bytes = new TextEncoder().encode(name);
  return splitKeyName(bytes, new Delimiters(delimiters)).map(({ from, end }) => new TextDecoder().decode(bytes.subarray(from, end)));
}

describe('splitKeyName', () => {
  it('keeps delimiters with their folders and empty segments as folders', () => {
    expect(split('user:1:name', ':')).toEqual(['user:', '1:', 'name']);
    expect(split('a::b', ':')).toEqual(['a:', ':', 'b']);
    expect(split(':a', ':')).toEqual([':', 'a']);
    expect(split('a:', ':')).toEqual(['a:', '']);
    expect(split('', ':')).toEqual(['']);
    expect(split('plain')).toEqual(['plain']);
  });

  it('takes the longest delimiter at each place', () => {
    expect(split('a::b:c/d', ':', '::', '/')).toEqual(['a::', 'b:', 'c/', 'd']);
    expect(split('a:::b', ':', '::')).toEqual(['a::', ':', 'b']);
    expect(split('a-b->c', '->', '-')).toEqual(['a-', 'b->', 'c']);
  });

  it('leaves what is deeper than the limit in the label', () => {
    const parts = split(`${'a:'.repeat(maxFolderDepth + 2)}end`, ':');
    expect(parts).toHaveLength(maxFolderDepth + 1);
    expect(parts.at(-1)).toBe('a:a:end');
  });

  it('loses no byte of any name', () => {
    const piece = fc.constantFrom(0x3a, 0x2f, 0x61, 0x00, 0xff);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.uniqueArray(fc.constantFrom(':', '::', '/', ':/'), { maxLength: 4 }), (name, texts) => {
        const segments = splitKeyName(Uint8Array.from(name), new Delimiters(texts));
        let at = 0;
        for (const { from, to, end } of segments) {
          expect(from).toBe(at);
          expect(to).toBeLessThanOrEqual(end);
          at = end;
        }
        expect(at).toBe(name.length);
      }),
    );
  });
});
