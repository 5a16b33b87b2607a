import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { bulkSelection, runPace } from './bulk.ts';
import { invalidateAction, stagedRun } from './invalidate.ts';
import { keyFilter } from './key-filter.ts';
import { environment } from './workspaces.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const runbookName = v.pipe(v.string(), v.trim(), v.minLength(1, 'A name is needed'), v.maxLength(80), v.regex(/^[^\p{Cc}/\\]+$/u, 'A name has no slash and no control character'));

/** A word that stands in braces where its value goes: `user:{id}:*`. */
export const runbookVariable = v.object({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z_][\w-]{0,39}$/, 'A variable is a word of letters, digits, _ and -')),
  description: v.optional(v.pipe(v.string(), v.maxLength(500)), ''),
  /** Regular expression (RE2) that the whole of each value must match; empty = any value. */
  allow: v.optional(v.pipe(v.string(), v.maxLength(500)), ''),
  /** Value where none is given; `null` = one must be given. */
  fallback: v.optional(v.nullable(wireBytes), null),
});
export type RunbookVariable = v.InferOutput<typeof runbookVariable>;

/** Conditions beside the name. */
export const runbookConditions = v.omit(keyFilter, ['pattern', 'mode']);

/**
 * Which keys, with variables in braces. A value is literal bytes wherever it goes: its `*` and `[` mean themselves. One variable may have many values.
 * Braces around a word that is no variable stay what they are.
 */
export const runbookSelection = v.object({
  keys: v.variant('kind', [
    v.object({ kind: v.literal('pattern'), pattern: wireBytes }),
    v.object({ kind: v.literal('prefix'), prefix: wireBytes }),
    v.object({ kind: v.literal('names'), names: v.pipe(v.array(wireBytes), v.minLength(1), v.maxLength(10_000)) }),
    v.object({ kind: v.literal('set'), name: wireBytes, withSet: v.optional(v.boolean(), false) }),
  ]),
  where: v.optional(runbookConditions, {}),
  /** Globs. */
  exclude: v.optional(v.pipe(v.array(wireBytes), v.maxLength(64)), []),
  /** `null` = the database that is open. */
  dbs: v.optional(v.nullable(v.pipe(v.array(count), v.minLength(1), v.maxLength(256))), null),
});

/** What must be so; whoever runs it cannot widen it. */
export const runbookGuards = v.object({
  /** Most keys that it may take; a plan of more is refused. */
  maxKeys: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))), null),
  /** Only there; none = anywhere. */
  environments: v.optional(v.pipe(v.array(environment), v.maxLength(3)), []),
  /** Leaves keys alone that were used within so many seconds. */
  minIdleSeconds: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(31_536_000))), null),
  /** Goes in stages. */
  staged: v.optional(v.nullable(stagedRun), null),
  /** Fastest that it may go. */
  maxKeysPerSecond: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(10_000_000))), null),
  /** Its undo must be kept. */
  undo: v.optional(v.boolean(), true),
});

/** A saved invalidation. */
export const runbook = v.object({
  name: runbookName,
  /** When to run it, what to look at before and after. */
  description: v.optional(v.pipe(v.string(), v.maxLength(10_000)), ''),
  variables: v.optional(v.pipe(v.array(runbookVariable), v.maxLength(20)), []),
  selection: runbookSelection,
  action: v.optional(invalidateAction, { kind: 'unlink' }),
  guards: v.optional(runbookGuards, {}),
});
export type Runbook = v.InferOutput<typeof runbook>;

export const savedRunbook = v.object({ ...runbook.entries, /** Unix ms. */ savedAt: v.number() });
export type SavedRunbook = v.InferOutput<typeof savedRunbook>;

const name = v.object({ name: v.string() });
const fileText = v.pipe(v.string(), v.maxLength(4_000_000));
const replace = v.optional(v.boolean(), false);

export const runbooksContract = {
  /** By name. */
  list: base.output(v.array(savedRunbook)),
  /**
   * Adds one, or, with `was`, replaces the one of that name. Names differ in more than case: CONFLICT. INVALID_INPUT for a variable that is nowhere used, a
   * default or an expression that cannot be.
   */
  save: base.input(v.object({ runbook, was: v.optional(v.nullable(v.string()), null) })).output(savedRunbook),
  /** Nothing happens when it is gone already. */
  remove: base.input(name).output(v.object({})),
  /** Saves one from a file's text. IMPORT_UNREADABLE when it is no runbook; CONFLICT for a name that is taken, unless `replace`. */
  importFile: base.input(v.object({ text: fileText, replace })).output(savedRunbook),
  /** One as a file's text. NOT_FOUND. */
  exportFile: base.input(name).output(v.object({ fileName: v.string(), text: fileText })),
  /**
   * What `invalidate.plan` and `invalidate.run` have to be given. A saved one by name, or one as it is. INVALID_INPUT for a value that is missing, unknown, empty or not
   * allowed; CONFLICT where the guards forbid the workspace's environment. `maxKeys` is for the caller to hold against the plan.
   */
  resolve: base
    .input(
      v.object({
        runbook: v.union([v.string(), runbook]),
        variables: v.record(v.string(), v.pipe(v.array(wireBytes), v.maxLength(100_000))),
        workspaceId: v.string(),
        db: count,
      }),
    )
    .output(
      v.object({
        name: v.string(),
        description: v.string(),
        selection: bulkSelection,
        action: invalidateAction,
        maxKeys: v.nullable(v.number()),
        undo: v.boolean(),
        staged: v.nullable(stagedRun),
        pace: runPace,
      }),
    ),
};
