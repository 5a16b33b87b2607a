import { utf8OrNull } from '../../../../shared/bytes.ts';
import type { CodecId } from '../../../../shared/decode/codecs.ts';
import type { DecodedTree } from '../../../../shared/decode/tree.ts';
import type { ProtoSchema } from './formats/proto-schema.ts';

/** Decompressed bytes of one layer: a bomb is cut here, and that is said. */
export const maxOutputBytes = 32 * 1024 * 1024;

/** What is cheap to know of the bytes of a layer, found once. */
export interface LayerFacts {
  /** `null` when they are not UTF-8. */
  readonly text: string | null;
  /** Text without control characters: no binary format is guessed in it. */
  readonly readable: boolean;
}

export interface DecodeContext {
  /** The bytes are the beginning of a longer value. */
  readonly partial: boolean;
  /** Asked for by name: doubts about what it is do not count. */
  readonly forced: boolean;
  /** Message that protobuf is read as. */
  readonly schema: ProtoSchema | null;
}

export interface LayerResult {
  /** 0 to 1: how sure it is that these bytes are this format. */
  confidence: number;
  /** Why, as a sentence without a full stop. */
  reason: string;
  /** A transform gives bytes, a structure a tree. */
  out?: Uint8Array;
  tree?: DecodedTree;
  /** The output ends early: at the limit, or because the input was only a beginning. */
  cut?: boolean;
}

export interface Codec {
  readonly id: CodecId;
  /**
   * `sure` has a magic number of at least two bytes: when decoding then fails, that is said. `weak` would accept many
   * bytes, so it counts only when what comes out is itself recognised. `open` is judged by its confidence.
   */
  readonly proof: 'sure' | 'weak' | 'open';
  /** Cheap test by the first bytes; `false` means that it cannot be this. */
  mayBe(bytes: Uint8Array, facts: LayerFacts): boolean;
  /** Decodes all bytes. Throws DecodeFault. */
  decode(bytes: Uint8Array, context: DecodeContext): LayerResult | Promise<LayerResult>;
}

/** Text that reads as text: valid UTF-8 with no control characters but line breaks and tabs. */
export function factsOf(bytes: Uint8Array): LayerFacts {
  const text = utf8OrNull(bytes);
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  const readable = text !== null && !/[\u0000-\u0008\u000b\u000e-\u001f\u007f]/.test(text);
  return { text, readable };
}

export function startsWith(bytes: Uint8Array, ...magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}
