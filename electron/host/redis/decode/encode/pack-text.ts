import { latin1 } from '../byte-reader.ts';
import { DecodeFault } from '../fault.ts';

/** Blanks around a text, which stay. */
function around(like: Uint8Array): { before: string; text: string; after: string } {
  const [, before = '', text = '', after = ''] = /^(\s*)([^]*?)(\s*)$/.exec(latin1(like)) ?? [];
  if (/\s/.test(text)) throw new DecodeFault('a text that is broken into lines is read only');
  return { before, text, after };
}

/** In the alphabet of the value before, padded where it was. */
export function packBase64(content: Uint8Array, like: Uint8Array): Uint8Array {
  const { before, text, after } = around(like);
  const url = /[-_]/.test(text);
  const padded = text.endsWith('=') || (text.length % 4 === 0 && !url);
  const standard = Buffer.from(content).toString('base64');
  const alphabet = url ? standard.replaceAll('+', '-').replaceAll('/', '_') : standard;
  return Buffer.from(`${before}${padded ? alphabet : alphabet.replace(/=+$/, '')}${after}`);
}

/** In upper or lower case, with `0x` before it where that was. */
export function packHex(content: Uint8Array, like: Uint8Array): Uint8Array {
  const { before, text, after } = around(like);
  const digits = Buffer.from(content).toString('hex');
  const prefix = text.startsWith('0x') ? '0x' : '';
  return Buffer.from(`${before}${prefix}${/[A-F]/.test(text) ? digits.toUpperCase() : digits}${after}`);
}
