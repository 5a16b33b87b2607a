import * as zlib from 'node:zlib';
import { xxHashes } from '../compress/checksums.ts';
import { zstdFrames } from '../compress/zstd-frames.ts';
import { Pieces } from './byte-writer.ts';

const largestBlock = 128 * 1024;
/** ZSTD_c_compressionLevel, ZSTD_c_contentSizeFlag, ZSTD_c_checksumFlag of zstd.h. */
const parameters = { level: 100, contentSize: 200, checksum: 201 };

type Compress = (bytes: Uint8Array, options: { params: Record<number, number>; pledgedSrcSize: number }) => Buffer;

/** What Node 22.15 and later can; the types are those of an older one. */
const compress = (zlib as { zstdCompressSync?: Compress }).zstdCompressSync ?? null;

/** Whether this Node compresses zstd; without, frames store their content. */
export const compressesZstd = compress !== null;

/** A frame that stores its content in raw blocks: valid for every reader, and larger. */
export async function storedZstd(content: Uint8Array, checked: boolean): Promise<Uint8Array> {
  const out = new Pieces();
  const size = content.length;
  const sizeFlag = size < 256 ? 0 : size < 65_792 ? 1 : 2;
  out.bytes(0x28, 0xb5, 0x2f, 0xfd, (sizeFlag << 6) | 0x20 | (checked ? 4 : 0));
  out.little(sizeFlag === 1 ? size - 256 : size, [1, 2, 4][sizeFlag] ?? 4);
  for (let from = 0; from === 0 || from < size; from += largestBlock) {
    const block = content.subarray(from, from + largestBlock);
    out.little((block.length << 3) | (from + largestBlock >= size ? 1 : 0), 3);
    out.push(block);
  }
  if (checked) out.little(Number(BigInt.asUintN(32, (await xxHashes()).h64Raw(content))), 4);
  return out.result();
}

/** One frame, with a checksum where the frame before had one. */
export async function packZstd(content: Uint8Array, like: Uint8Array, level: number): Promise<Uint8Array> {
  const checked = zstdFrames(like)?.[0]?.checked ?? false;
  if (compress === null) return storedZstd(content, checked);
  return compress(content, { params: { [parameters.level]: level, [parameters.contentSize]: 1, [parameters.checksum]: checked ? 1 : 0 }, pledgedSrcSize: content.length });
}
