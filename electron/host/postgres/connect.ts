import pg from 'pg';
import type { TlsFacts } from '../../../shared/contract/connections.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { PostgresProfile, SecretChanges } from '../../../shared/contract/workspaces.ts';
import type { Dialer, DialedSocket } from '../connections/dial/dialer.ts';
import { targetText, translateNetworkError, type NetworkTarget } from '../connections/dial/network-errors.ts';
import { wrapTls } from '../connections/dial/tls.ts';
import { localUser } from '../connections/dial/ssh-config-file.ts';
import { planTls, type TlsPlan } from './libpq-tls.ts';
import { fillFromEnvironment } from './libpq-environment.ts';
import { findPgpassPassword } from './pgpass.ts';
import { translatePostgresError, type PostgresPlace } from './postgres-errors.ts';
import { askForTls, dialTarget, whoAnswers } from './wire.ts';

/** Milliseconds for reaching the server and logging in. */
export const connectTimeoutMs = 10_000;
/** Milliseconds after which the server ends a statement of this app's own. */
const statementMs = 30_000;

/** Everything a connection needs, read once: environment, `.pgpass` and TLS files included. */
export interface PostgresAccess {
  profile: PostgresProfile;
  target: NetworkTarget;
  where: string;
  user: string;
  database: string;
  password: string | null;
  passwordFrom: 'given' | 'PGPASSWORD' | 'pgpass' | 'none';
  plan: TlsPlan;
  notes: string[];
}

export interface AccessOptions {
  profile: PostgresProfile;
  secrets: SecretChanges;
  environment: NodeJS.ProcessEnv;
}

/** Fills a profile the way libpq does and reads its files. Rejects with TLS_MATERIAL_INVALID. */
export async function readAccess({ profile: given, secrets, environment }: AccessOptions): Promise<PostgresAccess> {
  const { profile: filled, notes } = fillFromEnvironment(given, environment);
  const user = filled.user === '' ? localUser(environment).name : filled.user;
  const database = filled.database === '' ? user : filled.database;
  const profile = { ...filled, user, database };
  const target: NetworkTarget = profile.host.startsWith('/') ? { path: `${profile.host}/.s.PGSQL.${profile.port}` } : { host: profile.host, port: profile.port };
  // as in libpq, an empty password is none
  let password = secrets['postgres.password'] || null;
  let passwordFrom: PostgresAccess['passwordFrom'] = password === null ? 'none' : 'given';
  if (password === null && (environment['PGPASSWORD'] ?? '') !== '') {
    password = environment['PGPASSWORD'] ?? null;
    passwordFrom = 'PGPASSWORD';
  }
  if (password === null) {
    const found = await findPgpassPassword(profile, environment);
    if (found.note !== '') notes.push(found.note);
    if (found.password !== null) passwordFrom = 'pgpass';
    password = found.password;
  }
  const plan = await planTls(profile, secrets, environment);
  if (plan.note !== '') notes.push(plan.note);
  return { profile, target, where: targetText(target), user, database, password, passwordFrom, plan, notes };
}

export type Stage = 'tcp' | 'tls' | 'auth';

export interface ConnectHooks {
  signal?: AbortSignal | undefined;
  /** Called when a stage begins, and with its facts when TLS is up or was left out. */
  onStage?: (stage: Stage, event: 'begin' | 'done', tls: TlsFacts | null) => void;
}

export interface PostgresLink {
  client: pg.Client;
  tls: TlsFacts | null;
}

/**
 * The driver expects to connect the stream itself; this one is connected already. What its parser throws on bytes
 * that it does not know (an authentication method, say) becomes the stream's error instead of an uncaught one.
 */
function asConnected(stream: DialedSocket): DialedSocket {
  // the protocol has no half-closed connections, but an SSH channel stays half open until somebody writes
  stream.once('end', () => stream.destroy());
  const on = stream.on.bind(stream) as (event: string, listener: (...args: unknown[]) => void) => DialedSocket;
  return Object.assign(stream, {
    on: (event: string, listener: (...args: unknown[]) => void) => {
      if (event !== 'data') return on(event, listener);
      return on(event, (...args) => {
        try {
          listener(...args);
        } catch (error) {
          stream.destroy(error instanceof Error ? error : new Error('the answer cannot be read', { cause: error }));
        }
      });
    },
    connect: () => {
      process.nextTick(() => stream.emit('connect'));
      return stream;
    },
  });
}

async function login(stream: DialedSocket, access: PostgresAccess, encrypted: boolean, signal?: AbortSignal): Promise<pg.Client> {
  const place: PostgresPlace = { ...access, encrypted };
  const { password } = access;
  const client = new pg.Client({
    stream: asConnected(stream) as unknown as () => never,
    // every value is given, because the driver reads this process's own PG* variables for those that are not
    host: access.profile.host,
    port: access.profile.port,
    user: access.user,
    database: access.database,
    ssl: false,
    application_name: 'lookaside',
    options: `-c default_transaction_read_only=on -c statement_timeout=${statementMs} ${access.profile.options}`.trim(),
    password: () => {
      if (password !== null) return password;
      throw new LookasideError('PG_PASSWORD_REQUIRED', `The server asks for the password of "${access.user}"`, {
        hint: 'Give the password, set PGPASSWORD, or add a line to .pgpass.',
      });
    },
  });
  let refuse: (error: unknown) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  const timer = setTimeout(() => refuse(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), connectTimeoutMs);
  const aborted = (): void => refuse(new LookasideError('CANCELLED', 'Cancelled'));
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    // stays for good: an error that nobody hears ends the process
    client.on('error', refuse);
    await Promise.race([client.connect(), stopped]);
    return client;
  } catch (error) {
    stream.destroy();
    throw translatePostgresError(error, place);
  } finally {
    clearTimeout(timer);
    stopped.catch(() => undefined);
    signal?.removeEventListener('abort', aborted);
  }
}

async function attempt(dialer: Dialer, access: PostgresAccess, encryption: 'plain' | 'tls', hooks: ConnectHooks): Promise<PostgresLink> {
  const { target, where, plan } = access;
  const { signal, onStage } = hooks;
  onStage?.('tcp', 'begin', null);
  const socket = await dialTarget(dialer, target, { signal, timeoutMs: connectTimeoutMs });
  onStage?.('tcp', 'done', null);
  let stream = socket;
  let tls: TlsFacts | null = null;
  try {
    if (encryption === 'tls' && plan.tls !== null) {
      onStage?.('tls', 'begin', null);
      const offered = await askForTls(socket, target, where, 3000, signal);
      if (offered) {
        const at = 'path' in target ? undefined : target;
        const wrapped = await wrapTls(socket, plan.tls, { signal, where: at, checkName: plan.checkName, encryptOnly: true, timeoutMs: connectTimeoutMs });
        stream = wrapped.socket;
        tls = wrapped.facts;
      } else if (plan.attempts.length === 1) {
        throw new LookasideError('TLS_NOT_SPOKEN', `${where} offers no TLS`, {
          hint: `sslmode ${access.profile.sslMode} does not go on without it; the server has ssl = off.`,
          details: { sslmode: access.profile.sslMode },
        });
      }
    }
    onStage?.('tls', 'done', tls);
    onStage?.('auth', 'begin', null);
    const client = await login(stream, access, tls !== null, signal);
    onStage?.('auth', 'done', null);
    return { client, tls };
  } catch (error) {
    socket.destroy();
    throw error instanceof LookasideError ? error : translateNetworkError(error, target);
  }
}

const endMs = 1000;

/** Says goodbye, but waits no longer than a second for a server that does not answer. */
export async function endClient(client: pg.Client): Promise<void> {
  const { stream } = client.connection;
  const timer = setTimeout(() => stream.destroy(), endMs);
  try {
    await client.end();
  } catch (error) {
    stream.destroy(error instanceof Error ? error : undefined);
  } finally {
    clearTimeout(timer);
  }
}

/** Failures of one attempt after which libpq tries the other encryption: a refused handshake, or a refusal at login. */
function maySwitch(error: LookasideError): boolean {
  return error.code.startsWith('TLS_') || String(error.details['sqlstate'] ?? '').startsWith('28');
}

/** The refusal of the preferred way is told, unless it never got to the login and the fallback did. */
function saysMore(fallback: LookasideError, preferred: LookasideError): boolean {
  const early = preferred.code === 'PG_NO_HBA_ENTRY' || preferred.code.startsWith('TLS_');
  return early && fallback.code.startsWith('PG_') && fallback.code !== 'PG_NO_HBA_ENTRY' && fallback.code !== 'PG_NOT_POSTGRES';
}

/** Silence, a closed connection or strange bytes: who is it then? */
async function explain(error: LookasideError, dialer: Dialer, access: PostgresAccess, reached: boolean, signal?: AbortSignal): Promise<LookasideError> {
  const puzzling = error.code === 'CONNECT_TIMEOUT' || error.code === 'CONNECTION_LOST' || error.code === 'TLS_FAILED';
  if (reached && puzzling) return (await whoAnswers(dialer, access.target, access.where, signal)) ?? error;
  if (error.code !== 'PG_NO_HBA_ENTRY' || access.plan.attempts.includes('tls') || 'path' in access.target) return error;
  if (!(await offersTls(dialer, access, signal))) return error;
  return new LookasideError('TLS_EXPECTED_BY_SERVER', `${access.where} does not take "${access.user}" without TLS`, {
    hint: 'Set sslmode to require, or better to verify-full.',
    details: error.details,
    cause: error,
  });
}

async function offersTls(dialer: Dialer, access: PostgresAccess, signal?: AbortSignal): Promise<boolean> {
  try {
    const socket = await dialTarget(dialer, access.target, { signal, timeoutMs: 3000 });
    try {
      return await askForTls(socket, access.target, access.where, 1000, signal);
    } finally {
      socket.on('error', () => undefined);
      socket.destroy();
    }
  } catch (error) {
    if (error instanceof LookasideError) return false;
    throw error;
  }
}

/**
 * Opens a session as libpq's sslmode says: each attempt in turn, the first failure told when all fail the same way.
 * The session is read-only by default. Rejects with LookasideError.
 */
export async function connectPostgres(dialer: Dialer, access: PostgresAccess, hooks: ConnectHooks = {}): Promise<PostgresLink> {
  let reached = false;
  const noted: ConnectHooks = {
    ...hooks,
    onStage: (stage, event, tls) => {
      if (stage === 'tcp' && event === 'done') reached = true;
      hooks.onStage?.(stage, event, tls);
    },
  };
  let first: LookasideError | null = null;
  for (const encryption of access.plan.attempts) {
    try {
      return await attempt(dialer, access, encryption, noted);
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      if (first === null || saysMore(error, first)) first = error;
      if (!maySwitch(error)) break;
    }
  }
  throw await explain(first ?? new LookasideError('INTERNAL', 'There was no way to try'), dialer, access, reached, hooks.signal);
}
