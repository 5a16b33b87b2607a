import * as v from 'valibot';
import { exactness } from './exactness.ts';
import { keyFactFields } from './key-filter.ts';

export const keyFactField = v.picklist(keyFactFields);

/** What a pass has read about one key; `null` where it was not asked for, or the server did not tell. */
export const keyFacts = v.object({
  /** Redis types; modules' types under the server's names for them. */
  type: v.nullable(v.string()),
  /** Unix ms by the server's clock; it may have passed since. `'none'` = no expiry. */
  expiresAt: v.nullable(v.union([v.number(), v.literal('none')])),
  /** MEMORY USAGE with its default SAMPLES. */
  bytes: v.nullable(v.number()),
  /** Bytes of a string, elements of anything else. */
  elements: v.nullable(v.number()),
  /** OBJECT IDLETIME at `at`. */
  idleSeconds: v.nullable(v.number()),
  /** OBJECT FREQ, 0 to 255. */
  frequency: v.nullable(v.number()),
  encoding: v.nullable(v.string()),
  /** Unix ms when the pass that read them began. */
  at: v.number(),
});
export type StoredFacts = v.InferOutput<typeof keyFacts>;

/**
 * Bytes of many keys: the sum of what was read, extrapolated to those not read yet. `low` and `high` bound the estimate
 * with 95 % confidence (normal approximation of the mean over the keys read, with finite population correction).
 */
export const bytesEstimate = v.object({
  /** Keys whose bytes are known, and their sum. */
  known: v.number(),
  seen: v.number(),
  value: v.number(),
  low: v.number(),
  /** `null` = too few keys are known to say. */
  high: v.nullable(v.number()),
  /** `exact`: read for every key of a whole pass (MEMORY USAGE itself samples the elements of big collections). */
  exactness,
});
export type BytesEstimate = v.InferOutput<typeof bytesEstimate>;

export const ttlSplit = v.object({ with: v.number(), without: v.number(), unknown: v.number() });
export const typeCount = v.object({ type: v.string(), keys: v.number() });

/**
 * Facts of many keys together; `null` = not read. `types`: most keys first, modules' types together as `other`; what it
 * leaves of the keys is of unknown type.
 */
export const groupFacts = v.object({
  ttl: v.nullable(ttlSplit),
  bytes: v.nullable(bytesEstimate),
  types: v.nullable(v.array(typeCount)),
});
export type GroupFacts = v.InferOutput<typeof groupFacts>;

/** How facts are being read, and how far that is. */
export const factsState = v.object({
  fields: v.array(keyFactField),
  /** Keys of the index whose facts are of the present pass. */
  known: v.number(),
  /** Part of the keys walked by the pass that reads them, 0 to 1. */
  coverage: v.number(),
  /** Unix ms; `completedAt` is `null` while the pass goes on. */
  startedAt: v.number(),
  completedAt: v.nullable(v.number()),
  /** What `recency` holds under the server's eviction policy; `null` when it is not asked for or not known yet. */
  recency: v.nullable(v.picklist(['idle', 'frequency'])),
  /** Reading element counts resets idle times on this server (no CLIENT NO-TOUCH). */
  disturbsIdle: v.boolean(),
  /** The server's clock less this machine's, ms: add it to now before comparing with `expiresAt`. */
  clockSkewMs: v.number(),
  /** `script`: one read-only script a page. `pipeline`: single reads, `reason` says why. `null` = not known yet. */
  ways: v.array(v.object({ node: v.string(), way: v.nullable(v.picklist(['script', 'pipeline'])), reason: v.string() })),
});
export type FactsState = v.InferOutput<typeof factsState>;

export const viewSort = v.object({
  by: v.picklist(['name', 'ttl', 'bytes', 'elements', 'idle', 'frequency', 'type']),
  descending: v.boolean(),
});
export type ViewSort = v.InferOutput<typeof viewSort>;
