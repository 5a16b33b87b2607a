import { ByteReader } from '../byte-reader.ts';
import { startsWith } from '../codec.ts';
import { DecodeFault } from '../fault.ts';

/** Where a frame lies, RFC 8878 3.1.1. */
export interface ZstdFrame {
  from: number;
  to: number;
  /** The last four bytes are the lower half of the content's XXH64. */
  checked: boolean;
  /** Single segment: no window is named, the content is one piece. */
  singleSegment: boolean;
}

/** The frames of a zstd value, skippable ones left out; `null` when they do not lie in the bytes from end to end. */
export function zstdFrames(bytes: Uint8Array): ZstdFrame[] | null {
  const reader = new ByteReader(bytes);
  const frames: ZstdFrame[] = [];
  try {
    while (reader.left > 0) {
      const from = reader.at;
      const magic = reader.u32(true);
      if (magic >>> 4 === 0x0184_d2a5) {
        reader.skip(reader.u32(true));
        continue;
      }
      if (magic !== 0xfd2f_b528) return null;
      const flags = reader.u8();
      const singleSegment = (flags & 0x20) !== 0;
      const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
      reader.skip((singleSegment ? 0 : 1) + ([0, 1, 2, 4][flags & 3] ?? 0) + contentSize);
      for (let last = false; !last; ) {
        const header = reader.u8() | (reader.u16(true) << 8);
        last = (header & 1) === 1;
        // a run is one byte, however often it comes
        reader.skip(((header >> 1) & 3) === 1 ? 1 : header >> 3);
      }
      const checked = (flags & 4) !== 0;
      if (checked) reader.skip(4);
      frames.push({ from, to: reader.at, checked, singleSegment });
    }
  } catch (error) {
    if (!(error instanceof DecodeFault)) throw error;
    return null;
  }
  return frames;
}

export function isZstd(bytes: Uint8Array): boolean {
  return startsWith(bytes, 0x28, 0xb5, 0x2f, 0xfd);
}
