import { fromWire } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { escapeGlob } from '../../../../shared/redis/glob.ts';
import { fieldsOf } from '../../../../shared/redis/key-predicate.ts';
import { compileFilter } from '../index/name-filter.ts';

export interface NameMatch {
  /** Pattern for SCAN MATCH that lets through at least all that match; `null` = none. */
  pattern: Buffer | null;
  /** The proof, on the bytes of the whole name. */
  matches(name: Uint8Array): boolean;
}

const star = Buffer.from('*');
const unlikelyNames = [Buffer.alloc(0), Buffer.from('\u0001~')];

/** Names that a filter takes. Literal and prefix are escaped for the server and proved here. */
export function nameMatch(filter: KeyFilter): NameMatch {
  const glob = compileFilter(filter);
  if (glob === null) return { pattern: null, matches: () => true };
  const bytes = fromWire(filter.pattern);
  const matches = (name: Uint8Array): boolean => glob.matches(name, 0, name.length);
  switch (filter.mode) {
    case 'glob':
      return { pattern: Buffer.from(bytes), matches };
    case 'prefix':
      return { pattern: Buffer.concat([escapeGlob(bytes), star]), matches };
    case 'literal':
      return { pattern: Buffer.concat([star, escapeGlob(bytes), star]), matches };
    case 'regex':
      // the server has none: every name comes here
      return { pattern: null, matches };
  }
}

/** Whether the filter lets every key pass. */
export function takesAll(filter: KeyFilter): boolean {
  if (fieldsOf(filter).length > 0) return false;
  const bytes = fromWire(filter.pattern);
  // what is found in nothing, and in a name that nobody asks for, is found in every name
  if (bytes.length > 0 && filter.mode === 'regex') return unlikelyNames.every((name) => compileFilter(filter)?.matches(name, 0, name.length) === true);
  return bytes.length === 0 || (filter.mode === 'glob' && bytes.every((byte) => byte === 0x2a));
}
