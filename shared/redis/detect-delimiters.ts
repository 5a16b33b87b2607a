import { placeholderOf } from './name-template.ts';

/** What separates the parts of names by wide custom; a longer one before its beginning. */
const strong = ['::', ':', '/', '|', '>', '#', ';', '~'] as const;
/** What also joins words and stands inside ids. */
const weak = ['.', '-', '_'] as const;

/** Names from which on something can be said. */
const leastNames = 20;
/** Part of the names that a delimiter must be in. */
const leastShare = 0.15;
/** Names to one prefix, at least, so that it groups anything. */
const leastGroup = 2;

const encoder = new TextEncoder();

function indexOf(name: Uint8Array, delimiter: Uint8Array, from: number): number {
  const last = name.length - delimiter.length;
  for (let at = from; at <= last; at += 1) {
    let same = 0;
    while (same < delimiter.length && name[at + same] === delimiter[same]) same += 1;
    if (same === delimiter.length) return at;
  }
  return -1;
}

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

interface Use {
  delimiter: string;
  /** Names with it, of those looked at. */
  share: number;
  /** Names with it to one prefix before it. */
  group: number;
}

function measure(delimiter: string, names: readonly Uint8Array[], all: number): Use {
  const bytes = encoder.encode(delimiter);
  const prefixes = new Set<string>();
  let having = 0;
  for (const name of names) {
    const at = indexOf(name, bytes, 0);
    // a name that is one id is not made of parts
    if (at < 0 || placeholderOf(name, 0, name.length) !== null) continue;
    having += 1;
    prefixes.add(textOf(name.subarray(0, at)));
  }
  return { delimiter, share: all === 0 ? 0 : having / all, group: prefixes.size === 0 ? 0 : having / prefixes.size };
}

const useful = ({ share, group }: Use) => share >= leastShare && group >= leastGroup;

/**
 * Delimiters that a sample of names suggests, likeliest first; none when nothing groups the names. A dot, dash or
 * underscore is suggested only for names that no other one splits: elsewhere it joins words or belongs to ids.
 */
export function detectDelimiters(names: readonly Uint8Array[]): string[] {
  if (names.length < leastNames) return [];
  const found: Use[] = [];
  for (const delimiter of strong) {
    if (delimiter === ':' && found.some((use) => use.delimiter === '::')) {
      // single ones beside the double ones?
      const double = encoder.encode('::');
      const single = names.filter((name) => indexOf(name, double, 0) < 0);
      if (useful(measure(':', single, names.length))) found.push(measure(':', names, names.length));
      continue;
    }
    const use = measure(delimiter, names, names.length);
    if (useful(use)) found.push(use);
  }
  const taken = found.map(({ delimiter }) => encoder.encode(delimiter));
  const left = names.filter((name) => taken.every((delimiter) => indexOf(name, delimiter, 0) < 0));
  for (const delimiter of weak) {
    const use = measure(delimiter, left, names.length);
    if (useful(use)) found.push(use);
  }
  return found.toSorted((a, b) => b.share - a.share).map(({ delimiter }) => delimiter);
}
