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
