/** Every layer that a value can be read through, in the order in which choosers list them. */
export const codecIds = [
  'gzip',
  'zlib',
  'deflate',
  'zstd',
  'lz4',
  'lz4-block',
  'brotli',
  'snappy-framed',
  'snappy',
  'base64',
  'hex',
  'rails',
  'json',
  'msgpack',
  'cbor',
  'bson',
  'php',
  'pickle',
  'java',
  'ruby',
  'dotnet',
  'protobuf',
  'uuid',
  'timestamp',
  'numbers',
] as const;

export type CodecId = (typeof codecIds)[number];

export interface CodecWords {
  readonly label: string;
  /** `bytes` unwraps to other bytes; `tree` says what a value holds; `reading` is one way to read a few bytes. */
  readonly gives: 'bytes' | 'tree' | 'reading';
  /** Can be written as well as read, see decode/encode. */
  readonly writes: boolean;
}

export const codecWords: Readonly<Record<CodecId, CodecWords>> = {
  gzip: { label: 'gzip', gives: 'bytes', writes: true },
  zlib: { label: 'zlib', gives: 'bytes', writes: true },
  deflate: { label: 'raw deflate', gives: 'bytes', writes: true },
  zstd: { label: 'zstd', gives: 'bytes', writes: true },
  lz4: { label: 'LZ4 frame', gives: 'bytes', writes: true },
  'lz4-block': { label: 'LZ4 block', gives: 'bytes', writes: true },
  brotli: { label: 'Brotli', gives: 'bytes', writes: true },
  'snappy-framed': { label: 'Snappy frames', gives: 'bytes', writes: true },
  snappy: { label: 'Snappy', gives: 'bytes', writes: true },
  base64: { label: 'Base64', gives: 'bytes', writes: true },
  hex: { label: 'Hex text', gives: 'bytes', writes: true },
  rails: { label: 'Rails cache entry', gives: 'bytes', writes: false },
  json: { label: 'JSON', gives: 'tree', writes: true },
  msgpack: { label: 'MessagePack', gives: 'tree', writes: true },
  cbor: { label: 'CBOR', gives: 'tree', writes: true },
  bson: { label: 'BSON', gives: 'tree', writes: false },
  php: { label: 'PHP serialize', gives: 'tree', writes: false },
  pickle: { label: 'Python pickle', gives: 'tree', writes: false },
  java: { label: 'Java serialization', gives: 'tree', writes: false },
  ruby: { label: 'Ruby Marshal', gives: 'tree', writes: false },
  dotnet: { label: '.NET BinaryFormatter', gives: 'tree', writes: false },
  protobuf: { label: 'Protocol Buffers', gives: 'tree', writes: false },
  uuid: { label: 'UUID', gives: 'reading', writes: false },
  timestamp: { label: 'Timestamp', gives: 'reading', writes: false },
  numbers: { label: 'Numbers', gives: 'reading', writes: false },
};
