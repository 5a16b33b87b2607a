import { toWire, type WireBytes } from '../../shared/bytes.ts';

const named = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['a', 0x07],
  ['b', 0x08],
]);
const escape = /\\(?:x([0-9a-fA-F]{2})|([\s\S]))|([^\\]+)/g;
const encoder = new TextEncoder();

/**
 * A name as typed: the text itself, or, in double quotes, as redis-cli quotes it (`"\xff\n\""`), for names that
 * cannot be typed. A lone quote at either end is part of the name.
 */
export function nameFromInput(text: string): WireBytes {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text.isWellFormed() ? text : text.toWellFormed();
  const bytes: number[] = [];
  for (const [, code, single, plain] of text.slice(1, -1).matchAll(escape)) {
    if (code !== undefined) bytes.push(Number.parseInt(code, 16));
    else if (single !== undefined) bytes.push(...(named.has(single) ? [named.get(single) as number] : encoder.encode(single)));
    else if (plain !== undefined) bytes.push(...encoder.encode(plain));
  }
  return toWire(Uint8Array.from(bytes));
}
