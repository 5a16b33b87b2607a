import { createServer, connect, type Server, type Socket } from 'node:net';
import type { Cluster, Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedisCluster, type RunningCluster } from '../../../demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { appliedId, at, openEdits, rawClient, type EditFixture } from './testing/edit-fixture.ts';

const k = at('k');
const setOld = { ...k, expect: { bytes: 'old' }, value: 'new' };

let server: RunningRedis;
let raw: Redis;
beforeAll(async () => {
  server = await startRedis({ build: 'redis-7.0' });
  raw = rawClient(server) as Redis;
});
afterAll(async () => {
  raw.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await raw.flushall();
});

describe('permissions', () => {
  let fixture: EditFixture | null = null;
  afterEach(async () => {
    await fixture?.close();
    fixture = null;
    await raw.call('ACL', 'DELUSER', 'limited');
  });
  const asUser = async (...rules: string[]): Promise<EditFixture> => {
    await raw.call('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '+@all', ...rules);
    fixture = await openEdits({ port: server.port, username: 'limited' }, { password: 'secret' });
    return fixture;
  };

  test('without EVAL a transaction checks and writes, and a rival in between wins', async () => {
    const { edit, beforeWrite, sent } = await asUser('-eval', '-evalsha');
    await raw.set('k', 'old', 'PX', 100_321);
    const expiresAt = await raw.call('PEXPIRETIME', 'k');
    const editId = appliedId(await edit.setString(setOld));
    expect(sent()).toContain('MULTI');
    expect(await raw.get('k')).toBe('new');
    expect(await raw.call('PEXPIRETIME', 'k')).toBe(expiresAt);
    appliedId(await edit.undo({ workspaceId: 'test', editId }));
    beforeWrite(() => raw.set('k', 'theirs'));
    expect(await edit.setString(setOld)).toMatchObject({ outcome: 'conflict', present: { value: { data: 'theirs' } } });
    expect(await raw.get('k')).toBe('theirs');
    await raw.zadd('z', '0.1', 'a');
    appliedId(await edit.zsetMember({ ...at('z'), change: { kind: 'score', member: 'a', expect: '0.1', score: 'inf' } }));
    appliedId(await edit.zsetMember({ ...at('z'), change: { kind: 'remove', member: 'a', expect: 'inf' } }));
    expect(await raw.dbsize()).toBe(1);
  });

  test('without EVAL and without transactions nothing is written, and the reason is said', async () => {
    const { edit } = await asUser('-eval', '-evalsha', '-watch', '-multi');
    await raw.set('k', 'old');
    await expect(edit.setString(setOld)).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('EVAL') });
    expect(await raw.get('k')).toBe('old');
    expect((await edit.recent({ workspaceId: 'test' }))[0]).toMatchObject({ state: 'failed' });
  });

  test('without the command itself it is a matter of permission', async () => {
    const { edit } = await asUser('-set');
    await raw.set('k', 'old');
    await expect(edit.setString(setOld)).rejects.toMatchObject({ code: 'REDIS_NO_PERMISSION' });
    expect(await raw.get('k')).toBe('old');
  });

  test('a read-only connection refuses before anything is read or noted', async () => {
    await raw.set('k', 'old');
    fixture = await openEdits({ port: server.port }, { readOnly: true });
    const { edit, gate } = { edit: fixture.edit, gate: fixture.opened.gate };
    await expect(edit.setString(setOld)).rejects.toMatchObject({ code: 'READ_ONLY' });
    await expect(edit.remove({ ...k, expect: { type: 'string', length: 3 } })).rejects.toMatchObject({ code: 'READ_ONLY' });
    expect(await edit.recent({ workspaceId: 'test' })).toEqual([]);
    await gate.unlock(1, 'a test');
    const editId = appliedId(await edit.setString(setOld));
    await gate.lock();
    await expect(edit.undo({ workspaceId: 'test', editId })).rejects.toMatchObject({ code: 'READ_ONLY' });
    expect(await raw.get('k')).toBe('new');
  });
});

test('a server without memory refuses, and nothing changes', async () => {
  const fixture = await openEdits({ port: server.port });
  try {
    await raw.set('k', 'old');
    await raw.config('SET', 'maxmemory', '1');
    await expect(fixture.edit.setString(setOld)).rejects.toMatchObject({ code: 'REDIS_OUT_OF_MEMORY' });
    expect(await raw.get('k')).toBe('old');
    const { editId } = (await fixture.edit.recent({ workspaceId: 'test' }))[0] ?? { editId: '' };
    await expect(fixture.edit.undo({ workspaceId: 'test', editId })).rejects.toMatchObject({ code: 'CONFLICT' });
  } finally {
    await raw.config('SET', 'maxmemory', '0');
    await fixture.close();
  }
});

test('a replica refuses, and it is said', async () => {
  const replica = await startRedis({ build: 'redis-7.0', args: ['--replicaof', `127.0.0.1 ${server.port}`] });
  const client = rawClient(replica) as Redis;
  await raw.set('k', 'old');
  const fixture = await openEdits({ port: replica.port });
  try {
    await expect.poll(() => client.get('k')).toBe('old');
    await expect(fixture.edit.setString(setOld)).rejects.toMatchObject({ code: 'REDIS_READ_ONLY_REPLICA' });
  } finally {
    client.disconnect();
    await fixture.close();
    await replica.stop();
  }
});

/** Between the session and the server: can swallow a command, or its answer, and cut the line then. */
class Line {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What to do when a script passes: `before` it reaches the server, or `after` the server has taken it. */
  cut: 'before' | 'after' | null = null;
  /** Runs once the line is cut, before it is open again. */
  whenCut: () => Promise<unknown> = async () => undefined;
  #closed: Promise<unknown> = Promise.resolve();

  constructor(port: number) {
    this.#server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      let deaf = false;
      this.#sockets.add(client).add(upstream);
      const end = (): void => {
        client.destroy();
        upstream.destroy();
      };
      client.on('error', end).on('close', end);
      upstream.on('error', end).on('close', end);
      client.on('data', (chunk) => {
        if (this.cut === null || !/EVAL/.test(chunk.toString('latin1'))) {
          upstream.write(chunk);
          return;
        }
        const how = this.cut;
        this.cut = null;
        deaf = true;
        if (how === 'after') upstream.write(chunk);
        this.#closed = this.#settle(how === 'after').then(end);
      });
      upstream.on('data', (chunk) => {
        if (!deaf) client.write(chunk);
      });
    });
  }

  async #settle(passed: boolean): Promise<void> {
    if (passed) await expect.poll(() => raw.get('k')).toBe('new');
    await this.whenCut();
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  async close(): Promise<void> {
    await this.#closed;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

describe('a line that breaks during the write', () => {
  let line: Line;
  let fixture: EditFixture;
  beforeEach(async () => {
    line = new Line(server.port);
    fixture = await openEdits({ port: await line.listen() });
    await raw.set('warm', 'old');
    appliedId(await fixture.edit.setString({ ...setOld, ...at('warm') }));
    await raw.set('k', 'old');
  });
  afterEach(async () => {
    await fixture.close();
    await line.close();
  });

  test('after it took place: reading again confirms it, and it can be undone', async () => {
    line.cut = 'after';
    const result = await fixture.edit.setString(setOld);
    expect(result).toMatchObject({ outcome: 'applied', confirmed: true });
    appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: appliedId(result) }));
    expect(await raw.get('k')).toBe('old');
  });

  test('before it took place: it is said, and not sent again', async () => {
    line.cut = 'before';
    expect(await fixture.edit.setString(setOld)).toMatchObject({ outcome: 'notApplied' });
    expect(await raw.get('k')).toBe('old');
  });

  test('and someone else writes since: it stays unknown, and is not sent again', async () => {
    line.cut = 'after';
    line.whenCut = () => raw.set('k', 'theirs');
    await expect(fixture.edit.setString(setOld)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(await raw.get('k')).toBe('theirs');
    expect((await fixture.edit.recent({ workspaceId: 'test', limit: 1 }))[0]).toMatchObject({ state: 'unknown' });
  });
});

describe('in a cluster', () => {
  let cluster: RunningCluster;
  let client: Cluster;
  let fixture: EditFixture;
  beforeAll(async () => {
    cluster = await startRedisCluster({ masters: 3, build: 'redis-7.0' });
    const [seed] = cluster.seeds;
    if (seed === undefined) throw new Error('no node');
    client = rawClient({ ...seed, cluster: true }) as Cluster;
    fixture = await openEdits({ nodes: cluster.seeds, topology: 'cluster' });
  });
  afterAll(async () => {
    await fixture.close();
    client.disconnect();
    await cluster.stop();
  });

  test('keys on every node are edited, renamed and copied across slots, and taken back', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await client.set(name, 'old', 'PX', 900_123);
      const expiresAt = await client.call('PEXPIRETIME', name);
      appliedId(await fixture.edit.setString({ ...at(name), expect: { bytes: 'old' }, value: 'new' }));
      const renamed = appliedId(await fixture.edit.rename({ ...at(name), to: `${name}:to` }));
      expect(await client.get(`${name}:to`)).toBe('new');
      expect(await client.exists(name)).toBe(0);
      expect(await client.call('PEXPIRETIME', `${name}:to`)).toBe(expiresAt);
      appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: renamed }));
      expect(await client.get(name)).toBe('new');
      expect(await client.exists(`${name}:to`)).toBe(0);
      expect(await client.call('PEXPIRETIME', name)).toBe(expiresAt);
      const copied = appliedId(await fixture.edit.copy({ ...at(name), to: `${name}:copy`, toDb: 0 }));
      expect(await client.get(`${name}:copy`)).toBe('new');
      appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: copied }));
      expect(await client.exists(`${name}:copy`)).toBe(0);
    }
  });

  test('a rename across slots is taken back whole when the key changes on the way', async () => {
    await client.set('a', 'old');
    await client.set('b', 'there');
    expect(await fixture.edit.rename({ ...at('a'), to: 'b' })).toMatchObject({ outcome: 'conflict' });
    fixture.beforeWrite(() => client.set('a', 'theirs'));
    expect(await fixture.edit.rename({ ...at('a'), to: 'b', overwrite: true })).toMatchObject({ outcome: 'conflict' });
    expect(await client.get('a')).toBe('theirs');
    expect(await client.get('b')).toBe('there');
    const editId = appliedId(await fixture.edit.rename({ ...at('a'), to: 'b', overwrite: true }));
    expect(await client.get('b')).toBe('theirs');
    appliedId(await fixture.edit.undo({ workspaceId: 'test', editId }));
    expect(await client.get('a')).toBe('theirs');
    expect(await client.get('b')).toBe('there');
  });
});
