import { DecodeFault } from '../fault.ts';

/** Java's modified UTF-8: zero in two bytes, and characters beyond U+FFFF as two surrogates of three bytes each. */
export function modifiedUtf8(bytes: Uint8Array, at: number): string {
  const parts: string[] = [];
  let units: number[] = [];
  for (let index = 0; index < bytes.length; ) {
    const first = bytes[index] as number;
    const second = bytes[index + 1] ?? 0;
    const third = bytes[index + 2] ?? 0;
    if (first < 0x80) {
      units.push(first);
      index += 1;
    } else if (first >> 5 === 6 && second >> 6 === 2) {
      units.push(((first & 31) << 6) | (second & 63));
      index += 2;
    } else if (first >> 4 === 14 && second >> 6 === 2 && third >> 6 === 2) {
      units.push(((first & 15) << 12) | ((second & 63) << 6) | (third & 63));
      index += 3;
    } else throw new DecodeFault('a text is not in Java’s UTF-8', at + index);
    if (units.length >= 8192) {
      parts.push(String.fromCharCode(...units));
      units = [];
    }
  }
  return parts.join('') + String.fromCharCode(...units);
}
