import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createWeb } from 'node:http';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as nodeTls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecretChanges, TlsProfile } from '../../../../shared/contract/workspaces.ts';
import { makeCertificates, type CertificateFiles, type Certificates } from '../../../demo/servers/certificates.ts';
import { startRedis } from '../../../demo/servers/redis-server.ts';
import { createDialer } from './dialer.ts';
import { loadSocketTls, wrapTls, type WrapOptions } from './tls.ts';

let folder: string;
let certificates: Certificates;
const servers: net.Server[] = [];
const dialer = createDialer({ ssh: null, secrets: {}, slotPrefix: 'redis', knownHostsFile: '', environment: {} });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tls-test-'));
  certificates = await makeCertificates(folder);
});

afterAll(async () => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: net.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

function tlsServer(files: CertificateFiles, options: nodeTls.TlsOptions = {}): Promise<number> {
  const server = nodeTls.createServer({ cert: readFileSync(files.certFile), key: readFileSync(files.keyFile), ...options }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.end('hello');
  });
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

function profile(changes: Partial<TlsProfile> = {}): TlsProfile {
  return { mode: 'verify', caFile: certificates.caFile, certFile: '', keyFile: '', serverName: '', pinSha256: '', ...changes };
}

async function handshake(port: number, tls: TlsProfile, options: WrapOptions = {}, secrets: SecretChanges = {}) {
  const material = await loadSocketTls(tls, 'localhost', secrets);
  if (material === null) throw new Error('TLS is off');
  const socket = await dialer.dial('127.0.0.1', port);
  const wrapped = await wrapTls(socket, material, { where: { host: 'localhost', port }, ...options });
  wrapped.socket.destroy();
  return wrapped.facts;
}

async function failure(work: Promise<unknown>): Promise<{ code: string; message: string; hint: string; details: Record<string, unknown> }> {
  return work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as { code: string; message: string; hint: string; details: Record<string, unknown> },
  );
}

describe('a certificate', () => {
  test('that is good shows its chain', async () => {
    const facts = await handshake(await tlsServer(certificates.server), profile());
    expect(facts).toMatchObject({ protocol: 'TLSv1.3', verified: true, mode: 'verify' });
    expect(facts.chain[0]).toMatchObject({ names: ['localhost', '127.0.0.1'] });
    expect(facts.chain[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(facts.chain[0]?.validTo).toBeGreaterThan(Date.now());
  });

  test.each([
    ['expired', 'TLS_CERT_EXPIRED'],
    ['notYetValid', 'TLS_CERT_NOT_YET_VALID'],
    ['selfSigned', 'TLS_CERT_SELF_SIGNED'],
    ['wrongName', 'TLS_NAME_MISMATCH'],
  ] as const)('that is %s is refused with its own code', async (kind, code) => {
    const port = await tlsServer(certificates[kind]);
    const error = await failure(handshake(port, profile()));
    expect(error.code).toBe(code);
    expect(error.details['sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(error.hint).not.toBe('');
    expect(await handshake(port, profile({ mode: 'skip' }))).toMatchObject({ verified: false, mode: 'skip' });
  });

  test('from an unknown CA is untrusted, also for the system’s store', async () => {
    const port = await tlsServer(certificates.server);
    expect((await failure(handshake(port, profile({ caFile: certificates.otherCaFile })))).code).toBe('TLS_CERT_UNTRUSTED');
    expect((await failure(handshake(port, profile({ caFile: '' })))).code).toBe('TLS_CERT_UNTRUSTED');
  });

  test('of another name passes when that name is expected, or the chain alone counts', async () => {
    const port = await tlsServer(certificates.wrongName);
    expect((await failure(handshake(port, profile()))).details).toMatchObject({ names: 'elsewhere.example', expected: 'localhost' });
    expect((await handshake(port, profile({ serverName: 'elsewhere.example' }))).verified).toBe(true);
    expect((await handshake(port, profile(), { checkName: false })).verified).toBe(true);
  });

  test('that is pinned needs no chain, and no other passes', async () => {
    const port = await tlsServer(certificates.selfSigned);
    const seen = (await handshake(port, profile({ mode: 'skip' }))).chain[0]?.sha256 ?? '';
    const colons = seen.toUpperCase().replaceAll(/(..)(?!$)/g, '$1:');
    expect(await handshake(port, profile({ mode: 'pin', pinSha256: colons }))).toMatchObject({ verified: true, mode: 'pin' });
    const other = await tlsServer(certificates.server);
    expect(await failure(handshake(other, profile({ mode: 'pin', pinSha256: seen })))).toMatchObject({ code: 'TLS_PIN_MISMATCH', details: { pinned: seen } });
    expect((await failure(handshake(port, profile({ mode: 'pin', pinSha256: 'abc' })))).code).toBe('TLS_MATERIAL_INVALID');
  });
});

describe('a client certificate', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is asked for over %s', async (maxVersion) => {
    const port = await tlsServer(certificates.server, { requestCert: true, rejectUnauthorized: true, ca: readFileSync(certificates.caFile), maxVersion });
    const missing = await failure(handshake(port, profile()));
    // TLS 1.2 has no alert of its own for it
    expect(missing.code).toMatch(maxVersion === 'TLSv1.3' ? /^TLS_CLIENT_CERT_REQUIRED$|^TLS_FAILED$/ : /^TLS_(?:CLIENT_CERT_REQUIRED|FAILED)$/);
    expect(missing.hint).toMatch(/client certificate/);
    const pair = { certFile: certificates.client.certFile, keyFile: certificates.client.keyFile };
    expect((await handshake(port, profile(pair))).verified).toBe(true);
  });

  test('is asked for by a real Redis', async () => {
    const secure = await startRedis({ tls: { caFile: certificates.caFile, ...certificates.server, requireClientCert: true } });
    expect((await failure(handshake(secure.port, profile()))).code).toBe('TLS_CLIENT_CERT_REQUIRED');
    const pair = { certFile: certificates.client.certFile, keyFile: certificates.client.keyFile };
    expect((await handshake(secure.port, profile(pair))).verified).toBe(true);
    await secure.stop();
  });
});

describe('files that cannot be used are named', () => {
  const cases: [string, () => Partial<TlsProfile>, RegExp][] = [
    ['a CA file that is not there', () => ({ caFile: '/no/such/ca.pem' }), /does not exist/],
    ['a CA file that is a folder', () => ({ caFile: folder }), /folder/],
    ['a CA file that holds a key', () => ({ caFile: certificates.server.keyFile }), /no certificate/],
    ['a certificate without a key', () => ({ certFile: certificates.client.certFile }), /no private key/],
    ['a key without a certificate', () => ({ keyFile: certificates.client.keyFile }), /no certificate beside it/],
    ['a key of another certificate', () => ({ certFile: certificates.client.certFile, keyFile: certificates.server.keyFile }), /does not belong/],
  ];
  test.each(cases)('%s', async (_, changes, words) => {
    const error = await failure(loadSocketTls(profile(changes()), 'localhost', {}));
    expect(error.code).toBe('TLS_MATERIAL_INVALID');
    expect(error.message).toMatch(words);
    expect(error.details['file']).not.toBe('');
  });

  test('an encrypted key asks for its passphrase and takes it', async () => {
    const { createPrivateKey } = await import('node:crypto');
    const file = join(folder, 'encrypted.pem');
    writeFileSync(file, createPrivateKey(readFileSync(certificates.client.keyFile)).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'sesame' }));
    const pair = profile({ certFile: certificates.client.certFile, keyFile: file });
    expect((await failure(loadSocketTls(pair, 'localhost', {}))).message).toMatch(/is encrypted/);
    const wrong = await failure(loadSocketTls(pair, 'localhost', { 'redis.tlsKeyPassphrase': 'guess-this' }));
    expect(wrong.message).toMatch(/does not open/);
    expect(JSON.stringify(wrong)).not.toContain('guess-this');
    expect((await loadSocketTls(pair, 'localhost', { 'redis.tlsKeyPassphrase': 'sesame' }))?.key).toMatch(/BEGIN PRIVATE KEY/);
  });
});

describe('what does not speak TLS', () => {
  test('a web server', async () => {
    const port = await listen(createWeb((_, response) => response.end('hello')));
    expect((await failure(handshake(port, profile()))).code).toBe('TLS_NOT_SPOKEN');
  });

  test('a server that is silent, one that hangs up, and one left waiting', async () => {
    const silent = await listen(net.createServer((socket) => socket.on('error', () => socket.destroy())));
    expect(await failure(handshake(silent, profile(), { timeoutMs: 100 }))).toMatchObject({ code: 'CONNECT_TIMEOUT', hint: expect.stringMatching(/no TLS/) });
    const abort = new AbortController();
    const waiting = failure(handshake(silent, profile(), { signal: abort.signal }));
    abort.abort();
    expect((await waiting).code).toBe('CANCELLED');
    const rude = await listen(net.createServer((socket) => socket.once('data', () => socket.destroy())));
    expect((await failure(handshake(rude, profile()))).code).toBe('TLS_FAILED');
  });
});
