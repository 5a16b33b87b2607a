import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { problem } from './errors.ts';

/** Keyspace events that can be watched. `miss` loads the server: it tells of every read of a name that does not exist. */
export const liveEventKinds = ['expired', 'evicted', 'miss', 'new', 'generic', 'string', 'hash', 'list', 'set', 'zset', 'stream'] as const;

const kinds = v.pipe(v.array(v.picklist(liveEventKinds)), v.minLength(1), v.maxLength(liveEventKinds.length));
const workspaceId = v.object({ workspaceId: v.string() });
const workspaceKinds = v.object({ workspaceId: v.string(), kinds });

export const liveNode = v.object({
  node: v.string(),
  /** `notify-keyspace-events` as it is; `null` when the user may not read it. */
  flags: v.nullable(v.string()),
  /** What it would have to be for these kinds: the union, nobody's flags are taken away. `null` when `flags` is. */
  wanted: v.nullable(v.string()),
  /** It already tells of all that was asked. */
  enough: v.boolean(),
  /** We changed it and hold its earlier value. */
  ours: v.boolean(),
  problem: v.nullable(problem),
});
export type LiveNode = v.InferOutput<typeof liveNode>;

export const liveCheck = v.object({
  nodes: v.array(liveNode),
  /** All nodes tell of all that was asked. */
  enough: v.boolean(),
  /** Whether `enable` can do it; if not, `advice` says what to ask the administrator for. */
  canEnable: v.boolean(),
  advice: v.string(),
});
export type LiveCheck = v.InferOutput<typeof liveCheck>;

export const liveSnapshot = v.object({
  since: v.number(),
  nodes: v.array(v.object({ node: v.string(), listening: v.boolean(), problem: v.nullable(problem) })),
  /** Some nodes do not tell of all kinds, or are not heard: counts are at least. */
  partial: v.boolean(),
  /** Connections broke in between: events were missed. */
  gaps: v.number(),
  kinds: v.array(
    v.object({
      kind: v.picklist(liveEventKinds),
      total: v.number(),
      /** Events a second over the last 5 s. */
      perSecond: v.number(),
    }),
  ),
  /** By first segment of the name with its delimiter, busiest first, at most 200; the others are summed in `other`. */
  namespaces: v.array(v.object({ prefix: wireBytes, kind: v.picklist(liveEventKinds), total: v.number(), perSecond: v.number() })),
  other: v.number(),
});
export type LiveSnapshot = v.InferOutput<typeof liveSnapshot>;

export const liveEvent = v.object({
  /** Grows; for `after`. */
  id: v.number(),
  /** Unix ms when it arrived here. */
  at: v.number(),
  kind: v.picklist(liveEventKinds),
  /** The server's own word: `expired`, `evicted`, `del`, `hset` ... */
  event: v.string(),
  name: wireBytes,
  node: v.string(),
});
export type LiveEvent = v.InferOutput<typeof liveEvent>;

export const liveEventsContract = {
  /** What `notify-keyspace-events` is on each node and what it would become; changes nothing. */
  check: base.input(workspaceKinds).output(liveCheck),
  /**
   * Sets the union of the present flags and the needed ones on every node. The earlier values are on disk before; they are
   * restored when the last watcher of the workspace leaves, when the app closes, and at the next start after a crash, each only
   * where the value is still the one that was set. READ_ONLY on a locked workspace.
   */
  enable: base.input(v.object({ workspaceId: v.string(), kinds, consent: v.literal(true) })).output(liveCheck),
  /** Restores now what `enable` changed. */
  restore: base.input(workspaceId).output(v.object({ nodes: v.array(liveNode) })),
  /** Listens on connections of its own to every master. Counts a second; names are pulled by `recent`. */
  watch: base
    .input(v.object({ workspaceId: v.string(), db: v.pipe(v.number(), v.integer(), v.minValue(0)), kinds }))
    .output(eventIterator(liveSnapshot)),
  /** The last events of a workspace's database, newest first, at most 200; with `after` only later ones. */
  recent: base
    .input(v.object({ workspaceId: v.string(), db: v.pipe(v.number(), v.integer(), v.minValue(0)), after: v.optional(v.number(), 0) }))
    .output(v.array(liveEvent)),
};
