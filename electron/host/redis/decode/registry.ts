import { codecIds, type CodecId } from '../../../../shared/decode/codecs.ts';
import type { Codec } from './codec.ts';
import { lz4, lz4Block } from './compress/lz4.ts';
import { snappy, snappyFramed } from './compress/snappy.ts';
import { base64, hex } from './compress/text-forms.ts';
import { brotli, deflate, gzip, zlib } from './compress/zlib.ts';
import { zstd } from './compress/zstd.ts';
import { bson } from './formats/bson.ts';
import { cbor } from './formats/cbor.ts';
import { dotnet } from './formats/dotnet.ts';
import { java } from './formats/java.ts';
import { json } from './formats/json.ts';
import { msgpack } from './formats/msgpack.ts';
import { php } from './formats/php.ts';
import { pickle } from './formats/pickle.ts';
import { protobuf } from './formats/protobuf.ts';
import { rails } from './formats/rails.ts';
import { ruby } from './formats/ruby.ts';
import { numbers, timestamp, uuid } from './formats/scalars.ts';

/** All codecs by id; the type check names one that is missing. */
export const codecs: Readonly<Record<CodecId, Codec>> = {
  gzip,
  zlib,
  deflate,
  zstd,
  lz4,
  'lz4-block': lz4Block,
  brotli,
  'snappy-framed': snappyFramed,
  snappy,
  base64,
  hex,
  rails,
  json,
  msgpack,
  cbor,
  bson,
  php,
  pickle,
  java,
  ruby,
  dotnet,
  protobuf,
  uuid,
  timestamp,
  numbers,
};

export const allCodecs: readonly Codec[] = codecIds.map((id) => codecs[id]);
