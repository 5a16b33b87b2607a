import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { fromWire, utf8OrNull } from '../../../../shared/bytes.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { compileGlob, type Glob } from '../../../../shared/redis/glob.ts';
import { RE2JS, RE2JSSyntaxException } from 're2js';

function startsWith(pattern: Uint8Array): Glob {
  return {
    matches(bytes, from, to) {
      if (to - from < pattern.length) return false;
      for (let i = 0; i < pattern.length; i += 1) if (bytes[from + i] !== pattern[i]) return false;
      return true;
    },
  };
}

/** Horspool's search: skips by the last byte of the window. */
function contains(pattern: Uint8Array): Glob {
  const length = pattern.length;
  const skip = new Uint32Array(256).fill(length);
  for (let i = 0; i < length - 1; i += 1) skip[pattern[i] as number] = length - 1 - i;
  const last = pattern[length - 1] as number;
  return {
    matches(bytes, from, to) {
      for (let at = from + length - 1; at < to; at += skip[bytes[at] as number] as number) {
        if (bytes[at] !== last) continue;
        let i = 0;
        const start = at - length + 1;
        while (i < length && bytes[start + i] === pattern[i]) i += 1;
        if (i === length) return true;
      }
      return false;
    },
  };
}

/** RE2's engine: linear in the name's length whatever the pattern. Bytes that are not UTF-8 count as U+FFFD. */
function matchesRegex(pattern: Uint8Array): Glob {
  const text = utf8OrNull(pattern);
  if (text === null) throw new LookasideError('INVALID_INPUT', 'The regular expression is not UTF-8 text');
  try {
    const regex = RE2JS.compile(text);
    return { matches: (bytes, from, to) => regex.test(bytes.subarray(from, to)) };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    const [reason, part] = [error.getDescription(), error.getPattern() ?? ''];
    const at = text.indexOf(part);
    throw new LookasideError('INVALID_INPUT', `The regular expression has an error: ${reason}`, {
      hint: part === '' ? '' : `At ${at < 0 ? 'an unknown place' : `character ${at + 1}`}: ${part}`,
      details: { reason, part, at },
      cause: error,
    });
  }
}

/** The matcher of a view's filter; `null` when it lets everything pass. */
export function compileFilter(filter: KeyFilter): Glob | null {
  const pattern = fromWire(filter.pattern);
  if (pattern.length === 0) return null;
  switch (filter.mode) {
    case 'glob':
      return compileGlob(pattern);
    case 'literal':
      return contains(pattern);
    case 'prefix':
      return startsWith(pattern);
    case 'regex':
      return matchesRegex(pattern);
  }
}
