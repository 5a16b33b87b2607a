import { fromWire, toWire, type WireBytes } from '../../../shared/bytes.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import { fieldsOf } from '../../../shared/redis/key-predicate.ts';
import { escapeGlob } from '../../../shared/redis/glob.ts';

export type FilterMode = KeyFilter['mode'];

export const filterModes: readonly { value: FilterMode; label: string }[] = [
  { value: 'literal', label: 'Contains' },
  { value: 'prefix', label: 'Begins with' },
  { value: 'glob', label: 'Glob' },
  { value: 'regex', label: 'Regex' },
];

export const noFilter: KeyFilter = { pattern: '', mode: 'literal' };

export function isFiltered(filter: KeyFilter): boolean {
  return filter.pattern !== '' || fieldsOf(filter).length > 0;
}

/** The glob that matches the same names; `null` when nothing is filtered, or by what no glob can say. */
export function equivalentGlob({ pattern, mode }: KeyFilter): WireBytes | null {
  if (pattern === '' || mode === 'regex') return null;
  if (mode === 'glob') return pattern;
  const escaped = [...escapeGlob(fromWire(pattern))];
  return toWire(Uint8Array.from(mode === 'prefix' ? [...escaped, 0x2a] : [0x2a, ...escaped, 0x2a]));
}

/** What the mode does with what is typed, in words. */
export function explainFilter({ pattern, mode }: KeyFilter): string {
  if (mode === 'literal') return 'Finds the text anywhere in the name; glob characters stand for themselves';
  if (mode === 'prefix') return 'Finds names that begin with the text; glob characters stand for themselves';
  if (mode === 'regex') return 'Regular expression, found anywhere in the name; ^ and $ stand for its ends';
  const text = typeof pattern === 'string' ? pattern : '';
  if (text !== '' && !/[*?[]/.test(text)) return 'No wildcard: matches only the one name that is exactly this';
  return '* any run, ? one byte, [a-z] one of, [^a] none of, \\ takes the next as it is';
}
