/**
 * Folders of a name stop at this depth, the rest is the label: a name of 64 KB of delimiters stays an ordinary key
 * and does not become 64,000 folders.
 */
export const maxFolderDepth = 128;

const encoder = new TextEncoder();

/** A set of delimiters. At each place the longest one that fits is taken; empty segments are real. */
export class Delimiters {
  /** Longest first, by their first byte. */
  readonly #byFirst = new Map<number, Uint8Array[]>();
  /** What begins with this byte: 0 no delimiter, 1 exactly the one that is this byte, 2 a longer one or several. */
  readonly starts = new Uint8Array(256);

  constructor(texts: readonly string[]) {
    for (const text of new Set(texts)) {
      const bytes = encoder.encode(text);
      const first = bytes[0];
      if (first === undefined) continue;
      this.starts[first] = this.starts[first] === 0 && bytes.length === 1 ? 1 : 2;
      this.#byFirst.set(first, [...(this.#byFirst.get(first) ?? []), bytes].toSorted((a, b) => b.length - a.length));
    }
  }

  /** Length of the delimiter that begins at `at`, 0 when none does. */
  lengthAt(bytes: Uint8Array, at: number, end: number): number {
    const start = this.starts[bytes[at] as number] as number;
    if (start < 2) return start;
    for (const candidate of this.#byFirst.get(bytes[at] as number) ?? []) {
      if (at + candidate.length > end) continue;
      let same = 1;
      while (same < candidate.length && bytes[at + same] === candidate[same]) same += 1;
      if (same === candidate.length) return same;
    }
    return 0;
  }
}

export interface NameSegment {
  /** The segment without its delimiter. */
  from: number;
  to: number;
  /** End of the folder's prefix: the delimiter included. For the label of the key itself the same as `to`. */
  end: number;
}

/** The folders of a name from the outside in, then the key's own label (empty when the name ends with a delimiter). */
export function splitKeyName(name: Uint8Array, delimiters: Delimiters): NameSegment[] {
  const segments: NameSegment[] = [];
  let from = 0;
  let at = 0;
  while (at < name.length && segments.length < maxFolderDepth) {
    const length = delimiters.lengthAt(name, at, name.length);
    if (length > 0) segments.push({ from, to: at, end: at + length });
    at += Math.max(1, length);
    if (length > 0) from = at;
  }
  segments.push({ from, to: name.length, end: name.length });
  return segments;
}
