import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../demo/servers/free-port.ts';
import { adminOf } from '../demo/servers/redis-admin.ts';
import { startRedisCluster } from '../demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../demo/servers/redis-server.ts';
import { sendAll } from '../host/redis/testing/raw-redis.ts';
import { documentOf, runCli, runHere, type CliEnd } from './testing/run-cli.ts';

interface KeysDocument {
  total: number;
  exact: boolean;
  elapsedMs: number;
  namespaces: { prefix: string; prefixBase64?: string; keys: number }[];
  namespaceCount: number;
  outside: number;
}

interface Failed {
  error: { code: string; message: string };
}

let folder: string;
let server: RunningRedis;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-cli-'));
  server = await startRedis({ build: 'redis-7.0' });
  function* commands(): Generator<(string | Uint8Array)[]> {
    for (let at = 0; at < 300; at += 1) yield ['SET', `user:${at}:profile`, 'v'];
    for (let at = 0; at < 1200; at += 1) yield ['SET', `session:${at}`, 'v', 'PX', String(20_000_000 + (at % 3000))];
    for (let at = 0; at < 20; at += 1) yield ['HSET', `tag:${at}`, 'f', 'v'];
    yield ['SET', Buffer.from([0xff, 0x3a, 0x61]), 'v'];
    yield ['SET', 'alone', 'v'];
    yield ['SET', '__proto__:x', 'v'];
  }
  await sendAll(server.port, commands());
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliEnd> => runHere([...args, '--data-folder', folder], environment);

describe('lookaside keys', () => {
  it('gives one document with exact counts, names that are not UTF-8 included', async () => {
    const end = await runCli(['keys', '--url', server.url, '--json', '--data-folder', folder]);
    expect([end.code, end.err]).toEqual([0, '']);
    const found = documentOf<KeysDocument>(end);
    expect(found).toMatchObject({ total: 1523, exact: true, namespaceCount: 5, outside: 1 });
    expect(found.elapsedMs).toBeGreaterThanOrEqual(0);
    expect(found.namespaces.slice(0, 3)).toEqual([
      { prefix: 'session:', keys: 1200 },
      { prefix: 'user:', keys: 300 },
      { prefix: 'tag:', keys: 20 },
    ]);
    expect(found.namespaces).toContainEqual({ prefix: '__proto__:', keys: 1 });
    expect(found.namespaces).toContainEqual({ prefix: '"\\xff:"', prefixBase64: '/zo=', keys: 1 });
  });

  it('narrows by glob, prefix, type and depth, and cuts the list and not the counts', async () => {
    const keysOf = async (...args: string[]) => documentOf<KeysDocument>(await run(['keys', '--url', server.url, '--json', ...args]));
    expect(await keysOf('--match', 'user:1*:profile', '--depth', '2')).toMatchObject({ total: 111, exact: true, namespaceCount: 111 });
    expect(await keysOf('--prefix', 'user:[1')).toMatchObject({ total: 0, namespaces: [] });
    expect(await keysOf('--match', '"\\xff*"')).toMatchObject({ total: 1 });
    expect(await keysOf('--type', 'hash')).toMatchObject({ total: 20, namespaces: [{ prefix: 'tag:', keys: 20 }] });
    expect((await keysOf('--limit', '1')).namespaces).toHaveLength(1);
    expect((await keysOf('--templates', '--depth', '3')).namespaces).toContainEqual({ prefix: 'user:{id}:profile', keys: 300 });
  });

  it('says the same for a person', async () => {
    const { code, out, err } = await run(['keys', '--url', `127.0.0.1:${server.port}`]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('1,523 keys (exact) in 5 namespaces');
    expect(out).toMatch(/ 1,200 {2}78\.8% {2}session:\n/u);
  });

  it('counts all masters of a cluster', async () => {
    const cluster = await startRedisCluster({ build: 'redis-8.0' });
    try {
      const seeds = cluster.seeds.map(({ host, port }) => `${host}:${port}`).join(',');
      const admins = cluster.nodes.map((node) => adminOf(node));
      for (let at = 0; at < 60; at += 1) {
        const done = await Promise.all(admins.map((admin) => admin.set(`c:${at}`, 'v').then(() => 1, () => 0)));
        expect(done.reduce((sum: number, one) => sum + one, 0)).toBe(1);
      }
      for (const admin of admins) admin.disconnect();
      expect(documentOf<KeysDocument>(await run(['keys', '--url', `redis://${seeds}`, '--json']))).toMatchObject({ total: 60, exact: true });
    } finally {
      await cluster.stop();
    }
  });

  it('takes the password from the environment, and says what is wrong without it', async () => {
    const locked = await startRedis({ build: 'redis-8.0', password: 'hunter2' });
    try {
      const url = `redis://127.0.0.1:${locked.port}`;
      const refused = await run(['keys', '--url', url, '--json']);
      expect(refused.code).toBe(1);
      expect(documentOf<Failed>(refused).error.code).toBe('REDIS_AUTH_REQUIRED');
      for (const environment of [{ LOOKASIDE_PASSWORD: 'hunter2' }, { REDISCLI_AUTH: 'hunter2' }, { LOOKASIDE_URL: locked.url }]) {
        const named = 'LOOKASIDE_URL' in environment ? [] : ['--url', url];
        const end = await run(['keys', ...named, '--json'], environment);
        expect([end.code, documentOf<KeysDocument>(end).total]).toEqual([0, 0]);
        expect(end.out + end.err).not.toContain('hunter2');
      }
    } finally {
      await locked.stop();
    }
  });

  it('fails with the code of what is wrong, once', async () => {
    const port = await freePort();
    const end = await run(['keys', '--url', `redis://u:hunter2@127.0.0.1:${port}`, '--json']);
    expect(end.code).toBe(1);
    expect(documentOf<Failed>(end).error.code).toBe('CONNECTION_REFUSED');
    expect(end.err).toContain('[CONNECTION_REFUSED]');
    expect(end.out + end.err).not.toContain('hunter2');
  });

  it('names a usage that is wrong, with code 2', async () => {
    for (const [args, words] of [
      [['keys'], '--url'],
      [['keys', '--workspace', 'nowhere'], 'No workspace'],
      [['keys', '--url', 'x', '--workspace', 'y'], 'two places'],
      [['keys', '--url', 'x', '--depth', '0'], '--depth takes a whole number'],
      [['keys', '--url', 'x', '--colour'], 'Unknown option --colour'],
      [['ttl', '--url', 'x', '--within', 'soon'], '--within takes'],
    ] as const) {
      const end = await run([...args]);
      expect([end.code, end.out]).toEqual([2, '']);
      expect(end.err).toContain(words);
    }
  });
});

describe('lookaside ttl', () => {
  it('gives the histogram, what never expires, a timeline and the cliffs', async () => {
    const end = await run(['ttl', '--url', server.url, '--json']);
    expect([end.code, end.err]).toEqual([0, '']);
    const found = documentOf<{
      total: number;
      exact: boolean;
      withTtl: number;
      noExpiry: { keys: number; bytes: number };
      histogram: { fromMs: number; toMs: number | null; keys: number }[];
      timeline: { bars: { keys: number }[] };
      namespaces: { prefix: string; keys: number; withTtl: number; noExpiry: number }[];
      cliffs: { prefix: string; keys: number; fromMs: number }[];
    }>(end);
    expect(found).toMatchObject({ total: 1523, exact: true, withTtl: 1200, noExpiry: { keys: 323 } });
    expect(found.noExpiry.bytes).toBeGreaterThan(0);
    expect(found.histogram.reduce((sum, { keys }) => sum + keys, 0)).toBe(1200);
    expect(found.timeline.bars).toHaveLength(24);
    expect(found.timeline.bars.reduce((sum, { keys }) => sum + keys, 0)).toBe(1200);
    expect(found.namespaces).toContainEqual({ prefix: 'session:', keys: 1200, withTtl: 1200, noExpiry: 0 });
    expect(found.namespaces).toContainEqual({ prefix: 'user:', keys: 300, withTtl: 0, noExpiry: 300 });
    expect(found.cliffs).toHaveLength(1);
    expect(found.cliffs[0]).toMatchObject({ prefix: 'session:', keys: 1200 });
  });

  it('says the same for a person', async () => {
    const { code, out } = await run(['ttl', '--url', server.url, '--match', 'session:*']);
    expect(code).toBe(0);
    expect(out).toContain('1,200 keys (exact)');
    expect(out).toContain('0 never expire');
    expect(out).toContain('1,200 keys of session: (100.0% of those that expire) between');
  });
});
