import * as v from 'valibot';
import { LookasideError } from '../contract/errors.ts';
import { postgresProfile, redisProfile, sslModes, type PostgresProfile, type RedisProfile, type SecretSlot } from '../contract/workspaces.ts';

export interface ParsedPart {
  label: string;
  /** The value itself, or dots where it is secret. */
  value: string;
  secret: boolean;
}

/** What a pasted text says. Secrets stand apart so that they can go to the host and nowhere else. */
export interface ParsedConnection {
  redis: RedisProfile | null;
  postgres: PostgresProfile | null;
  secrets: Partial<Record<SecretSlot, string>>;
  /** For showing what was read, in order. */
  parts: ParsedPart[];
  suggestedName: string;
  /** What was understood but cannot be carried over, in words. */
  warnings: string[];
}

/** One side while it is being read. */
export interface RedisFound {
  nodes: { host: string; port: number }[];
  topology?: RedisProfile['topology'] | undefined;
  socketPath?: string | undefined;
  sentinelMaster?: string | undefined;
  sentinelUsername?: string | undefined;
  username?: string | undefined;
  db?: number | undefined;
  tls?: boolean | undefined;
  insecure?: boolean | undefined;
  caFile?: string | undefined;
  certFile?: string | undefined;
  keyFile?: string | undefined;
  serverName?: string | undefined;
  password?: string | undefined;
  sentinelPassword?: string | undefined;
  warnings: string[];
}

export interface PostgresFound {
  host?: string | undefined;
  port?: number | undefined;
  user?: string | undefined;
  password?: string | undefined;
  database?: string | undefined;
  sslMode?: string | undefined;
  sslRootCert?: string | undefined;
  sslCert?: string | undefined;
  sslKey?: string | undefined;
  sslPassword?: string | undefined;
  passFile?: string | undefined;
  options?: string | undefined;
  warnings: string[];
}

/** Never quotes the text: it may hold a password. */
export function parseFailure(why: string, hint = 'Paste a redis:// or postgres:// URL, a redis-cli or psql line, .env lines, or host:port.'): LookasideError {
  return new LookasideError('PARSE_FAILED', why, { hint });
}

export function portNumber(text: string, otherwise: number): number {
  if (text === '') return otherwise;
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw parseFailure('The port is not a number from 1 to 65535');
  return port;
}

export function dbNumber(text: string): number {
  if (!/^\d{1,5}$/u.test(text) || Number(text) > 65_535) throw parseFailure('The database is not a number');
  return Number(text);
}

function redisOf(found: RedisFound): RedisProfile {
  const socketPath = found.socketPath ?? '';
  return v.parse(redisProfile, {
    topology: found.topology ?? (found.nodes.length > 1 ? 'cluster' : 'auto'),
    nodes: socketPath === '' ? found.nodes : [],
    socketPath,
    sentinelMaster: found.sentinelMaster ?? '',
    sentinelUsername: found.sentinelUsername ?? '',
    username: found.username ?? '',
    db: found.db ?? 0,
    tls: {
      mode: found.tls === true ? (found.insecure === true ? 'skip' : 'verify') : 'off',
      caFile: found.caFile ?? '',
      certFile: found.certFile ?? '',
      keyFile: found.keyFile ?? '',
      serverName: found.serverName ?? '',
    },
    ssh: null,
  });
}

function postgresOf(found: PostgresFound, warnings: string[]): PostgresProfile {
  const sslMode = sslModes.find((mode) => mode === (found.sslMode ?? 'prefer'));
  if (sslMode === undefined) warnings.push('The sslmode is not one of libpq’s; prefer is used');
  return v.parse(postgresProfile, {
    host: found.host ?? 'localhost',
    port: found.port ?? 5432,
    user: found.user ?? '',
    database: found.database ?? '',
    sslMode: sslMode ?? 'prefer',
    sslRootCert: found.sslRootCert ?? '',
    sslCert: found.sslCert ?? '',
    sslKey: found.sslKey ?? '',
    passFile: found.passFile ?? '',
    options: found.options ?? '',
    ssh: null,
  });
}

function addressOf(redis: RedisProfile): string {
  if (redis.socketPath !== '') return redis.socketPath;
  return redis.nodes.map((node) => `${node.host.includes(':') ? `[${node.host}]` : node.host}:${node.port}`).join(', ');
}

/** Both sides put together: profiles with every default, secrets apart, and what to show. */
export function assemble(redisFound: RedisFound | null, postgresFound: PostgresFound | null, warnings: string[] = []): ParsedConnection {
  const said = [...warnings, ...(redisFound?.warnings ?? []), ...(postgresFound?.warnings ?? [])];
  const redis = redisFound === null ? null : redisOf(redisFound);
  const postgres = postgresFound === null ? null : postgresOf(postgresFound, said);
  const secrets = new Map<SecretSlot, string | undefined>([
    ['redis.password', redisFound?.password],
    ['redis.sentinelPassword', redisFound?.sentinelPassword],
    ['postgres.password', postgresFound?.password],
    ['postgres.tlsKeyPassphrase', postgresFound?.sslPassword],
  ]);
  for (const [slot, value] of secrets) if (value === undefined || value === '') secrets.delete(slot);
  const parts: ParsedPart[] = [];
  const add = (label: string, value: string, secret = false): void => {
    if (value !== '') parts.push({ label, value: secret ? '••••••••' : value, secret });
  };
  if (redis !== null) {
    add('Redis', addressOf(redis));
    if (redis.topology !== 'auto') add('Topology', redis.topology);
    add('Sentinel master', redis.sentinelMaster);
    add('Redis user', redis.username);
    add('Redis password', secrets.get('redis.password') ?? '', true);
    add('Sentinel user', redis.sentinelUsername);
    add('Sentinel password', secrets.get('redis.sentinelPassword') ?? '', true);
    if (redis.db !== 0) add('Database', String(redis.db));
    if (redis.tls.mode !== 'off') add('TLS', redis.tls.mode === 'skip' ? 'not verified' : 'verified');
  }
  if (postgres !== null) {
    add('Postgres', `${postgres.host}:${postgres.port}`);
    add('Postgres database', postgres.database);
    add('Postgres user', postgres.user);
    add('Postgres password', secrets.get('postgres.password') ?? '', true);
    add('sslmode', postgres.sslMode);
  }
  const host = redis?.nodes[0]?.host ?? (redis === null ? postgres?.host : redis.socketPath) ?? '';
  return { redis, postgres, secrets: Object.fromEntries(secrets) as ParsedConnection['secrets'], parts, suggestedName: host.slice(0, 120), warnings: said };
}
