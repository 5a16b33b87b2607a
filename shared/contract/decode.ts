import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { codecIds } from '../decode/codecs.ts';
import { base } from './base.ts';

/** Bytes of a value that are read for decoding unless more is asked for. */
export const ordinaryDecodeBytes = 1024 * 1024;
/** The most that can be asked for. */
export const largestDecodeBytes = 16 * 1024 * 1024;
/** The most that is edited behind the layers of a value, or as the text of what it says. */
export const maxInnerBytes = 4 * 1024 * 1024;
/** The largest value that is edited through its layers, as it is stored. */
export const maxLayeredBytes = 1024 * 1024;

const codec = v.picklist(codecIds);
const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const decodeId = v.pipe(v.string(), v.maxLength(64));

/** A .proto text and the message of it that Protocol Buffers are read as. */
const proto = v.object({ source: v.pipe(v.string(), v.maxLength(200_000)), message: v.pipe(v.string(), v.maxLength(500)) });

const editedLayers = v.pipe(v.array(codec), v.minLength(1), v.maxLength(8));

const decodeLayer = v.object({
  codec,
  /** 0 to 1. */
  confidence: v.number(),
  /** Why, as a sentence without a full stop. */
  reason: v.string(),
  bytesIn: v.number(),
  /** `null` when the layer gives a tree and no bytes. */
  bytesOut: v.nullable(v.number()),
});

export const treeKinds = ['null', 'bool', 'int', 'float', 'text', 'bytes', 'list', 'map', 'tagged', 'call', 'ref', 'entry'] as const;

/** One line of a decoded tree. */
export const treeRow = v.object({
  /** For asking about it; an `entry` is a pair whose key is no scalar. */
  id: v.number(),
  kind: v.picklist(treeKinds),
  /** What stands before the colon: key of a map, index of a list, label of a part; `null` at the root. */
  key: v.nullable(v.object({ text: v.string(), kind: v.picklist([...treeKinds, 'index', 'label']), note: v.string() })),
  /** Scalars cut at 400 characters; tag, class or target of the others. Bytes as hexadecimal. */
  text: v.string(),
  /** Characters of a text, bytes of a byte string, entries of a container. */
  length: v.number(),
  cut: v.boolean(),
  /** Rows below it. */
  children: v.number(),
  /** What the format calls it. */
  note: v.string(),
  /** Its bytes in its layer, `end` exclusive; -1 when not known. */
  start: v.number(),
  end: v.number(),
  /** Its step of a path: `.name`, `[0]`. */
  step: v.string(),
  /** Id that a reference means; `null` when it is none or not kept. */
  target: v.nullable(v.number()),
});
export type TreeRow = v.InferOutput<typeof treeRow>;

/** Where a row stands: its parents from the root down, each with its place among its siblings. */
const treePlace = v.array(v.object({ parent: v.number(), index: v.number() }));

export const decodedValue = v.object({
  /** For the calls that read on; good until about eight other values were decoded. */
  decodeId: v.string(),
  /** Bytes of the whole value, and how many of them were read. */
  totalBytes: v.number(),
  readBytes: v.number(),
  layers: v.array(decodeLayer),
  failed: v.nullable(v.object({ codec: v.nullable(codec), reason: v.string(), atByte: v.nullable(v.number()) })),
  /** Other ways to read it, likeliest first. */
  alternatives: v.array(v.object({ codecs: v.array(codec), confidence: v.number(), reason: v.string() })),
  view: v.variant('kind', [
    /** `nodes` in all, `kept` of them can be shown. `rows` are the first levels, by their parent. */
    v.object({ kind: v.literal('tree'), root: treeRow, rows: v.array(v.object({ parent: v.number(), rows: v.array(treeRow) })), nodes: v.number(), kept: v.number() }),
    v.object({ kind: v.literal('text') }),
    v.object({ kind: v.literal('hex') }),
  ]),
  /** `whole`: all of the value was read and decoded; `window`: only its beginning was read; `cut`: a layer gives more than 32 MiB. */
  exactness: v.picklist(['whole', 'window', 'cut']),
});
export type DecodedValue = v.InferOutput<typeof decodedValue>;

const where = { workspaceId: v.string(), db: whole, name: wireBytes, type: v.string() };

/**
 * Values read through their layers: compression, serialization, encodings. A worker thread decodes within a second and
 * within 32 MiB a layer; no code of a value ever runs, and no byte of it changes.
 */
export const decodeContract = {
  /**
   * Decodes a string or one element. Without `layers` it finds out by itself what the bytes are; with it exactly these are
   * used (none = bytes as they are). A wrong guess is an answer with `failed`, not an error.
   */
  value: base
    .input(
      v.object({
        ...where,
        /** As in `values.element`; without it the value is a string. */
        element: v.optional(v.nullable(v.object({ id: wireBytes, bytes: v.optional(whole) })), null),
        layers: v.optional(v.nullable(v.pipe(v.array(codec), v.maxLength(8))), null),
        proto: v.optional(v.nullable(proto), null),
        /** Bytes of the value to read, at most 16 MiB. */
        bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(largestDecodeBytes)), ordinaryDecodeBytes),
      }),
    )
    .output(decodedValue),
  /** Rows below one row of a tree. NOT_FOUND when the decoded value is not kept any more: decode it again. */
  rows: base
    .input(v.object({ decodeId, parent: v.pipe(v.number(), v.integer()), from: whole, count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)) }))
    .output(v.object({ rows: v.array(treeRow) })),
  /** Rows whose key or text has this text in it, whatever its case, with the way to each; at most 200. */
  search: base
    .input(v.object({ decodeId, text: v.pipe(v.string(), v.minLength(1), v.maxLength(500)) }))
    .output(v.object({ hits: v.array(v.object({ id: v.number(), place: treePlace })), more: v.boolean() })),
  /** The way to one row, for following a reference. */
  place: base.input(v.object({ decodeId, id: v.pipe(v.number(), v.integer()) })).output(v.object({ place: treePlace })),
  /**
   * A row as text, for reading and copying: `json` of it and all below, or its `value` alone. `marked` counts what JSON
   * has no word for and stands under names with a `$`; `cut` when it is longer than 4 MiB or not all of it is kept.
   */
  text: base
    .input(v.object({ decodeId, id: v.pipe(v.number(), v.integer()), form: v.picklist(['json', 'value']) }))
    .output(v.object({ text: v.string(), marked: v.number(), cut: v.boolean() })),
  /** A window of the bytes before layer `stage`, or behind the last one. */
  bytes: base
    .input(v.object({ decodeId, stage: whole, from: whole, bytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(ordinaryDecodeBytes)) }))
    .output(v.object({ chunk: wireBytes, total: v.number() })),
  /** Decoded short values on one line, for cells: bytes that the page already has. `null` where they are only what they look like. */
  previews: base
    .input(v.object({ values: v.pipe(v.array(wireBytes), v.maxLength(100)), layers: v.optional(v.nullable(v.pipe(v.array(codec), v.maxLength(8))), null), proto: v.optional(v.nullable(proto), null) }))
    .output(v.array(v.nullable(v.object({ layers: v.array(codec), text: v.string() })))),
  /**
   * What of a value's bytes can be edited through their layers: the bytes behind compression and encodings, or, of
   * MessagePack and CBOR, the JSON text of what they say. Offered only where writing the present value again gives a value
   * that reads the same. `same`: it even gives the very bytes. At most 1 MiB before and 4 MiB behind the layers.
   */
  unpack: base
    .input(v.object({ bytes: wireBytes, layers: editedLayers }))
    .output(
      v.variant('editable', [
        v.object({ editable: v.literal(true), inner: wireBytes, form: v.picklist(['bytes', 'json']), same: v.boolean(), note: v.string() }),
        v.object({ editable: v.literal(false), reason: v.string() }),
      ]),
    ),
  /**
   * The bytes of such a value with `inner` in it. Nothing of the serialized form changes but what was changed in the text.
   * PARSE_FAILED when the text is no JSON or says what the format cannot hold; UNSUPPORTED when the value cannot be written,
   * or would not read as it was typed; LIMIT_EXCEEDED above the limits.
   */
  repack: base.input(v.object({ bytes: wireBytes, layers: editedLayers, inner: wireBytes })).output(v.object({ bytes: wireBytes, note: v.string() })),
  /** Names of the messages of a .proto text. PARSE_FAILED with the line. */
  protoMessages: base.input(v.object({ source: proto.entries.source })).output(v.object({ messages: v.array(v.string()) })),
};
