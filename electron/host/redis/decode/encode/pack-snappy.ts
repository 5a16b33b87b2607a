import { maskedCrc32c } from '../compress/checksums.ts';
import { Pieces } from './byte-writer.ts';
import { lzPieces } from './lz-matches.ts';

const longestCopy = 64;
/** Content of one chunk of the framing format, at most. */
const chunkSize = 65_536;

function literal(out: Pieces, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const rest = bytes.length - 1;
  if (rest < 60) out.bytes(rest << 2);
  else {
    const size = rest < 0x100 ? 1 : rest < 0x1_0000 ? 2 : rest < 0x100_0000 ? 3 : 4;
    out.bytes((59 + size) << 2);
    out.little(rest, size);
  }
  out.push(bytes);
}

/** Snappy's raw format. */
export function packSnappy(content: Uint8Array): Uint8Array {
  const out = new Pieces();
  let rest = content.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.bytes((rest & 0x7f) | 0x80);
  out.bytes(rest);
  for (const { from, to, distance, length } of lzPieces(content, 0)) {
    literal(out, content.subarray(from, to));
    for (let left = length; left > 0; ) {
      const count = Math.min(longestCopy, left);
      out.bytes(((count - 1) << 2) | 2);
      out.little(distance, 2);
      left -= count;
    }
  }
  return out.result();
}

/** Snappy framing format. */
export function packSnappyFramed(content: Uint8Array): Uint8Array {
  const out = new Pieces();
  out.bytes(0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
  for (let from = 0; from < content.length; from += chunkSize) {
    const chunk = content.subarray(from, from + chunkSize);
    const packed = packSnappy(chunk);
    const smaller = packed.length < chunk.length;
    const stored = smaller ? packed : chunk;
    out.bytes(smaller ? 0 : 1);
    out.little(stored.length + 4, 3);
    out.little(maskedCrc32c(chunk), 4);
    out.push(stored);
  }
  return out.result();
}
