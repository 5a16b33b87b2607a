import { fromWire, toWire } from '../../../../../shared/bytes.ts';
import type { HostClient } from '../../../../../shared/contract/contract.ts';
import { maxLayeredBytes, type DecodedValue } from '../../../../../shared/contract/decode.ts';
import { codecWords, type CodecId } from '../../../../../shared/decode/codecs.ts';

/** Of a value that is edited through its layers. */
export interface Layered {
  /** The value as it was read, as it is stored. */
  readonly stored: Uint8Array;
  readonly codecs: readonly CodecId[];
  /** What is edited is the JSON text of a serialized value. */
  readonly asJson: boolean;
  /** What writing it changes besides; empty = nothing. */
  readonly note: string;
}

/** One side of an edit: what is shown of it, and what is stored. */
export interface Side {
  readonly inner: Uint8Array;
  readonly stored: Uint8Array;
}

export type Offer = { kind: 'none' } | { kind: 'refused'; reason: string } | { kind: 'offered'; codecs: CodecId[] };

/** Whether a value can be edited through its layers, as far as their names tell. */
export function offerOf({ layers, failed, exactness, totalBytes }: Pick<DecodedValue, 'layers' | 'failed' | 'exactness' | 'totalBytes'>): Offer {
  // a reading is one way to see a few bytes, no layer
  const codecs = layers.map(({ codec }) => codec).filter((codec) => codecWords[codec].gives !== 'reading');
  if (codecs.length === 0 || codecs.join() === 'json') return { kind: 'none' };
  const refused = (reason: string): Offer => ({ kind: 'refused', reason });
  if (failed !== null) return refused('A value that is not read to its end is edited as it is stored');
  const reader = codecs.find((codec) => !codecWords[codec].writes);
  if (reader !== undefined) return refused(`${codecWords[reader].label} is only read, not written`);
  if (exactness !== 'whole' || totalBytes > maxLayeredBytes) return refused('Above 1 MiB a value is edited as it is stored');
  return { kind: 'offered', codecs };
}

const changesBytes = 'The compressor is another than the one that wrote it: saving changes more stored bytes than the text shows';

export type Unwrapped = { kind: 'open'; side: Side; layered: Layered } | { kind: 'closed'; reason: string };

/** What is edited of stored bytes. */
export async function unwrapped(client: HostClient, stored: Uint8Array, codecs: readonly CodecId[]): Promise<Unwrapped> {
  const unpacked = await client.decode.unpack({ bytes: toWire(stored), layers: [...codecs] });
  if (!unpacked.editable) return { kind: 'closed', reason: unpacked.reason };
  const { inner, form, same, note } = unpacked;
  const notes = [same ? '' : changesBytes, note].filter((part) => part !== '');
  return { kind: 'open', side: { inner: fromWire(inner), stored }, layered: { stored, codecs, asJson: form === 'json', note: notes.join('. ') } };
}

/** The stored bytes of what was edited. */
export async function wrapped(client: HostClient, stored: Uint8Array, codecs: readonly CodecId[], inner: Uint8Array): Promise<Uint8Array> {
  const { bytes } = await client.decode.repack({ bytes: toWire(stored), layers: [...codecs], inner: toWire(inner) });
  return fromWire(bytes);
}
