import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { problem } from './errors.ts';
import { exactness } from './exactness.ts';
import { factsState, groupFacts, keyFacts, viewSort } from './key-facts.ts';
import { keyFilter } from './key-filter.ts';

export type Exactness = v.InferOutput<typeof exactness>;

export const indexStates = ['scanning', 'backing-off', 'paused', 'waiting-for-server', 'done', 'failed'] as const;

export const nodeProgress = v.object({
  node: v.string(),
  /** Names seen, duplicates included. */
  scanned: v.number(),
  /** DBSIZE at the start of the pass; `null` when it may not be asked. */
  total: v.nullable(v.number()),
  done: v.boolean(),
  problem: v.nullable(problem),
});

export const indexSnapshot = v.object({
  indexId: v.string(),
  /** Grows with every change that can alter rows. */
  version: v.number(),
  state: v.picklist(indexStates),
  /** Distinct keys held. */
  keys: v.number(),
  folders: v.number(),
  /** Keys the servers report (sum of DBSIZE); an estimate of where the scan ends. */
  total: v.nullable(v.number()),
  /** 0 to 1: part of the keyspace walked. */
  coverage: v.number(),
  exactness,
  /** Keys a second over the last seconds. */
  rate: v.number(),
  etaMs: v.nullable(v.number()),
  /** Unix ms when the pass ended; counts were exact at that moment. */
  completedAt: v.nullable(v.number()),
  nodes: v.array(nodeProgress),
  problem: v.nullable(problem),
  memoryBytes: v.number(),
  /** `null` until facts are asked for. */
  facts: v.nullable(factsState),
  /** Delimiters that the names themselves suggest, likeliest first; empty until enough names are known. */
  suggestedDelimiters: v.array(v.string()),
});
export type IndexSnapshot = v.InferOutput<typeof indexSnapshot>;

const indexId = v.object({ indexId: v.string() });
const viewId = v.object({ viewId: v.string() });
const name = wireBytes;
const offset = v.pipe(v.number(), v.integer(), v.minValue(0));

export const row = v.variant('kind', [
  v.object({
    kind: v.literal('folder'),
    /** Stable while the index lives. */
    id: v.number(),
    depth: v.number(),
    /** The segment shown; empty segments are real (`a::b`). */
    label: wireBytes,
    /** Full prefix with its closing delimiter. */
    prefix: wireBytes,
    /** Keys below, of those that pass the view's filter. */
    keys: v.number(),
    exactness,
    open: v.boolean(),
    /** Of the keys counted; `null` until facts are asked for. */
    facts: v.nullable(groupFacts),
  }),
  v.object({
    kind: v.literal('key'),
    id: v.number(),
    depth: v.number(),
    label: wireBytes,
    name: wireBytes,
    /** `null` until they are read. */
    facts: v.nullable(keyFacts),
  }),
]);
export type Row = v.InferOutput<typeof row>;

export const rowPage = v.object({
  rows: v.array(row),
  from: v.number(),
  /** Rows in the view with the present expansion. */
  total: v.number(),
  /** Keys that pass the filter. */
  keys: v.number(),
  /** What `keys` is worth: `atLeast` while names or facts that the filter asks about are missing. */
  exactness,
  /** The order is being made or made anew: rows are in the order before. */
  sorting: v.boolean(),
  version: v.number(),
  /** Where the row of `anchor` stands now; `null` when it is not visible any more. */
  anchorAt: v.nullable(v.number()),
});
export type RowPage = v.InferOutput<typeof rowPage>;

/** Redis types; modules' types come under their own names. */
export const keyMeta = v.object({
  name: wireBytes,
  /** `none` when the key is gone. */
  type: v.string(),
  /** ms left; `null` = no expiry. */
  ttlMs: v.nullable(v.number()),
});
export type KeyMeta = v.InferOutput<typeof keyMeta>;

export const keysContract = {
  /** The keys of this database are about to be watched: begins its index, which ends again when no watcher comes within seconds. */
  begin: base.input(v.object({ workspaceId: v.string(), db: v.pipe(v.number(), v.integer(), v.minValue(0)) })).output(v.object({})),
  /**
   * The keyspace index of one database, built by SCAN in a worker thread. Watching it starts or resumes the scan;
   * when the last watcher leaves the scan stops and what was found is kept for a while. `type` restricts the scan
   * (SCAN TYPE) and gives an index of its own. `restart` walks again from the start: rows stay in view, counts are
   * `estimated` meanwhile, and keys that the new pass did not find leave at its end.
   */
  index: base
    .input(
      v.object({
        workspaceId: v.string(),
        db: v.pipe(v.number(), v.integer(), v.minValue(0)),
        type: v.optional(v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(64))), null),
        restart: v.optional(v.boolean(), false),
      }),
    )
    .output(eventIterator(indexSnapshot)),
  pause: base.input(indexId).output(indexSnapshot),
  resume: base.input(indexId).output(indexSnapshot),
  /** Changes how names are split (no new scan), or the share of server time the scan may use (0.01 to 1, per master). */
  configure: base
    .input(
      v.object({
        indexId: v.string(),
        delimiters: v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(8))), v.maxLength(8))),
        budget: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1))),
      }),
    )
    .output(indexSnapshot),
  /**
   * A way of looking at an index: tree or sorted flat list, filtered. Expansion belongs to the view. A list sorted by a
   * fact is made in the background and made anew as facts arrive: keys without the fact come last either way, no expiry
   * counts as the longest, and equals keep the order of their names (of their arrival, above a million keys).
   * INVALID_INPUT for a pattern that is no regular expression (RE2 syntax), with the reason.
   */
  openView: base
    .input(
      v.object({
        /** By its id, or by its place, which opens it where it is not open yet. */
        index: v.union([v.string(), v.object({ workspaceId: v.string(), db: v.pipe(v.number(), v.integer(), v.minValue(0)), type: v.nullable(v.string()) })]),
        mode: v.picklist(['tree', 'list']),
        filter: keyFilter,
        /** List only; the tree is by name. */
        sort: v.optional(v.nullable(viewSort), null),
        /** Prefixes of folders to open where they exist (also when they appear later). */
        expanded: v.pipe(v.array(wireBytes), v.maxLength(2000)),
        /** Rows to give at once as `first`; an index that has only just begun is then given a moment to find some. */
        rows: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(500)), 0),
      }),
    )
    .output(v.object({ viewId: v.string(), indexId: v.string(), total: v.number(), keys: v.number(), exactness, first: v.nullable(rowPage) })),
  closeView: base.input(viewId).output(v.object({})),
  /** At most 500 rows. `anchor` is the `id`+`kind` of a row whose present place the caller wants to know. */
  rows: base
    .input(
      v.object({
        viewId: v.string(),
        from: offset,
        count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
        anchor: v.optional(v.nullable(v.object({ kind: v.picklist(['folder', 'key']), id: v.number() })), null),
      }),
    )
    .output(rowPage),
  /** Opens or closes a folder; `deep` does the same for all folders below. */
  toggle: base
    .input(v.object({ viewId: v.string(), folderId: v.number(), open: v.boolean(), deep: v.optional(v.boolean(), false) }))
    .output(v.object({ total: v.number(), expanded: v.array(wireBytes) })),
  /** Where a name or a folder prefix stands, after opening the folders above it; `null` when the index does not hold it. */
  reveal: base
    .input(v.object({ viewId: v.string(), name, folder: v.optional(v.boolean(), false) }))
    .output(v.object({ at: v.nullable(v.number()), total: v.number(), expanded: v.array(wireBytes) })),
  /** Names of the keys in row ranges, `to` excluded; a closed folder's row gives all keys below it. LIMIT_EXCEEDED above `limit`. */
  names: base
    .input(
      v.object({
        viewId: v.string(),
        ranges: v.pipe(v.array(v.object({ from: offset, to: offset })), v.maxLength(1000)),
        limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)),
      }),
    )
    .output(v.object({ names: v.array(wireBytes) })),
  /** Type and expiry of the keys in view, read from the server now, in the order asked. */
  meta: base
    .input(
      v.object({
        workspaceId: v.string(),
        db: v.pipe(v.number(), v.integer(), v.minValue(0)),
        names: v.pipe(v.array(wireBytes), v.maxLength(500)),
      }),
    )
    .output(v.array(keyMeta)),
  /** Writes all names of a view (or of one folder) to a file, as a job, with what is known of each key when `facts`. */
  exportNames: base
    .input(
      v.object({
        viewId: v.string(),
        folderId: v.optional(v.nullable(v.number()), null),
        /**
         * `lines`: one per line, binary and control bytes as `\xNN` in double quotes as redis-cli prints; never with facts.
         * `jsonl`: wire form; with facts an object a line. `csv`: RFC 4180 with a header, names as in `lines` and in
         * quotes where they need them. A name that begins with `=`, `+`, `-` or `@` stays as it is: the file is lossless
         * first, so a spreadsheet must be told that the column is text.
         */
        format: v.picklist(['lines', 'jsonl', 'csv']),
        facts: v.optional(v.boolean(), false),
      }),
    )
    .output(v.object({ jobId: v.string() })),
};
