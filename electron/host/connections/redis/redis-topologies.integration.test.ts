import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { RedisReply } from '../../redis/session.ts';
import { startRedis } from '../../../demo/servers/redis-server.ts';
import { startRedisCluster } from '../../../demo/servers/redis-cluster.ts';
import { startRedisSentinel } from '../../../demo/servers/redis-sentinel.ts';
import { startSshd } from '../../../demo/servers/ssh-server.ts';
import { trustHostKey } from '../dial/known-hosts-file.ts';
import { makeSession, until, type OpenedSession, type TestProfile } from './testing/open-session.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function make(profile: TestProfile, options: Parameters<typeof makeSession>[1] = {}): Promise<OpenedSession> {
  const made = await makeSession(profile, options);
  cleanups.push(() => made.close());
  return made;
}

async function open(profile: TestProfile, options: Parameters<typeof makeSession>[1] = {}): Promise<OpenedSession['session']> {
  const { session } = await make(profile, options);
  await session.open();
  return session;
}

const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
  cleanups.push(() => server.stop());
  return server;
};

describe('a cluster', () => {
  it('routes by slot, follows moved slots, survives the loss of a master, and works through SSH', async () => {
    const cluster = keep(await startRedisCluster({ masters: 3, replicasPerMaster: 1, args: ['--cluster-node-timeout', '1000', '--enable-debug-command', 'local'] }));
    const seeds = cluster.seeds;
    const session = await open({ nodes: [...seeds.slice(3, 4), ...seeds] });
    const masters = await session.masters();
    expect(new Set(masters.map(({ port }) => port))).toEqual(new Set(seeds.slice(0, 3).map(({ port }) => port)));
    const nodes = session.facts().nodes;
    expect(nodes.filter((node) => node.role === 'master').reduce((sum, node) => sum + node.slots, 0)).toBe(16_384);
    expect(nodes.filter((node) => node.role === 'replica')).toHaveLength(3);
    expect(session.facts().topology).toBe('cluster');

    const names = Array.from({ length: 60 }, (_, at) => `key:${at}`);
    expect(await session.batch(0, names.map((name) => ['SET', name, name] as const))).toEqual(names.map(() => Buffer.from('OK')));
    expect(await session.batch(0, names.map((name) => ['GET', name] as const))).toEqual(names.map((name) => Buffer.from(name)));
    const sizes = (await Promise.all(masters.map((node) => session.call(0, ['DBSIZE'], { node: node.id })))) as number[];
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(60);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    await expect(session.call(0, ['MGET', 'key:1', 'key:2'])).rejects.toMatchObject({ code: 'REDIS_COMMAND_FAILED', details: { reply: expect.stringContaining('CROSSSLOT') } });
    expect(await session.call(0, ['EVAL', 'return KEYS[1]', 1, 'key:7'])).toEqual(Buffer.from('key:7'));

    // a slot in migration answers ASK, then MOVED
    const slot = (await session.call(0, ['CLUSTER', 'KEYSLOT', 'key:0'])) as number;
    const ids = new Map<string, string>();
    for (const node of masters) ids.set(node.id, String(await session.call(0, ['CLUSTER', 'MYID'], { node: node.id })));
    const owners = await Promise.all(masters.map((node) => session.call(0, ['CLUSTER', 'COUNTKEYSINSLOT', slot], { node: node.id })));
    const source = masters[owners.indexOf(1)] as (typeof masters)[number];
    const target = masters.find((node) => node !== source) as typeof source;
    const setSlot = (node: string, ...parts: string[]): Promise<RedisReply> => session.call(0, ['CLUSTER', 'SETSLOT', slot, ...parts], { node });
    await setSlot(target.id, 'IMPORTING', ids.get(source.id) ?? '');
    await setSlot(source.id, 'MIGRATING', ids.get(target.id) ?? '');
    await session.call(0, ['MIGRATE', target.host, target.port, 'key:0', 0, 1000], { node: source.id });
    expect(await session.call(0, ['GET', 'key:0'])).toEqual(Buffer.from('key:0'));
    for (const node of [target, source]) await setSlot(node.id, 'NODE', ids.get(target.id) ?? '');
    expect(await session.call(0, ['GET', 'key:0'])).toEqual(Buffer.from('key:0'));

    // through SSH every node is reached from the far end
    const sshd = keep(await startSshd({ config: ['UsePAM yes'] }));
    const tunnelled = await make({ nodes: seeds, ssh: { host: sshd.host, port: sshd.port, user: sshd.user, auth: 'key', keyFile: sshd.keyFile, useConfig: false } });
    await expect(tunnelled.session.open()).rejects.toMatchObject({ code: 'SSH_HOST_KEY_UNKNOWN' });
    await trustHostKey(`${tunnelled.folder}/known_hosts`, { host: sshd.host, port: sshd.port, keyType: sshd.hostKeyType, sha256: `SHA256:${sshd.hostKeySha256}` });
    await tunnelled.session.open();
    expect(tunnelled.session.status().sshPath).toEqual([`${sshd.user}@${sshd.host}`]);
    expect(await tunnelled.session.batch(0, names.map((name) => ['GET', name] as const))).toEqual(names.map((name) => Buffer.from(name)));
    const endpoint = await tunnelled.session.workerEndpoint(target.id, 0);
    expect(endpoint.target).toHaveProperty('path');

    // one master dies: its keys fail at once, the others go on, and its replica takes over
    const victim = cluster.nodes.find((node) => node.port === source.port);
    await victim?.kill();
    await until(() => session.status().problem !== null, 'a problem');
    expect(session.status()).toMatchObject({ state: 'ready', problem: { code: 'REDIS_CLUSTER_DOWN' } });
    await until(async () => {
      const outcomes = await session.batch(0, names.map((name) => ['GET', name] as const));
      return outcomes.every((outcome) => Buffer.isBuffer(outcome));
    }, 'the replica to take over');
    await until(() => session.status().problem === null, 'no problem');
    expect((await session.masters()).map(({ port }) => port)).not.toContain(source.port);
  }, 60_000);

  it('says when slots have no master', async () => {
    const redis = keep(await startRedis({ args: ['--cluster-enabled', 'yes'] }));
    const { session } = await make({ port: redis.port });
    await expect(session.open()).rejects.toMatchObject({ code: 'REDIS_CLUSTER_DOWN' });
  });
});

describe('sentinels', () => {
  it('name the master, and a failover is followed', async () => {
    const set = keep(await startRedisSentinel({ password: 'geheim' }));
    const nodes = [{ host: '127.0.0.1', port: 1 }, ...set.sentinels.map(({ host, port }) => ({ host, port }))];
    const profile: TestProfile = { topology: 'sentinel', sentinelMaster: set.masterName, nodes };
    const secrets = { 'redis.password': 'geheim' };
    const session = await open(profile, { secrets });
    expect(session.facts().topology).toBe('sentinel');
    expect((await session.masters())[0]?.port).toBe(set.master.port);
    expect(session.facts().nodes.filter((node) => node.role === 'sentinel')).toHaveLength(3);
    expect(session.facts().nodes.filter((node) => node.role === 'replica')).toHaveLength(1);
    await session.call(0, ['SET', 'k', 'v']);

    const states: string[] = [];
    session.onChange(() => states.push(session.status().state));
    await set.master.kill();
    await until(async () => session.status().state === 'ready' && (await session.masters())[0]?.port === set.replicas[0]?.port, 'the new master', 30_000);
    expect(states).toContain('reconnecting');
    expect(await session.call(0, ['SET', 'k', 'w'])).toEqual(Buffer.from('OK'));

    const wrong = await make({ ...profile, sentinelMaster: 'other' }, { secrets });
    await expect(wrong.session.open()).rejects.toMatchObject({ code: 'REDIS_SENTINEL_NO_MASTER', hint: expect.stringContaining(set.masterName) });
    const alone = await make({ port: set.sentinels[0]?.port ?? 0, topology: 'standalone' });
    await expect(alone.session.open()).rejects.toMatchObject({ code: 'REDIS_CLUSTER_MODE_MISMATCH', hint: expect.stringContaining(set.masterName) });
    const none = await make({ ...profile, nodes: [{ host: '127.0.0.1', port: 1 }] });
    await expect(none.session.open()).rejects.toMatchObject({ code: 'REDIS_SENTINEL_UNREACHABLE' });
  }, 60_000);
});

describe('an ACL user', () => {
  it.each(['with ACL DRYRUN', 'without ACL DRYRUN'])('is told what it may not do, %s', async (how) => {
    const redis = keep(await startRedis());
    const admin = await open({ port: redis.port });
    const dryRun = how === 'with ACL DRYRUN' ? ['+acl|dryrun'] : [];
    await admin.call(0, ['ACL', 'SETUSER', 'reader', 'on', '>pw', '~shop:*', '-@all', '+@read', '+@connection', '+multi', '+discard', '+info', '+acl|whoami', ...dryRun]);
    const session = await open({ port: redis.port, username: 'reader' }, { secrets: { 'redis.password': 'pw' } });
    const { missing, user, databases } = session.facts();
    expect(user).toBe('reader');
    expect(databases).toBe(null);
    const reasons = missing.map(({ reason }) => reason).join('\n');
    for (const command of ['UNLINK', 'PEXPIRE', 'EVAL', 'MONITOR', 'CONFIG']) expect(reasons).toContain(command);
    for (const command of ['SCAN', 'GETRANGE', 'MEMORY USAGE']) expect(reasons).not.toContain(command);
    expect(missing.map(({ feature }) => feature)).toContain('All keys');
    await expect(session.call(0, ['UNLINK', 'shop:1'])).rejects.toMatchObject({ code: 'REDIS_NO_PERMISSION', message: 'The user reader may not run UNLINK' });
    await expect(session.call(0, ['GET', 'other'])).rejects.toMatchObject({ code: 'REDIS_NO_PERMISSION', message: 'The user reader may not use this key' });
    expect(await session.call(0, ['GET', 'shop:1'])).toBe(null);
  });

  it('may be forbidden almost everything, and still browses', async () => {
    const redis = keep(await startRedis());
    const admin = await open({ port: redis.port });
    await admin.call(0, ['ACL', 'SETUSER', 'scanner', 'on', '>pw', '~*', '-@all', '+scan', '+get', '+type']);
    const session = await open({ port: redis.port, username: 'scanner' }, { secrets: { 'redis.password': 'pw' }, readOnly: true });
    expect(await session.call(0, ['GET', 'k'])).toBe(null);
    await expect(session.call(0, ['SET', 'k', 'v'])).rejects.toMatchObject({ code: 'READ_ONLY' });
    expect(session.facts()).toMatchObject({ flavour: 'unknown', user: 'scanner', keyspace: [] });
    expect(session.status().impact.usec).toBe(null);
  });
});

it('never writes a secret into the test folder', async () => {
  const redis = keep(await startRedis({ password: 'geheim' }));
  const made = await make({ port: redis.port }, { secrets: { 'redis.password': 'geheim' }, readOnly: true });
  await made.session.open();
  await made.gate.unlock(1, 'look for secrets');
  expect(await readFile(`${made.folder}/audit.jsonl`, 'utf8')).not.toContain('geheim');
  expect(JSON.stringify(made.session.status())).not.toContain('geheim');
});
