import * as v from 'valibot';
import { base } from './base.ts';

export const environments = ['local', 'staging', 'production'] as const;
export const environment = v.picklist(environments);
export type Environment = v.InferOutput<typeof environment>;

export const workspaceColours = ['gray', 'blue', 'teal', 'green', 'violet', 'pink', 'amber', 'red'] as const;

const text = v.pipe(v.string(), v.maxLength(4096));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const hostPort = v.object({ host: v.pipe(text, v.nonEmpty()), port });
export type HostPort = v.InferOutput<typeof hostPort>;

/** `verify` checks chain and name; `pin` accepts exactly one leaf certificate; `skip` accepts any and shows a badge. */
export const tlsProfile = v.object({
  mode: v.picklist(['off', 'verify', 'pin', 'skip']),
  /** Path of a CA bundle (PEM); empty means the system's store. */
  caFile: v.optional(text, ''),
  certFile: v.optional(text, ''),
  keyFile: v.optional(text, ''),
  /** SNI and name to verify; empty means the host. */
  serverName: v.optional(text, ''),
  /** SHA-256 of the leaf certificate in hex, for `pin`. */
  pinSha256: v.optional(text, ''),
});
export type TlsProfile = v.InferOutput<typeof tlsProfile>;

/** How to authenticate to one SSH host. `auto` tries the agent, then the keys that ssh_config or the defaults name. */
export const sshAuth = v.picklist(['auto', 'agent', 'key', 'password']);

export const sshProfile = v.object({
  /** A host name or an alias from `~/.ssh/config`. */
  host: v.pipe(text, v.nonEmpty()),
  /** 0 means: what ssh_config says, else 22. */
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535)), 0),
  /** Empty means: what ssh_config says, else the local user. */
  user: v.optional(text, ''),
  auth: v.optional(sshAuth, 'auto'),
  keyFile: v.optional(text, ''),
  /** Read `~/.ssh/config` (HostName, User, Port, IdentityFile, IdentityAgent, ProxyJump, UserKnownHostsFile). */
  useConfig: v.optional(v.boolean(), true),
  /** ProxyJump list, `user@host:port,…`; empty means: what ssh_config says. */
  proxyJump: v.optional(text, ''),
});
export type SshProfile = v.InferOutput<typeof sshProfile>;

export const redisProfile = v.object({
  /** `auto` asks the server: standalone, or cluster when `cluster_enabled:1`. */
  topology: v.optional(v.picklist(['auto', 'standalone', 'cluster', 'sentinel']), 'auto'),
  /** One node for standalone, seeds for cluster, sentinels for sentinel. Empty with a unix socket. */
  nodes: v.pipe(v.array(hostPort), v.maxLength(64)),
  /** Unix socket path; empty when TCP. */
  socketPath: v.optional(text, ''),
  sentinelMaster: v.optional(text, ''),
  sentinelUsername: v.optional(text, ''),
  username: v.optional(text, ''),
  db: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535)), 0),
  tls: v.optional(tlsProfile, { mode: 'off' }),
  ssh: v.optional(v.nullable(sshProfile), null),
});
export type RedisProfile = v.InferOutput<typeof redisProfile>;

/** libpq's sslmode with libpq's meanings (PostgreSQL documentation, 32.19 SSL support). */
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export const postgresProfile = v.object({
  /** A name, an address, or the folder of a unix socket when it starts with `/`. */
  host: text,
  port: v.optional(port, 5432),
  user: v.optional(text, ''),
  database: v.optional(text, ''),
  sslMode: v.optional(v.picklist(sslModes), 'prefer'),
  sslRootCert: v.optional(text, ''),
  sslCert: v.optional(text, ''),
  sslKey: v.optional(text, ''),
  /** `.pgpass` to read when no password is given; empty means `PGPASSFILE` or `~/.pgpass`. */
  passFile: v.optional(text, ''),
  /** libpq's `options`, for example `-c search_path=shop`. */
  options: v.optional(text, ''),
  ssh: v.optional(v.nullable(sshProfile), null),
});
export type PostgresProfile = v.InferOutput<typeof postgresProfile>;

/** Where a secret belongs. Secrets go to the host in `save`, `test` and `open`, and never come back. */
export const secretSlots = [
  'redis.password',
  'redis.sentinelPassword',
  'redis.tlsKeyPassphrase',
  'redis.sshPassword',
  'redis.sshPassphrase',
  'postgres.password',
  'postgres.tlsKeyPassphrase',
  'postgres.sshPassword',
  'postgres.sshPassphrase',
] as const;
export const secretSlot = v.picklist(secretSlots);
export type SecretSlot = v.InferOutput<typeof secretSlot>;

/** A string sets the secret, `null` forgets it, an absent slot leaves it as it is. */
export const secretChanges = v.record(secretSlot, v.nullable(v.pipe(v.string(), v.maxLength(65536))));
export type SecretChanges = Partial<Record<SecretSlot, string | null>>;

export const workspaceDraft = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, 'A name is needed'), v.maxLength(120)),
  environment,
  colour: v.picklist(workspaceColours),
  /** Refuse every command that writes, until unlocked. Defaults to on for production. */
  readOnly: v.boolean(),
  /** Delimiters of key names, in the tree; several may be active at once. */
  delimiters: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(8))), v.maxLength(8)),
  redis: v.nullable(redisProfile),
  postgres: v.nullable(postgresProfile),
});
export type WorkspaceDraft = v.InferOutput<typeof workspaceDraft>;

/** `stored` in the system's keychain, `session` in this process's memory only. */
export const secretState = v.picklist(['stored', 'session', 'none']);

export const workspace = v.object({
  id: v.string(),
  ...workspaceDraft.entries,
  /** The running demo's workspace; it is not stored and cannot be edited. */
  demo: v.boolean(),
  secrets: v.record(secretSlot, secretState),
  lastOpenedAt: v.nullable(v.number()),
});
export type Workspace = v.InferOutput<typeof workspace>;

const workspaceId = v.object({ workspaceId: v.string() });

export const workspacesContract = {
  /** All saved workspaces and the demo's, most recently opened first. */
  list: base.output(v.array(workspace)),
  /** Creates (no `workspaceId`) or replaces one. Secrets are stored, or kept for the session where they cannot be protected. */
  save: base
    .input(v.object({ workspaceId: v.optional(v.string()), draft: workspaceDraft, secrets: secretChanges }))
    .output(workspace),
  /** Forgets a workspace and its secrets; the reply is what `restore` needs to bring it back within this session. */
  remove: base.input(workspaceId).output(v.object({ restoreToken: v.string() })),
  restore: base.input(v.object({ restoreToken: v.string() })).output(workspace),
  /** What this machine's environment offers: `PG*`, `REDIS_URL`, aliases of `~/.ssh/config`. Never a secret's value. */
  environmentHints: base.output(
    v.object({
      postgres: v.nullable(postgresProfile),
      postgresPassword: v.picklist(['PGPASSWORD', 'pgpass', 'none']),
      redisUrlVariable: v.nullable(v.string()),
      sshAliases: v.array(v.string()),
    }),
  ),
  /** Reads an export of RedisInsight, Another Redis Desktop Manager or Tiny RDM. With `dryRun` nothing is saved. */
  import: base
    .input(v.object({ text: v.pipe(v.string(), v.maxLength(4_000_000)), fileName: text, dryRun: v.boolean() }))
    .output(
      v.object({
        source: v.picklist(['redisinsight', 'ardm', 'tinyrdm', 'lookaside']),
        found: v.array(
          v.object({ draft: workspaceDraft, secrets: v.array(secretSlot), notes: v.array(v.string()) }),
        ),
        skipped: v.array(v.object({ name: v.string(), reason: v.string() })),
        saved: v.array(workspace),
      }),
    ),
  /** All saved workspaces as a file's text, without any secret; `import` reads it back. */
  export: base.output(v.object({ fileName: v.string(), text: v.string() })),
};
