import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../../demo/servers/certificates.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import type { WorkerEndpoint } from '../session.ts';
import { NodeLink } from './node-link.ts';

const plain: Omit<WorkerEndpoint, 'target'> = { tls: null, username: '', password: null, db: 0 };

async function clientInfo(endpoint: WorkerEndpoint): Promise<string> {
  const link = await NodeLink.open(endpoint, 'a-name');
  try {
    return await link.call('CLIENT', 'INFO');
  } finally {
    link.close();
  }
}

describe('NodeLink', () => {
  let redis: RunningRedis;
  let secure: RunningRedis;
  let folder: string;
  let certificates: Awaited<ReturnType<typeof makeCertificates>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lookaside-link-'));
    certificates = await makeCertificates(folder);
    redis = await startRedis({ build: 'redis-7.0', password: 'open sesame', unixSocket: true });
    secure = await startRedis({ build: 'redis-7.0', tls: { caFile: certificates.caFile, ...certificates.server } });
  });
  afterAll(async () => {
    await redis.stop();
    await secure.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('logs in, selects and tells its name, over TCP and a unix socket', async () => {
    const tcp = { host: redis.host, port: redis.port };
    expect(await clientInfo({ ...plain, target: tcp, password: 'open sesame', db: 5 })).toMatch(/name=a-name .*db=5 /);
    expect(await clientInfo({ ...plain, target: { path: redis.socketPath ?? '' }, username: 'default', password: 'open sesame' })).toMatch(/user=default/);
    await expect(clientInfo({ ...plain, target: tcp, password: 'wrong' })).rejects.toMatchObject({ code: 'REDIS_WRONG_PASSWORD' });
    await expect(clientInfo({ ...plain, target: tcp })).rejects.toMatchObject({ code: 'REDIS_AUTH_REQUIRED' });
    await expect(clientInfo({ ...plain, target: tcp, password: 'open sesame', db: 99 })).rejects.toMatchObject({ code: 'REDIS_WRONG_DB' });
    await expect(clientInfo({ ...plain, target: { path: join(folder, 'nothing') } })).rejects.toMatchObject({ code: 'SOCKET_MISSING' });
  });

  it('verifies, pins or skips the certificate', async () => {
    const target = { host: secure.host, port: secure.port };
    const ca = [await readFile(certificates.caFile, 'utf8')];
    const pin = new X509Certificate(await readFile(certificates.server.certFile)).fingerprint256.replaceAll(':', '').toLowerCase();
    const over = (tls: Partial<NonNullable<WorkerEndpoint['tls']>>) =>
      clientInfo({ ...plain, target, tls: { mode: 'verify', serverName: '127.0.0.1', ...tls } });
    expect(await over({ ca })).toContain('name=a-name');
    expect(await over({ mode: 'pin', pinSha256: pin })).toContain('name=a-name');
    expect(await over({ mode: 'skip' })).toContain('name=a-name');
    await expect(over({})).rejects.toMatchObject({ code: 'TLS_CERT_UNTRUSTED' });
    await expect(over({ ca, serverName: 'other.example' })).rejects.toMatchObject({ code: 'TLS_NAME_MISMATCH' });
    await expect(over({ mode: 'pin', pinSha256: '00'.repeat(32) })).rejects.toMatchObject({ code: 'TLS_PIN_MISMATCH' });
  });

  it('fails what waits when it breaks, and what comes after', async () => {
    const other = await startRedis({ build: 'redis-7.0' });
    const link = await NodeLink.open({ ...plain, target: { host: other.host, port: other.port } }, 'x');
    const slow = link.call('DEBUG', 'SLEEP', '30');
    const [outcome] = await Promise.all([Promise.allSettled([slow]), other.kill()]);
    expect(outcome).toMatchObject([{ status: 'rejected', reason: { code: 'CONNECTION_LOST' } }]);
    await expect(link.call('PING')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    const work = link.takeWork();
    expect(work.find((each) => each.command === 'debug')).toMatchObject({ calls: 1, bytesOut: expect.any(Number) });
    await other.stop();
  });
});
