import { bigText } from '../byte-reader.ts';
import { DecodeFault } from '../fault.ts';

const simple: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['a', '\u0007'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
]);

/** The bytes of a Python 2 string as its `repr`, which protocol 0 writes; each character of the result is one byte. */
export function unquoted(repr: string, at: number): Uint8Array {
  const quote = repr[0];
  if (repr.length < 2 || (quote !== "'" && quote !== '"') || repr.at(-1) !== quote) throw new DecodeFault('a string is not in quotes', at);
  const text = repr.slice(1, -1).replaceAll(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/g, (whole, hex?: string, octal?: string, letter?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    return simple.get(letter ?? '') ?? whole;
  });
  return Buffer.from(text, 'latin1');
}

/** Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX. */
export function rawUnicode(latin: string): string {
  return latin.replaceAll(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A little-endian two's complement integer of any length. */
export function signedText(bytes: Uint8Array): string {
  if (bytes.length === 0) return '0';
  const bits = BigInt(bytes.length * 8);
  return bigText(bytes.toReversed(), (value) => BigInt.asIntN(Number(bits), value));
}
