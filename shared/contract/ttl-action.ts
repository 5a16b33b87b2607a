import * as v from 'valibot';

/** Longest time from now that may be given, ms: 100 years. */
const longestMs = 100 * 366 * 86_400_000;
/** Shorter ones would delete the key before anyone could undo it. */
export const leastTtlMs = 1000;

const jitterMs = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(longestMs)), 0);

/**
 * When a change is made, as the server's own options of EXPIRE: `NX` only without expiry, `XX` only with one, `GT` only when
 * the new one is later (no expiry counts as never, so it is left), `LT` only when it is earlier (or there is none).
 */
export const ttlCondition = v.picklist(['NX', 'XX', 'GT', 'LT']);
export type TtlCondition = v.InferOutput<typeof ttlCondition>;

/**
 * What is done to the expiry of each key or field. With `jitterMs` each gets an own delay between 0 and that, ends included,
 * drawn from the plan's seed and its name: the same in preview, run and resume.
 */
export const ttlAction = v.variant('kind', [
  v.object({
    kind: v.literal('expire'),
    /** From the moment when the server makes the change. */
    ttlMs: v.pipe(v.number(), v.integer(), v.minValue(leastTtlMs), v.maxValue(longestMs)),
    jitterMs,
    condition: v.optional(ttlCondition),
  }),
  v.object({
    kind: v.literal('expireAt'),
    /** Unix ms by the server's clock; INVALID_INPUT when it is past or less than a second away. */
    at: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(253_402_300_799_999)),
    jitterMs,
    condition: v.optional(ttlCondition),
  }),
  v.object({ kind: v.literal('persist') }),
]);
export type TtlAction = v.InferOutput<typeof ttlAction>;

/** Time left, by its upper end; `none` = no expiry. */
export const ttlBuckets = ['none', 'minute', 'hour', 'day', 'week', 'more'] as const;
export type TtlBucket = (typeof ttlBuckets)[number];
