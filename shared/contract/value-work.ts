import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { cut, place, where } from './value-base.ts';
import { keyFacts } from './values.ts';

const rows = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000));
const textId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
/** `<ms>-<sequence>`, `0` or `$`. */
const streamId = v.pipe(v.string(), v.regex(/^(\$|\d{1,20}(-\d{1,20})?)$/));
const ids = v.pipe(v.array(v.pipe(v.string(), v.regex(/^\d{1,20}-\d{1,20}$/))), v.minLength(1), v.maxLength(500));
const idle = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

/** How far a walk over a string has come. `changed`: its length changed meanwhile, so that a result may be mixed. */
const walk = {
  done: v.boolean(),
  /** Bytes walked and bytes in all. */
  scanned: v.number(),
  total: v.number(),
  /** Bytes a second. */
  rate: v.number(),
  changed: v.boolean(),
};

export const searchSnapshot = v.object({
  ...walk,
  searchId: v.string(),
  /** Matches found, overlapping ones included. */
  matches: v.number(),
  /** Of these many the places are kept, the first ones. */
  kept: v.number(),
});
export type SearchSnapshot = v.InferOutput<typeof searchSnapshot>;

export const bitSnapshot = v.object({
  ...walk,
  /** Bits set in what was walked; exact when done. */
  ones: v.number(),
  /** Share of bits set, 0 to 1, in each of at most 256 equal stretches of the value; `null` = not walked yet. */
  stretches: v.array(v.nullable(v.number())),
  /** Bytes of one stretch. */
  stretchBytes: v.number(),
});
export type BitSnapshot = v.InferOutput<typeof bitSnapshot>;

/** What a stream's XTRIM is to keep. */
export const trimTo = v.variant('by', [
  v.object({ by: v.literal('length'), keep: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)) }),
  v.object({ by: v.literal('id'), from: v.pipe(v.string(), v.regex(/^\d{1,20}(-\d{1,20})?$/)) }),
]);

export const streamAction = v.variant('do', [
  v.object({ do: v.literal('ack'), group: wireBytes, ids }),
  v.object({ do: v.literal('claim'), group: wireBytes, consumer: wireBytes, minIdleMs: idle, ids }),
  v.object({ do: v.literal('autoclaim'), group: wireBytes, consumer: wireBytes, minIdleMs: idle }),
  v.object({ do: v.literal('groupCreate'), group: wireBytes, id: streamId }),
  v.object({ do: v.literal('groupSetId'), group: wireBytes, id: streamId }),
  v.object({ do: v.literal('groupDestroy'), group: wireBytes }),
  v.object({ do: v.literal('consumerDelete'), group: wireBytes, consumer: wireBytes }),
  v.object({ do: v.literal('trim'), to: trimTo }),
]);
export type StreamAction = v.InferOutput<typeof streamAction>;

export const compareSides = ['same', 'left', 'right', 'different'] as const;

export const compareRow = v.object({
  side: v.picklist(compareSides),
  /** Element, field, member, index, entry id, offset: what the two sides are compared by. */
  id: cut,
  left: v.nullable(cut),
  right: v.nullable(cut),
});
export type CompareRow = v.InferOutput<typeof compareRow>;

export const compareSnapshot = v.object({
  compareId: v.string(),
  done: v.boolean(),
  left: keyFacts,
  right: keyFacts,
  /** How the values are compared: `none` when their types differ or one is missing. */
  by: v.picklist(['none', 'bytes', 'elements', 'positions', 'ids']),
  /** Elements or bytes looked at and in all, both sides together. */
  looked: v.number(),
  total: v.number(),
  counts: v.object({ same: v.number(), left: v.number(), right: v.number(), different: v.number() }),
  /** `exact` once all of both was looked at and nothing changed meanwhile; `atLeast` where it stopped early; `estimated` from a sample. */
  exactness: v.picklist(['exact', 'atLeast', 'estimated']),
  /** Rows kept for `compareRows`: differences only. */
  rows: v.number(),
  note: v.string(),
});
export type CompareSnapshot = v.InferOutput<typeof compareSnapshot>;

/**
 * Work on one value that takes a while, and what changes streams. Streams of snapshots end when their work is done;
 * leaving them cancels it. Results stay until eight newer ones of their kind, so that rows can be pulled.
 */
export const valueWorkContract = {
  /**
   * Finds bytes in a string of any size, window by window with overlap, in at most half of the server's time.
   * `ignoreCase` folds ASCII letters only.
   */
  search: base
    .input(v.object({ ...where, needle: wireBytes, ignoreCase: v.optional(v.boolean(), false), from: v.optional(place, 0) }))
    .output(eventIterator(searchSnapshot)),
  /** Offsets of matches in bytes, ascending, by their number from 0. */
  searchMatches: base.input(v.object({ searchId: textId, from: place, count: rows })).output(v.object({ offsets: v.array(v.number()) })),
  /** Counts the bits set in a string (BITCOUNT by windows of 256 KiB). */
  bitCount: base.input(v.object(where)).output(eventIterator(bitSnapshot)),
  /** Writes bytes `from` to `to` (exclusive, `null` = the end) of a string to a new file in the exports folder, as a job. */
  saveBytes: base.input(v.object({ ...where, from: place, to: v.nullable(place) })).output(v.object({ jobId: v.string() })),
  /** Writes all elements of a collection or stream to a new file in the exports folder, by cursor, as a job. */
  exportElements: base
    .input(v.object({ ...where, type: v.picklist(['hash', 'list', 'set', 'zset', 'stream']), format: v.picklist(['csv', 'jsonl']) }))
    .output(v.object({ jobId: v.string() })),
  /** Compares two keys, also of two connections. */
  compare: base.input(v.object({ left: v.object(where), right: v.object(where) })).output(eventIterator(compareSnapshot)),
  /** Differences of one comparison, by their number from 0. */
  compareRows: base.input(v.object({ compareId: textId, from: place, count: rows })).output(v.object({ items: v.array(compareRow) })),
  /**
   * How many entries XTRIM would remove. By length it is exact; by id entries are counted up to 10,000, `atLeast` beyond.
   */
  trimPreview: base
    .input(v.object({ ...where, to: trimTo }))
    .output(v.object({ total: v.number(), removed: v.number(), exactness: v.picklist(['exact', 'atLeast']) })),
  /**
   * One change of a stream or its groups; refused on a read-only connection, written to the audit journal before and
   * after. `affected` counts what the server says was changed; `left` is where an XAUTOCLAIM has to go on (`null` =
   * all pending entries were looked at). A group that exists already is CONFLICT.
   */
  streamAct: base
    .input(v.object({ ...where, action: streamAction }))
    .output(v.object({ affected: v.number(), unit: v.string(), left: v.nullable(v.string()) })),
};
