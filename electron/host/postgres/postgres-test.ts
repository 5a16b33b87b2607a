import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { TestSnapshot, TlsFacts } from '../../../shared/contract/connections.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { PostgresOptions } from '../connections/postgres-side.ts';
import { createRecorder, type StepId, type TestRecorder } from '../connections/redis/test-recorder.ts';
import { createDialer, type Dialer } from '../connections/dial/dialer.ts';
import { translateNetworkError } from '../connections/dial/network-errors.ts';
import { snapshotStream } from '../snapshots.ts';
import { connectPostgres, endClient, readAccess, type PostgresAccess, type PostgresLink, type Stage } from './connect.ts';
import { readDenied, readFacts } from './facts.ts';
import { translatePostgresError } from './postgres-errors.ts';

const warnDays = 30;
const dayMs = 86_400_000;

class StepFailed extends Error {}

/** Walks the steps of a Postgres connection and says what each one found. Ends early when the signal aborts. */
export async function* testPostgres(options: PostgresOptions, signal: AbortSignal): AsyncGenerator<TestSnapshot, TestSnapshot, void> {
  const recorder = createRecorder('postgres');
  const left = new AbortController();
  const walking = walk(options, recorder, AbortSignal.any([signal, left.signal]));
  // a fault of this program is thrown below, when the stream has ended
  walking.catch(() => undefined);
  try {
    yield* snapshotStream({ read: () => recorder.snapshot(), subscribe: (listener) => recorder.subscribe(listener), signal, minIntervalMs: 100 });
    await walking;
    return recorder.snapshot();
  } finally {
    left.abort();
  }
}

async function walk(options: PostgresOptions, recorder: TestRecorder, signal: AbortSignal): Promise<void> {
  const notes: string[] = [];
  const dialer = createDialer({
    ...options,
    ssh: options.profile.ssh,
    slotPrefix: 'postgres',
    onStep: (step) => {
      if (step.kind === 'note') notes.push(step.text);
    },
  });
  let link: PostgresLink | null = null;

  async function step<T>(id: StepId, body: () => Promise<T>): Promise<T> {
    recorder.begin(id);
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      recorder.fail(id, error);
      throw new StepFailed();
    }
  }

  try {
    const access = await step('read', () => readStep(options, recorder));
    await step('resolve', () => resolveStep(options, access, recorder));
    if (options.profile.ssh === null) recorder.skip('ssh', 'No SSH tunnel');
    else {
      await step('ssh', async () => {
        await dialer.openSsh({ signal, timeoutMs: 20_000 });
        recorder.pass('ssh', { detail: [`Through ${dialer.sshPath.join(', then ')}.`, ...notes].join(' ') });
      });
    }
    link = await reach(dialer, access, recorder, signal);
    const { stream } = link.client.connection;
    const aborted = (): void => void stream.destroy();
    signal.addEventListener('abort', aborted, { once: true });
    await serverSteps(link, access, recorder);
    signal.removeEventListener('abort', aborted);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  } finally {
    recorder.end();
    if (link !== null) await endClient(link.client);
    await dialer.close();
  }
}

async function readStep(options: PostgresOptions, recorder: TestRecorder): Promise<PostgresAccess> {
  const access = await readAccess(options);
  const from = new Map([
    ['given', 'with the password given'],
    ['PGPASSWORD', 'with the password of PGPASSWORD'],
    ['pgpass', 'with the password of the password file'],
    ['none', 'without a password'],
  ]).get(access.passwordFrom);
  const detail = [`"${access.user}" to "${access.database}" at ${access.where}, sslmode ${access.profile.sslMode}, ${from ?? ''}.`, ...access.notes].join(' ');
  const warning = access.notes.length === 0 ? null : new LookasideError('INVALID_INPUT', access.notes.join('; '));
  recorder.pass('read', { detail, warning: access.notes.some((note) => note.includes('ignored') || note.includes('not supported')) ? warning : null });
  return access;
}

async function resolveStep(options: PostgresOptions, access: PostgresAccess, recorder: TestRecorder): Promise<void> {
  const { target } = access;
  if ('path' in target) recorder.skip('resolve', 'A unix socket needs no name');
  else if (options.profile.ssh !== null) recorder.skip('resolve', 'The SSH server resolves the name');
  else if (isIP(target.host) !== 0) recorder.skip('resolve', 'An address needs no name');
  else {
    try {
      const found = await lookup(target.host, { all: true });
      recorder.pass('resolve', { detail: `${target.host} is ${found.map((each) => each.address).join(', ')}` });
    } catch (error) {
      throw translateNetworkError(error, target);
    }
  }
}

function certificateWarning(tls: TlsFacts): LookasideError | null {
  const leaf = tls.chain[0];
  if (leaf === undefined) return null;
  const days = Math.floor((leaf.validTo - Date.now()) / dayMs);
  if (tls.verified && days <= warnDays) {
    return new LookasideError('TLS_CERT_EXPIRED', `The certificate expires in ${days} days`, { hint: 'Renew it in time.', details: { validTo: new Date(leaf.validTo).toISOString() } });
  }
  if (tls.verified) return null;
  return new LookasideError('TLS_CERT_UNTRUSTED', 'The connection is encrypted, but nobody checked whose server it is', {
    hint: 'sslmode verify-full checks the certificate and the name.',
  });
}

function tlsFinding(access: PostgresAccess, tls: TlsFacts | null, recorder: TestRecorder): void {
  if (tls === null && access.plan.attempts[0] === 'tls') {
    const warning = new LookasideError('TLS_NOT_SPOKEN', 'The server offers no TLS, or its handshake failed; the connection is not encrypted', {
      hint: 'sslmode prefer goes on without TLS; require does not.',
    });
    recorder.pass('tls', { detail: 'Not encrypted, as sslmode prefer allows', warning });
  } else if (tls === null) recorder.skip('tls', access.plan.attempts.length > 1 ? 'Not encrypted, as sslmode allow prefers' : 'Not encrypted');
  else recorder.pass('tls', { detail: `${tls.protocol}, ${tls.cipher}`, tls, warning: certificateWarning(tls) });
}

async function reach(dialer: Dialer, access: PostgresAccess, recorder: TestRecorder, signal: AbortSignal): Promise<PostgresLink> {
  const seen: { stage: Stage } = { stage: 'tcp' };
  try {
    const link = await connectPostgres(dialer, access, {
      signal,
      onStage: (at, event, tls) => {
        seen.stage = at;
        if (event === 'begin') recorder.begin(at);
        else if (at === 'tcp') recorder.pass('tcp', { detail: `${access.where} accepts connections` });
        else if (at === 'tls') tlsFinding(access, tls, recorder);
      },
    });
    const how = access.passwordFrom === 'none' ? 'no password was asked for' : 'with the password';
    recorder.pass('auth', { detail: `Logged in as "${access.user}", ${how}` });
    return link;
  } catch (error) {
    if (!(error instanceof LookasideError)) throw error;
    const atTls = error.code.startsWith('TLS_') && error.code !== 'TLS_EXPECTED_BY_SERVER' && error.code !== 'TLS_CLIENT_CERT_REQUIRED';
    recorder.fail(atTls ? 'tls' : seen.stage, error);
    throw new StepFailed('', { cause: error });
  }
}

async function serverSteps(link: PostgresLink, access: PostgresAccess, recorder: TestRecorder): Promise<void> {
  let at: StepId = 'server';
  try {
    recorder.begin('server');
    const facts = await readFacts(link.client);
    recorder.pass('server', {
      detail: `PostgreSQL ${facts.version}${facts.inRecovery ? ', a standby (read-only)' : ''}, database "${facts.database}"`,
    });
    at = 'permissions';
    recorder.begin('permissions');
    const denied = await readDenied(link.client, facts);
    recorder.deny(denied);
    const role = facts.superuser ? `"${facts.user}" is a superuser` : `"${facts.user}" is an ordinary role`;
    recorder.pass('permissions', { detail: denied.length === 0 ? `${role}; nothing is missing` : `${role}; ${denied.length} things are missing` });
    recorder.skip('nodes', 'One server');
  } catch (error) {
    recorder.fail(at, translatePostgresError(error, { ...access, encrypted: link.tls !== null }));
  }
}
