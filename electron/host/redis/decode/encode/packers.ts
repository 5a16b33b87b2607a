import type { CodecId } from '../../../../../shared/decode/codecs.ts';
import { compressesZstd, packZstd } from './pack-zstd.ts';
import { packLz4, packLz4Block } from './pack-lz4.ts';
import { packSnappy, packSnappyFramed } from './pack-snappy.ts';
import { packBase64, packHex } from './pack-text.ts';
import { packBrotli, packDeflate, packGzip, packZlib } from './pack-zlib.ts';

/** Above this only the usual levels are tried, bytes. */
const smallContent = 128 * 1024;

interface Packer {
  /**
   * Bytes of this layer for other content.
   * @param like the layer as it was, whose header and options are taken over
   * @param before the content as it was
   */
  pack(content: Uint8Array, like: Uint8Array, level: number, before: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Levels that may have been used, the best guess first. Others than the first are tried for content up to 128 KiB. */
  levels: readonly number[];
  /** What is particular about it. */
  note: string;
}

const plain = { levels: [0], note: '' };
const deflateLevels = { levels: [6, 9, 1, 2, 3, 4, 5, 7, 8], note: '' };

/** Layers that can be written as well as read. */
const packers: Partial<Record<CodecId, Packer>> = {
  gzip: { ...deflateLevels, pack: packGzip },
  zlib: { ...deflateLevels, pack: packZlib },
  deflate: { ...deflateLevels, pack: packDeflate },
  brotli: { levels: [5, 11, 9, 6, 4, 1], note: '', pack: packBrotli },
  zstd: { levels: compressesZstd ? [3, 1, 5, 9, 19] : [0], note: compressesZstd ? '' : 'The zstd frame stores its content without compressing it, since this Node cannot compress zstd', pack: packZstd },
  lz4: { ...plain, pack: packLz4 },
  'lz4-block': { ...plain, pack: (content, like, _, before) => packLz4Block(content, like, before) },
  snappy: { ...plain, pack: packSnappy },
  'snappy-framed': { ...plain, pack: packSnappyFramed },
  base64: { ...plain, pack: packBase64 },
  hex: { ...plain, pack: packHex },
};

export interface Packing {
  pack(content: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** The present content gives the present bytes. */
  same: boolean;
  note: string;
}

/** How a layer is written the way it was; `null` for a layer that is only read. */
export async function packingOf(codec: CodecId, like: Uint8Array, before: Uint8Array): Promise<Packing | null> {
  const packer = packers[codec];
  if (packer === undefined) return null;
  const { levels, note } = packer;
  const tried = before.length <= smallContent ? levels : levels.slice(0, 1);
  for (const level of tried) {
    const packed = await packer.pack(before, like, level, before);
    if (Buffer.compare(packed, like) === 0) return { pack: (content) => packer.pack(content, like, level, before), same: true, note: '' };
  }
  const [level = 0] = levels;
  return { pack: (content) => packer.pack(content, like, level, before), same: false, note };
}
