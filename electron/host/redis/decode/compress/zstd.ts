import { Decompress } from 'fzstd';
import { DecodeFault } from '../fault.ts';
import { maxOutputBytes, startsWith, type Codec } from '../codec.ts';
import { Output, OutputFull } from './output.ts';

const words: ReadonlyMap<unknown, string> = new Map([
  ['unexpected EOF', 'the compressed data ends early'],
  ['window size too large (>2046MB)', 'the window of the frame is too large'],
]);

/** Frame header, RFC 8878 3.1.1.1: a dictionary that is not here makes the output wrong rather than invalid. */
function needsDictionary(bytes: Uint8Array): boolean {
  return ((bytes[4] ?? 0) & 3) !== 0;
}

export const zstd: Codec = {
  id: 'zstd',
  proof: 'sure',
  mayBe: (bytes) => startsWith(bytes, 0x28, 0xb5, 0x2f, 0xfd),
  decode: (bytes, { partial }) => {
    if (needsDictionary(bytes)) throw new DecodeFault('the frame needs a dictionary, which is not part of the value', 4);
    const output = new Output(maxOutputBytes, bytes.length * 4);
    let cut = false;
    try {
      new Decompress((part) => output.push(part)).push(bytes, true);
    } catch (error) {
      cut = error instanceof OutputFull || (partial && output.length > 0);
      if (!cut) {
        const said = error instanceof Error ? error.message : String(error);
        throw new DecodeFault(words.get(said) ?? said);
      }
    }
    // bit 2 of the frame header; the library does not look at it
    const reason = `zstd magic 28 b5 2f fd${((bytes[4] ?? 0) & 4) === 0 ? '' : ' (its checksum is not checked)'}`;
    return cut
      ? { confidence: 1, reason: `${reason}; the output is cut`, out: output.result(), cut }
      : { confidence: 1, reason: `${reason}, and all ${bytes.length} bytes decompress`, out: output.result() };
  },
};
