import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LiveSnapshot } from '../../../../shared/contract/live-events.ts';
import { sameFlags } from '../../../../shared/redis/notify-flags.ts';
import { adminOf } from '../../../demo/servers/redis-admin.ts';
import { startRedisCluster } from '../../../demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { makeSession, until, type OpenedSession, type TestProfile } from '../../connections/redis/testing/open-session.ts';
import type { LiveEventsService, WorkspaceService } from '../../services.ts';
import { createLiveEventsService } from './live-events-service.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
  cleanups.push(() => server.stop());
  return server;
};

interface Fixture {
  live: LiveEventsService;
  session: OpenedSession['session'];
  folder: string;
  reports: unknown[];
  flags(node?: string): Promise<string>;
}

async function open(profile: TestProfile, options: { secrets?: Record<string, string>; readOnly?: boolean; folder?: string; graceMs?: number } = {}): Promise<Fixture> {
  const opened = await makeSession(profile, options);
  await opened.session.open();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'lookaside-live-')));
  const reports: unknown[] = [];
  const workspaces = { get: async () => ({ delimiters: [':'] }) } as unknown as Pick<WorkspaceService, 'get'>;
  const live = createLiveEventsService({
    connections: { redis: () => opened.session },
    workspaces,
    folder,
    report: (error) => reports.push(error),
    graceMs: options.graceMs ?? 0,
  });
  cleanups.push(async () => {
    await live.closeAll();
    await opened.close();
    await rm(folder, { recursive: true, force: true });
  });
  const flags: Fixture['flags'] = async (node) => {
    const at = node ?? (await opened.session.masters())[0]?.id;
    const reply = (await opened.session.call(0, ['CONFIG', 'GET', 'notify-keyspace-events'], { node: at })) as Buffer[];
    return String(reply[1]);
  };
  return { live, session: opened.session, folder, reports, flags };
}

class Watch {
  latest: LiveSnapshot | null = null;
  readonly #abort = new AbortController();
  readonly #over: Promise<void>;

  constructor(live: LiveEventsService, input: Parameters<LiveEventsService['watch']>[0]) {
    this.#over = (async () => {
      for await (const snapshot of live.watch(input, this.#abort.signal)) this.latest = snapshot;
    })();
    cleanups.push(() => this.leave());
  }

  until(check: (snapshot: LiveSnapshot) => boolean, what: string): Promise<LiveSnapshot> {
    return until(() => (this.latest !== null && check(this.latest) ? this.latest : null), what);
  }

  async leave(): Promise<void> {
    this.#abort.abort();
    await this.#over;
  }
}

const expired = { workspaceId: 'test', kinds: ['expired', 'evicted'] as ('expired' | 'evicted')[] };
const totalOf = (snapshot: LiveSnapshot, kind: string) => snapshot.kinds.find((each) => each.kind === kind)?.total ?? -1;

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('live events on %s', (build) => {
  it('are checked, enabled with consent, counted by namespace, and what was changed is given back', async () => {
    const server = keep(await startRedis({ build, args: ['--notify-keyspace-events', 'Kl'] }));
    const { live, session, flags } = await open({ port: server.port });
    const before = await flags();
    const check = await live.check(expired);
    expect(check).toMatchObject({ enough: false, canEnable: true, nodes: [{ flags: before, enough: false, ours: false, problem: null }] });
    expect(await flags()).toBe(before);
    const watch = new Watch(live, { ...expired, db: 0 });
    await watch.until(({ nodes, partial }) => partial && nodes.every(({ listening }) => listening) && nodes.length === 1, 'listening');

    expect(await live.enable({ ...expired, consent: true })).toMatchObject({ enough: true, canEnable: false, nodes: [{ ours: true, enough: true }] });
    for (const letter of `${before}xeE`) expect(await flags()).toContain(letter);
    await watch.until(({ partial }) => !partial, 'all is heard');

    const odd = Buffer.from([0x73, 0x3a, 0xff, 0]);
    for (let at = 0; at < 20; at += 1) await session.call(0, ['SET', `session:${at}`, 'v', 'PX', 20]);
    await session.call(0, ['SET', odd, 'v', 'PX', 20]);
    await session.call(0, ['SET', 'alone', 'v', 'PX', 20]);
    const all = await watch.until((snapshot) => totalOf(snapshot, 'expired') === 22, 'expired events');
    expect(new Map(all.namespaces.map(({ prefix, total }) => [prefix, total]))).toEqual(
      new Map<unknown, number>([
        ['session:', 20],
        ['s:', 1],
        ['alone', 1],
      ]),
    );
    await watch.until(({ kinds }) => (kinds[0]?.perSecond ?? 0) > 0, 'a rate');
    const recent = await live.recent({ workspaceId: 'test', db: 0 });
    expect(recent).toHaveLength(22);
    expect(recent.map(({ name }) => name)).toContainEqual({ b64: odd.toString('base64') });
    expect(recent[0]).toMatchObject({ kind: 'expired', event: 'expired' });
    expect(await live.recent({ workspaceId: 'test', db: 0, after: recent[5]?.id ?? 0 })).toHaveLength(5);

    await watch.leave();
    await until(async () => (await flags()) === before, 'the earlier value');
    expect((await live.check(expired)).nodes).toMatchObject([{ ours: false }]);
  });
});

describe('live events', () => {
  it('of all types are told by pattern; misses too', async () => {
    const server = keep(await startRedis());
    const { live, session } = await open({ port: server.port });
    const kinds = ['hash', 'string', 'generic', 'miss'] as ('hash' | 'string' | 'generic' | 'miss')[];
    await live.enable({ workspaceId: 'test', kinds, consent: true });
    const watch = new Watch(live, { workspaceId: 'test', db: 2, kinds });
    await watch.until(({ partial }) => !partial, 'all is heard');
    await session.call(2, ['HSET', 'h:1', 'f', 'v']);
    await session.call(2, ['SET', 's:1', 'v']);
    await session.call(2, ['DEL', 's:1']);
    await session.call(2, ['GET', 'none']);
    await session.call(0, ['SET', 'elsewhere', 'v']);
    const snapshot = await watch.until((each) => kinds.every((kind) => totalOf(each, kind) > 0), 'one of each');
    expect(snapshot.kinds.map(({ kind, total }) => [kind, total])).toEqual(kinds.map((kind) => [kind, 1]));
  });

  it('after a crash are given back at the next opening, but not over what someone else has set since', async () => {
    const server = keep(await startRedis());
    const folder = await mkdtemp(join(tmpdir(), 'lookaside-live-'));
    const dead = { workspaceId: 'test', node: `127.0.0.1:${server.port}`, session: 'dead', pid: 2 ** 22 + 1, bootAt: 1 };
    const admin = adminOf(server);
    cleanups.push(async () => admin.disconnect());
    const remember = async (entry: object): Promise<void> => {
      await writeFile(join(folder, 'live-events.json'), JSON.stringify({ version: 1, nodes: [entry] }));
    };
    const { live, flags } = await open({ port: server.port }, { folder });
    const left = async () => (JSON.parse(await readFile(join(folder, 'live-events.json'), 'utf8')) as { nodes: unknown[] }).nodes;

    // killed after it was set
    await admin.config('SET', 'notify-keyspace-events', 'KElx');
    await remember({ ...dead, earlier: 'Kl', set: ['xlKE'] });
    await live.repair('test');
    expect(sameFlags(await flags(), 'Kl')).toBe(true);
    expect(await left()).toEqual([]);
    // killed before it was set
    await remember({ ...dead, earlier: 'Kl', set: ['xlKE'] });
    await live.repair('test');
    expect(sameFlags(await flags(), 'Kl')).toBe(true);
    expect(await left()).toEqual([]);
    // someone else has set it since
    await admin.config('SET', 'notify-keyspace-events', 'AKE');
    await remember({ ...dead, earlier: '', set: ['xE'] });
    await live.repair('test');
    expect(await flags()).toBe('AKE');
    expect(await left()).toEqual([]);
  });

  it('of a read-only workspace are refused, and nothing is changed or remembered', async () => {
    const server = keep(await startRedis());
    const { live, flags, folder } = await open({ port: server.port }, { readOnly: true });
    await expect(live.enable({ ...expired, consent: true })).rejects.toMatchObject({ code: 'READ_ONLY' });
    expect(await flags()).toBe('');
    expect((JSON.parse(await readFile(join(folder, 'live-events.json'), 'utf8')) as { nodes: unknown[] }).nodes).toEqual([]);
    expect(await live.check(expired)).toMatchObject({ nodes: [{ ours: false, enough: false }] });
  });

  it('where CONFIG is forbidden are a stated partial result', async () => {
    const server = keep(await startRedis({ args: ['--notify-keyspace-events', 'Ex'] }));
    const admin = adminOf(server);
    await admin.call('ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '&*', '+@all', '-config');
    admin.disconnect();
    const { live, session } = await open({ port: server.port, username: 'plain' }, { secrets: { 'redis.password': 'pw' } });
    const check = await live.check(expired);
    expect(check).toMatchObject({ enough: false, canEnable: false, nodes: [{ flags: null, wanted: null, problem: { code: 'REDIS_NO_PERMISSION' } }] });
    expect(check.advice).toContain('notify-keyspace-events');
    expect(await live.enable({ ...expired, consent: true })).toMatchObject({ enough: false });
    const watch = new Watch(live, { ...expired, db: 0 });
    await watch.until(({ nodes }) => nodes.some(({ listening }) => listening), 'listening');
    await session.call(0, ['SET', 'a:1', 'v', 'PX', 10]);
    expect((await watch.until((snapshot) => totalOf(snapshot, 'expired') === 1, 'the event')).partial).toBe(true);
  });

  it('come from all masters of a cluster, and go on after a connection broke', async () => {
    const cluster = keep(await startRedisCluster({ masters: 3 }));
    const { live, session, flags } = await open({ nodes: cluster.seeds });
    await live.enable({ ...expired, consent: true });
    const watch = new Watch(live, { ...expired, db: 0 });
    await watch.until(({ partial, nodes }) => !partial && nodes.length === 3, 'all is heard');
    const fill = (from: number) => session.batch(0, Array.from({ length: 60 }, (_, at) => ['SET', `k:${from + at}`, 'v', 'PX', 30] as const));
    await fill(0);
    const first = await watch.until((snapshot) => totalOf(snapshot, 'expired') === 60, 'events of all');
    expect(first.gaps).toBe(0);
    expect(new Set((await live.recent({ workspaceId: 'test', db: 0 })).map(({ node }) => node)).size).toBe(3);
    const admin = adminOf(cluster.nodes[0] as RunningRedis);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    admin.disconnect();
    await watch.until(({ gaps, partial }) => gaps === 1 && !partial, 'the connection again');
    await fill(1000);
    await watch.until((snapshot) => totalOf(snapshot, 'expired') === 120, 'events of all again');
    await live.restore('test');
    for (const node of await session.masters()) expect(await flags(node.id)).toBe('');
  }, 60_000);
});
