import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filled, variablesIn } from './fill-variables.ts';
import { compileGlob } from './glob.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('variables', () => {
  it('stand in braces; other braces stay', () => {
    const known = new Set(['id', 'shop']);
    expect(variablesIn(utf8('{shop}:user:{id}:{id}:{other}:{id'), known)).toEqual(['shop', 'id', 'id']);
    const values = new Map([['id', utf8('4*2')], ['shop', utf8('{id}')]]);
    expect(text(filled(utf8('{shop}:{id}:{other}'), values, 'literal'))).toBe('{id}:4*2:{other}');
    expect(text(filled(utf8('{{id}}:*'), values, 'glob'))).toBe('{4\\*2}:*');
  });

  it('never widen a glob: only names with the value itself match', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.uint8Array({ maxLength: 12 }), (value, other) => {
        const glob = compileGlob(filled(utf8('user:{id}'), new Map([['id', value]]), 'glob'));
        const name = (bytes: Uint8Array) => Uint8Array.from([...utf8('user:'), ...bytes]);
        expect(glob.matches(name(value), 0, name(value).length)).toBe(true);
        expect(glob.matches(name(other), 0, name(other).length)).toBe(Buffer.compare(value, other) === 0);
      }),
    );
  });
});
