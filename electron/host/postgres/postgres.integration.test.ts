import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestSnapshot } from '../../../shared/contract/connections.ts';
import type { PostgresProfile, SecretChanges } from '../../../shared/contract/workspaces.ts';
import { makeCertificates, type Certificates } from '../../demo/servers/certificates.ts';
import { startPostgres, type RunningPostgres } from '../../demo/servers/postgres-server.ts';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import { startSshd, type RunningSshd } from '../../demo/servers/ssh-server.ts';
import type { PostgresOptions } from '../connections/postgres-side.ts';
import { openPostgres, type LivePostgresSession } from './postgres-session.ts';
import { testPostgres } from './postgres-test.ts';

let folder: string;
let certificates: Certificates;
/** Offers TLS; who may come in which way is in pg_hba.conf. */
let guarded: RunningPostgres;
let plain: RunningPostgres;
let redis: RunningRedis;
let web: Server;
const open: LivePostgresSession[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pg-test-'));
  certificates = await makeCertificates(folder);
  [guarded, plain, redis] = await Promise.all([
    startPostgres({
      ssl: { ...certificates.server, caFile: certificates.caFile },
      hba: [
        'hostssl all onlytls 127.0.0.1/32 scram-sha-256',
        'hostnossl all onlyplain 127.0.0.1/32 scram-sha-256',
        'hostssl all withcert 127.0.0.1/32 cert',
        'host all refused 127.0.0.1/32 reject',
        'host all postgres,reader,nologin,ghost 127.0.0.1/32 scram-sha-256',
        'host all trusted,missing 127.0.0.1/32 trust',
      ],
    }),
    startPostgres({ settings: { max_connections: '6', superuser_reserved_connections: '3', reserved_connections: '0' } }),
    startRedis({}),
  ]);
  web = createServer((_, response) => response.end('hello'));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const admin = new pg.Client({ connectionString: guarded.url });
  await admin.connect();
  for (const role of ['onlytls', 'onlyplain', 'withcert', 'refused', 'reader', 'trusted']) await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pa:ss\\word'`);
  await admin.query(`CREATE ROLE nologin NOLOGIN PASSWORD 'x'`);
  await admin.query('CREATE TABLE orders (id int)');
  await admin.query('CREATE DATABASE closed');
  await admin.query('REVOKE CONNECT ON DATABASE closed FROM PUBLIC');
  await admin.end();
});

afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
  web.close();
  await Promise.all([guarded.stop(), plain.stop(), redis.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const secret = 'pa:ss\\word';

function options(changes: Partial<PostgresProfile> = {}, secrets: SecretChanges = { 'postgres.password': secret }, environment: NodeJS.ProcessEnv = {}): PostgresOptions {
  return {
    profile: {
      host: '127.0.0.1',
      port: guarded.port,
      user: 'reader',
      database: 'postgres',
      sslMode: 'prefer',
      sslRootCert: '',
      sslCert: '',
      sslKey: '',
      passFile: '',
      options: '',
      ssh: null,
      ...changes,
    },
    secrets,
    environment: { HOME: folder, USER: 'nobody-in-particular', ...environment },
    knownHostsFile: join(folder, 'known_hosts'),
  };
}

async function opened(given: PostgresOptions): Promise<LivePostgresSession> {
  const session = await openPostgres(given);
  open.push(session);
  return session;
}

interface Failure {
  code: string;
  hint: string;
  details: Record<string, unknown>;
}

async function failure(given: PostgresOptions): Promise<Failure> {
  return opened(given).then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as Failure,
  );
}

async function tested(given: PostgresOptions): Promise<TestSnapshot> {
  const steps = testPostgres(given, new AbortController().signal);
  for (let next = await steps.next(); ; next = await steps.next()) if (next.done === true) return next.value;
}

describe('a session', () => {
  test('tells the server’s facts and is read-only, on TLS by default', async () => {
    const session = await opened(options());
    const status = session.status();
    expect(status).toMatchObject({ state: 'ready', facts: { database: 'postgres', user: 'reader', superuser: false, inRecovery: false } });
    expect(status.tls).toMatchObject({ mode: 'encrypt-only', verified: false });
    expect(await session.query('SELECT $1::int + 1 AS sum', [41])).toEqual([{ sum: 42 }]);
    await expect(session.query('CREATE TABLE nothing_of_it ()')).rejects.toMatchObject({ code: 'READ_ONLY' });
    await expect(session.query('SELECT * FROM orders')).rejects.toMatchObject({ code: 'PG_NO_PERMISSION' });
    await expect(session.query('SELEC 1')).rejects.toMatchObject({ code: 'PG_QUERY_FAILED', details: { sqlstate: '42601', position: 1 } });
    expect(await session.query("SELECT current_setting('application_name') AS name")).toEqual([{ name: 'lookaside' }]);
  });

  test('cancels on the server what is aborted', async () => {
    const session = await opened(options());
    const abort = new AbortController();
    const started = performance.now();
    const slow = session.query('SELECT pg_sleep(20)', [], { signal: abort.signal });
    await expect
      .poll(async () => {
        const other = await opened(options({ user: 'postgres' }, { 'postgres.password': guarded.password }));
        const rows = await other.query<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'");
        await other.close();
        return rows[0]?.n;
      })
      .toBe(1);
    abort.abort();
    await expect(slow).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('comes back by itself after the server ended it', async () => {
    const session = await opened(options());
    const states: string[] = [];
    session.onChange(() => states.push(session.status().state));
    const admin = new pg.Client({ connectionString: guarded.url });
    await admin.connect();
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'");
    await admin.end();
    await expect.poll(() => states.includes('reconnecting')).toBe(true);
    await expect.poll(() => session.status().state, { timeout: 10_000 }).toBe('ready');
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await session.close();
    expect(session.status().state).toBe('closed');
    await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
  });
});

describe('sslmode', () => {
  const roots = (): Partial<PostgresProfile> => ({ sslRootCert: certificates.caFile });

  test('means what libpq means', async () => {
    const tlsOf = async (changes: Partial<PostgresProfile>) => (await opened(options(changes))).status().tls;
    expect(await tlsOf({ sslMode: 'disable' })).toBeNull();
    expect(await tlsOf({ sslMode: 'allow' })).toBeNull();
    expect(await tlsOf({ sslMode: 'allow', user: 'onlytls' })).toMatchObject({ mode: 'encrypt-only' });
    expect(await tlsOf({ sslMode: 'prefer', user: 'onlyplain' })).toBeNull();
    expect(await tlsOf({ sslMode: 'require' })).toMatchObject({ mode: 'encrypt-only', verified: false });
    expect(await tlsOf({ sslMode: 'require', ...roots() })).toMatchObject({ mode: 'verify', verified: true });
    expect(await tlsOf({ sslMode: 'verify-ca', ...roots() })).toMatchObject({ verified: true });
    expect(await tlsOf({ sslMode: 'verify-full', ...roots() })).toMatchObject({ verified: true });
    expect(await tlsOf({ sslMode: 'verify-full', host: 'localhost', ...roots() })).toMatchObject({ verified: true });
  });

  test('refuses what it must', async () => {
    const plainPort = { port: plain.port, user: 'postgres' };
    const given: SecretChanges = { 'postgres.password': plain.password };
    expect((await failure(options({ ...plainPort, sslMode: 'require' }, given))).code).toBe('TLS_NOT_SPOKEN');
    expect((await opened(options({ ...plainPort, sslMode: 'prefer' }, given))).status().tls).toBeNull();
    expect((await failure(options({ sslMode: 'verify-full' }))).code).toBe('TLS_MATERIAL_INVALID');
    expect((await failure(options({ sslMode: 'verify-full', sslRootCert: certificates.otherCaFile }))).code).toBe('TLS_CERT_UNTRUSTED');
    expect((await failure(options({ sslMode: 'require', sslRootCert: certificates.otherCaFile }))).code).toBe('TLS_CERT_UNTRUSTED');
    expect((await failure(options({ sslMode: 'require', sslRootCert: 'system' }))).code).toBe('TLS_MATERIAL_INVALID');
    expect((await failure(options({ sslMode: 'verify-full', sslRootCert: 'system' }))).code).toMatch(/TLS_CERT_(?:UNTRUSTED|SELF_SIGNED)/);
    expect((await failure(options({ sslMode: 'disable', user: 'onlytls' }))).code).toBe('TLS_EXPECTED_BY_SERVER');
    expect((await failure(options({ sslMode: 'require', user: 'onlyplain' }))).code).toBe('PG_NO_HBA_ENTRY');
  });

  test('takes the root certificate of ~/.postgresql', async () => {
    const home = join(folder, 'with-root');
    mkdirSync(join(home, '.postgresql'), { recursive: true });
    writeFileSync(join(home, '.postgresql', 'root.crt'), 'not a certificate');
    expect((await failure(options({ sslMode: 'require' }, undefined, { HOME: home }))).code).toBe('TLS_MATERIAL_INVALID');
  });

  test('presents a client certificate', async () => {
    const pair = { sslCert: certificates.client.certFile, sslKey: certificates.client.keyFile };
    const refused = await failure(options({ user: 'withcert', sslMode: 'require' }));
    expect(refused.code).toBe('TLS_CLIENT_CERT_REQUIRED');
    // the certificate's name is another one than the role's, so the server knows it and still says no
    expect((await failure(options({ user: 'withcert', sslMode: 'require', ...pair }))).code).toMatch(/TLS_CLIENT_CERT_REQUIRED|PG_WRONG_ROLE/);
    expect((await opened(options({ sslMode: 'require', ...pair }))).status().state).toBe('ready');
  });
});

describe('each refusal has its own code', () => {
  const cases: [string, Partial<PostgresProfile>, SecretChanges, string][] = [
    ['a wrong password', {}, { 'postgres.password': 'guess' }, 'PG_WRONG_PASSWORD'],
    ['no password', {}, {}, 'PG_PASSWORD_REQUIRED'],
    ['an unknown database', { database: 'nowhere' }, { 'postgres.password': secret }, 'PG_WRONG_DATABASE'],
    ['a database without CONNECT', { database: 'closed' }, { 'postgres.password': secret }, 'PG_NO_PERMISSION'],
    ['an unknown role', { user: 'missing' }, {}, 'PG_WRONG_ROLE'],
    ['no entry in pg_hba.conf', { user: 'stranger' }, { 'postgres.password': secret }, 'PG_NO_HBA_ENTRY'],
    ['an entry that rejects', { user: 'refused' }, { 'postgres.password': secret }, 'PG_NO_HBA_ENTRY'],
    ['a closed port', { port: 1 }, {}, 'CONNECTION_REFUSED'],
    ['a name that does not resolve', { host: 'no-such-name.invalid' }, {}, 'DNS_FAILED'],
  ];
  test.each(cases)('%s', async (_, changes, secrets, code) => {
    const error = await failure(options(changes, secrets));
    expect(error.code).toBe(code);
    expect(error.hint).not.toBe('');
    expect(JSON.stringify(error)).not.toContain('guess');
  });

  test('what is no Postgres at all', async () => {
    const other = await failure(options({ port: redis.port }));
    expect(other).toMatchObject({ code: 'PG_NOT_POSTGRES', details: { answers: 'a Redis' } });
    for (const sslMode of ['prefer', 'disable'] as const) {
      const page = await failure(options({ port: (web.address() as AddressInfo).port, sslMode }));
      expect(page).toMatchObject({ code: 'PG_NOT_POSTGRES', details: { answers: 'a web server' } });
    }
  });

  test('too many connections', async () => {
    const given: SecretChanges = { 'postgres.password': secret };
    const admin = new pg.Client({ connectionString: plain.url });
    await admin.connect();
    await admin.query(`CREATE ROLE crowd LOGIN PASSWORD 'pa:ss\\word' CONNECTION LIMIT 1`);
    await admin.end();
    const first = await opened(options({ port: plain.port, user: 'crowd' }, given));
    expect((await failure(options({ port: plain.port, user: 'crowd' }, given))).code).toBe('PG_TOO_MANY_CONNECTIONS');
    await first.close();
  });
});

describe('passwords and environment', () => {
  test('come from PGPASSWORD or .pgpass by its rules', async () => {
    expect((await opened(options({}, {}, { PGPASSWORD: secret }))).status().state).toBe('ready');
    const file = join(folder, 'pgpass');
    writeFileSync(file, ['# comment', `localhost:*:*:*:wrong`, `127.0.0.1:${guarded.port}:*:reader:pa\\:ss\\\\word`].join('\n'));
    chmodSync(file, 0o644);
    expect((await failure(options({ passFile: file }, {}))).code).toBe('PG_PASSWORD_REQUIRED');
    chmodSync(file, 0o600);
    expect((await opened(options({ passFile: file }, {}))).status().state).toBe('ready');
    expect((await opened(options({}, {}, { PGPASSFILE: file }))).status().state).toBe('ready');
    expect((await opened(options({ user: '', database: '' }, {}, { PGPASSFILE: file, PGUSER: 'reader', PGDATABASE: 'postgres' }))).status().facts?.user).toBe('reader');
  });
});

describe('a test walks the steps', () => {
  test('and says what this role may not do', async () => {
    const result = await tested(options({ sslMode: 'verify-full', sslRootCert: certificates.caFile, host: 'localhost' }));
    expect(result.steps.map((step) => [step.id, step.state])).toEqual([
      ['read', 'passed'],
      ['resolve', 'passed'],
      ['ssh', 'skipped'],
      ['tcp', 'passed'],
      ['tls', 'passed'],
      ['auth', 'passed'],
      ['server', 'passed'],
      ['permissions', 'passed'],
      ['nodes', 'skipped'],
    ]);
    expect(result).toMatchObject({ done: true, ok: true });
    expect(result.denied.join('\n')).toMatch(/pg_read_all_stats[\s\S]*pg_stat_statements/);
    const admin = await tested(options({ user: 'postgres' }, { 'postgres.password': guarded.password }));
    expect(admin.denied).toHaveLength(1);
    expect(admin.steps.find((step) => step.id === 'tls')).toMatchObject({ state: 'warned', problem: { code: 'TLS_CERT_UNTRUSTED' } });
  });

  test('and stops at the one that fails', async () => {
    const at = async (given: PostgresOptions): Promise<unknown> => (await tested(given)).steps.filter((step) => step.state === 'failed').map((step) => [step.id, step.problem?.code]);
    expect(await at(options({ port: 1 }))).toEqual([['tcp', 'CONNECTION_REFUSED']]);
    expect(await at(options({ host: 'no-such-name.invalid' }))).toEqual([['resolve', 'DNS_FAILED']]);
    expect(await at(options({}, {}))).toEqual([['auth', 'PG_PASSWORD_REQUIRED']]);
    expect(await at(options({ sslMode: 'verify-full', sslRootCert: certificates.otherCaFile }))).toEqual([['tls', 'TLS_CERT_UNTRUSTED']]);
    expect(await at(options({ sslMode: 'verify-ca', sslRootCert: '/no/such/file' }))).toEqual([['read', 'TLS_MATERIAL_INVALID']]);
  });
});

describe('through SSH', () => {
  test('a session and a test', async () => {
    const sshd: RunningSshd = await startSshd({ config: ['UsePAM yes'] });
    const ssh = { host: '127.0.0.1', port: sshd.port, user: sshd.user, auth: 'key' as const, keyFile: sshd.keyFile, useConfig: false, proxyJump: '' };
    const given = { ...options({ ssh, sslMode: 'require' }), knownHostsFile: join(folder, 'known-ssh') };
    expect((await failure(given)).code).toBe('SSH_HOST_KEY_UNKNOWN');
    writeFileSync(given.knownHostsFile, `${sshd.knownHostsLine}\n`);
    const session = await opened(given);
    expect(session.status()).toMatchObject({ state: 'ready', sshPath: [`${sshd.user}@127.0.0.1`], tls: { mode: 'encrypt-only' } });
    const result = await tested(given);
    expect(result.steps.find((step) => step.id === 'ssh')?.state).toBe('passed');
    expect(result.ok).toBe(true);
    await session.close();
    await sshd.stop();
  });
});
