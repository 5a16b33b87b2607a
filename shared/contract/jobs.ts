import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { base } from './base.ts';
import { problem } from './errors.ts';

export const jobStates = ['queued', 'running', 'paused', 'cancelling', 'cancelled', 'failed', 'done'] as const;

/** A job outlives the view that started it. `total: null` while it is unknown. */
export const jobSnapshot = v.object({
  jobId: v.string(),
  kind: v.picklist(['export-names', 'bulk-ttl', 'bulk-ttl-undo', 'invalidate', 'invalidate-undo', 'export-plan', 'export-value', 'export-audit']),
  workspaceId: v.string(),
  title: v.string(),
  state: v.picklist(jobStates),
  done: v.number(),
  total: v.nullable(v.number()),
  unit: v.string(),
  rate: v.number(),
  etaMs: v.nullable(v.number()),
  startedAt: v.number(),
  endedAt: v.nullable(v.number()),
  problem: v.nullable(problem),
  /** File that the job wrote, when it did. */
  file: v.nullable(v.string()),
});
export type JobSnapshot = v.InferOutput<typeof jobSnapshot>;

const jobId = v.object({ jobId: v.string() });

export const jobsContract = {
  /** All jobs of this session, newest first; a snapshot at most 5 times a second. */
  watch: base.output(eventIterator(v.array(jobSnapshot))),
  pause: base.input(jobId).output(jobSnapshot),
  resume: base.input(jobId).output(jobSnapshot),
  /** Stops at the next batch boundary. What was done stays done; a partial file is removed. */
  cancel: base.input(jobId).output(jobSnapshot),
  /** Forgets ended jobs. */
  clear: base.output(v.object({})),
};
