import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PostgresProfile } from '../../../shared/contract/workspaces.ts';
import { makeCertificates, type Certificates } from '../../demo/servers/certificates.ts';
import { postgresIdentity } from '../../demo/servers/postgres-binaries.ts';
import { startPostgres, type RunningPostgres } from '../../demo/servers/postgres-server.ts';
import { startSshd } from '../../demo/servers/ssh-server.ts';
import type { PostgresOptions } from '../connections/postgres-side.ts';
import { openPostgres, type LivePostgresSession } from './postgres-session.ts';

let folder: string;
let sockets: string;
let certificates: Certificates;
let server: RunningPostgres;
const strangers: Server[] = [];
const open: LivePostgresSession[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pg-outage-'));
  sockets = mkdtempSync(join(tmpdir(), 'pg-sockets-'));
  if (postgresIdentity) chownSync(sockets, postgresIdentity.uid, postgresIdentity.gid);
  certificates = await makeCertificates(folder);
  server = await startPostgres({ ssl: certificates.wrongName, settings: { unix_socket_directories: sockets } });
});

afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
  for (const stranger of strangers) stranger.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(sockets, { recursive: true, force: true });
});

function options(changes: Partial<PostgresProfile> = {}, password = server.password): PostgresOptions {
  const profile: PostgresProfile = {
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    database: 'postgres',
    sslMode: 'prefer',
    sslRootCert: '',
    sslCert: '',
    sslKey: '',
    passFile: '',
    options: '',
    ssh: null,
    ...changes,
  };
  return { profile, secrets: { 'postgres.password': password }, environment: { HOME: folder, USER: 'somebody' }, knownHostsFile: join(folder, 'known_hosts') };
}

async function opened(given: PostgresOptions): Promise<LivePostgresSession> {
  const session = await openPostgres(given);
  open.push(session);
  return session;
}

/** A peer on loopback that answers each message with the same bytes, and keeps the connection. */
async function stranger(answer: Buffer): Promise<number> {
  const listener = createServer((socket) => {
    socket.on('data', () => socket.write(answer)).on('error', () => socket.destroy());
  });
  strangers.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  listener.unref();
  return (listener.address() as AddressInfo).port;
}

test('verify-ca takes a certificate for another name, verify-full does not', async () => {
  const session = await opened(options({ sslMode: 'verify-ca', sslRootCert: certificates.caFile }));
  expect(session.status()).toMatchObject({ tls: { mode: 'verify', verified: true } });
  await expect(opened(options({ sslMode: 'verify-full', sslRootCert: certificates.caFile }))).rejects.toMatchObject({ code: 'TLS_NAME_MISMATCH' });
});

test('a unix socket is its folder, and has no TLS', async () => {
  await expect(opened(options({ host: join(folder, 'nowhere') }))).rejects.toMatchObject({ code: 'SOCKET_MISSING' });
  const session = await opened(options({ host: sockets, sslMode: 'require' }));
  expect(session.status()).toMatchObject({ state: 'ready', tls: null });
});

test('an empty password is none', async () => {
  await expect(opened(options({}, ''))).rejects.toMatchObject({ code: 'PG_PASSWORD_REQUIRED' });
});

test('a login that is not by password is named, and bytes that make no sense end nothing else', async () => {
  const gss = await stranger(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 7]));
  await expect(opened(options({ port: gss, sslMode: 'disable' }))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  const junk = await stranger(Buffer.from([0x01, 0, 0, 0, 4]));
  await expect(opened(options({ port: junk, sslMode: 'disable' }))).rejects.toMatchObject({ code: 'PG_NOT_POSTGRES' });
  await expect(opened(options({ port: junk, sslMode: 'require' }))).rejects.toMatchObject({ code: 'PG_NOT_POSTGRES' });
});

test('comes back through a tunnel whose server was killed, and asks at once when told to', async () => {
  const sshd = await startSshd({ config: ['UsePAM yes'] });
  writeFileSync(join(folder, 'known_hosts'), `${sshd.knownHostsLine}\n`);
  const ssh = { host: '127.0.0.1', port: sshd.port, user: sshd.user, auth: 'key' as const, keyFile: sshd.keyFile, useConfig: false, proxyJump: '' };
  const [direct, tunnelled] = await Promise.all([opened(options()), opened(options({ ssh }))]);
  expect(direct.status().latencyMs).toBeGreaterThan(0);
  await server.kill();
  for (const session of [direct, tunnelled]) {
    await expect.poll(() => session.status().state, { timeout: 3000 }).not.toBe('ready');
    await expect.poll(() => session.status().attempt, { timeout: 5000 }).toBeGreaterThan(1);
    expect(session.status().problem?.code).toMatch(/CONNECTION_REFUSED|CONNECTION_LOST|SSH_FORWARD_REFUSED/);
    await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
  }
  await server.restart();
  await Promise.all([direct.retry(), tunnelled.retry()]);
  for (const session of [direct, tunnelled]) {
    await expect.poll(() => session.status().state, { timeout: 10_000 }).toBe('ready');
    expect(session.status()).toMatchObject({ attempt: 0, nextAttemptAt: null, problem: null });
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  }
  await tunnelled.close();
  await sshd.stop();
});

test('closes at once while the server does not answer', async () => {
  const session = await opened(options());
  const [row] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = row?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    const started = performance.now();
    await session.close();
    expect(performance.now() - started).toBeLessThan(3000);
    expect(session.status().state).toBe('closed');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
