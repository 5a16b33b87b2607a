import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestSnapshot, TestStep } from '../../../../shared/contract/connections.ts';
import type { SecretChanges } from '../../../../shared/contract/workspaces.ts';
import { makeCertificates, type Certificates } from '../../../demo/servers/certificates.ts';
import { startPostgres } from '../../../demo/servers/postgres-server.ts';
import { startRedisCluster } from '../../../demo/servers/redis-cluster.ts';
import { startRedisSentinel } from '../../../demo/servers/redis-sentinel.ts';
import { startRedis, type RedisOptions, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { testRedis } from './redis-test.ts';
import { makeSession, profileOf, until, type TestProfile } from './testing/open-session.ts';

let folder = '';
let certificates: Certificates;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-redis-test-'));
  certificates = await makeCertificates(join(folder, 'certificates'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function start(options: RedisOptions = {}): Promise<RunningRedis> {
  const redis = await startRedis(options);
  cleanups.push(() => redis.stop());
  return redis;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

interface Outcome {
  snapshots: TestSnapshot[];
  last: TestSnapshot;
  step(id: TestStep['id']): TestStep;
  states: string;
}

async function run(profile: TestProfile, secrets: SecretChanges = {}, signal: AbortSignal = new AbortController().signal): Promise<Outcome> {
  const stream = testRedis({ profile: profileOf(profile), secrets, environment: {}, knownHostsFile: join(folder, 'known_hosts') }, signal);
  const snapshots: TestSnapshot[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) {
      const step = (id: TestStep['id']): TestStep => value.steps.find((each) => each.id === id) as TestStep;
      return { snapshots, last: value, step, states: value.steps.map(({ id, state }) => `${id} ${state}`).join(', ') };
    }
    snapshots.push(value);
  }
}

/** The one step that failed, with its code. */
function failure({ last }: Outcome): string {
  return last.steps.flatMap((step) => (step.state === 'failed' ? [`${step.id} ${step.problem?.code ?? ''}`] : [])).join(', ');
}

function hinted(outcome: Outcome): void {
  const failed = outcome.last.steps.find((step) => step.state === 'failed');
  // a file that does not exist needs no advice beside its name
  if (failed?.id === 'read') return;
  expect(failed?.problem?.hint).toMatch(/\w/);
}

describe('a connection test', () => {
  it('passes on a plain server', async () => {
    const redis = await start();
    const outcome = await run({ host: 'localhost', port: redis.port });
    expect(outcome.states).toBe('read passed, resolve passed, ssh skipped, tcp passed, tls skipped, auth passed, server passed, permissions passed, nodes skipped');
    expect(outcome.last).toMatchObject({ ok: true, done: true, denied: [] });
    expect(outcome.step('resolve').detail).toContain('127.0.0.1');
    expect(outcome.step('server').detail).toBe(`${redis.flavour} ${redis.version}, master`);
    expect(outcome.snapshots[0]?.steps.every((step) => step.state === 'waiting' || step.state === 'running' || step.id === 'read')).toBe(true);
    expect(outcome.step('tcp').durationMs).toBeGreaterThan(0);
  });

  it('tells network failures apart', async () => {
    expect(failure(await run({ port: 1 }))).toBe('tcp CONNECTION_REFUSED');
    expect(failure(await run({ host: 'no-such-host.invalid', port: 6379 }))).toBe('resolve DNS_FAILED');
    expect(failure(await run({ socketPath: join(folder, 'none.sock') }))).toBe('tcp SOCKET_MISSING');
    expect(failure(await run({}))).toBe('read INVALID_INPUT');
  });

  it('tells credentials apart', async () => {
    const redis = await start({ password: 'right' });
    const profile = { port: redis.port };
    for (const [outcome, code] of [
      [await run(profile), 'auth REDIS_AUTH_REQUIRED'],
      [await run(profile, { 'redis.password': 'wrong' }), 'auth REDIS_WRONG_PASSWORD'],
      [await run({ ...profile, username: 'nobody' }, { 'redis.password': 'right' }), 'auth REDIS_WRONG_PASSWORD'],
      [await run({ ...profile, db: 99 }, { 'redis.password': 'right' }), 'auth REDIS_WRONG_DB'],
    ] as const) {
      expect(failure(outcome)).toBe(code);
      hinted(outcome);
      expect(JSON.stringify(outcome.last)).not.toMatch(/"(?:wrong|right)"|wrong(?! )/);
    }
    expect((await run(profile, { 'redis.password': 'right' })).last.ok).toBe(true);
    const open = await start();
    expect((await run({ port: open.port }, { 'redis.password': 'needless' })).step('auth')).toMatchObject({ state: 'warned' });
  });

  it('says what a user may not do', async () => {
    const redis = await start();
    const admin = await makeSession({ port: redis.port });
    cleanups.push(() => admin.close());
    await admin.session.open();
    await admin.session.call(0, ['ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '+@all', '-@dangerous', '-unlink']);
    const outcome = await run({ port: redis.port, username: 'reader' }, { 'redis.password': 'pw' });
    expect(outcome.step('permissions').state).toBe('warned');
    expect(outcome.last.ok).toBe(true);
    expect(outcome.last.denied).toEqual(expect.arrayContaining(['UNLINK: deleting keys', 'MONITOR: watching commands live']));
    expect(outcome.last.denied.join()).not.toContain('GETRANGE');
  });

  it('tells TLS failures apart', async () => {
    const plain = await start();
    const { caFile, server, client, otherCaFile } = certificates;
    const mutual = await start({ tls: { caFile, ...server, requireClientCert: true } });
    const secure = await start({ tls: { caFile, ...server } });
    const verify = { mode: 'verify', caFile } as const;
    const passed = await run({ port: secure.port, tls: verify });
    expect(passed.step('tls')).toMatchObject({ state: 'passed', tls: { verified: true, mode: 'verify' } });
    const pin = passed.step('tls').tls?.chain[0]?.sha256 ?? '';
    expect((await run({ port: secure.port, tls: { mode: 'pin', pinSha256: pin } })).step('tls').state).toBe('passed');
    expect((await run({ port: secure.port, tls: { mode: 'skip' } })).step('tls')).toMatchObject({ state: 'warned', tls: { verified: false } });
    expect((await run({ port: mutual.port, tls: { ...verify, ...client } })).last.ok).toBe(true);
    const started: [RunningRedis, string][] = [];
    for (const [name, code] of [['expired', 'TLS_CERT_EXPIRED'], ['selfSigned', 'TLS_CERT_SELF_SIGNED'], ['wrongName', 'TLS_NAME_MISMATCH']] as const) {
      started.push([await start({ tls: { caFile, ...certificates[name] } }), code]);
    }
    const cases: [TestProfile, string][] = [
      [{ port: secure.port, tls: { mode: 'verify', caFile: otherCaFile } }, 'tls TLS_CERT_UNTRUSTED'],
      [{ port: secure.port, tls: { mode: 'pin', pinSha256: 'ab'.repeat(32) } }, 'tls TLS_PIN_MISMATCH'],
      [{ port: secure.port, tls: { mode: 'verify', caFile: join(folder, 'none.pem') } }, 'read TLS_MATERIAL_INVALID'],
      [{ port: mutual.port, tls: verify }, 'tls TLS_CLIENT_CERT_REQUIRED'],
      [{ port: plain.port, tls: verify }, 'tls TLS_NOT_SPOKEN'],
      [{ port: secure.port }, 'auth TLS_EXPECTED_BY_SERVER'],
      [{ port: mutual.port }, 'auth TLS_EXPECTED_BY_SERVER'],
      ...started.map(([redis, code]): [TestProfile, string] => [{ port: redis.port, tls: verify }, `tls ${code}`]),
    ];
    for (const [profile, code] of cases) {
      const outcome = await run(profile);
      expect(failure(outcome)).toBe(code);
      hinted(outcome);
    }
  }, 60_000);

  it('knows what is not Redis', async () => {
    const web = createHttpServer((_, response) => response.end('hello'));
    const webPort = await listen(web);
    expect(failure(await run({ port: webPort }))).toBe('auth REDIS_NOT_REDIS');
    const mute = createServer((socket) => socket.on('error', () => undefined).resume().end('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(failure(await run({ port: await listen(mute) }))).toBe('auth REDIS_NOT_REDIS');
    const postgres = await startPostgres();
    cleanups.push(() => postgres.stop());
    const outcome = await run({ port: postgres.port });
    expect(failure(outcome)).toBe('auth REDIS_NOT_REDIS');
    hinted(outcome);
  });

  it('tells the states of a server apart', async () => {
    const master = await start({ args: ['--enable-debug-command', 'local'] });
    const replica = await start({ args: ['--replicaof', '127.0.0.1', String(master.port), '--replica-serve-stale-data', 'no'] });
    await until(async () => (await run({ port: replica.port })).step('server').state === 'warned', 'the replica in step');
    expect((await run({ port: replica.port })).step('server')).toMatchObject({ problem: { code: 'REDIS_READ_ONLY_REPLICA' } });
    await master.kill();
    const down = await until(async () => {
      const outcome = await run({ port: replica.port });
      return outcome.last.ok ? null : outcome;
    }, 'the link down');
    expect(failure(down)).toBe('server REDIS_MASTER_DOWN');
    hinted(down);

    const full = await start({ args: ['--maxclients', '1'] });
    const holder = await makeSession({ port: full.port });
    cleanups.push(() => holder.close());
    await holder.session.open();
    const refused = await run({ port: full.port });
    expect(failure(refused)).toBe('auth REDIS_MAX_CLIENTS');
    hinted(refused);
  });

  it('says that a server is loading', async () => {
    const redis = await start({ args: ['--enable-debug-command', 'local', '--save', ''] });
    const own = await makeSession({ port: redis.port });
    cleanups.push(() => own.close());
    await own.session.open();
    await own.session.call(0, ['DEBUG', 'POPULATE', 20_000, 'k', 10]);
    await own.session.call(0, ['SAVE']);
    await own.session.call(0, ['CONFIG', 'SET', 'key-load-delay', 500]);
    await own.session.call(0, ['CONFIG', 'SET', 'loading-process-events-interval-bytes', 1024]);
    const reload = Promise.allSettled([own.session.call(0, ['DEBUG', 'RELOAD', 'NOSAVE'])]);
    const loading = await until(async () => {
      const outcome = await run({ port: redis.port });
      return outcome.last.ok ? null : outcome;
    }, 'loading');
    expect(failure(loading)).toBe('server REDIS_LOADING');
    await redis.kill();
    expect(await reload).toMatchObject([{ reason: { code: 'OUTCOME_UNKNOWN' } }]);
  });

  it('walks the nodes of a cluster and of sentinels', async () => {
    const cluster = await startRedisCluster({ masters: 3, replicasPerMaster: 0, args: ['--cluster-node-timeout', '1000'] });
    cleanups.push(() => cluster.stop());
    const good = await run({ nodes: cluster.seeds });
    expect(good.step('nodes')).toMatchObject({ state: 'passed', detail: '3 of 3 masters can be reached' });
    expect(failure(await run({ nodes: cluster.seeds, topology: 'standalone' }))).toBe('server REDIS_CLUSTER_MODE_MISMATCH');
    await cluster.nodes[2]?.kill();
    const broken = await until(async () => {
      const outcome = await run({ nodes: cluster.seeds });
      return failure(outcome).startsWith('server') ? outcome : null;
    }, 'the cluster to notice');
    expect(failure(broken)).toBe('server REDIS_CLUSTER_DOWN');

    const set = await startRedisSentinel({ sentinelPassword: 'guard' });
    cleanups.push(() => set.stop());
    const nodes = set.sentinels.map(({ host, port }) => ({ host, port }));
    const profile: TestProfile = { topology: 'sentinel', sentinelMaster: set.masterName, nodes };
    const secrets = { 'redis.sentinelPassword': 'guard' };
    expect((await run(profile, secrets)).step('nodes')).toMatchObject({ state: 'passed', detail: '1 of 1 master, 1 of 1 replica, 3 of 3 sentinels can be reached' });
    expect(failure(await run(profile))).toBe('auth REDIS_AUTH_REQUIRED');
    expect(failure(await run({ ...profile, sentinelMaster: 'none' }, secrets))).toBe('server REDIS_SENTINEL_NO_MASTER');
    const asServer = await run({ nodes: nodes.slice(0, 1), topology: 'standalone' }, { 'redis.password': 'guard' });
    expect(failure(asServer)).toBe('server REDIS_CLUSTER_MODE_MISMATCH');
    expect(asServer.step('server').problem?.hint).toContain(set.masterName);
    const single = await start();
    expect(failure(await run({ port: single.port, topology: 'cluster' }))).toBe('server REDIS_CLUSTER_MODE_MISMATCH');
    expect(failure(await run({ port: single.port, topology: 'sentinel', sentinelMaster: 'x' }))).toContain('REDIS_CLUSTER_MODE_MISMATCH');
  }, 60_000);

  it('ends when it is cancelled', async () => {
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      cleanups.push(async () => socket.destroy());
    });
    const port = await listen(silent);
    const controller = new AbortController();
    const running = run({ port }, {}, controller.signal);
    await until(() => silent.listening && new Promise<boolean>((resolve) => silent.getConnections((_, count) => resolve(count > 0))), 'the dial');
    controller.abort();
    const outcome = await running;
    expect(outcome.last.ok).toBe(false);
    expect(outcome.last.done).toBe(true);
    expect(failure(outcome)).toBe('auth CANCELLED');
  });
});
