import { utf8OrNull } from '../bytes.ts';

const named = new Map([
  [0x5c, '\\\\'],
  [0x22, '\\"'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x07, '\\a'],
  [0x08, '\\b'],
]);

/** Bytes in double quotes as redis-cli prints and reads them: what is not printable ASCII becomes `\xNN`. */
export function redisCliQuoted(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    const printable = byte >= 0x20 && byte < 0x7f;
    text += named.get(byte) ?? (printable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`);
  }
  return `${text}"`;
}

const escaped = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['a', 0x07],
  ['b', 0x08],
]);
const escape = /\\(?:x([0-9a-fA-F]{2})|([\s\S]))|([^\\]+)/g;
const encoder = new TextEncoder();

/**
 * A name as typed, or as `nameLine` writes it: the text itself, or, in double quotes, as redis-cli quotes it (`"\xff\n\""`). A lone
 * quote at either end is part of the name.
 */
export function nameBytes(text: string): Uint8Array {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return encoder.encode(text);
  const bytes: number[] = [];
  for (const [, code, single, plain] of text.slice(1, -1).matchAll(escape)) {
    if (code !== undefined) bytes.push(Number.parseInt(code, 16));
    else if (single !== undefined) bytes.push(...(escaped.has(single) ? [escaped.get(single) as number] : encoder.encode(single)));
    else if (plain !== undefined) for (const byte of encoder.encode(plain)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

const bare = /^[A-Za-z0-9_:;.,/@%+=~{}()[\]|!?*^&<>$#-]+$/;

/** One argument of a redis-cli line: bare where that is unambiguous in its prompt, quoted otherwise. */
export function redisCliArgument(bytes: Uint8Array): string {
  const text = utf8OrNull(bytes);
  return text !== null && bare.test(text) ? text : redisCliQuoted(bytes);
}

/** A whole command for redis-cli's prompt. */
export function redisCliCommand(parts: readonly Uint8Array[]): string {
  return parts.map(redisCliArgument).join(' ');
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const needsQuotes = /^$|^["\s]|\s$|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

/**
 * One name as one line of a text file. Readable UTF-8 stays as it is; the empty name, binary, control characters,
 * and what begins with a quote or has space at an end go in double quotes. So every line has one meaning.
 */
export function nameLine(bytes: Uint8Array): string {
  const text = utf8OrNull(bytes);
  return text === null || needsQuotes.test(text) ? redisCliQuoted(bytes) : text;
}
