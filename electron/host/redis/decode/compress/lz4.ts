import { ByteReader } from '../byte-reader.ts';
import { maxOutputBytes, startsWith, type Codec, type LayerResult } from '../codec.ts';
import { DecodeFault, faultOf } from '../fault.ts';
import { expectChecksum, xxHashes } from './checksums.ts';
import { fill, type Output } from './output.ts';

function length(reader: ByteReader, nibble: number): number {
  let total = nibble;
  if (nibble < 15) return total;
  for (;;) {
    const more = reader.u8();
    total += more;
    if (more < 255) return total;
  }
}

/** One block, LZ4 block format; matches may reach back into `output` as far as `window` allows. */
function block(bytes: Uint8Array, from: number, output: Output, window = output.length): void {
  const reader = new ByteReader(bytes);
  while (reader.left > 0) {
    const at = from + reader.at;
    const token = reader.u8();
    output.push(reader.take(length(reader, token >> 4), 'a literal'));
    if (reader.left === 0) return;
    const distance = reader.u16(true);
    if (distance === 0 || distance > output.length - window) throw new DecodeFault('a match reaches before the beginning', at);
    output.repeat(distance, length(reader, token & 15) + 4);
  }
}

/** XXH32 of bytes. */
type Hash = (bytes: Uint8Array, seed?: number) => number;

/** All frames of the frame format, each checked where it has checksums. */
function frames(bytes: Uint8Array, output: Output, hash: Hash): void {
  const reader = new ByteReader(bytes);
  while (reader.left > 0) {
    if (reader.u32(true) !== 0x184d2204) throw new DecodeFault('no LZ4 frame begins here', reader.at - 4);
    const descriptor = reader.at;
    const flags = reader.u8();
    reader.skip(1);
    if (flags >> 6 !== 1) throw new DecodeFault('a version of the frame format that is not known', 4);
    if ((flags & 1) !== 0) throw new DecodeFault('the frame needs a dictionary, which is not part of the value', 4);
    if ((flags & 8) !== 0) reader.skip(8);
    const header = bytes.subarray(descriptor, reader.at);
    const headerCheck = reader.u8();
    expectChecksum(headerCheck, (hash(header) >>> 8) & 0xff, 'the frame header', reader.at - 1);
    const begin = output.length;
    for (let size = reader.u32(true); size !== 0; size = reader.u32(true)) {
      const at = reader.at;
      const piece = reader.take(size & 0x7fff_ffff, 'a block');
      // checked first: what a broken block gives is worth nothing
      if ((flags & 0x10) !== 0) expectChecksum(reader.u32(true), hash(piece), 'a block', reader.at - 4);
      if (size >>> 31 === 1) output.push(piece);
      else block(piece, at, output, (flags & 0x20) === 0 ? begin : output.length);
    }
    if ((flags & 4) !== 0) expectChecksum(reader.u32(true), hash(output.result().subarray(begin)), 'the content', reader.at - 4);
  }
}

export const lz4: Codec = {
  id: 'lz4',
  proof: 'sure',
  mayBe: (bytes) => startsWith(bytes, 0x04, 0x22, 0x4d, 0x18),
  decode: async (bytes, { partial }) => {
    const reason = 'LZ4 frame magic 04 22 4d 18';
    const { h32Raw } = await xxHashes();
    let failed: unknown = null;
    const { out, cut } = fill(maxOutputBytes, bytes.length * 3, (output) => {
      try {
        frames(bytes, output, h32Raw);
      } catch (error) {
        // a beginning ends in the middle of a block; a full output passes on
        if (!(partial && error instanceof DecodeFault && output.length > 0)) throw error;
        failed = error;
      }
    });
    if (cut || failed !== null) return { confidence: 1, reason: `${reason}; the output is cut`, out, cut: true };
    return { confidence: 1, reason: `${reason}, and all ${bytes.length} bytes decompress; ${((bytes[4] ?? 0) & 0x14) === 0 ? 'the checksum of its header is' : 'its checksums are'} right`, out };
  },
};

/** A block behind its decompressed size, as clients of Redis store it: it must give exactly that many bytes. */
function sized(bytes: Uint8Array, from: number, size: number, what: string): LayerResult {
  if (size > bytes.length * 255) throw new DecodeFault('the size before the block cannot be right', 0);
  const { out, cut } = fill(maxOutputBytes, size, (output) => block(bytes.subarray(from), from, output));
  if (!cut && out.length !== size) throw new DecodeFault(`the block gives ${out.length} bytes where ${size} are announced`, 0);
  return { confidence: 0.9, reason: `${what} ${size}, and the block gives exactly that`, out, ...(cut ? { cut } : {}) };
}

/** LZ4BlockOutputStream of lz4-java: blocks behind `LZ4Block`, method, sizes and 28 bits of a checksum. */
function javaBlocks(bytes: Uint8Array, hash: Hash): LayerResult {
  const { out, cut } = fill(maxOutputBytes, bytes.length * 3, (output) => {
    const reader = new ByteReader(bytes);
    while (reader.left > 0) {
      const magic = reader.take(8);
      if (!startsWith(magic, ...javaMagic)) throw new DecodeFault('no LZ4Block begins here', reader.at - 8);
      const method = reader.u8() & 0xf0;
      const size = reader.u32(true);
      const original = reader.u32(true);
      const stored = reader.u32(true);
      const at = reader.at;
      const piece = reader.take(size, 'a block');
      const before = output.length;
      if (method === 0x10) output.push(piece);
      else block(piece, at, output);
      if (output.length - before !== original) throw new DecodeFault('a block gives another size than announced', at);
      if (original > 0) expectChecksum(stored, hash(output.result().subarray(before), javaSeed) & 0xfff_ffff, 'a block', at - 4);
    }
  });
  return { confidence: 1, reason: 'LZ4Block magic of lz4-java; its checksums are right', out, ...(cut ? { cut } : {}) };
}

/** DEFAULT_SEED of its LZ4BlockOutputStream. */
const javaSeed = 0x9747_b28c;
const javaMagic = [0x4c, 0x5a, 0x34, 0x42, 0x6c, 0x6f, 0x63, 0x6b];

export const lz4Block: Codec = {
  id: 'lz4-block',
  proof: 'weak',
  mayBe: (bytes, facts) => startsWith(bytes, ...javaMagic) || (bytes.length > 12 && !facts.readable),
  decode: async (bytes, { partial }) => {
    if (partial) throw new DecodeFault('a block is read only whole');
    if (startsWith(bytes, ...javaMagic)) {
      const { h32Raw } = await xxHashes();
      try {
        return javaBlocks(bytes, h32Raw);
      } catch (error) {
        const { message, at } = faultOf(error);
        throw new DecodeFault(message, at, true);
      }
    }
    if (bytes.length < 5) throw new DecodeFault('too short for a size and a block', 0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [little, big] = [view.getUint32(0, true), view.getUint32(0)];
    const likely = (size: number) => size >= bytes.length / 2 && size <= maxOutputBytes * 4;
    if (likely(little)) {
      try {
        return sized(bytes, 4, little, 'the first 4 bytes say (little-endian)');
      } catch (error) {
        if (!likely(big)) throw error;
      }
    }
    if (!likely(big)) throw new DecodeFault('the first 4 bytes are no likely size', 0);
    return sized(bytes, 4, big, 'the first 4 bytes say (big-endian)');
  },
};
