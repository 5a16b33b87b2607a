import { Decompress } from 'fzstd';
import { DecodeFault } from '../fault.ts';
import { maxOutputBytes, type Codec } from '../codec.ts';
import { expectChecksum, xxHashes } from './checksums.ts';
import { Output, OutputFull } from './output.ts';
import { isZstd, zstdFrames } from './zstd-frames.ts';

const words: ReadonlyMap<unknown, string> = new Map([
  ['unexpected EOF', 'the compressed data ends early'],
  ['window size too large (>2046MB)', 'the window of the frame is too large'],
]);

/** Frame header, RFC 8878 3.1.1.1: a dictionary that is not here makes the output wrong rather than invalid. */
function needsDictionary(bytes: Uint8Array): boolean {
  return ((bytes[4] ?? 0) & 3) !== 0;
}

/** Frame by frame, each checked against its checksum where it has one; how many had. */
async function decompress(bytes: Uint8Array, output: Output): Promise<number> {
  const frames = zstdFrames(bytes);
  if (frames === null) {
    new Decompress((part) => output.push(part)).push(bytes, true);
    return 0;
  }
  const { h64Raw } = await xxHashes();
  let checks = 0;
  for (const { from, to, checked } of frames) {
    const begin = output.length;
    new Decompress((part) => output.push(part)).push(bytes.subarray(from, to), true);
    if (!checked) continue;
    checks += 1;
    const stored = Buffer.from(bytes.buffer, bytes.byteOffset + to - 4, 4).readUInt32LE();
    expectChecksum(stored, Number(BigInt.asUintN(32, h64Raw(output.result().subarray(begin)))), 'the content', to - 4);
  }
  return checks;
}

export const zstd: Codec = {
  id: 'zstd',
  proof: 'sure',
  mayBe: isZstd,
  decode: async (bytes, { partial }) => {
    if (needsDictionary(bytes)) throw new DecodeFault('the frame needs a dictionary, which is not part of the value', 4);
    const output = new Output(maxOutputBytes, bytes.length * 4);
    const reason = 'zstd magic 28 b5 2f fd';
    try {
      const checks = await decompress(bytes, output);
      return { confidence: 1, reason: `${reason}, and all ${bytes.length} bytes decompress${checks === 0 ? '' : '; the checksum is right'}`, out: output.result() };
    } catch (error) {
      if (error instanceof OutputFull || (partial && output.length > 0)) return { confidence: 1, reason: `${reason}; the output is cut`, out: output.result(), cut: true };
      if (error instanceof DecodeFault) throw error;
      const said = error instanceof Error ? error.message : String(error);
      throw new DecodeFault(words.get(said) ?? said);
    }
  },
};
