import { brotliCompressSync, constants, crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { DecodeFault } from '../fault.ts';
import { Pieces } from './byte-writer.ts';

/** Where the deflate data of a gzip member begins, RFC 1952. */
function gzipHeader(bytes: Uint8Array): Uint8Array {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new DecodeFault('the gzip header has no end', at);
    at = end + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  return bytes.subarray(0, at);
}

/** With the header of the value before: its time, name and system stay. */
export function packGzip(content: Uint8Array, like: Uint8Array, level: number): Uint8Array {
  const out = new Pieces();
  out.push(gzipHeader(like));
  out.push(deflateRawSync(content, { level }));
  out.little(crc32(content), 4);
  out.little(content.length % 2 ** 32, 4);
  return out.result();
}

/** With the window that the value before has. */
export function packZlib(content: Uint8Array, like: Uint8Array, level: number): Uint8Array {
  return deflateSync(content, { level, windowBits: Math.max(9, ((like[0] ?? 0x78) >> 4) + 8) });
}

export function packDeflate(content: Uint8Array, _: Uint8Array, level: number): Uint8Array {
  return deflateRawSync(content, { level });
}

export function packBrotli(content: Uint8Array, _: Uint8Array, quality: number): Uint8Array {
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
}
