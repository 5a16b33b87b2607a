import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { bulkSelection } from './bulk.ts';
import { problem } from './errors.ts';
import { exactness } from './exactness.ts';

/**
 * How reads are measured. `monitor`: MONITOR on a connection of its own to each master; sees each read, and costs the servers
 * throughput while it lasts. `frequency`: OBJECT FREQ of a sample of the keys, twice (an LFU policy). `idle-time`: OBJECT
 * IDLETIME of a sample of the keys (any other policy). The last two cost reads of the sample only and cannot tell reads from writes.
 */
export const blastMethods = ['monitor', 'frequency', 'idle-time'] as const;
export type BlastMethod = (typeof blastMethods)[number];

/** Longest and usual window, ms. */
export const longestWindowMs = 10_000;
export const usualWindowMs = 2000;
/** Most names that a question may carry in any way. */
export const mostBlastNames = 1_000_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const where = { workspaceId: v.string(), db: count };

/** Which keys would be gone. */
export const blastTarget = v.variant('kind', [
  /**
   * Keys that a selection takes now. What its filter asks of facts is read for the keys that were seen to be read. UNSUPPORTED for
   * gathered lists: count their plan and measure that.
   */
  v.object({ kind: v.literal('selection'), selection: bulkSelection }),
  /** Names that begin with any of these. An empty prefix is every name. */
  v.object({ kind: v.literal('namespaces'), ...where, prefixes: v.pipe(v.array(wireBytes), v.minLength(1), v.maxLength(1000)) }),
  /** The very names of a plan that is ready, at most 1,000,000: of an invalidation, or of a change of expiry (in `db`). */
  v.object({ kind: v.literal('plan'), ...where, planId: v.string(), of: v.picklist(['invalidation', 'ttl']) }),
]);
export type BlastTarget = v.InferInput<typeof blastTarget>;

export const blastCheck = v.object({
  methods: v.array(
    v.object({
      method: v.picklist(blastMethods),
      /** Why not, when it cannot be used here. */
      problem: v.nullable(problem),
      /** What the answer will be: reads told apart from writes, or accesses of both kinds. */
      unit: v.picklist(['reads', 'accesses']),
    }),
  ),
  /** The one to offer first: never `monitor` on production; `null` when none can be used. */
  suggested: v.nullable(v.picklist(blastMethods)),
  environment: v.string(),
  masters: v.number(),
  /** Commands a second of all masters over the last moments, by the server's own `instantaneous_ops_per_sec`: what MONITOR would have to print. `null` when INFO may not be read. */
  commandsPerSecond: v.nullable(v.number()),
  /** `maxmemory-policy`; `null` when it may not be read. */
  policy: v.nullable(v.string()),
  /** Whether a Postgres belongs to the workspace. */
  postgres: v.boolean(),
});
export type BlastCheck = v.InferOutput<typeof blastCheck>;

/** A rate with its interval at 95 %; `high: null` = no upper bound is known. */
const rate = v.object({ perSecond: v.number(), low: v.number(), high: v.nullable(v.number()), exactness });
export type BlastRate = v.InferOutput<typeof rate>;

/** Why a window ended before its time. */
export const blastStops = ['latency', 'throughput', 'lag', 'bytes', 'connection'] as const;

const perSecondOrNull = v.nullable(v.number());

/** One statement of Postgres while the window was open. */
export const blastStatement = v.object({
  /** Its `queryid`, with user and level: the same statement of two roles is two. */
  id: v.string(),
  /** As pg_stat_statements has it, constants taken out; at most 2,000 characters. */
  text: v.string(),
  user: v.string(),
  /** Within the window. */
  callsPerSecond: v.number(),
  /** Mean time of a call: within the window, where it was called `window` times or more; else over all that is recorded. */
  msPerCall: v.number(),
  over: v.picklist(['window', 'all']),
  /** Rows a call, over all that is recorded. */
  rowsPerCall: v.number(),
});
export type BlastStatement = v.InferOutput<typeof blastStatement>;

export const blastPostgres = v.variant('state', [
  /** No Postgres belongs to the workspace. */
  v.object({ state: v.literal('none') }),
  /** It cannot be asked, and why: not connected, no extension (with the statement that makes it), no permission. */
  v.object({ state: v.literal('unknown'), problem }),
  v.object({ state: v.literal('measuring') }),
  v.object({
    state: v.literal('known'),
    /** Of this database, those with most time in the window first, then those with most time of all; at most 20. Only statements that read, none about the server itself. */
    statements: v.array(blastStatement),
    /** All statements of this database in the window, whatever they do. */
    total: v.object({ callsPerSecond: v.number(), msPerSecond: v.number() }),
    /** Calls a second of statements whose text this role may not see. */
    hiddenCallsPerSecond: v.number(),
    windowMs: v.number(),
    /**
     * What the misses would add, IF each miss makes one call of the statement that the caller chose, at its present mean time.
     * `null` until one is chosen; nothing is guessed.
     */
    load: v.nullable(
      v.object({
        statementId: v.string(),
        calls: rate,
        /** Milliseconds of execution a second; 1,000 = one backend busy all the time. */
        msPerSecond: rate,
      }),
    ),
  }),
]);
export type BlastPostgres = v.InferOutput<typeof blastPostgres>;

export const blastSnapshot = v.object({
  method: v.picklist(blastMethods),
  /** `checking`: the window is over, the names that were read are looked at. */
  state: v.picklist(['preparing', 'measuring', 'checking', 'done']),
  startedAt: v.number(),
  /** Of the window, ms. */
  windowMs: v.number(),
  elapsedMs: v.number(),
  stopped: v.nullable(v.object({ reason: v.picklist(blastStops), message: v.string() })),
  /**
   * Reads (or accesses) a second that would miss, by key: MGET of ten names is ten. Known once `done`. The interval covers
   * chance: it says nothing of traffic that will be another at another time. `atLeast` when a part was not seen.
   */
  misses: v.nullable(rate),
  unit: v.picklist(['reads', 'accesses']),
  /** `monitor`: keys read within the window, of all that was seen and of those in the selection by name. */
  seen: v.nullable(
    v.object({
      commands: v.number(),
      reads: v.number(),
      matched: v.number(),
      /** Of `matched`, that miss already: the key is not there, or is not one of the selection by its facts. `null` until checked. */
      apart: v.nullable(v.number()),
      /** Distinct names among `matched`; at least, when `namesCut`. */
      names: v.number(),
      namesCut: v.boolean(),
      /** Lines that could not be read, for example longer than 4 MiB. */
      unread: v.number(),
    }),
  ),
  /** `frequency` and `idle-time`: the sample. */
  sample: v.nullable(
    v.object({
      /** Keys walked to find it, and keys of the database (DBSIZE); `null` when names were given. */
      walked: v.nullable(v.number()),
      /** Keys of the selection, about. */
      selected: rate,
      asked: v.number(),
      /** Of those asked: gone or not to be asked. */
      unknown: v.number(),
      /** `idle-time`: touched within `touchedSeconds`. */
      touched: v.nullable(v.number()),
      touchedSeconds: v.nullable(v.number()),
    }),
  ),
  /** Names with most reads in the window, at most 10 (`monitor`); once `done` only those that would be gone. */
  hottest: v.array(v.object({ name: wireBytes, perSecond: v.number() })),
  /** Reads of names that match, whether they are there or not (`monitor`); `nodes` likewise. */
  byCommand: v.array(v.object({ command: v.string(), perSecond: v.number() })),
  nodes: v.array(v.object({ node: v.string(), elapsedMs: v.number(), perSecond: perSecondOrNull, problem: v.nullable(problem) })),
  /** All of the server in the window, from INFO; `null` where it may not be read or was reset meanwhile. */
  server: v.nullable(
    v.object({
      readsPerSecond: v.number(),
      /** 0 to 1; `null` without reads. */
      hitRate: v.nullable(v.number()),
      /** What it would be if those reads missed and nothing filled the cache again. Only for `reads`. */
      hitRateAfter: v.nullable(v.number()),
    }),
  ),
  /** What the measurement itself cost, from the servers' own statistics. */
  cost: v.object({
    commands: v.number(),
    bytesIn: v.number(),
    /** Server time of our commands: calls times the server's mean for each, ms; `null` when commandstats may not be read. MONITOR's own is not in it. */
    serverMs: v.nullable(v.number()),
    /** Share of one processor that the servers used before and during the window, summed. */
    cpuBefore: perSecondOrNull,
    cpuDuring: perSecondOrNull,
    commandsPerSecondBefore: perSecondOrNull,
    commandsPerSecondDuring: perSecondOrNull,
    /** Median round trip of a PING, ms. */
    latencyBeforeMs: v.nullable(v.number()),
    latencyDuringMs: v.nullable(v.number()),
  }),
  postgres: blastPostgres,
});
export type BlastSnapshot = v.InferOutput<typeof blastSnapshot>;

const windowMs = v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(longestWindowMs)), usualWindowMs);

export const blastRadiusContract = {
  /** Which methods this server and this user allow, and what they would meet. Reads no key and changes nothing. */
  check: base.input(v.object({ workspaceId: v.string() })).output(blastCheck),
  /**
   * Reads a second that would miss if the target's keys were gone. A snapshot at most 5 times a second; the last is `done`.
   * Leaving the stream ends the measurement and closes its connections at once.
   *
   * `monitor` needs `acceptCost`: while its window is open each server prints every command to us, which on a busy server takes
   * a large part of its throughput (redis.io, MONITOR), and this app sees the arguments of all clients (it keeps names of the
   * target only, until the answer). It is never a default. The window ends at once when PING or commands a second say that the
   * server suffers, when we cannot read as fast as it prints, or after 256 MiB. It is allowed on a read-only workspace: MONITOR
   * changes nothing that anyone else could see; the gate goes on refusing it on shared connections.
   * Reads are counted by COMMAND's key specifications, scripts' own reads included; commands that only ask about a key
   * (EXISTS, TTL, TYPE, OBJECT, STRLEN and the like) are not reads.
   *
   * `frequency`: two readings of OBJECT FREQ, `windowMs` apart. The counter grows at an access with the chance
   * 1 / ((counter - 5) * lfu-log-factor + 1) (`LFULogIncr`, evict.c), so each step stands for that many accesses.
   * `idle-time`: keys of the sample touched within the last seconds; at least one access each.
   *
   * Errors: INVALID_INPUT (monitor without `acceptCost`), UNSUPPORTED (a method that this server does not have), LIMIT_EXCEEDED
   * (more than 1,000,000 names), REDIS_NO_PERMISSION, CONFLICT (the plan is gone), CONNECTION_LOST when nothing was seen at all.
   */
  sample: base
    .input(
      v.object({
        target: blastTarget,
        method: v.picklist(blastMethods),
        acceptCost: v.optional(v.boolean(), false),
        windowMs,
        /** `id` of a statement of an earlier answer: what one miss calls. */
        statementId: v.optional(v.nullable(v.string()), null),
      }),
    )
    .output(eventIterator(blastSnapshot)),
};
