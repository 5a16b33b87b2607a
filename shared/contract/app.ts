import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { base } from './base.ts';
import { problem } from './errors.ts';

export const demoSnapshot = v.object({
  state: v.picklist(['off', 'starting', 'seeding', 'running', 'stopping', 'failed']),
  workspaceId: v.nullable(v.string()),
  /** What is being done, in words. */
  step: v.string(),
  keys: v.number(),
  targetKeys: v.number(),
  /** All keys of the start are in Redis; Postgres may still be filling. */
  seeded: v.boolean(),
  requestsPerSecond: v.number(),
  problem: v.nullable(problem),
});
export type DemoSnapshot = v.InferOutput<typeof demoSnapshot>;

/** Preferences: theme, panel sizes, expansion, last screen. Kept by the host because a page's own storage changes with its port. */
export const settings = v.record(v.pipe(v.string(), v.maxLength(200)), v.pipe(v.string(), v.maxLength(200_000)));

export const appContract = {
  info: base.output(
    v.object({
      version: v.string(),
      face: v.picklist(['electron', 'browser']),
      platform: v.string(),
      dataFolder: v.string(),
      /** Whether secrets outlive the session, and if not, why. */
      secrets: v.object({ persistent: v.boolean(), reason: v.string() }),
      /** Workspace to open at once (from `--url` and `--pg`); `null` shows the connections. */
      startWorkspaceId: v.nullable(v.string()),
      /** The demo was asked for at the start: open its workspace as soon as it is there. */
      openDemo: v.boolean(),
    }),
  ),
  /** Values are JSON texts of the caller's own making. */
  settings: base.output(settings),
  saveSettings: base.input(v.object({ changes: v.record(v.string(), v.nullable(v.string())) })).output(v.object({})),
  demo: base.output(eventIterator(demoSnapshot)),
  startDemo: base.output(v.object({})),
  stopDemo: base.output(v.object({})),
};
