import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { fromWire } from '../../../../shared/bytes.ts';
import { compileGlob, type Glob } from '../../../../shared/redis/glob.ts';

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
  }
}
