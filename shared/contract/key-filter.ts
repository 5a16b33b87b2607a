import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';

const amount = v.pipe(v.number(), v.minValue(0));
/** Both ends included; a missing end is open. */
const range = v.object({ min: v.optional(amount), max: v.optional(amount) });
const names = v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(64))), v.minLength(1), v.maxLength(64));

/** What is asked of a key's name and, where parts of it are given, of its facts. All parts must hold. */
export const keyFilter = v.object({
  /** Empty means every name. */
  pattern: wireBytes,
  /** `glob` as Redis matches (`* ? [a-z] [^a] \`); `literal` finds the bytes anywhere in the name; `prefix` at its start; `regex` RE2's syntax, anywhere. */
  mode: v.picklist(['glob', 'literal', 'prefix', 'regex']),
  /** Redis types, modules' types under the server's names for them. */
  types: v.optional(names),
  /** ms left. `none` = no expiry. A key without expiry is in no range. */
  ttlMs: v.optional(v.union([v.literal('none'), range])),
  /** MEMORY USAGE with its default SAMPLES. */
  bytes: v.optional(range),
  /** Bytes of a string, elements of anything else. */
  elements: v.optional(range),
  /** OBJECT IDLETIME. */
  idleSeconds: v.optional(range),
  /** OBJECT FREQ, 0 to 255. */
  frequency: v.optional(range),
  /** OBJECT ENCODING. */
  encodings: v.optional(names),
});
export type KeyFilter = v.InferOutput<typeof keyFilter>;

/** Facts about keys that a scan can read beside their names. `recency` is idle time, or frequency under an LFU policy. */
export const keyFactFields = ['type', 'ttl', 'bytes', 'elements', 'recency', 'encoding'] as const;
export type KeyFactField = (typeof keyFactFields)[number];
