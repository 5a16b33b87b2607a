import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, escapeGlob } from './glob.ts';

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

function matches(pattern: string, name: string): boolean {
  const padded = bytes(`<${name}>`);
  return compileGlob(bytes(pattern)).matches(padded, 1, padded.length - 1);
}

describe('compileGlob', () => {
  it.each([
    ['*', '', true],
    ['*', 'anything', true],
    // the server's loop does not begin on the empty name: only the lone star, which is no pattern, lets it pass
    ['**', '', false],
    ['**', 'x', true],
    ['', '', true],
    ['', 'x', false],
    ['?', '', false],
    ['?', 'x', true],
    ['?', 'xy', false],
    ['user:*', 'user:', true],
    ['user:*', 'user:1:2/3', true],
    ['user:*', 'user', false],
    ['*/*', 'a/b', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'axxbyy', false],
    ['a*b', 'ab', true],
    ['*ab*ab', 'abab', true],
    ['*ab*ab', 'aab', false],
    ['h[ae]llo', 'hello', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['[a-c]', 'b', true],
    ['[c-a]', 'b', true],
    ['[a-]', '-', false],
    ['[a-]', '_', true],
    ['[-a]', '-', true],
    ['[]', 'x', false],
    ['[]a]', 'a', false],
    ['[^]', 'x', true],
    ['[\\]]', ']', true],
    ['[\\-x]', '-', true],
    ['[abc', 'b', true],
    ['[abc', 'd', false],
    ['[^abc', 'd', true],
    ['[', 'x', false],
    ['[^', 'x', true],
    ['[a-', '-', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['\\\\', '\\', true],
    ['\\', '\\', true],
    ['a\\', 'a\\', true],
    ['\\[x]', '[x]', true],
    ['!', '!', true],
    ['[!a]', 'a', true],
    ['{a,b}', 'a', false],
    ['x*', 'x\u0000y', true],
    ['\u00ff*', '\u00ffz', true],
    // range ends are signed bytes
    ['[\u0080-\u00ff]', '\u00a0', true],
    ['[a-\u00ff]', '\u0000', true],
    ['[a-\u00ff]', 'b', false],
  ])('%j on %j is %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  /** Follows the definition of each element, by recursion and without the cleverness of the matcher. */
  function oracle(pattern: string, name: string): boolean {
    if (pattern === '*') return true;
    if (name === '') return pattern === '';
    const go = (p: string, s: string): boolean => {
      if (p === '') return s === '';
      if (p.startsWith('*')) return go(p.slice(1), s) || (s !== '' && go(p, s.slice(1)));
      if (s === '') return false;
      if (p.startsWith('?')) return go(p.slice(1), s.slice(1));
      if (p.startsWith('\\') && p.length > 1) return p[1] === s[0] && go(p.slice(2), s.slice(1));
      return p[0] === s[0] && go(p.slice(1), s.slice(1));
    };
    return go(pattern, name);
  }

  it('agrees with a naive matcher on patterns without classes', () => {
    const text = (units: string[], maxLength: number) => fc.string({ unit: fc.constantFrom(...units), maxLength });
    fc.assert(
      fc.property(text(['a', 'b', '*', '?', '\\', '/'], 8), text(['a', 'b', '*', '/', '\\'], 8), (pattern, name) => {
        expect(matches(pattern, name)).toBe(oracle(pattern, name));
      }),
      { numRuns: 3000 },
    );
  });

  it('does not go quadratic in the stars of a hostile pattern', () => {
    const begun = performance.now();
    expect(matches(`${'a*'.repeat(500)}b`, 'a'.repeat(20_000))).toBe(false);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe('escapeGlob', () => {
  it('matches the one name it was made from', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (name, other) => {
        const glob = compileGlob(escapeGlob(name));
        expect(glob.matches(name, 0, name.length)).toBe(true);
        expect(glob.matches(other, 0, other.length)).toBe(Buffer.compare(Buffer.from(name), Buffer.from(other)) === 0);
      }),
    );
  });
});
