import { toWire } from '../../../../../shared/bytes.ts';
import { sequenceLength, wireSegments, type TextSegment } from '../../../../lib/wire-text.ts';

/** End of the character that began before `at` and reaches over it; `at` itself when none does. */
export function endOfCharacterOver(bytes: Uint8Array, at: number): number {
  for (let back = 1; back <= 3 && at - back >= 0; back += 1) {
    const length = sequenceLength(bytes, at - back);
    if (length > back) return Math.min(bytes.length, at - back + length);
    if (((bytes[at - back] as number) & 0xc0) !== 0x80) return at;
  }
  return at;
}

/** Bytes that a row has to know beyond its own, for the characters that its edges cut. */
export const rowMargin = 3;

const lineMarks: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\t', '\\t'],
]);

function onOneLine(segment: TextSegment): TextSegment[] {
  // One byte that is no text is one mark, so that a row of a binary value is no wider than one of text.
  if (segment.escape) return [{ escape: true, text: segment.text.replaceAll(/\\x[0-9a-f]{2}/g, '·') }];
  return segment.text
    .split(/([\n\t])/)
    .filter((part) => part !== '')
    .map((part) => ({ text: lineMarks.get(part) ?? part, escape: lineMarks.has(part) }));
}

/**
 * Bytes `from` to `to` as one line of text: a character belongs to the line that its first byte lies in.
 * @param bytes the surroundings; `from` and `to` are places in it, with `rowMargin` more on each side where there is more
 */
export function rowSegments(bytes: Uint8Array, from: number, to: number): TextSegment[] {
  const start = endOfCharacterOver(bytes, from);
  const end = endOfCharacterOver(bytes, to);
  if (start >= end) return [];
  return wireSegments(toWire(bytes.subarray(start, end)), { multiline: true, limit: end - start }).flatMap(onOneLine);
}

/** A place in a value as people write it: `1,000,000`, `0xff`, `50 %`, `12 MiB`. `null` when it is none. */
export function parseOffset(text: string, total: number): number | null {
  const plain = text.trim().replaceAll(/[,_]/g, '').toLowerCase();
  const last = Math.max(0, total - 1);
  const clamp = (value: number) => Math.min(last, Math.max(0, Math.floor(value)));
  if (/^0x[0-9a-f]+$/.test(plain)) return clamp(Number.parseInt(plain, 16));
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(%|b|k|ki?b|m|mi?b|g|gi?b)?$/.exec(plain) ?? [];
  if (number === undefined) return null;
  const value = Number(number);
  if (unit === '%') return clamp((value / 100) * last);
  const power = { k: 1, m: 2, g: 3 }[unit?.[0] ?? ''] ?? 0;
  return clamp(value * 1024 ** power);
}

/** Bytes written in hexadecimal, with or without spaces: `ff 00`, `0xff00`. `null` when they are none. */
export function parseHex(text: string): Uint8Array | null {
  const digits = text.replaceAll(/0x|[\s,]/gi, '');
  if (digits === '' || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return null;
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16));
}
