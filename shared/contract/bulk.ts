import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { errorCodes, problem } from './errors.ts';
import { exactness } from './exactness.ts';
import { keyFilter } from './key-filter.ts';
import { ttlAction, ttlBuckets } from './ttl-action.ts';

/** Names that one call may carry. */
export const maxNamesPerCall = 100_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const where = { workspaceId: v.string(), db: count };
const names = v.pipe(v.array(wireBytes), v.minLength(1), v.maxLength(maxNamesPerCall));

/** A filter that must hold beside the way the keys are found. */
const also = { filter: v.optional(keyFilter) };

/** Which keys of a workspace: how they are found, and what must and must not hold of them. */
export const bulkSelection = v.object({
  ...where,
  /** All of these databases instead of `db`; each once. A cluster has only 0. */
  dbs: v.optional(v.pipe(v.array(count), v.minLength(1), v.maxLength(256))),
  /** Only keys that this master holds (`id` of the facts); NOT_FOUND when it is none. */
  node: v.optional(v.string()),
  keys: v.variant('kind', [
    /** A walk over the whole database. */
    v.object({ kind: v.literal('filter'), filter: keyFilter }),
    /** Of these only those that exist; a `filter` must hold as well. Duplicates count once. */
    v.object({ kind: v.literal('names'), names, ...also }),
    /** Names that `bulk.nameList` has gathered. */
    v.object({ kind: v.literal('list'), listId: v.string(), ...also }),
    /** Names that begin with these bytes, whatever they mean in a glob: escaped for the server, proved on the bytes. */
    v.object({ kind: v.literal('prefix'), prefix: wireBytes, ...also }),
    /**
     * `user:{id}:*` with values for its one hole (a word in braces; it may stand several times). Values are literal bytes; the rest
     * is a glob. Without a glob the names are asked for directly; with one the database is walked once and each name is
     * looked up among the values. Values directly or from a list; INVALID_INPUT for a template without a hole, or with two.
     */
    v.object({ kind: v.literal('template'), template: wireBytes, values: v.optional(names), listId: v.optional(v.string()), ...also }),
    /**
     * The members of a Redis set are the names (a tag), read by SSCAN in `db`. `withSet` takes the set itself too. KEY_GONE, REDIS_WRONG_TYPE;
     * LIMIT_EXCEEDED beyond 5,000,000 members.
     */
    v.object({ kind: v.literal('set'), name: wireBytes, withSet: v.optional(v.boolean()), ...also }),
  ]),
  /** Keys that pass any of these are left alone. */
  exclude: v.optional(v.pipe(v.array(keyFilter), v.maxLength(64)), []),
});
export type BulkSelection = v.InferOutput<typeof bulkSelection>;

/**
 * Why something is left as it is. A plan knows the first five; the others appear in runs and undos.
 * `has-expiry` NX, `no-expiry` XX, `not-later` GT, `not-earlier` LT; `already-so`: it has that expiry; `gone`; `no-match`: it
 * stopped matching since the plan; `past`: the expiry is past and it would go at once; `kept-changing`: someone else set its
 * expiry again and again meanwhile; `changed-since`: it is not any more what the run left or had read (undo, resume). Of deletions and their undo:
 * `newer`: the key exists again with another value; `expired`: its earlier expiry is past by now; `filtered`: the undo was asked to
 * leave it; `occupied`: the name that it would take in the graveyard is taken.
 */
export const leftReasons = [
  'has-expiry',
  'no-expiry',
  'not-later',
  'not-earlier',
  'already-so',
  'gone',
  'no-match',
  'past',
  'kept-changing',
  'changed-since',
  'newer',
  'expired',
  'filtered',
  'occupied',
] as const;
export type LeftReason = (typeof leftReasons)[number];

/** How many were left, by reason. */
export const leftCounts = v.array(v.object({ reason: v.picklist(leftReasons), count: v.number() }));

export const planStates = ['counting', 'backing-off', 'waiting-for-server', 'ready'] as const;

/** What has to be known before a change is confirmed. Counts are of keys, or of fields in a plan for one hash. */
export const planSnapshot = v.object({
  planId: v.string(),
  unit: v.picklist(['keys', 'fields']),
  state: v.picklist(planStates),
  /** `exact` once ready; `estimated` when slots of a cluster were moving until the end. */
  exactness,
  /** Keys walked so far, and how many there are to walk by DBSIZE, HLEN or the list's length; `null` when unknown. */
  walked: v.number(),
  total: v.nullable(v.number()),
  /** Keys that the selection takes. */
  selected: v.number(),
  /** Left out because a fact that the filter asks for may not be read. */
  unjudged: v.number(),
  /** Names of the list that do not exist. */
  missing: v.number(),
  /** Of the selected: would change, and would not, by reason. */
  wouldChange: v.number(),
  left: leftCounts,
  byType: v.array(v.object({ type: v.string(), selected: v.number(), wouldChange: v.number() })),
  /** Present time left of the selected. */
  byTtl: v.array(v.object({ bucket: v.picklist(ttlBuckets), selected: v.number() })),
  byNode: v.array(
    v.object({ node: v.string(), walked: v.number(), total: v.nullable(v.number()), selected: v.number(), wouldChange: v.number(), done: v.boolean() }),
  ),
  /** At most 50 of those that would change. */
  sample: v.array(wireBytes),
  /** First and last expiry that would result, Unix ms by the server's clock if it ran now; `null` for persist or nothing. */
  earliestExpiry: v.nullable(v.number()),
  latestExpiry: v.nullable(v.number()),
  /** Bytes on this machine that the undo journal would take, about. */
  undoBytes: v.number(),
  /** Nothing narrows the selection: it is all of the database (or of the hash). */
  everything: v.boolean(),
  /** What the confirmation must give: nothing more, the count, or the count and the workspace's name. */
  confirmation: v.picklist(['click', 'count', 'count-and-name']),
  /** How changes will be made: `script` compares and changes in one step; `two-steps` leaves a moment for other writers between. */
  method: v.picklist(['script', 'two-steps']),
  startedAt: v.number(),
  durationMs: v.number(),
  /** Walked a second. */
  rate: v.number(),
  etaMs: v.nullable(v.number()),
  /** Unix ms; `null` until ready. After it the plan is refused with CONFLICT. */
  expiresAt: v.nullable(v.number()),
});
export type PlanSnapshot = v.InferOutput<typeof planSnapshot>;

/** `soft`: shortened to a jittered time left; `graveyard`: renamed under a prefix, with a time left. */
export const runKinds = ['ttl', 'field-ttl', 'unlink', 'soft', 'persist', 'graveyard'] as const;
export const runStates = ['running', 'paused', 'backing-off', 'waiting-for-server', 'cancelling', 'done', 'cancelled', 'failed', 'interrupted'] as const;

const failed = v.array(v.object({ code: v.picklist(errorCodes), message: v.string(), count: v.number() }));

const least = (value: number) => v.pipe(v.number(), v.minValue(value));

/** How fast a run may go. Whatever is missing or `null` sets no limit; the server's rising latency always slows it down. */
export const runPace = v.object({
  keysPerSecond: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(10_000_000))), null),
  /** Share of each server's time, 0.01 to 1. */
  serverShare: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1))), null),
  /** Rest after each page, ms. */
  pauseMs: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(60_000))), null),
  /** Holds back while a PING takes longer than this, ms. */
  latencyFloorMs: v.optional(v.nullable(least(0.1)), null),
  /** Holds back while the hit rate of the others (0 to 1) is below this; measured in short rests, unknown when nobody reads. */
  hitRateFloor: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))), null),
});
export type RunPace = v.InferOutput<typeof runPace>;

/** `canary`: the first keys; `waiting`: after them, looking at the hit rate; `holding`: a floor is crossed. */
export const runPhases = ['canary', 'waiting', 'holding', 'running'] as const;

/** Why a run holds back just now. `value` and `limit` in ms, or as a rate from 0 to 1. */
export const holdingBack = v.object({ because: v.picklist(['latency', 'hit-rate']), value: v.number(), limit: v.number(), since: v.number() });

/** A staged run's first step. Rates 0 to 1; `null` = nobody read enough to tell. */
export const stageSnapshot = v.object({
  /** Keys of the canary, and how many of them are done. */
  canary: v.number(),
  done: v.number(),
  /** Unix ms when the wait ends; `null` before it begins. */
  waitUntil: v.nullable(v.number()),
  hitRateBefore: v.nullable(v.number()),
  hitRateNow: v.nullable(v.number()),
  hitRateDropMax: v.number(),
  /** `ask`: the wait is over and someone has to say (`invalidate.stage`). */
  decision: v.picklist(['pending', 'ask', 'go-on', 'stop']),
  /** Whether the run or a person decided; empty before. */
  decidedBy: v.picklist(['', 'run', 'person']),
});

/** How far a run or an undo is. `total` = `done` + what is still to do; `done` = `changed` + all of `left` + all of `failed`. */
export const runSnapshot = v.object({
  runId: v.string(),
  /** `null` when no job of this session works on it. */
  jobId: v.nullable(v.string()),
  kind: v.picklist(runKinds),
  /** Whether this is the undo of the run. */
  undo: v.boolean(),
  title: v.string(),
  state: v.picklist(runStates),
  unit: v.picklist(['keys', 'fields']),
  total: v.number(),
  done: v.number(),
  changed: v.number(),
  left: leftCounts,
  failed,
  /** `total`: what the plan found on the node; `null` where it is not known. */
  byNode: v.array(v.object({ node: v.string(), total: v.nullable(v.number()), done: v.number(), changed: v.number() })),
  /** A second. */
  rate: v.number(),
  etaMs: v.nullable(v.number()),
  /** The limit in force; `null` = as fast as the server allows without its latency rising. */
  keysPerSecond: v.nullable(v.number()),
  startedAt: v.number(),
  endedAt: v.nullable(v.number()),
  journalBytes: v.number(),
  /** Whether what it changes can be given back. */
  keepsUndo: v.boolean(),
  phase: v.picklist(runPhases),
  /** The limits in force; `pace.keysPerSecond` is `keysPerSecond`. */
  pace: runPace,
  holding: v.nullable(holdingBack),
  /** Of a staged run. */
  stage: v.nullable(stageSnapshot),
  problem: v.nullable(problem),
});
export type RunSnapshot = v.InferOutput<typeof runSnapshot>;

export const runFailure = v.object({ name: wireBytes, code: v.picklist(errorCodes), message: v.string() });
export type RunFailure = v.InferOutput<typeof runFailure>;

/** A run that has a journal on this machine. */
export const runSummary = v.object({
  runId: v.string(),
  kind: v.picklist(runKinds),
  title: v.string(),
  workspaceId: v.string(),
  workspaceName: v.string(),
  db: v.number(),
  startedAt: v.number(),
  endedAt: v.nullable(v.number()),
  state: v.picklist(runStates),
  unit: v.picklist(['keys', 'fields']),
  total: v.number(),
  done: v.number(),
  changed: v.number(),
  left: leftCounts,
  failed,
  /** It can go on where it stopped (`bulk.resumeRun`). */
  resumable: v.boolean(),
  keepsUndo: v.boolean(),
  undoable: v.boolean(),
  /** Why not; empty when it is undoable. */
  undoRefusal: v.string(),
  undone: v.nullable(v.object({ at: v.number(), restored: v.number(), left: leftCounts, failed, complete: v.boolean() })),
  /** On disk. */
  bytes: v.number(),
  /** The journal's end is unreadable; what stands before it is whole and can be undone. */
  cut: v.boolean(),
});
export type RunSummary = v.InferOutput<typeof runSummary>;

const runId = v.object({ runId: v.string() });
const planId = v.object({ planId: v.string() });
const keysPerSecond = v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(10_000_000))), null);

const confirmed = v.object({
  planId: v.string(),
  confirm: v.object({
    /** `wouldChange` of the plan that was looked at; CONFLICT when it is another number. */
    count,
    /** The workspace's name, where `confirmation` asks for it. */
    name: v.optional(v.string()),
  }),
  keysPerSecond,
});

export const journalQuota = v.object({
  bytes: v.pipe(v.number(), v.integer(), v.minValue(1024 * 1024)),
  days: v.pipe(v.number(), v.minValue(1), v.maxValue(3650)),
});
export type JournalQuota = v.InferOutput<typeof journalQuota>;

export const fieldTtlSnapshot = v.object({
  /** `exact` when the walk ended and HLEN is still what it was at its beginning; `atLeast` before. */
  exactness,
  walked: v.number(),
  /** HLEN. */
  total: v.number(),
  byTtl: v.array(v.object({ bucket: v.picklist(ttlBuckets), fields: v.number() })),
  /** Unix ms by the server's clock; `null` when no field has an expiry. */
  earliestExpiry: v.nullable(v.number()),
  latestExpiry: v.nullable(v.number()),
});
export type FieldTtlSnapshot = v.InferOutput<typeof fieldTtlSnapshot>;

export const bulkContract = {
  /**
   * Gathers names for a selection, 100,000 a call; without `listId` begins a list. Lists live in the host for 10 minutes after
   * the last use and hold at most 5,000,000 names or 512 MiB (LIMIT_EXCEEDED).
   */
  nameList: base.input(v.object({ listId: v.optional(v.nullable(v.string()), null), names })).output(v.object({ listId: v.string(), names: v.number() })),
  /**
   * What a change of expiry would do, counted to the end: walks the selection (SCAN COUNT 1000 on all masters, within
   * `budget` = share of server time), reads type and expiry of each key (and what the filter asks), changes nothing. A snapshot
   * at most 5 times a second; the last is `ready`. Leaving the stream cancels. The plan stays in the host for 10 minutes.
   */
  planTtl: base
    .input(
      v.object({ selection: bulkSelection, action: ttlAction, budget: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1))), null) }),
    )
    .output(eventIterator(planSnapshot)),
  /** The names that a plan took, in the order found; those that would change and those that would not. At most 500. */
  planNames: base
    .input(v.object({ planId: v.string(), from: count, count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)) }))
    .output(v.object({ names: v.array(wireBytes), total: v.number() })),
  discardPlan: base.input(planId).output(v.object({})),
  /**
   * Carries out a plan as a job on exactly the names that it found; facts and conditions are read again before each change.
   * The earlier expiry of each key is on disk before it is changed. CONFLICT when the plan is too old, used, or not what was
   * confirmed; READ_ONLY before anything is sent. LIMIT_EXCEEDED when the journal would not fit its quota.
   */
  runTtl: base.input(confirmed).output(v.object({ runId: v.string(), jobId: v.string() })),
  /** A snapshot at most 5 times a second; ends when the run or the undo that goes on now has ended. */
  watchRun: base.input(runId).output(eventIterator(runSnapshot)),
  /** The first 500 failures of a run or undo of this session. */
  failures: base.input(runId).output(v.array(runFailure)),
  /** Changes the limit of a run or undo under way; `null` = automatic. `invalidate.setPace` changes all limits. */
  setRate: base.input(v.object({ runId: v.string(), keysPerSecond })).output(runSnapshot),
  /** All runs with a journal, newest first. */
  runs: base.output(v.array(runSummary)),
  /** Runs that were stopped before their end: by a crash, a failure, a cancel or the end of the app. */
  unfinished: base.output(v.array(runSummary)),
  /** Goes on with what an unfinished run has not done. What it may have done is read again, never repeated blindly. */
  resumeRun: base.input(v.object({ runId: v.string(), keysPerSecond })).output(v.object({ runId: v.string(), jobId: v.string() })),
  /**
   * Gives each key (or field) that a run changed its earlier expiry back, to the millisecond, as a job. Only where its expiry
   * is still the one that the run set (on a cluster up to a second later too: moving a slot shifts it); `force` also where someone changed it since. One whose earlier expiry is past by now is
   * left, unless `expirePast`, which lets it go at once.
   */
  undoTtl: base
    .input(v.object({ runId: v.string(), force: v.optional(v.boolean(), false), expirePast: v.optional(v.boolean(), false), keysPerSecond }))
    .output(v.object({ runId: v.string(), jobId: v.string() })),
  /** Removes the journal of a run that no job works on: it cannot be undone or resumed any more. */
  forgetRun: base.input(runId).output(v.object({})),
  journalQuota: base.output(v.object({ quota: journalQuota, usedBytes: v.number() })),
  setJournalQuota: base.input(journalQuota).output(v.object({ quota: journalQuota, usedBytes: v.number() })),
  /**
   * How the expiries of one hash's fields are spread, by HSCAN pages and HPEXPIRETIME. UNSUPPORTED before Redis 7.4 and Valkey 9.
   */
  fieldTtls: base.input(v.object({ ...where, name: wireBytes })).output(eventIterator(fieldTtlSnapshot)),
  /** As `planTtl`, for the fields of one hash: all, those that a glob matches, or named ones. */
  planFieldTtl: base
    .input(
      v.object({
        ...where,
        name: wireBytes,
        fields: v.variant('kind', [
          /** An empty glob is all fields. */
          v.object({ kind: v.literal('glob'), pattern: wireBytes }),
          v.object({ kind: v.literal('names'), names }),
        ]),
        action: ttlAction,
      }),
    )
    .output(eventIterator(planSnapshot)),
  /** As `runTtl`. */
  runFieldTtl: base.input(confirmed).output(v.object({ runId: v.string(), jobId: v.string() })),
};
