import { createHash } from 'node:crypto';
import { fromWire, toWire, type WireBytes } from '../../../shared/bytes.ts';
import { maxInnerBytes, maxLayeredBytes, ordinaryDecodeBytes, type DecodedValue } from '../../../shared/contract/decode.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { ConnectionService, DecodeService } from '../services.ts';
import { DecodeThread, DecodeTimeout } from './decode/decode-thread.ts';
import { bytesOf } from './values/replies.ts';
import { keyAt, readWithLength, type KeyAt } from './values/key-read.ts';
import { readElement } from './values/read-element.ts';

interface ReadBytes {
  bytes: Uint8Array;
  total: number;
}

/** Packing takes several tries, each longer than reading. */
const packingWeight = 8;

type Element = NonNullable<Parameters<DecodeService['value']>[0]['element']>;

/** A string in one window from its beginning, an element whole (1 MiB at most). */
async function readBytes(key: KeyAt, type: string, element: Element | null, limit: number): Promise<ReadBytes> {
  if (element !== null) {
    const cut = await readElement(key, { type, id: element.id, bytes: element.bytes ?? null });
    return { bytes: fromWire(cut.data), total: cut.bytes };
  }
  const { total, reply } = await readWithLength(key, 'string', ['GETRANGE', key.name, 0, limit - 1]);
  return { bytes: bytesOf(reply), total };
}

/** Equal bytes that are read in the same way are the same decoded value: reading again changes nothing for the page. */
function identityOf(bytes: Uint8Array, way: string): string {
  return createHash('sha256').update(way).update('\0').update(bytes).digest('hex').slice(0, 40);
}

/** Without the driver's buffer around it, which a message to the thread would carry along. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

/** Bytes that are edited; LIMIT_EXCEEDED above the limit. */
function boundedBytes(wire: WireBytes, limit: number): Uint8Array {
  const bytes = ownBytes(fromWire(wire));
  if (bytes.length <= limit) return bytes;
  throw new LookasideError('LIMIT_EXCEEDED', `Through its layers a value of at most ${limit / 1024 / 1024} MiB is edited`, {
    hint: 'Edit the stored bytes instead.',
    details: { bytes: bytes.length, limit },
  });
}

/** A value that could not be decoded in time, as bytes with the reason; its raw bytes are read by `values.page`. */
function stopped(error: LookasideError): Pick<DecodedValue, 'layers' | 'failed' | 'alternatives' | 'view'> {
  const codec = error instanceof DecodeTimeout ? error.codec : null;
  return { layers: [], failed: { codec, reason: error.message, atByte: null }, alternatives: [], view: { kind: 'hex' } };
}

/**
 * Decodes values in a worker thread. Reads the value itself, bounded, by plain read-only commands; it never writes.
 * @param options.limit ms that decoding so many bytes may take
 */
export function createDecodeService({ connections, limit: limitOf }: { connections: Pick<ConnectionService, 'redis'>; limit?: (bytes: number) => number }): DecodeService {
  const thread = new DecodeThread(limitOf);
  return {
    value: async ({ element = null, layers = null, proto = null, bytes: limit = ordinaryDecodeBytes, ...where }) => {
      const { bytes, total } = await readBytes(keyAt(connections, where), where.type, element ?? null, limit);
      const partial = bytes.length < total;
      const decodeId = identityOf(bytes, JSON.stringify([partial, layers, proto]));
      const common = { decodeId, totalBytes: total, readBytes: bytes.length };
      try {
        const { cut, ...read } = await thread.call('decode', { decodeId, bytes: ownBytes(bytes), partial, layers: layers ?? null, proto: proto ?? null }, bytes.length);
        return { ...common, ...read, exactness: partial ? 'window' : cut ? 'cut' : 'whole' };
      } catch (error) {
        if (!(error instanceof LookasideError) || error.code !== 'LIMIT_EXCEEDED') throw error;
        return { ...common, ...stopped(error), exactness: partial ? 'window' : 'whole' };
      }
    },
    rows: async (input) => thread.call('rows', input),
    search: async (input) => thread.call('search', input),
    place: async (input) => thread.call('place', input),
    text: async (input) => thread.call('text', input),
    bytes: async (input) => {
      const { chunk, total } = await thread.call('bytes', input);
      return { chunk: toWire(chunk), total };
    },
    previews: async ({ values, layers = null, proto = null }) => {
      const previews = [];
      for (const value of values) {
        try {
          previews.push(await thread.call('preview', { bytes: fromWire(value), layers: layers ?? null, proto: proto ?? null }));
        } catch (error) {
          // one value that takes too long leaves the others theirs; opening it says why
          if (!(error instanceof LookasideError) || error.code !== 'LIMIT_EXCEEDED') throw error;
          previews.push(null);
        }
      }
      return previews;
    },
    unpack: async ({ bytes: stored, layers }) => {
      const bytes = boundedBytes(stored, maxLayeredBytes);
      try {
        const unpacked = await thread.call('unpack', { bytes, layers }, bytes.length * packingWeight);
        return unpacked.editable ? { ...unpacked, inner: toWire(unpacked.inner) } : unpacked;
      } catch (error) {
        if (error instanceof LookasideError && error.code === 'LIMIT_EXCEEDED') return { editable: false, reason: error.message };
        throw error;
      }
    },
    repack: async ({ bytes: stored, layers, inner: edited }) => {
      const bytes = boundedBytes(stored, maxLayeredBytes);
      const inner = boundedBytes(edited, maxInnerBytes);
      const packed = await thread.call('repack', { bytes, layers, inner }, Math.max(bytes.length, inner.length) * packingWeight);
      return { ...packed, bytes: toWire(packed.bytes) };
    },
    protoMessages: async (input) => thread.call('protoMessages', input),
    close: () => thread.close(),
  };
}
