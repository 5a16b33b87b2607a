import { ByteReader } from '../byte-reader.ts';
import { startsWith, type Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { isoOfMs } from './times.ts';

const types: ReadonlyMap<number, string> = new Map([
  [0x01, 'object'],
  [0x02, 'UTF-8 string'],
  [0x03, 'binary string'],
  [0x04, 'US-ASCII string'],
]);

/**
 * The envelope that Rails 7.1 and later put around a cached value: 00 11, the type, an expiry as a little-endian
 * double, the length of the version, the version, the payload (ActiveSupport::Cache::Coder).
 */
export const rails: Codec = {
  id: 'rails',
  proof: 'open',
  mayBe: (bytes) => bytes.length > 15 && startsWith(bytes, 0x00, 0x11),
  decode: (bytes) => {
    const reader = new ByteReader(bytes);
    reader.skip(2);
    const type = reader.u8();
    const words = `${(type & 0x80) === 0 ? '' : 'compressed '}${types.get(type & 0x7f) ?? 'object'}`;
    const expires = reader.f64(true);
    const versionLength = reader.i32(true);
    if (Number.isNaN(expires) || (expires !== -1 && (expires < 0 || expires > 1e11))) throw new DecodeFault('the expiry is no time', 3);
    if (versionLength < -1 || versionLength > 4096) throw new DecodeFault('the length of the version cannot be right', 11);
    const version = versionLength > 0 ? Buffer.from(reader.take(versionLength, 'the version')).toString() : null;
    const out = bytes.subarray(reader.at);
    const expiry = expires === -1 ? 'no expiry' : `expires ${isoOfMs(BigInt(Math.round(expires * 1000))) ?? expires}`;
    return { confidence: 0.97, reason: `signature 00 11 of Rails 7.1; ${words}, ${expiry}${version === null ? '' : `, version ${version}`}`, out };
  },
};
