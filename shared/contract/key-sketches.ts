import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { exactness } from './exactness.ts';
import { keyFilter } from './key-filter.ts';

/** A compact picture of a keyspace at one moment, kept in the data folder. */
export const sketchInfo = v.object({
  sketchId: v.string(),
  workspaceId: v.string(),
  /** As it was then. */
  workspaceName: v.string(),
  db: v.number(),
  /** Unix ms. */
  at: v.number(),
  templates: v.boolean(),
  /** The part of the database that it is of; `null` = all of it. */
  part: v.nullable(keyFilter),
  keys: v.number(),
  /** Estimated from what was read; `null` = bytes were not read. */
  bytes: v.nullable(v.number()),
  namespaces: v.number(),
  exactness,
  /** Of the file. */
  fileBytes: v.number(),
});
export type SketchInfo = v.InferOutput<typeof sketchInfo>;

export const sketchFigures = v.object({
  keys: v.number(),
  bytes: v.nullable(v.number()),
  withoutTtl: v.nullable(v.number()),
  /** Time left in ms that a quarter, half and nine tenths of the keys with an expiry had at most. */
  ttlQuantiles: v.nullable(v.object({ q25: v.number(), q50: v.number(), q90: v.number() })),
});

export const sketchChange = v.object({
  kind: v.picklist(['grew', 'shrank', 'new', 'vanished', 'same']),
  /** Prefix or template; empty for the rest that had no room in either sketch. */
  name: wireBytes,
  rest: v.boolean(),
  a: v.nullable(sketchFigures),
  b: v.nullable(sketchFigures),
  /** `b` less `a`. */
  keys: v.number(),
  bytes: v.nullable(v.number()),
});
export type SketchChange = v.InferOutput<typeof sketchChange>;

export const keySketchesContract = {
  /**
   * Keeps counts, bytes and TTL quantiles per namespace (prefixes three levels deep, or templates), the 5,000 biggest, the
   * rest summed. With a view only of the keys that pass its filter; below a folder the levels are those below it.
   */
  saveSketch: base
    .input(v.object({ indexId: v.string(), viewId: v.optional(v.nullable(v.string()), null), templates: v.optional(v.boolean(), false) }))
    .output(sketchInfo),
  /** Newest first. */
  sketches: base.output(v.array(sketchInfo)),
  /** What differs from `a` to `b`, the biggest change first; CONFLICT when one is by template and the other by prefix, or when they are of different parts of a database. */
  compareSketches: base
    .input(
      v.object({
        a: v.string(),
        b: v.string(),
        by: v.optional(v.picklist(['keys', 'bytes']), 'keys'),
        from: v.pipe(v.number(), v.integer(), v.minValue(0)),
        count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
      }),
    )
    .output(
      v.object({
        a: sketchInfo,
        b: sketchInfo,
        whole: sketchChange,
        rows: v.array(sketchChange),
        from: v.number(),
        total: v.number(),
        /** Namespaces of each kind. */
        counts: v.object({ grew: v.number(), shrank: v.number(), new: v.number(), vanished: v.number(), same: v.number() }),
      }),
    ),
  removeSketch: base.input(v.object({ sketchId: v.string() })).output(v.object({})),
};
