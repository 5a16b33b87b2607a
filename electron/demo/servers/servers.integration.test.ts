import { createServer, connect } from 'node:net';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import ssh2 from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificates } from './certificates.ts';
import { startPostgres } from './postgres-server.ts';
import { adminOf, until } from './redis-admin.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { startRedisSentinel } from './redis-sentinel.ts';
import { startRedis, type RunningRedis, type ServerTls } from './redis-server.ts';
import { startSshd } from './ssh-server.ts';

function client(server: RunningRedis, tls?: ServerTls): Redis {
  const admin = adminOf(server, tls);
  onTestFinished(() => admin.disconnect());
  return admin;
}

/** Stops after the test, whatever came of it. */
function owned<T extends { stop(): Promise<void> }>(server: T): T {
  onTestFinished(() => server.stop());
  return server;
}

describe('Redis launcher', () => {
  it('starts, restarts after a kill on the same port and folder, and leaves nothing', async () => {
    const server = await startRedis({ password: 'p@ss:/word', unixSocket: true });
    const { port, folder, pid } = server;
    const redis = new Redis(server.url);
    redis.on('error', () => undefined);
    expect(await redis.ping()).toBe('PONG');
    expect(existsSync(server.socketPath ?? '')).toBe(true);
    await server.kill();
    expect(server.running).toBe(false);
    expect(existsSync(folder)).toBe(true);
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect([server.port, server.folder]).toEqual([port, folder]);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    await server.stop();
    await server.stop();
    expect(existsSync(folder)).toBe(false);
  });

  it('says why a server does not start', async () => {
    await expect(startRedis({ args: ['--no-such-option', 'x'] })).rejects.toMatchObject({
      code: 'DEMO_UNAVAILABLE',
      details: { output: expect.stringContaining('no-such-option') as string },
    });
  });

  it.each([
    ['redis-8.0', 'redis', /^8\.0\./, /^1$/],
    ['valkey-8.1', 'valkey', /^8\.1\./, /unknown command/],
    ['redis-7.0', 'redis', /^7\.0\./, /unknown command/],
  ] as const)('obtains %s', async (build, flavour, version, fieldExpiry) => {
    const server = owned(await startRedis({ build }));
    expect(server.flavour).toBe(flavour);
    expect(server.version).toMatch(version);
    const redis = client(server);
    expect(await redis.info('server')).toContain(flavour === 'valkey' ? `valkey_version:${server.version}` : `redis_version:${server.version}`);
    await redis.hset('h', 'f', '1');
    const expire = await redis.call('HEXPIRE', 'h', '100', 'FIELDS', '1', 'f').catch((error: Error) => error.message);
    expect(String(expire)).toMatch(fieldExpiry);
  });

  it('serves TLS, and asks for a client certificate where told to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lookaside-certificates-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const certificates = await makeCertificates(folder);
    const tls = { caFile: certificates.caFile, ...certificates.server, requireClientCert: true };
    const server = owned(await startRedis({ tls }));
    expect(await client(server, { ...tls, ...certificates.client }).ping()).toBe('PONG');
    const without = new Redis({ host: server.host, port: server.port, tls: { ca: readFileSync(tls.caFile) }, retryStrategy: null, lazyConnect: true, maxRetriesPerRequest: 0 });
    onTestFinished(() => without.disconnect());
    without.on('error', () => undefined);
    await expect(without.ping()).rejects.toThrow(/retries|closed|certificate/i);
  });
});

describe('Redis Cluster and Sentinel launchers', () => {
  it('makes a cluster with every slot served and every replica in sync', async () => {
    const cluster = owned(await startRedisCluster({ replicasPerMaster: 1, password: 'secret' }));
    expect(cluster.nodes).toHaveLength(6);
    for (const [at, node] of cluster.nodes.entries()) {
      expect(node.port).toBeLessThan(55_536);
      const redis = client(node);
      const info = await redis.cluster('INFO');
      expect(info).toContain('cluster_state:ok');
      expect(info).toContain('cluster_slots_ok:16384');
      expect(await redis.role()).toContain(at < 3 ? 'master' : 'slave');
    }
  });

  it('fails over when the master is killed', async () => {
    const sentinel = owned(await startRedisSentinel({ password: 'secret' }));
    const admin = client(sentinel.sentinels[0] ?? sentinel.master);
    const address = async () => (await admin.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', sentinel.masterName)) as string[];
    expect(await address()).toEqual(['127.0.0.1', String(sentinel.master.port)]);
    await sentinel.master.kill();
    const [replica] = sentinel.replicas;
    if (!replica) throw new Error('no replica');
    await until(async () => (await address())[1] === String(replica.port), 'Failover', 25_000);
    expect(await client(replica).role()).toContain('master');
  });
});

describe('Postgres launcher', () => {
  it('asks for SCRAM, has the extensions, restarts and leaves nothing', async () => {
    const server = await startPostgres({ settings: { work_mem: '7MB' } });
    const connection = new Client(server.url);
    await connection.connect();
    const { rows } = await connection.query<Record<string, string>>(
      "select current_setting('password_encryption') as how, current_setting('work_mem') as memory, current_setting('shared_preload_libraries') as preloaded",
    );
    expect(rows[0]).toEqual({ how: 'scram-sha-256', memory: '7MB', preloaded: 'pg_stat_statements,auto_explain' });
    await connection.query('create extension pg_stat_statements; create table kept (x int)');
    await connection.end();
    await expect(new Client({ ...server, password: 'wrong' }).connect()).rejects.toMatchObject({ code: '28P01' });
    await server.restart();
    const again = new Client(server.url);
    await again.connect();
    expect((await again.query('select * from kept')).rows).toEqual([]);
    await again.end();
    await server.stop();
    expect(existsSync(server.folder)).toBe(false);
  });
});

describe('sshd launcher', () => {
  it('forwards TCP for the key it trusts, refuses a stranger, and changes its host key', async () => {
    const server = owned(await startSshd());
    const echo = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void echo.close());
    const { port: echoPort } = echo.address() as { port: number };
    const login = (keyFile: string, passphrase?: string) =>
      new Promise<{ ssh: ssh2.Client; sha256: string }>((resolve, reject) => {
        const ssh = new ssh2.Client();
        let sha256 = '';
        ssh.on('ready', () => resolve({ ssh, sha256 }));
        ssh.on('error', reject);
        ssh.connect({
          host: server.host,
          port: server.port,
          username: server.user,
          privateKey: readFileSync(keyFile),
          ...(passphrase === undefined ? {} : { passphrase }),
          hostHash: 'sha256',
          hostVerifier: (hash: string) => {
            sha256 = Buffer.from(hash, 'hex').toString('base64').replace(/=+$/, '');
            return true;
          },
        });
      });
    const { ssh, sha256 } = await login(server.keyFile);
    onTestFinished(() => void ssh.end());
    expect(sha256).toBe(server.hostKeySha256);
    const answer = await new Promise<string>((resolve, reject) => {
      ssh.forwardOut('127.0.0.1', 0, '127.0.0.1', echoPort, (error, channel) => {
        if (error) return reject(error);
        channel.on('data', (data: Buffer) => resolve(data.toString('utf8')));
        channel.write('through the tunnel');
      });
    });
    expect(answer).toBe('through the tunnel');
    (await login(server.encryptedKeyFile, server.passphrase)).ssh.end();
    await expect(login(server.strangerKeyFile)).rejects.toThrow('authentication');
    const before = server.knownHostsLine;
    await server.rotateHostKey();
    expect(server.knownHostsLine).not.toBe(before);
    const rotated = await login(server.keyFile);
    rotated.ssh.end();
    expect(rotated.sha256).toBe(server.hostKeySha256);
  });

  it('ends its sessions with itself', async () => {
    const server = await startSshd();
    const socket = connect(server.port, server.host);
    const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    await server.stop();
    await ended;
    expect(existsSync(server.folder)).toBe(false);
  });
});
