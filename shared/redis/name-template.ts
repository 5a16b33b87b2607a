import { splitKeyName, type Delimiters } from './key-name.ts';

// classes of bytes
const digit = 1;
const hexLower = 2;
const hexUpper = 4;
const lower = 8;
const upper = 16;

const classes = new Uint8Array(256);
for (let byte = 0x30; byte <= 0x39; byte += 1) classes[byte] = digit;
for (let byte = 0x61; byte <= 0x7a; byte += 1) classes[byte] = byte <= 0x66 ? hexLower | lower : lower;
for (let byte = 0x41; byte <= 0x5a; byte += 1) classes[byte] = byte <= 0x46 ? hexUpper | upper : upper;

const dash = 0x2d;
const dot = 0x2e;
const underscore = 0x5f;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Longest segment that can be an id, bytes. */
const longest = 512;
/** Hexadecimal digits from which a segment is an id; without a decimal digit among them a word is likelier below `surelyHex`. */
const leastHex = 8;
const surelyHex = 16;
const leastToken = 20;

export type Placeholder = '{id}' | '{date}' | '{uuid}' | '{ulid}' | '{hex}' | '{ip}' | '{token}';

const uuidDashes = new Set([8, 13, 18, 23]);

function isUuid(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 36) return false;
  for (let i = 0; i < 36; i += 1) {
    const byte = bytes[from + i] as number;
    if (uuidDashes.has(i) ? byte !== dash : ((classes[byte] as number) & (digit | hexLower | hexUpper)) === 0) return false;
  }
  return true;
}

function number(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i += 1) {
    if (((classes[bytes[i] as number] as number) & digit) === 0) return -1;
    value = value * 10 + (bytes[i] as number) - 0x30;
  }
  return to > from ? value : -1;
}

function isDay(year: number, month: number, day: number): boolean {
  return year >= 1900 && year <= 2199 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** `2026-11-24`, `2026_11`, `20261124`, and with a time after it (`2026-11-24T10:00`, `20261124-10`). */
function isDate(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length < 7) return false;
  const year = number(bytes, from, from + 4);
  const mark = bytes[from + 4] as number;
  let end: number;
  if (mark === dash || mark === underscore || mark === dot) {
    const month = number(bytes, from + 5, from + 7);
    if (length === 7) return isDay(year, month, 1);
    if (bytes[from + 7] !== mark || !isDay(year, month, number(bytes, from + 8, from + 10))) return false;
    end = from + 10;
  } else {
    if (length < 8 || !isDay(year, number(bytes, from + 4, from + 6), number(bytes, from + 6, from + 8))) return false;
    end = from + 8;
  }
  if (end === to) return true;
  if (!'Tt -_'.includes(String.fromCharCode(bytes[end] as number))) return false;
  for (let i = end + 1; i < to; i += 1) {
    const byte = bytes[i] as number;
    if (((classes[byte] as number) & digit) === 0 && !'.:-+Zz'.includes(String.fromCharCode(byte))) return false;
  }
  return true;
}

function isIp(bytes: Uint8Array, from: number, to: number): boolean {
  let start = from;
  let parts = 0;
  for (let i = from; i <= to; i += 1) {
    if (i < to && bytes[i] !== dot) continue;
    const part = i - start > 3 ? -1 : number(bytes, start, i);
    if (part < 0 || part > 255) return false;
    parts += 1;
    start = i + 1;
  }
  return parts === 4;
}

/** What a segment that looks like an id stands for; `null` for words. */
export function placeholderOf(bytes: Uint8Array, from: number, to: number): Placeholder | null {
  const length = to - from;
  if (length === 0 || length > longest) return null;
  let digits = 0;
  let hex = 0;
  let letters = 0;
  let uppers = 0;
  let marks = 0;
  let turns = 0;
  let before = 0;
  for (let i = from; i < to; i += 1) {
    const byte = bytes[i] as number;
    const kind = classes[byte] as number;
    if (kind === 0) {
      // of base64, its URL form, and what joins numbers
      if (byte !== dash && byte !== underscore && byte !== dot && byte !== 0x2b && byte !== 0x2f && byte !== 0x3d && byte !== 0x3a && byte !== 0x20) return null;
      marks += 1;
      before = 0;
      continue;
    }
    const sort = kind & digit ? digit : kind & lower ? lower : upper;
    if (before !== 0 && sort !== before) turns += 1;
    before = sort;
    if (kind & digit) digits += 1;
    else letters += 1;
    if (kind & (digit | hexLower | hexUpper)) hex += 1;
    if (kind & upper) uppers += 1;
  }
  if (digits === 0 && hex < surelyHex) return null;
  if (isDate(bytes, from, to)) return '{date}';
  if (digits === length) return '{id}';
  if (marks > 0 && isUuid(bytes, from, to)) return '{uuid}';
  if (letters === 0) return isIp(bytes, from, to) ? '{ip}' : joinedNumbers(bytes, from, to) ? '{id}' : null;
  if (marks === 0 && hex === length && length >= leastHex && (digits > 0 || length >= surelyHex)) return '{hex}';
  const first = (bytes[from] as number) - 0x30;
  if (length === 26 && marks === 0 && first >= 0 && first <= 7 && (uppers === 0 || uppers === letters) && isCrockford(bytes, from, to)) return '{ulid}';
  return length >= leastToken && digits >= 2 && turns * 3 >= length ? '{token}' : null;
}

/** Decimal numbers joined by single marks: `12-34`, `1.2.3`. */
function joinedNumbers(bytes: Uint8Array, from: number, to: number): boolean {
  let mark = true;
  for (let i = from; i < to; i += 1) {
    const isDigit = ((classes[bytes[i] as number] as number) & digit) !== 0;
    if (!isDigit && mark) return false;
    mark = !isDigit;
  }
  return !mark;
}

/** Crockford's alphabet leaves out I, L, O and U. */
function isCrockford(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if ('ILOUilou'.includes(String.fromCharCode(bytes[i] as number))) return false;
  return true;
}

/**
 * A segment as it stands in a template: the placeholder's text for an id, else `null`, which means the bytes themselves.
 * Braces of a Cluster hash tag around an id stay.
 */
export function foldedSegment(bytes: Uint8Array, from: number, to: number): string | null {
  const open = bytes[from] === openBrace && to > from ? 1 : 0;
  const close = to - from > open && bytes[to - 1] === closeBrace ? 1 : 0;
  const placeholder = placeholderOf(bytes, from + open, to - close);
  return placeholder === null ? null : `${open === 1 ? '{' : ''}${placeholder}${close === 1 ? '}' : ''}`;
}

const encoder = new TextEncoder();

/** A name with the segments that look like ids folded (`user:{id}:profile`), cut after `depth` segments. */
export function templateOf(name: Uint8Array, delimiters: Delimiters, depth = Infinity): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [at, { from, to, end }] of splitKeyName(name, delimiters).entries()) {
    if (at >= depth) break;
    const folded = foldedSegment(name, from, to);
    parts.push(folded === null ? name.subarray(from, to) : encoder.encode(folded), name.subarray(to, end));
  }
  const template = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    template.set(part, at);
    at += part.length;
  }
  return template;
}
