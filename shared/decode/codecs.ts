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
}

export const codecWords: Readonly<Record<CodecId, CodecWords>> = {
  gzip: { label: 'gzip', gives: 'bytes' },
  zlib: { label: 'zlib', gives: 'bytes' },
  deflate: { label: 'raw deflate', gives: 'bytes' },
  zstd: { label: 'zstd', gives: 'bytes' },
  lz4: { label: 'LZ4 frame', gives: 'bytes' },
  'lz4-block': { label: 'LZ4 block', gives: 'bytes' },
  brotli: { label: 'Brotli', gives: 'bytes' },
  'snappy-framed': { label: 'Snappy frames', gives: 'bytes' },
  snappy: { label: 'Snappy', gives: 'bytes' },
  base64: { label: 'Base64', gives: 'bytes' },
  hex: { label: 'Hex text', gives: 'bytes' },
  rails: { label: 'Rails cache entry', gives: 'bytes' },
  json: { label: 'JSON', gives: 'tree' },
  msgpack: { label: 'MessagePack', gives: 'tree' },
  cbor: { label: 'CBOR', gives: 'tree' },
  bson: { label: 'BSON', gives: 'tree' },
  php: { label: 'PHP serialize', gives: 'tree' },
  pickle: { label: 'Python pickle', gives: 'tree' },
  java: { label: 'Java serialization', gives: 'tree' },
  ruby: { label: 'Ruby Marshal', gives: 'tree' },
  dotnet: { label: '.NET BinaryFormatter', gives: 'tree' },
  protobuf: { label: 'Protocol Buffers', gives: 'tree' },
  uuid: { label: 'UUID', gives: 'reading' },
  timestamp: { label: 'Timestamp', gives: 'reading' },
  numbers: { label: 'Numbers', gives: 'reading' },
};
