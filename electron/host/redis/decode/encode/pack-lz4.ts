import { xxHashes } from '../compress/checksums.ts';
import { DecodeFault } from '../fault.ts';
import { Pieces } from './byte-writer.ts';
import { lzPieces } from './lz-matches.ts';

/** The format ends with five literals, and no match begins within the last twelve bytes. */
const tail = 12;

function more(out: Pieces, rest: number): void {
  let left = rest;
  for (; left >= 255; left -= 255) out.bytes(255);
  out.bytes(left);
}

/** One LZ4 block. */
export function lz4BlockOf(bytes: Uint8Array): Uint8Array {
  const out = new Pieces();
  for (const { from, to, distance, length } of lzPieces(bytes, tail)) {
    const literals = to - from;
    const match = length - 4;
    out.bytes((Math.min(15, literals) << 4) | (length === 0 ? 0 : Math.min(15, match)));
    if (literals >= 15) more(out, literals - 15);
    out.push(bytes.subarray(from, to));
    if (length === 0) continue;
    out.little(distance, 2);
    if (match >= 15) more(out, match - 15);
  }
  return out.result();
}

/** One frame with the checksums, the content size and the size of blocks that the frame before it had. */
export async function packLz4(content: Uint8Array, like: Uint8Array): Promise<Uint8Array> {
  const { h32Raw } = await xxHashes();
  const [flags = 0, blockCode = 0] = like.subarray(4, 6);
  const [blockChecks, sized, contentCheck] = [(flags & 0x10) !== 0, (flags & 8) !== 0, (flags & 4) !== 0];
  const blockSize = 1 << (8 + 2 * Math.min(7, Math.max(4, (blockCode >> 4) & 7)));
  const header = new Pieces();
  header.bytes(0x40 | 0x20 | (flags & 0x1c), blockCode);
  if (sized) {
    header.little(content.length, 4);
    header.little(0, 4);
  }
  const out = new Pieces();
  out.bytes(0x04, 0x22, 0x4d, 0x18);
  out.push(header.result());
  out.bytes((h32Raw(header.result()) >>> 8) & 0xff);
  for (let from = 0; from < content.length; from += blockSize) {
    const block = content.subarray(from, from + blockSize);
    const packed = lz4BlockOf(block);
    const smaller = packed.length < block.length;
    const stored = smaller ? packed : block;
    out.little((stored.length | (smaller ? 0 : 0x8000_0000)) >>> 0, 4);
    out.push(stored);
    if (blockChecks) out.little(h32Raw(stored), 4);
  }
  out.little(0, 4);
  if (contentCheck) out.little(h32Raw(content), 4);
  return out.result();
}

/** A block behind its size, whose byte order is that of the value before. */
export function packLz4Block(content: Uint8Array, like: Uint8Array, before: Uint8Array): Uint8Array {
  const view = new DataView(like.buffer, like.byteOffset, like.byteLength);
  const little = view.getUint32(0, true) === before.length;
  if (!little && view.getUint32(0) !== before.length) throw new DecodeFault('blocks of lz4-java are read only');
  const size = Buffer.alloc(4);
  if (little) size.writeUInt32LE(content.length);
  else size.writeUInt32BE(content.length);
  return Buffer.concat([size, lz4BlockOf(content)]);
}
