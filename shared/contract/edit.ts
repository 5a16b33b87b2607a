import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { cut } from './values.ts';

const dbNumber = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2_147_483_647));
const where = { workspaceId: v.string(), db: dbNumber, name: wireBytes };
const amount = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
/** As the server prints and reads it: a decimal number, `inf`, `-inf`. */
const score = v.pipe(v.string(), v.regex(/^[+-]?(?:inf(?:inity)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i, 'Expected a number, inf or -inf'), v.maxLength(64));
const entryId = v.pipe(v.string(), v.regex(/^(?:\*|\d{1,20}(?:-(?:\d{1,20}|\*))?)$/, 'Expected * or an id such as 1700000000000-0'));
const pairs = v.pipe(v.array(v.object({ field: wireBytes, value: wireBytes })), v.minLength(1), v.maxLength(1000));
const several = v.pipe(v.array(wireBytes), v.minLength(1), v.maxLength(1000));

/** When a key or a field is to expire. `in` counts from the server's own clock, ms; `at` is Unix ms. */
export const expiryChoice = v.variant('kind', [
  v.object({ kind: v.literal('none') }),
  v.object({ kind: v.literal('in'), ms: v.pipe(amount, v.minValue(1)) }),
  v.object({ kind: v.literal('at'), at: v.pipe(amount, v.minValue(1)) }),
]);
export type ExpiryChoice = v.InferOutput<typeof expiryChoice>;

/** What was read before the edit: the whole bytes, or their SHA-1 (hexadecimal) and length. */
const expectedString = v.union([
  v.object({ bytes: wireBytes }),
  v.object({ sha1: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)), length: amount }),
]);

const newValue = v.variant('type', [
  v.object({ type: v.literal('string'), value: wireBytes }),
  v.object({ type: v.literal('hash'), fields: pairs }),
  v.object({ type: v.literal('list'), elements: several }),
  v.object({ type: v.literal('set'), members: several }),
  v.object({ type: v.literal('zset'), members: v.pipe(v.array(v.object({ member: wireBytes, score })), v.minLength(1), v.maxLength(1000)) }),
  v.object({ type: v.literal('stream'), id: entryId, fields: pairs }),
]);
export type NewValue = v.InferOutput<typeof newValue>;

/** Whether an edit can be taken back, and why not. */
const undoFacts = v.object({ possible: v.boolean(), reason: v.string() });

/** What stands in the place of what was read: bounded, for showing the difference. */
const presentState = v.object({
  /** `none` when the key is gone. */
  type: v.string(),
  /** The string, field, element or member as it is now; `null` when it is not there. */
  value: v.nullable(cut),
  /** Of a sorted set's member. */
  score: v.nullable(v.string()),
  /** Bytes of a string, elements of anything else. */
  length: v.nullable(v.number()),
  /** ms left; `null` = no expiry. */
  ttlMs: v.nullable(v.number()),
});
export type PresentState = v.InferOutput<typeof presentState>;

/**
 * What came of an edit. `applied` carries the id to undo it by; `confirmed` is set when the answer was lost and reading again
 * showed that the edit took place. `unchanged`: it was already so. `conflict`: nothing was written, since `present` stands where
 * something else was read. `notApplied`: the answer was lost, and reading again showed that nothing was written.
 */
export const editResult = v.variant('outcome', [
  v.object({ outcome: v.literal('applied'), editId: v.string(), confirmed: v.boolean(), undo: undoFacts, note: v.string() }),
  v.object({ outcome: v.literal('unchanged') }),
  v.object({ outcome: v.literal('conflict'), reason: v.string(), present: presentState }),
  v.object({ outcome: v.literal('notApplied'), reason: v.string() }),
]);
export type EditResult = v.InferOutput<typeof editResult>;

export const editOperations = [
  'setString', 'setRange', 'hashField', 'listElement', 'setMember', 'zsetMember', 'streamEntry', 'expiry', 'rename', 'copy', 'remove', 'create', 'undo',
] as const;
export type EditOperation = (typeof editOperations)[number];

export const recentEdit = v.object({
  editId: v.string(),
  /** Unix ms. */
  at: v.number(),
  db: v.number(),
  name: wireBytes,
  operation: v.picklist(editOperations),
  /** What changed, short. */
  summary: v.string(),
  state: v.picklist(['planned', 'applied', 'failed', 'undone', 'unknown']),
  undo: undoFacts,
});
export type RecentEdit = v.InferOutput<typeof recentEdit>;

/**
 * Edits of one key. Each is checked and written by the server in one step: only if what was read is still there. Nothing is
 * ever written blindly, and nothing is sent twice. All go through the read-only gate (READ_ONLY), are noted in the edit journal
 * before they are sent (STORE_*), and keep the expiry unless told otherwise. KEY_GONE and REDIS_WRONG_TYPE when the key is not
 * what it was; UNSUPPORTED where the user may neither run scripts nor transactions; LIMIT_EXCEEDED above the limits named.
 */
export const editContract = {
  /** A whole string of at most 1 MiB, before and after. `expiry` replaces the expiry; without it the expiry is kept to the ms. */
  setString: base.input(v.object({ ...where, expect: expectedString, value: wireBytes, expiry: v.optional(expiryChoice) })).output(editResult),
  /**
   * A window of a string: the same number of bytes at `offset`, or, with an empty `expect` at the end, bytes to append.
   * `length` is the whole length as read. At most 1 MiB.
   */
  setRange: base.input(v.object({ ...where, length: amount, offset: amount, expect: wireBytes, value: wireBytes })).output(editResult),
  /** One field of a hash. Its own TTL is kept where the server has field TTLs. */
  hashField: base
    .input(
      v.object({
        ...where,
        change: v.variant('kind', [
          v.object({ kind: v.literal('add'), field: wireBytes, value: wireBytes }),
          v.object({ kind: v.literal('set'), field: wireBytes, expect: wireBytes, value: wireBytes }),
          v.object({ kind: v.literal('remove'), field: wireBytes, expect: wireBytes }),
          v.object({ kind: v.literal('rename'), field: wireBytes, expect: wireBytes, to: wireBytes }),
        ]),
      }),
    )
    .output(editResult),
  /** One element of a list, by its index and what stood there. `insert` puts the new one before or after it. */
  listElement: base
    .input(
      v.object({
        ...where,
        change: v.variant('kind', [
          v.object({ kind: v.literal('set'), index: amount, expect: wireBytes, value: wireBytes }),
          v.object({ kind: v.literal('insert'), index: amount, expect: wireBytes, place: v.picklist(['before', 'after']), value: wireBytes }),
          v.object({ kind: v.literal('push'), end: v.picklist(['head', 'tail']), value: wireBytes }),
          v.object({ kind: v.literal('remove'), index: amount, expect: wireBytes }),
        ]),
      }),
    )
    .output(editResult),
  setMember: base
    .input(
      v.object({
        ...where,
        change: v.variant('kind', [
          v.object({ kind: v.literal('add'), member: wireBytes }),
          v.object({ kind: v.literal('remove'), member: wireBytes }),
          v.object({ kind: v.literal('replace'), member: wireBytes, to: wireBytes }),
        ]),
      }),
    )
    .output(editResult),
  /** `expect` is the score as it was read. */
  zsetMember: base
    .input(
      v.object({
        ...where,
        change: v.variant('kind', [
          v.object({ kind: v.literal('add'), member: wireBytes, score }),
          v.object({ kind: v.literal('score'), member: wireBytes, expect: score, score }),
          v.object({ kind: v.literal('remove'), member: wireBytes, expect: score }),
          v.object({ kind: v.literal('rename'), member: wireBytes, expect: score, to: wireBytes }),
        ]),
      }),
    )
    .output(editResult),
  /** Adds an entry (`*`: the server makes the id) or removes one. Removing can be undone for streams of at most 4 MiB. */
  streamEntry: base
    .input(
      v.object({
        ...where,
        change: v.variant('kind', [
          v.object({ kind: v.literal('add'), id: entryId, fields: pairs }),
          v.object({ kind: v.literal('remove'), id: entryId }),
        ]),
      }),
    )
    .output(editResult),
  /** Sets or removes the key's expiry. `expect` is what was read: ms left (`null` = none) at `readAt`, Unix ms of this machine. */
  expiry: base
    .input(v.object({ ...where, expect: v.object({ ttlMs: v.nullable(amount), readAt: v.number() }), to: expiryChoice }))
    .output(editResult),
  /** Never over an existing key unless `overwrite`; what was there is kept for undo up to 64 MiB. */
  rename: base.input(v.object({ ...where, to: wireBytes, overwrite: v.optional(v.boolean(), false) })).output(editResult),
  /** The same, keeping the original; also into another database. */
  copy: base.input(v.object({ ...where, to: wireBytes, toDb: dbNumber, overwrite: v.optional(v.boolean(), false) })).output(editResult),
  /**
   * Deletes the key (UNLINK), only while type and length are as read. Up to 64 MiB are kept for undo; above that it is
   * LIMIT_EXCEEDED unless `withoutUndo`.
   */
  remove: base
    .input(v.object({ ...where, expect: v.object({ type: v.string(), length: v.nullable(amount) }), withoutUndo: v.optional(v.boolean(), false) }))
    .output(editResult),
  /** A new key; a conflict when one of this name exists. */
  create: base.input(v.object({ ...where, value: newValue, expiry: v.optional(expiryChoice) })).output(editResult),
  /** Takes an edit back, only if the key is still as the edit left it. The result's own id redoes it. */
  undo: base.input(v.object({ workspaceId: v.string(), editId: v.pipe(v.string(), v.uuid()) })).output(editResult),
  /** The latest edits of a workspace, newest first. */
  recent: base
    .input(v.object({ workspaceId: v.string(), limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)), 50) }))
    .output(v.array(recentEdit)),
};
