import { bytesFromBase64 } from '../../../../../shared/bytes.ts';
import { latin1 } from '../byte-reader.ts';
import type { Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';

const base64Standard = /^[A-Za-z0-9+/]+={0,2}$/;
const base64Url = /^[A-Za-z0-9_-]+={0,2}$/;
const hexDigits = /^(?:0x)?[0-9a-fA-F]+$/;
const blanks = /[\r\n]+/g;

export const base64: Codec = {
  id: 'base64',
  proof: 'weak',
  mayBe: (bytes, facts) => bytes.length >= 8 && facts.readable && /^[A-Za-z0-9+/_=\r\n-]*$/.test((facts.text ?? '').slice(0, 256)),
  decode: (bytes) => {
    const text = latin1(bytes).trim().replaceAll(blanks, '');
    const standard = base64Standard.test(text);
    if (!standard && !base64Url.test(text)) throw new DecodeFault('the text is not Base64');
    const bare = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
    if (bare.length % 4 === 1) throw new DecodeFault('the length of the text is not one of Base64', bytes.length);
    if (standard && text.endsWith('=') && text.length % 4 !== 0) throw new DecodeFault('the padding is wrong', bytes.length);
    const out = bytesFromBase64(bare.padEnd(Math.ceil(bare.length / 4) * 4, '='));
    return { confidence: 0.9, reason: `every character is one of ${standard ? 'Base64' : 'Base64 for URLs'}`, out };
  },
};

export const hex: Codec = {
  id: 'hex',
  proof: 'weak',
  mayBe: (bytes, facts) => bytes.length >= 8 && facts.readable && hexDigits.test((facts.text ?? '').slice(0, 256).trim()),
  decode: (bytes) => {
    const text = latin1(bytes).trim();
    if (!hexDigits.test(text) || text.length % 2 !== 0) throw new DecodeFault('the text is not pairs of hexadecimal digits');
    return { confidence: 0.9, reason: 'every character is a hexadecimal digit', out: Buffer.from(text.replace(/^0x/, ''), 'hex') };
  },
};
