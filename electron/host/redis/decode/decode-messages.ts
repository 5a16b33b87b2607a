import type { CodecId } from '../../../../shared/decode/codecs.ts';
import type { DecodedValue, TreeRow } from '../../../../shared/contract/decode.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { TreeStep } from '../../../../shared/decode/tree-rows.ts';

/** What is edited of a value: the bytes behind its layers, or the JSON text of what they say. */
export type Unpacked = { editable: true; inner: Uint8Array; form: 'bytes' | 'json'; same: boolean; note: string } | { editable: false; reason: string };

/** A .proto text and the message of it. */
export interface ProtoChoice {
  source: string;
  message: string;
}

/** What the host asks of the decode worker. */
export interface DecodeCalls {
  decode: {
    input: { decodeId: string; bytes: Uint8Array; partial: boolean; layers: readonly CodecId[] | null; proto: ProtoChoice | null };
    output: Pick<DecodedValue, 'layers' | 'failed' | 'alternatives' | 'view'> & { cut: boolean };
  };
  rows: { input: { decodeId: string; parent: number; from: number; count: number }; output: { rows: TreeRow[] } };
  search: { input: { decodeId: string; text: string }; output: { hits: { id: number; place: TreeStep[] }[]; more: boolean } };
  place: { input: { decodeId: string; id: number }; output: { place: TreeStep[] } };
  text: { input: { decodeId: string; id: number; form: 'json' | 'value' }; output: { text: string; marked: number; cut: boolean } };
  bytes: { input: { decodeId: string; stage: number; from: number; bytes: number }; output: { chunk: Uint8Array; total: number } };
  preview: { input: { bytes: Uint8Array; layers: readonly CodecId[] | null; proto: ProtoChoice | null }; output: { layers: CodecId[]; text: string } | null };
  unpack: { input: { bytes: Uint8Array; layers: readonly CodecId[] }; output: Unpacked };
  repack: { input: { bytes: Uint8Array; layers: readonly CodecId[]; inner: Uint8Array }; output: { bytes: Uint8Array; note: string } };
  protoMessages: { input: { source: string }; output: { messages: string[] } };
}

export type DecodeMethod = keyof DecodeCalls;

export type ToDecodeWorker = { [M in DecodeMethod]: { kind: 'call'; id: number; method: M; input: DecodeCalls[M]['input'] } }[DecodeMethod];

export type FromDecodeWorker =
  | { kind: 'ready' }
  /** A codec begins its work on a call: the last one named when time runs out is the one that hangs. */
  | { kind: 'trying'; id: number; codec: CodecId }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'refusal'; id: number; problem: Problem };
