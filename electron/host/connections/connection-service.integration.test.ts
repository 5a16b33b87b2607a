import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import * as v from 'valibot';
import type { ConnectionSnapshot } from '../../../shared/contract/connections.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { workspaceDraft, type Workspace } from '../../../shared/contract/workspaces.ts';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import type { ConnectionService, WorkspaceService } from '../services.ts';
import { createWorkspaceService } from '../store/workspace-service.ts';
import { createConnectionService } from './connection-service.ts';

let redis: RunningRedis;
let folder: string;
let workspaces: WorkspaceService;
let connections: ConnectionService;
const faults: unknown[] = [];

beforeAll(async () => {
  redis = await startRedis({ password: 'right' });
});
afterAll(() => redis.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-connections-'));
  const vault = { persistent: false, reason: 'test', protect: (plain: string) => Promise.resolve(plain), reveal: (stored: string) => Promise.resolve(stored) };
  workspaces = createWorkspaceService({ folder, vault, environment: {} });
  connections = createConnectionService({
    workspaces,
    folder,
    environment: {},
    report: (error) => faults.push(error),
    postgres: {
      open: () => Promise.reject(new LookasideError('PG_WRONG_PASSWORD', 'Postgres says no')),
      test: () => {
        throw new LookasideError('UNSUPPORTED', 'Not here');
      },
    },
  });
});
afterEach(async () => {
  await connections.closeAll();
  await rm(folder, { recursive: true, force: true });
  if (faults.length > 0) throw new AggregateError(faults.splice(0), 'Faults were reported');
});

function add(changes: object = {}, password = 'right'): Workspace {
  const draft = v.parse(workspaceDraft, {
    name: 'Shop',
    environment: 'local',
    colour: 'blue',
    readOnly: false,
    delimiters: [':'],
    redis: { nodes: [{ host: '127.0.0.1', port: redis.port }] },
    postgres: null,
    ...changes,
  });
  return workspaces.addTransient(draft, { 'redis.password': password }, false);
}

it('opens a workspace once, however often it is asked', async () => {
  const { id } = add();
  const [first, second] = await Promise.all([connections.open(id, {}), connections.open(id, {})]);
  expect(first.redis?.state).toBe('ready');
  expect(second.workspaceId).toBe(id);
  expect(connections.opened()).toEqual([id]);
  const session = connections.redis(id);
  await connections.open(id, {});
  expect(connections.redis(id)).toBe(session);
  expect(await session.call(0, ['PING'])).toEqual(Buffer.from('PONG'));
  await connections.close(id);
  expect(connections.opened()).toEqual([]);
  expect(() => connections.redis(id)).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED' }));
  await expect(session.call(0, ['PING'])).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
});

it('fails with the problem of Redis, keeps nothing open, and takes a password for the session', async () => {
  const { id } = add({}, 'wrong');
  await expect(connections.open(id, {})).rejects.toMatchObject({ code: 'REDIS_WRONG_PASSWORD' });
  expect(connections.opened()).toEqual([]);
  expect((await connections.open(id, { 'redis.password': 'right' })).redis?.state).toBe('ready');
});

it('keeps the problem of Postgres in the snapshot', async () => {
  const both = add({ postgres: { host: '127.0.0.1' } });
  await connections.open(both.id, {});
  await connections.retry(both.id);
  const stream = connections.watch(both.id, new AbortController().signal);
  expect((await stream.next()).value).toMatchObject({ redis: { state: 'ready' }, postgres: { state: 'failed', problem: { code: 'PG_WRONG_PASSWORD' } } });
  await stream.return();
  const only = add({ redis: null, postgres: { host: '127.0.0.1' } });
  await expect(connections.open(only.id, {})).rejects.toMatchObject({ code: 'PG_WRONG_PASSWORD' });
  const none = add({ redis: null });
  await expect(connections.open(none.id, {})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

it('streams the state, and ends when the workspace closes or the reader leaves', async () => {
  const { id } = add({ readOnly: true });
  await connections.open(id, {});
  const leaving = new AbortController();
  const seen: ConnectionSnapshot[] = [];
  const reading = (async () => {
    for await (const snapshot of connections.watch(id, leaving.signal)) seen.push(snapshot);
  })();
  const other = connections.watch(id, new AbortController().signal);
  expect((await other.next()).value).toMatchObject({ redis: { readOnly: { active: true } } });
  await connections.unlock(id, 5, 'fix a price');
  expect((await other.next()).value).toMatchObject({ redis: { readOnly: { active: false, unlockReason: 'fix a price' } } });
  expect((await connections.lock(id)).redis?.readOnly.active).toBe(true);
  leaving.abort();
  await reading;
  expect(seen[0]?.redis?.state).toBe('ready');
  await connections.close(id);
  let last = await other.next();
  while (last.done !== true) last = await other.next();
  expect(() => connections.watch(id, leaving.signal)).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED' }));
  expect((await readFile(join(folder, 'audit.jsonl'), 'utf8')).split('\n').filter((line) => line.includes('fix a price'))).toHaveLength(2);
});

it('tests a draft with the secrets that are saved', async () => {
  const saved = add();
  const { id: workspaceId, demo: _demo, secrets: _secrets, lastOpenedAt: _at, ...draft } = saved;
  const stream = connections.test({ workspaceId, draft, secrets: {}, side: 'redis' }, new AbortController().signal);
  let last = await stream.next();
  while (last.done !== true) last = await stream.next();
  expect(last.value.ok).toBe(true);
  await expect(connections.test({ draft, secrets: {}, side: 'postgres' }, new AbortController().signal).next()).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
