import { ByteReader } from '../byte-reader.ts';
import { maxOutputBytes, startsWith, type Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { expectChecksum, maskedCrc32c } from './checksums.ts';
import { fill, type Output } from './output.ts';

/** One block behind its size as a varint, Snappy's raw format. */
function block(bytes: Uint8Array, output: Output): void {
  const reader = new ByteReader(bytes);
  const size = Number(reader.varint());
  if (size > 0xffff_ffff || size > bytes.length * 64) throw new DecodeFault('the size before the data cannot be right', 0);
  const begin = output.length;
  while (reader.left > 0) {
    const at = reader.at;
    const tag = reader.u8();
    const high = tag >> 2;
    if ((tag & 3) === 0) {
      const count = high < 60 ? high : littleEndian(reader.take(high - 59));
      output.push(reader.take(count + 1, 'a literal'));
      continue;
    }
    const count = (tag & 3) === 1 ? ((high & 7) + 4) : high + 1;
    const distance = (tag & 3) === 1 ? ((tag >> 5) << 8) | reader.u8() : (tag & 3) === 2 ? reader.u16(true) : reader.u32(true);
    if (distance === 0 || distance > output.length - begin) throw new DecodeFault('a copy reaches before the beginning', at);
    output.repeat(distance, count);
  }
  if (output.length - begin !== size) throw new DecodeFault(`the data gives ${output.length - begin} bytes where ${size} are announced`, 0);
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((total, byte) => total * 256 + byte, 0);
}

export const snappy: Codec = {
  id: 'snappy',
  proof: 'weak',
  mayBe: (bytes, facts) => bytes.length > 3 && !facts.readable && !startsWith(bytes, 0xff, 0x06, 0, 0),
  decode: (bytes, { partial }) => {
    if (partial) throw new DecodeFault('a block is read only whole');
    const { out, cut } = fill(maxOutputBytes, bytes.length * 3, (output) => block(bytes, output));
    return { confidence: 0.9, reason: `the announced size is exactly what comes out, ${out.length} bytes`, out, ...(cut ? { cut } : {}) };
  },
};

const magic = [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59];

/** Snappy framing format; each chunk is checked. */
export const snappyFramed: Codec = {
  id: 'snappy-framed',
  proof: 'sure',
  mayBe: (bytes) => startsWith(bytes, ...magic),
  decode: (bytes, { partial }) => {
    let left = false;
    const { out, cut } = fill(maxOutputBytes, bytes.length * 3, (output) => {
      const reader = new ByteReader(bytes);
      while (reader.left > 0) {
        const kind = reader.u8();
        const size = littleEndian(reader.take(Math.min(3, reader.left)));
        if (size > reader.left && partial && output.length > 0) {
          left = true;
          return;
        }
        const chunk = reader.take(size, 'a chunk');
        if (kind <= 1) {
          const begin = output.length;
          const at = reader.at - size;
          const inside = new ByteReader(chunk);
          const stored = inside.u32(true);
          if (kind === 0) block(chunk.subarray(4), output);
          else output.push(chunk.subarray(4));
          expectChecksum(stored, maskedCrc32c(output.result().subarray(begin)), 'a chunk', at);
        } else if (kind < 0x80) throw new DecodeFault('a chunk of a kind that is not known', reader.at - size - 4);
      }
    });
    const reason = 'Snappy stream identifier sNaPpY';
    if (cut || left) return { confidence: 1, reason: `${reason}; the output is cut`, out, cut: true };
    return { confidence: 1, reason: `${reason}, and all ${bytes.length} bytes decompress; its checksums are right`, out };
  },
};
