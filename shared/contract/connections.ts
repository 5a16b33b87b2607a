import { eventIterator } from '@orpc/contract';
import * as v from 'valibot';
import { base } from './base.ts';
import { problem } from './errors.ts';
import { secretChanges, workspaceDraft } from './workspaces.ts';

export const connectionStates = ['connecting', 'ready', 'reconnecting', 'failed', 'closed'] as const;

/** What a TLS handshake showed, for the test panel and the badge. Times are Unix milliseconds. */
export const certificate = v.object({
  subject: v.string(),
  issuer: v.string(),
  validFrom: v.number(),
  validTo: v.number(),
  names: v.array(v.string()),
  sha256: v.string(),
});
export type Certificate = v.InferOutput<typeof certificate>;

export const tlsFacts = v.object({
  protocol: v.string(),
  cipher: v.string(),
  verified: v.boolean(),
  mode: v.picklist(['verify', 'pin', 'skip', 'encrypt-only']),
  /** Leaf first. */
  chain: v.array(certificate),
});
export type TlsFacts = v.InferOutput<typeof tlsFacts>;

export const redisNode = v.object({
  id: v.string(),
  host: v.string(),
  port: v.number(),
  role: v.picklist(['master', 'replica', 'sentinel']),
  /** Number of slots held; 0 outside a cluster. */
  slots: v.number(),
  /** False while it does not answer. */
  up: v.boolean(),
});
export type RedisNode = v.InferOutput<typeof redisNode>;

export const redisFacts = v.object({
  flavour: v.picklist(['redis', 'valkey', 'keydb', 'dragonfly', 'unknown']),
  version: v.string(),
  topology: v.picklist(['standalone', 'cluster', 'sentinel']),
  nodes: v.array(redisNode),
  /** The user as the server names it. */
  user: v.string(),
  /** Databases that exist by configuration; `null` when the user may not ask. */
  databases: v.nullable(v.number()),
  /** Key counts of the databases that hold keys (INFO keyspace). */
  keyspace: v.array(v.object({ db: v.number(), keys: v.number(), expires: v.number() })),
  maxmemoryPolicy: v.nullable(v.string()),
  modules: v.array(v.string()),
  /** Features of this app that this user or server cannot have, with the reason in words. */
  missing: v.array(v.object({ feature: v.string(), reason: v.string() })),
});
export type RedisFacts = v.InferOutput<typeof redisFacts>;

/** Server time that this app has used. Always an estimate: calls made here x the server's own mean per command. */
export const serverImpact = v.object({
  commands: v.number(),
  /** Microseconds since the connection opened; `null` when the user may not read commandstats. */
  usec: v.nullable(v.number()),
  /** Share of one core over the last 10 s, 0 to 1. */
  recentShare: v.nullable(v.number()),
  bytesIn: v.number(),
  bytesOut: v.number(),
});
export type ServerImpact = v.InferOutput<typeof serverImpact>;

const sideBase = {
  state: v.picklist(connectionStates),
  /** Unix ms when the state began. */
  since: v.number(),
  /** Reconnect attempts so far in this outage. */
  attempt: v.number(),
  /** Unix ms of the next attempt, while reconnecting. */
  nextAttemptAt: v.nullable(v.number()),
  problem: v.nullable(problem),
  /** Median round trip of the last pings, ms. */
  latencyMs: v.nullable(v.number()),
  tls: v.nullable(tlsFacts),
  /** `user@host` of each SSH hop, outermost first. */
  sshPath: v.array(v.string()),
};

export const redisStatus = v.object({
  ...sideBase,
  facts: v.nullable(redisFacts),
  impact: serverImpact,
  readOnly: v.object({
    active: v.boolean(),
    /** Unix ms when an unlock ends; `null` when locked or permanently writable. */
    unlockedUntil: v.nullable(v.number()),
    unlockReason: v.string(),
  }),
});
export type RedisStatus = v.InferOutput<typeof redisStatus>;

export const postgresStatus = v.object({
  ...sideBase,
  facts: v.nullable(
    v.object({
      version: v.string(),
      database: v.string(),
      user: v.string(),
      superuser: v.boolean(),
      inRecovery: v.boolean(),
      extensions: v.array(v.string()),
    }),
  ),
});
export type PostgresStatus = v.InferOutput<typeof postgresStatus>;

export const connectionSnapshot = v.object({
  workspaceId: v.string(),
  redis: v.nullable(redisStatus),
  postgres: v.nullable(postgresStatus),
});
export type ConnectionSnapshot = v.InferOutput<typeof connectionSnapshot>;

export const testStepIds = ['read', 'resolve', 'ssh', 'tcp', 'tls', 'auth', 'server', 'permissions', 'nodes'] as const;

/** One step of a connection test. `warned` means it works but something should be known. */
export const testStep = v.object({
  id: v.picklist(testStepIds),
  state: v.picklist(['waiting', 'running', 'passed', 'warned', 'failed', 'skipped']),
  durationMs: v.nullable(v.number()),
  /** What was found, in a sentence or two. */
  detail: v.string(),
  problem: v.nullable(problem),
  tls: v.nullable(tlsFacts),
});
export type TestStep = v.InferOutput<typeof testStep>;

export const testSnapshot = v.object({
  side: v.picklist(['redis', 'postgres']),
  steps: v.array(testStep),
  /** What this user may not do, one line each. */
  denied: v.array(v.string()),
  done: v.boolean(),
  ok: v.boolean(),
});
export type TestSnapshot = v.InferOutput<typeof testSnapshot>;

const workspaceId = v.object({ workspaceId: v.string() });

export const connectionsContract = {
  /**
   * Opens both sides of a workspace, or returns the one already open. Succeeds when the Redis side (or, with no
   * Redis, the Postgres side) is ready; the other side's failure is in the snapshot. Secrets given here live for
   * the session only.
   */
  open: base.input(v.object({ workspaceId: v.string(), secrets: v.optional(secretChanges, {}) })).output(connectionSnapshot),
  close: base.input(workspaceId).output(v.object({})),
  /** Ids of the open workspaces. */
  opened: base.output(v.array(v.string())),
  /** State, latency, nodes, read-only and impact; a snapshot on each change, at most 5 a second, at least one every 5 s. */
  watch: base.input(workspaceId).output(eventIterator(connectionSnapshot)),
  /** Tries to reconnect now instead of at the next back-off. */
  retry: base.input(workspaceId).output(v.object({})),
  /** Walks the steps of a connection that may not be saved yet. With `workspaceId`, unset secrets come from it. */
  test: base
    .input(
      v.object({
        workspaceId: v.optional(v.string()),
        draft: workspaceDraft,
        secrets: secretChanges,
        side: v.picklist(['redis', 'postgres']),
      }),
    )
    .output(eventIterator(testSnapshot, testSnapshot)),
  /** Adds the key that SSH_HOST_KEY_UNKNOWN named to this app's own known_hosts; refused when another is presented by then. */
  trustHostKey: base
    .input(v.object({ host: v.string(), port: v.number(), keyType: v.string(), sha256: v.string() }))
    .output(v.object({})),
  /** Allows writes for a time. The reason goes to the audit journal. */
  unlock: base
    .input(
      v.object({
        workspaceId: v.string(),
        minutes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(240)),
        reason: v.pipe(v.string(), v.trim(), v.minLength(3, 'Say why in a few words'), v.maxLength(500)),
      }),
    )
    .output(connectionSnapshot),
  lock: base.input(workspaceId).output(connectionSnapshot),
};
