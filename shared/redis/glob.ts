/**
 * Redis's glob on bytes, element for element as `stringmatchlen` of util.c does it (Redis 7.0, unchanged in 8 and
 * Valkey 8). What differs from shells: `/` is ordinary, a class ends at the pattern's end when it is not closed,
 * `[z-a]` is `[a-z]`, and range ends are signed bytes, as on x86-64 builds.
 */
export interface Glob {
  /** Whether `bytes[from, to)` matches as a whole. */
  matches(bytes: Uint8Array, from: number, to: number): boolean;
}

const star = 0x2a;
const question = 0x3f;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const caret = 0x5e;
const dash = 0x2d;

/** Elements: 0 to 255 is that byte, `anyByte` any one, `anyRun` any number of bytes, below zero `~index` of a class. */
const anyByte = 256;
const anyRun = 257;

interface Parsed {
  elements: Int32Array;
  /** 256 flags each. */
  classes: Uint8Array[];
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** Reads a class after its `[`; `next` is the index after it. */
function readClass(pattern: Uint8Array, start: number): { flags: Uint8Array; next: number } {
  const flags = new Uint8Array(256);
  const end = pattern.length;
  let at = start;
  const negated = pattern[at] === caret;
  if (negated) at += 1;
  for (;;) {
    const left = end - at;
    const byte = pattern[at] as number;
    if (left >= 2 && byte === backslash) {
      at += 1;
      flags[pattern[at] as number] = 1;
    } else if (byte === closeBracket) {
      at += 1;
      break;
    } else if (left <= 0) {
      break;
    } else if (left >= 3 && pattern[at + 1] === dash) {
      const a = signed(byte);
      const b = signed(pattern[at + 2] as number);
      for (let value = Math.min(a, b); value <= Math.max(a, b); value += 1) flags[value & 255] = 1;
      at += 2;
    } else {
      flags[byte] = 1;
    }
    at += 1;
  }
  if (negated) for (let i = 0; i < 256; i += 1) flags[i] = flags[i] === 0 ? 1 : 0;
  return { flags, next: at };
}

function parse(pattern: Uint8Array): Parsed {
  const elements: number[] = [];
  const classes: Uint8Array[] = [];
  let at = 0;
  while (at < pattern.length) {
    const byte = pattern[at] as number;
    if (byte === star) {
      if (elements.at(-1) !== anyRun) elements.push(anyRun);
      at += 1;
    } else if (byte === question) {
      elements.push(anyByte);
      at += 1;
    } else if (byte === openBracket) {
      const { flags, next } = readClass(pattern, at + 1);
      elements.push(~classes.length);
      classes.push(flags);
      at = next;
    } else {
      if (byte === backslash && at + 1 < pattern.length) at += 1;
      elements.push(pattern[at] as number);
      at += 1;
    }
  }
  return { elements: Int32Array.from(elements), classes };
}

/** Compiles once, matches in time linear in the name for patterns with one `*` (quadratic at worst, no recursion). */
export function compileGlob(pattern: Uint8Array): Glob {
  // SCAN and KEYS treat a lone star as "no pattern"; only so does it match the empty name
  if (pattern.length === 1 && pattern[0] === star) return { matches: () => true };
  if (pattern.length === 0) return { matches: (_bytes, from, to) => from === to };
  const { elements, classes } = parse(pattern);
  const last = elements.length;
  return {
    matches(bytes, from, to) {
      // the server's loop does not start on an empty string
      if (from === to) return false;
      let at = from;
      let element = 0;
      let retryElement = -1;
      let retryAt = 0;
      for (;;) {
        if (element < last && elements[element] === anyRun) {
          if (element + 1 === last) return true;
          element += 1;
          retryElement = element;
          retryAt = at;
        }
        if (at === to) {
          if (element === last) return true;
        } else if (element < last) {
          const wanted = elements[element] as number;
          const byte = bytes[at] as number;
          if (wanted === byte || wanted === anyByte || (wanted < 0 && (classes[~wanted] as Uint8Array)[byte] === 1)) {
            at += 1;
            element += 1;
            continue;
          }
        }
        if (retryElement < 0 || at === to) return false;
        retryAt += 1;
        at = retryAt;
        element = retryElement;
        if (at === to) return false;
      }
    },
  };
}

const special = new Set([star, question, openBracket, closeBracket, backslash, caret, dash]);

/** A pattern that matches exactly these bytes. (The empty name is matched by the empty pattern.) */
export function escapeGlob(bytes: Uint8Array): Uint8Array {
  const escaped: number[] = [];
  for (const byte of bytes) {
    if (special.has(byte)) escaped.push(backslash);
    escaped.push(byte);
  }
  return Uint8Array.from(escaped);
}
