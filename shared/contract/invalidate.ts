import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { bulkSelection, planStates, runPace, runSnapshot } from './bulk.ts';
import { exactness } from './exactness.ts';
import { keyFilter } from './key-filter.ts';
import { leastTtlMs, ttlBuckets } from './ttl-action.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const longestMs = 100 * 366 * 86_400_000;
const wholeMs = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(longestMs));

/** What is done to each key. */
export const invalidateAction = v.variant('kind', [
  /** UNLINK; DEL, big collections in slices before it, where the server has none. */
  v.object({ kind: v.literal('unlink') }),
  /**
   * Shortens the time left to `ttlMs` plus a delay of its own between 0 and `jitterMs`, so that misses are spread. Never lengthens (LT); a
   * key without expiry gets one. Its undo gives expiries back; what has expired by then is gone.
   */
  v.object({ kind: v.literal('soft'), ttlMs: wholeMs(leastTtlMs), jitterMs: v.optional(wholeMs(0), 0) }),
  v.object({ kind: v.literal('persist') }),
  /**
   * Renames to `prefix` + name (`prefix{name}` in a cluster, so that the slot stays) with `ttlMs` left, or less where the key had less. Never
   * over an existing key (`occupied`). Its undo renames back.
   */
  v.object({ kind: v.literal('graveyard'), prefix: v.pipe(wireBytes, v.check((prefix) => typeof prefix !== 'string' || prefix !== '', 'The prefix may not be empty')), ttlMs: wholeMs(leastTtlMs) }),
]);
export type InvalidateAction = v.InferOutput<typeof invalidateAction>;

/** What a person must know before saying yes. Each is told with its numbers in `fact`. */
export const planWarnings = [
  /** Nothing is left of the database, or of everything below a prefix that ends with a delimiter. */
  'whole-database',
  'whole-namespace',
  /** The server is a replica: it takes no writes. */
  'replica',
  /** The server evicts keys just now, or its memory is full. */
  'evicting',
  /** Some of the keys have no expiry: nothing but this will ever remove them, and perhaps nothing writes them again. */
  'no-expiry',
  /** Others changed data while the keys were counted. */
  'other-writers',
  /** Some look alive (see `alive`). */
  'alive',
  /** Some values are larger than 1 MiB: they are read for the undo one by one. */
  'big-values',
  /** The undo does not fit the quota of the journals. */
  'undo-quota',
  /** The server has no scripts for this user: keys are compared and deleted under WATCH, slower. */
  'no-scripts',
  /** Slots were moving until the end: the counts are estimates. */
  'slots-moving',
] as const;
export type PlanWarning = (typeof planWarnings)[number];

/** Why a key that the selection met is left out. `excluded`: an exclusion took it; `no-match`: a given name that does not meet the filter; `elsewhere`: on another node. The others as in a TTL plan. */
export const excludedReasons = ['excluded', 'no-match', 'unjudged', 'missing', 'elsewhere', 'already-so', 'not-earlier', 'past'] as const;
export type ExcludedReason = (typeof excludedReasons)[number];

/** The word that confirms a plan of everything. */
export const flushWord = 'FLUSH';

const sums = { keys: v.number(), bytes: v.nullable(v.number()) };

/** Everything of a preview. Counts are of keys. `bytes`: sums of MEMORY USAGE with its default samples; `null` in a quick plan or where it may not be asked. */
export const invalidatePlan = v.object({
  planId: v.string(),
  action: invalidateAction,
  state: v.picklist(planStates),
  /** `atLeast` while counting, `exact` once ready, `estimated` when slots of a cluster moved until the end. */
  exactness,
  /** Keys walked so far, and how many there are to walk by DBSIZE or the list's length; `null` when unknown. */
  walked: v.number(),
  total: v.nullable(v.number()),
  /** Keys that the run would take, and their bytes. */
  selected: v.number(),
  bytes: v.nullable(v.number()),
  /** `estimated`: MEMORY USAGE samples large collections. `atLeast`: some keys would not tell. */
  bytesExactness: exactness,
  byType: v.array(v.object({ type: v.string(), ...sums })),
  /** By time left. */
  byTtl: v.array(v.object({ bucket: v.picklist(ttlBuckets), ...sums })),
  byNode: v.array(v.object({ node: v.string(), walked: v.number(), total: v.nullable(v.number()), ...sums, done: v.boolean() })),
  byDb: v.array(v.object({ db: v.number(), ...sums })),
  /** At most 50 of the selected. */
  sample: v.array(v.object({ db: v.number(), name: wireBytes })),
  excluded: v.array(v.object({ reason: v.picklist(excludedReasons), count: v.number() })),
  /**
   * Selected keys that someone used lately: idle for less than `below` seconds, or a frequency of at least `below` under an LFU policy. `null`
   * where it is not known (quick plan, no permission).
   */
  alive: v.nullable(v.object({ by: v.picklist(['idle', 'frequency']), below: v.number(), count: v.number(), sample: v.array(wireBytes) })),
  /** Bytes on this machine that the undo journal would take, about; 0 for an action that needs next to none. `null` in a quick plan. */
  undoBytes: v.nullable(v.number()),
  warnings: v.array(v.object({ kind: v.picklist(planWarnings), fact: v.string(), count: v.nullable(v.number()) })),
  /** Nothing narrows the selection: it is a flush. One that is narrowed and yet takes every key is told by the warning `whole-database`. */
  everything: v.boolean(),
  /** What `run` must be given: nothing more, the count, the count and the workspace's name, or the word FLUSH (and in production the name). */
  confirmation: v.picklist(['click', 'count', 'count-and-name', 'flush']),
  /** The workspace asks for the approval of a second person. */
  needsApproval: v.boolean(),
  startedAt: v.number(),
  durationMs: v.number(),
  /** Walked a second. */
  rate: v.number(),
  etaMs: v.nullable(v.number()),
  /** Unix ms; `null` until ready. After it the plan is refused with CONFLICT. */
  expiresAt: v.nullable(v.number()),
});
export type InvalidatePlan = v.InferOutput<typeof invalidatePlan>;

/** A key of a plan with what was known of it then. */
export const planRow = v.object({
  db: v.number(),
  name: wireBytes,
  /** `null` in a quick plan; `none` for a given name that does not exist. */
  type: v.nullable(v.string()),
  /** Unix ms by the server's clock, -1 = none, `null` = not read. */
  expiresAt: v.nullable(v.number()),
  bytes: v.nullable(v.number()),
  /** `null` = selected. */
  excluded: v.nullable(v.picklist(excludedReasons)),
});
export type PlanRow = v.InferOutput<typeof planRow>;

const planId = v.object({ planId: v.string() });
const started = v.object({ runId: v.string(), jobId: v.string() });

export const stagedRun = v.object({
  /** Keys that go first. */
  canary: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)),
  /** Then it waits and looks at the hit rate, ms. */
  waitMs: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(24 * 3_600_000)),
  /** Drop that is borne, in points of the rate: 0.05 = from 90 % to 85 %. */
  hitRateDropMax: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** `true`: goes on or stops by itself (unknown rates go on); `false`: asks (`invalidate.stage`). */
  auto: v.boolean(),
});
export type StagedRun = v.InferOutput<typeof stagedRun>;

/** Which part of a run an undo takes. */
const undoPart = {
  runId: v.string(),
  /** Only keys whose names pass; facts in it are not asked. */
  filter: v.optional(keyFilter),
  /** Also over a key that exists by now with another value: it is lost then. */
  overNewer: v.optional(v.boolean(), false),
};

/** What an undo would do now. */
export const undoPreview = v.object({
  state: v.picklist(['counting', 'waiting-for-server', 'ready']),
  /** Keys that the run took, and that the filter lets pass. */
  total: v.number(),
  walked: v.number(),
  /** Would come back; is there again with another value; is there as it was; has expired meanwhile; is left by the filter. */
  restorable: v.number(),
  newer: v.number(),
  alreadySo: v.number(),
  expired: v.number(),
  filtered: v.number(),
  /** Bytes of the values that would come back, as DUMP gives them. */
  bytes: v.number(),
  /** The first 1,000 of those that are newer. */
  newerNames: v.array(v.object({ db: v.number(), name: wireBytes })),
  /** Why it cannot be done here; `null` when it can. Tried with one key of each type, under a name of its own that goes at once. */
  refusal: v.nullable(v.object({ message: v.string(), hint: v.string() })),
  /** Whether the server is the one that the run worked on, by its `run_id` (another one after each restart). */
  server: v.picklist(['same', 'other', 'unknown']),
  /** Where the run worked, as it called it then. */
  ranOn: v.string(),
  /** The journal's end is missing: what stands before is whole. */
  cut: v.boolean(),
  /** Records whose checksum is wrong: the names of their keys where they can be read. They are not restored. */
  altered: v.array(v.object({ at: v.number(), name: v.nullable(wireBytes) })),
});
export type UndoPreview = v.InferOutput<typeof undoPreview>;

/** A signed text for a second person; JSON, to be sent or saved as it is. */
const planText = v.pipe(v.string(), v.maxLength(1_000_000));

export const invalidateContract = {
  /**
   * What an invalidation would do, counted to the end and changing nothing: walks the selection (SCAN COUNT 1000 on all masters, within
   * `budget` = share of server time), reads type, expiry, bytes and use of each key in one round trip a page. `quick` reads only what
   * selection and action need. A snapshot at most 5 times a second; the last is `ready`. Leaving the stream cancels. The plan stays in
   * the host for 10 minutes after it is ready.
   */
  plan: base
    .input(
      v.object({
        selection: bulkSelection,
        action: invalidateAction,
        budget: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1))), null),
        quick: v.optional(v.boolean(), false),
        /** A key counts as alive when it was used within this many seconds (LRU), or its frequency is at least this (LFU). */
        aliveIdleSeconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(31_536_000)), 60),
        aliveFrequency: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(255)), 10),
      }),
    )
    .output(eventIterator(invalidatePlan)),
  /** Keys of a plan by place, in the order found: the selected ones, or those left out with the reason (the first 1,000,000 of them). At most 500. */
  planRows: base
    .input(v.object({ planId: v.string(), of: v.optional(v.picklist(['selected', 'excluded']), 'selected'), from: count, count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)) }))
    .output(v.object({ rows: v.array(planRow), total: v.number() })),
  /** Writes the rows of a plan to a new file in the exports folder, as a job. JSON Lines in wire form; CSV as `keys.exportNames`. */
  exportPlan: base
    .input(v.object({ planId: v.string(), of: v.optional(v.picklist(['selected', 'excluded']), 'selected'), format: v.picklist(['csv', 'jsonl']) }))
    .output(v.object({ jobId: v.string() })),
  discardPlan: base.input(planId).output(v.object({})),
  /**
   * Carries out a plan as a job on exactly the names that it found; facts and conditions are read again before each change. With `undo`
   * each value with its expiry and its idle time or frequency is on disk before the key is deleted. CONFLICT when the plan is too old,
   * used, not what was confirmed or not approved; READ_ONLY, REDIS_READ_ONLY_REPLICA before anything is sent; LIMIT_EXCEEDED when the
   * journal would not fit its quota. Followed by `bulk.watchRun`; ended by `jobs.cancel`; gone on with by `bulk.resumeRun`.
   */
  run: base
    .input(
      v.object({
        planId: v.string(),
        confirm: v.object({
          /** `selected` of the plan that was looked at; CONFLICT when it is another number. */
          count,
          /** The workspace's name, where `confirmation` asks for it. */
          name: v.optional(v.string()),
          /** `flushWord`, where `confirmation` is `flush`. */
          word: v.optional(v.string()),
          /** Text of `approve`, where the plan needs approval. */
          approval: v.optional(planText),
        }),
        undo: v.optional(v.boolean(), true),
        pace: v.optional(runPace, {}),
        staged: v.optional(v.nullable(stagedRun), null),
      }),
    )
    .output(started),
  /** Changes all limits of a run or undo under way. NOT_FOUND when it is not. */
  setPace: base.input(v.object({ runId: v.string(), pace: runPace })).output(runSnapshot),
  /** Says how a staged run goes on after its canary; `stop` ends it as cancelled. CONFLICT when it is not staged, or decided. */
  stage: base.input(v.object({ runId: v.string(), decision: v.picklist(['go-on', 'stop']) })).output(runSnapshot),
  /** What `undo` would do now, counted to the end; writes nothing but one probe key of each type, gone at once (only where the connection may write). */
  undoPreview: base.input(v.object(undoPart)).output(eventIterator(undoPreview)),
  /**
   * Gives back what a run took, as a job: values by RESTORE with the remaining time and with idle time or frequency, expiries, names. Never
   * over a key that exists with another value, unless `overNewer`. Repeating it is safe. UNSUPPORTED with the reason, before anything
   * is done, when the server cannot take the values (an older version, a module that is missing).
   */
  undo: base.input(v.object({ ...undoPart, pace: v.optional(runPace, {}) })).output(started),
  /** The plan as a text signed by this user of the operating system, for a second person. */
  planFile: base.input(planId).output(v.object({ text: planText, fingerprint: v.string() })),
  /** Verifies a plan file that another user signed and approves it in this user's name. INVALID_INPUT when it was altered, or is one's own. */
  approve: base
    .input(v.object({ text: planText, comment: v.optional(v.pipe(v.string(), v.maxLength(1000)), '') }))
    .output(v.object({ text: planText, title: v.string(), count: v.number(), signedBy: v.string(), fingerprint: v.string() })),
  /** Whether runs in this workspace need a second person's approval. */
  approvalRule: base.input(v.object({ workspaceId: v.string() })).output(v.object({ needsApproval: v.boolean() })),
  setApprovalRule: base.input(v.object({ workspaceId: v.string(), needsApproval: v.boolean() })).output(v.object({ needsApproval: v.boolean() })),
};
