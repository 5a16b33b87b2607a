import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { cut, where, type Cut } from './value-base.ts';
import { specialContract } from './values-special.ts';

export { cut, type Cut };

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500));

/**
 * Part of the value that lies behind the page's cursor, 0 to 1, found from the cursor itself: what a search has looked
 * at. An estimate in elements (hash tables fill evenly), exact at its end.
 */
const looked = v.number();

export const keyFacts = v.object({
  name: wireBytes,
  /** `none` when the key does not exist. Module types come under the server's name for them. */
  type: v.string(),
  encoding: v.nullable(v.string()),
  /** ms left when read; `null` = no expiry. */
  ttlMs: v.nullable(v.number()),
  /** Unix ms of this reading, for a countdown. */
  readAt: v.number(),
  /** Bytes of a string, elements of anything else; `null` where the type has no cheap length. */
  length: v.nullable(v.number()),
  /** MEMORY USAGE with its default SAMPLES: an estimate for aggregates, `null` when it may not be asked. */
  memoryBytes: v.nullable(v.number()),
  memoryExactness: v.picklist(['exact', 'estimated']),
  /** OBJECT IDLETIME; `null` under an LFU policy. */
  idleSeconds: v.nullable(v.number()),
  /** OBJECT FREQ, logarithmic 0 to 255; `null` unless the policy is LFU. */
  frequency: v.nullable(v.number()),
  /** Node that holds it, in a cluster. */
  node: v.nullable(v.string()),
  slot: v.nullable(v.number()),
});
export type KeyFacts = v.InferOutput<typeof keyFacts>;

/**
 * A page of a value. `cursor` is opaque: pass back what came, `null` begins. Hash and set pages come from HSCAN and
 * SSCAN, so an element can come twice while the value changes, and a page may be larger or smaller than asked: with a
 * rare `match` even empty while `next` goes on, and up to 5,000 elements of a small value that Redis gives only whole.
 * Elements are cut at 16 KiB (fields of hashes at 64 KiB), and shorter once a page carries 4 MiB.
 */
export const valuePage = v.variant('type', [
  v.object({ type: v.literal('string'), from: v.number(), total: v.number(), chunk: wireBytes }),
  v.object({
    type: v.literal('hash'),
    total: v.number(),
    /** `ttlMs` of a field, where the server has field TTLs (HPTTL); `null` = none. */
    items: v.array(v.object({ field: cut, value: cut, ttlMs: v.nullable(v.number()) })),
    next: v.nullable(v.string()),
    looked,
  }),
  v.object({
    type: v.literal('list'),
    total: v.number(),
    items: v.array(v.object({ index: v.number(), value: cut })),
    next: v.nullable(v.string()),
  }),
  v.object({ type: v.literal('set'), total: v.number(), items: v.array(cut), next: v.nullable(v.string()), looked }),
  v.object({
    type: v.literal('zset'),
    total: v.number(),
    /** `score` as the server prints it, so that no digit is lost. `rank` from the lowest score, or the highest when reversed. */
    items: v.array(v.object({ rank: v.number(), member: cut, score: v.string() })),
    next: v.nullable(v.string()),
    looked,
  }),
  v.object({
    type: v.literal('stream'),
    total: v.number(),
    items: v.array(v.object({ id: v.string(), fields: v.array(v.object({ field: cut, value: cut })) })),
    next: v.nullable(v.string()),
  }),
  /** A type that this version does not open: its size by DUMP is not read, only MEMORY USAGE in the facts. */
  v.object({ type: v.literal('other'), serverType: v.string() }),
]);
export type ValuePage = v.InferOutput<typeof valuePage>;

export const streamGroup = v.object({
  name: wireBytes,
  consumers: v.number(),
  pending: v.number(),
  lastDeliveredId: v.string(),
  /** Entries still to be delivered; `null` where the server cannot tell (before Redis 7, or after XDEL). */
  lag: v.nullable(v.number()),
});

export const streamConsumer = v.object({
  name: wireBytes,
  pending: v.number(),
  /** ms since the last attempt to interact. */
  idleMs: v.number(),
  /** ms since the last successful interaction; `null` before Redis 7.2. */
  inactiveMs: v.nullable(v.number()),
});

export const pendingEntry = v.object({ id: v.string(), consumer: wireBytes, idleMs: v.number(), deliveries: v.number() });

export const valuesContract = {
  /** Type, encoding, expiry, size, memory, idle or frequency. A missing key is `type: 'none'`, not an error. */
  inspect: base.input(v.object(where)).output(keyFacts),
  /** One page by the type's own cursor; KEY_GONE or REDIS_WRONG_TYPE when the key changed under the reader. */
  page: base
    .input(
      v.object({
        ...where,
        /** The type that the caller believes it to be; a page of another type is not mixed in silently. */
        type: v.string(),
        cursor: v.optional(v.nullable(v.string()), null),
        count,
        /** Glob on field or member, for hash, set and zset; empty means all. */
        match: v.optional(v.string(), ''),
        /** Newest or highest first, for stream and zset. */
        reverse: v.optional(v.boolean(), false),
        /** For strings: first byte of the window. For lists and sorted sets: index or rank to begin at when no cursor is given. */
        from: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
        /** For strings: bytes in the window, at most 256 KiB. */
        bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(262_144)), 65_536),
        /** For streams without a cursor: id to begin at (`<ms>` or `<ms>-<sequence>`), itself included unless `(` stands before it. */
        start: v.optional(v.pipe(v.string(), v.regex(/^(\(?\d{1,20}(-\d{1,20})?)?$/)), ''),
      }),
    )
    .output(valuePage),
  /**
   * One whole element that a page cut, up to 1 MiB (LIMIT_EXCEEDED above). `id` is the index of a list element as decimal
   * text, the field of a hash, the member of a set or sorted set, `<entry id>/<field index>` of a stream (index from 0).
   * A member that was cut is asked for by what came of it, with `bytes` from its cut.
   */
  element: base
    .input(v.object({ ...where, type: v.string(), id: wireBytes, bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))) }))
    .output(cut),
  streamGroups: base.input(v.object(where)).output(v.array(streamGroup)),
  streamConsumers: base.input(v.object({ ...where, group: wireBytes })).output(v.array(streamConsumer)),
  streamPending: base
    .input(
      v.object({
        ...where,
        group: wireBytes,
        cursor: v.optional(v.nullable(v.string()), null),
        count,
        /** Only of this consumer. */
        consumer: v.optional(v.nullable(wireBytes), null),
        /** Only what has been idle at least this long, ms. */
        minIdleMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)), 0),
      }),
    )
    .output(v.object({ items: v.array(pendingEntry), next: v.nullable(v.string()) })),
  ...specialContract,
};
