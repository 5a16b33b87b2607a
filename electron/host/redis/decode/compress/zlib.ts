import { brotliDecompressSync, createBrotliDecompress, createGunzip, createInflate, createInflateRaw, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { DecodeFault } from '../fault.ts';
import { maxOutputBytes, startsWith, type Codec, type DecodeContext, type LayerResult } from '../codec.ts';

type Kind = 'gzip' | 'zlib' | 'deflate' | 'brotli';

const whole = { gzip: gunzipSync, zlib: inflateSync, deflate: inflateRawSync, brotli: brotliDecompressSync };
const streams = { gzip: createGunzip, zlib: createInflate, deflate: createInflateRaw, brotli: createBrotliDecompress };

interface Inflated {
  out: Uint8Array;
  /** Bytes of the input that belong to it. */
  consumed: number;
  cut: boolean;
}

function failureOf(error: unknown, at: number): DecodeFault {
  const words = error instanceof Error ? error.message : String(error);
  return new DecodeFault(words === 'unexpected end of file' ? 'the compressed data ends early' : words, at);
}

/** In pieces: for what is too large, what is only a beginning, and to find the place of a failure. */
function inPieces(kind: Kind, bytes: Uint8Array, keepPart: boolean): Promise<Inflated> {
  return new Promise((resolve, reject) => {
    const stream = streams[kind]();
    const parts: Uint8Array[] = [];
    let size = 0;
    const done = (cut: boolean) => resolve({ out: Buffer.concat(parts), consumed: Math.min(stream.bytesWritten, bytes.length), cut });
    stream.on('data', (part: Buffer) => {
      const room = maxOutputBytes - size;
      parts.push(part.subarray(0, room));
      size += Math.min(room, part.length);
      if (part.length <= room) return;
      done(true);
      stream.destroy();
    });
    stream.once('end', () => done(false));
    stream.once('error', (error) => {
      if (keepPart && size > 0) done(true);
      else reject(failureOf(error, stream.bytesWritten > 0 ? stream.bytesWritten : -1));
    });
    stream.end(bytes);
  });
}

/** All in one go, which is the ordinary case. */
function atOnce(kind: Kind, bytes: Uint8Array): Inflated | null {
  try {
    // the types do not know `info`, which tells how much of the input was used
    const options = { maxOutputLength: maxOutputBytes, info: true };
    const { buffer, engine } = whole[kind](bytes, options) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return { out: buffer, consumed: engine.bytesWritten, cut: false };
  } catch {
    // The slower way finds out what there is and where it fails.
    return null;
  }
}

async function inflate(kind: Kind, bytes: Uint8Array, { partial, forced }: DecodeContext, weak: boolean): Promise<Inflated> {
  const done = partial ? null : atOnce(kind, bytes);
  if (done !== null) return done;
  // a wrong guess of a weak format fails nearly at once; only what is meant is looked at closely
  if (weak && !forced && !partial && bytes.length > 65_536) throw new DecodeFault('not whole');
  return inPieces(kind, bytes, partial);
}

function checked(kind: string, inflated: Inflated, bytes: Uint8Array, partial: boolean, confidence: number, proof: string): LayerResult {
  const { out, consumed, cut } = inflated;
  const over = bytes.length - consumed;
  if (cut) return { confidence, reason: `${proof}; the output is cut`, out, cut };
  if (over > 0 && !partial) return { confidence: confidence * 0.6, reason: `${proof}; ${over} bytes follow the ${kind} data`, out };
  return { confidence, reason: `${proof}, and all ${bytes.length} bytes decompress`, out };
}

/** The first bytes of a zlib stream: deflate, a window of at most 32 KiB, and a check that divides by 31. */
function zlibHeader(bytes: Uint8Array): boolean {
  const [method = 0, flags = 0] = bytes;
  return bytes.length > 6 && (method & 0x0f) === 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0;
}

export const gzip: Codec = {
  id: 'gzip',
  proof: 'sure',
  mayBe: (bytes) => startsWith(bytes, 0x1f, 0x8b, 8),
  decode: async (bytes, context) => checked('gzip', await inflate('gzip', bytes, context, false), bytes, context.partial, 1, 'gzip magic 1f 8b 08'),
};

export const zlib: Codec = {
  id: 'zlib',
  proof: 'open',
  mayBe: (bytes) => zlibHeader(bytes),
  decode: async (bytes, context) => checked('zlib', await inflate('zlib', bytes, context, false), bytes, context.partial, 0.99, 'zlib header and Adler-32 checksum'),
};

export const deflate: Codec = {
  id: 'deflate',
  proof: 'weak',
  mayBe: (bytes, facts) => bytes.length > 2 && !facts.readable && ((bytes[0] ?? 0) & 6) !== 6,
  decode: async (bytes, context) => checked('deflate', await inflate('deflate', bytes, context, true), bytes, context.partial, 0.85, 'no magic'),
};

export const brotli: Codec = {
  id: 'brotli',
  proof: 'weak',
  mayBe: (bytes, facts) => bytes.length > 4 && !facts.readable,
  decode: async (bytes, context) => checked('Brotli', await inflate('brotli', bytes, context, true), bytes, context.partial, 0.85, 'Brotli has no magic'),
};

