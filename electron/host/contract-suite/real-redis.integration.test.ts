import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import { startRedisCluster, type RunningCluster } from '../../demo/servers/redis-cluster.ts';
import { redisProfile, type Workspace } from '../../../shared/contract/workspaces.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { createAuditJournal } from '../connections/audit-journal.ts';
import { createConnectionService } from '../connections/connection-service.ts';
import { createRedisValues, type ValueFill } from './testing/redis-values.ts';
import { createJobService } from '../jobs/job-service.ts';
import { createValueService } from '../redis/value-service.ts';
import { createValueWorkService } from '../redis/value-work-service.ts';
import type { ConnectionService, WorkspaceService } from '../services.ts';
import { portKinds, type OpenedPort } from './testing/ports.ts';
import { routerOver } from './testing/router-over.ts';

const password = 'hunter2-of-the-server';
const wrongPassword = 'hunter3-typed-wrong';

function workspaceOf(id: string, nodes: { host: string; port: number }[]): Workspace {
  return {
    id,
    name: id,
    environment: 'production',
    colour: 'red',
    readOnly: true,
    delimiters: [':'],
    redis: v.parse(redisProfile, { nodes, tls: { mode: 'off' } }),
    postgres: null,
    demo: false,
    secrets: { 'redis.password': 'session' },
    lastOpenedAt: null,
  };
}

let single: RunningRedis;
let cluster: RunningCluster;
let folder: string;
let connections: ConnectionService;
let workspaces: Partial<WorkspaceService>;
const reports: unknown[] = [];

beforeAll(async () => {
  [single, cluster] = await Promise.all([startRedis({ password }), startRedisCluster({ masters: 3, password })]);
  folder = await mkdtemp(join(tmpdir(), 'lookaside-suite-'));
  const saved = new Map([
    ['single', workspaceOf('single', [{ host: single.host, port: single.port }])],
    ['cluster', workspaceOf('cluster', cluster.seeds)],
  ]);
  workspaces = {
    get: async (id) => {
      const found = saved.get(id);
      if (found === undefined) throw new LookasideError('NOT_FOUND', 'No such workspace');
      return found;
    },
    secretsOf: async () => ({ 'redis.password': password }),
    touch: async () => undefined,
  };
  connections = createConnectionService({ workspaces: workspaces as WorkspaceService, folder, environment: {}, report: (error) => reports.push(error) });
});
afterAll(async () => {
  await connections.closeAll();
  await Promise.all([single.stop(), cluster.stop()]);
  await rm(folder, { recursive: true, force: true });
  expect(reports).toEqual([]);
});

describe.each(portKinds)('a read-only production Redis over $kind', ({ open }) => {
  let port: OpenedPort;
  beforeAll(async () => {
    const jobs = createJobService({ report: (error) => reports.push(error) });
    const valueWork = createValueWorkService({ connections, workspaces: workspaces as WorkspaceService, jobs, audit: createAuditJournal(folder), folder });
    const router = routerOver({ connections, values: createValueService({ connections }), valueWork, jobs });
    port = await open(router, { report: (error) => reports.push(error) });
  });
  afterAll(() => port.close());

  test.each(['single', 'cluster'] as const)('every type of a %s Redis opens, and no reply holds the password', async (workspaceId) => {
    const snapshot = await port.client.connections.open({ workspaceId });
    expect(snapshot.redis?.state).toBe('ready');
    const { host, port: at } = workspaceId === 'single' ? single : (cluster.seeds[0] ?? single);
    const fills: ValueFill[] = await createRedisValues({ host, port: at, password, cluster: workspaceId === 'cluster' });
    for (const { name, type, length } of fills) {
      const where = { workspaceId, db: 0, name };
      const facts = await port.client.values.inspect(where);
      expect(facts, type).toMatchObject({ name, type, length, ttlMs: null });
      expect(facts.memoryBytes, type).toBeGreaterThan(0);
      expect(facts.encoding, type).not.toBeNull();
      expect(facts.idleSeconds ?? facts.frequency, type).not.toBeNull();
      expect(facts.node === null, type).toBe(workspaceId === 'single');
      const page = await port.client.values.page({ ...where, type, count: 100 });
      expect(page).toMatchObject({ type, total: length });
    }
    const stream = { workspaceId, db: 0, name: 'values:stream' };
    expect(await port.client.values.streamGroups(stream)).toMatchObject([{ name: 'group', pending: 1 }]);
    expect(await port.client.values.streamConsumers({ ...stream, group: 'group' })).toMatchObject([{ name: 'reader', pending: 1 }]);
    expect((await port.client.values.streamPending({ ...stream, group: 'group', count: 10 })).items).toMatchObject([{ consumer: 'reader', deliveries: 1 }]);
    expect(await port.client.values.element({ workspaceId, db: 0, name: 'values:hash', type: 'hash', id: 'field' })).toMatchObject({ data: 'value' });
    expect(port.received.join('')).not.toContain(password);
  });

  test.each(['single', 'cluster'] as const)('long work and special reads of a %s Redis are reads, changes of a stream are refused', async (workspaceId) => {
    await port.client.connections.open({ workspaceId });
    const at = (name: string) => ({ workspaceId, db: 0, name });
    const last = async <T>(stream: AsyncIterable<T>): Promise<T | undefined> => {
      let snapshot: T | undefined;
      for await (const each of stream) snapshot = each;
      return snapshot;
    };
    const { valueWork, values } = port.client;
    expect(await last(await valueWork.search({ ...at('values:string'), needle: 'EX', ignoreCase: true }))).toMatchObject({ done: true, matches: 1 });
    expect(await last(await valueWork.bitCount(at('values:string')))).toMatchObject({ done: true, scanned: 4 });
    expect(await last(await valueWork.compare({ left: at('values:hash'), right: at('values:hash') }))).toMatchObject({ exactness: 'exact', counts: { same: 2, left: 0, right: 0, different: 0 } });
    expect(await values.bitNext({ ...at('values:string'), bit: 1, from: 0 })).toMatchObject({ position: 1, bits: 32 });
    expect(await values.zsetRange({ ...at('values:zset'), by: 'score', min: '(1', max: '2' })).toEqual({ from: 0, count: 1, total: 1 });
    expect((await values.dumpSize(at('values:list'))).bytes).toBeGreaterThan(0);
    expect(await valueWork.trimPreview({ ...at('values:stream'), to: { by: 'length', keep: 0 } })).toMatchObject({ total: 1, removed: 1 });
    const refused = { code: 'READ_ONLY', defined: true };
    await expect(valueWork.streamAct({ ...at('values:stream'), action: { do: 'ack', group: 'group', ids: ['1-0'] } })).rejects.toMatchObject(refused);
    await expect(valueWork.streamAct({ ...at('values:stream'), action: { do: 'trim', to: { by: 'length', keep: 0 } } })).rejects.toMatchObject(refused);
    expect((await values.streamPending({ ...at('values:stream'), group: 'group', count: 10 })).items).toHaveLength(1);
  });

  test('a watch ends at once when its reader leaves, and tells of the close', async () => {
    await port.client.connections.open({ workspaceId: 'single' });
    const abort = new AbortController();
    const left = await port.client.connections.watch({ workspaceId: 'single' }, { signal: abort.signal });
    await left.next();
    abort.abort();
    expect((await left.next()).done).toBe(true);
    const stays = await port.client.connections.watch({ workspaceId: 'single' });
    await stays.next();
    await connections.close('single');
    await vi.waitFor(async () => expect((await stays.next()).done).toBe(true));
    await expect(port.client.values.inspect({ workspaceId: 'single', db: 0, name: 'a' })).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
  });

  test('a wrong password fails with its own code, and neither password comes back', async () => {
    const opening = port.client.connections.open({ workspaceId: 'single', secrets: { 'redis.password': wrongPassword } });
    await expect(opening).rejects.toMatchObject({ code: 'REDIS_WRONG_PASSWORD', defined: true });
    const steps = [];
    const draft = workspaceOf('draft', [{ host: single.host, port: single.port }]);
    const { name, environment, colour, readOnly, delimiters, redis, postgres } = draft;
    const secrets = { 'redis.password': wrongPassword };
    for await (const step of await port.client.connections.test({
      draft: { name, environment, colour, readOnly, delimiters, redis, postgres },
      secrets,
      side: 'redis',
    })) steps.push(step);
    expect(steps.at(-1)).toMatchObject({ done: true, ok: false });
    expect(port.received.join('')).not.toContain(password);
    expect(port.received.join('')).not.toContain(wrongPassword);
  });
});

test('the servers were only read', async () => {
  const client = new Redis({ host: single.host, port: single.port, password });
  try {
    const stats = await client.info('commandstats');
    expect(stats).toContain('cmdstat_hscan');
    expect(stats).not.toMatch(/cmdstat_(keys|smembers|hgetall|hvals|monitor|flushall)/);
  } finally {
    client.disconnect();
  }
});
