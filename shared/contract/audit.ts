import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';

/**
 * `altered`: its text is not what was hashed; `broken-link`: it does not follow the entry before; `missing`: entries between are not there; `missing-beginning`:
 * the first ones are not there (a file was removed); `cut-end`: the last ones are not there; `cut-line`: the last line is half a line; `unreadable`: a
 * line is no entry; `unchained`: an entry without a hash stands in the chain; `head-missing`, `head-differs`: the file that knows the last entry.
 */
export const auditProblemKinds = ['altered', 'broken-link', 'missing', 'missing-beginning', 'cut-end', 'cut-line', 'unreadable', 'unchained', 'head-missing', 'head-differs'] as const;

export const auditProblem = v.object({
  kind: v.picklist(auditProblemKinds),
  /** Name of the file, and the line in it from 1 on; empty and 0 where it is about no line. */
  file: v.string(),
  line: v.number(),
  /** Number of the entry. */
  seq: v.nullable(v.number()),
  message: v.string(),
});
export type AuditProblem = v.InferOutput<typeof auditProblem>;

export const auditVerification = v.object({
  /** Every entry of the chain is there, unaltered and in order; and the wanted one is among them. */
  ok: v.boolean(),
  /** Entries of the chain, and those of the time before it: nothing can be said about them. */
  entries: v.number(),
  unverifiable: v.number(),
  files: v.number(),
  bytes: v.number(),
  /** Number of the first entry; `null` of an empty journal. */
  first: v.nullable(v.number()),
  /** The last one. Noted elsewhere, its hash proves later that nothing up to it was changed. */
  head: v.nullable(v.object({ seq: v.number(), hash: v.string() })),
  /** Number of the entry with the hash that was asked for; `null` when it is not there, or none was asked for. */
  foundSeq: v.nullable(v.number()),
  /** The first 100, in the order of the journal, those about its end last. */
  problems: v.array(auditProblem),
  problemCount: v.number(),
  durationMs: v.number(),
});
export type AuditVerification = v.InferOutput<typeof auditVerification>;

export const auditKinds = ['access', 'edit', 'bulk', 'runbook', 'other'] as const;

export const auditEntry = v.object({
  /** `null` for one of the time before the chain. */
  seq: v.nullable(v.number()),
  /** Unix ms by this machine's clock. */
  at: v.number(),
  kind: v.picklist(auditKinds),
  /** `unlock`, `edit`, `bulk-start`, `bulk-end` … */
  event: v.string(),
  /** User of the operating system and the machine; empty where it was not recorded. */
  who: v.string(),
  machine: v.string(),
  workspaceId: v.string(),
  workspaceName: v.string(),
  db: v.nullable(v.number()),
  nodes: v.array(v.string()),
  /** What was done, in words, and what came of it. */
  title: v.string(),
  outcome: v.string(),
  /** Of an edit of one key. */
  key: v.nullable(wireBytes),
  runId: v.nullable(v.string()),
  counts: v.nullable(v.object({ total: v.number(), changed: v.number(), left: v.number(), failed: v.number() })),
  durationMs: v.nullable(v.number()),
  /** A second. */
  rate: v.nullable(v.number()),
  undoOf: v.nullable(v.string()),
  undoFile: v.nullable(v.string()),
  /** Selection and action as JSON text. */
  plan: v.nullable(v.string()),
  hash: v.nullable(v.string()),
});
export type AuditRecord = v.InferOutput<typeof auditEntry>;

const moment = v.pipe(v.number(), v.integer(), v.minValue(0));
/** All parts must hold. */
const auditFilter = {
  /** Anywhere in the entry as it stands in the file, without regard to case. */
  text: v.optional(v.pipe(v.string(), v.maxLength(1000)), ''),
  /** None = all. */
  kinds: v.optional(v.pipe(v.array(v.picklist(auditKinds)), v.maxLength(auditKinds.length)), []),
  workspaceId: v.optional(v.nullable(v.string()), null),
  runId: v.optional(v.nullable(v.string()), null),
  /** Unix ms, both included. */
  from: v.optional(v.nullable(moment), null),
  to: v.optional(v.nullable(moment), null),
};
const filterObject = v.object(auditFilter);
export type AuditFilter = v.InferInput<typeof filterObject>;

export const auditFormats = ['jsonl', 'csv', 'markdown'] as const;
export type AuditFormat = (typeof auditFormats)[number];

export const auditContract = {
  /** Entries newest first. `next` continues where this page ends; `null` = there are no more. INVALID_INPUT for another cursor. */
  entries: base
    .input(v.object({ ...auditFilter, cursor: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(100))), null), count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)) }))
    .output(v.object({ entries: v.array(auditEntry), next: v.nullable(v.string()) })),
  /** Checks the chain from its first entry to its last, and whether an entry with this hash is in it. About a second per 100 MB. */
  verify: base.input(v.object({ hash: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))), null) })).output(auditVerification),
  /** Writes what the filter takes to a new file in the exports folder, oldest first, as a job. JSON Lines are the entries as they stand in the journal; Markdown is a timeline of an incident. */
  export: base.input(v.object({ ...auditFilter, format: v.picklist(auditFormats) })).output(v.object({ jobId: v.string() })),
};
