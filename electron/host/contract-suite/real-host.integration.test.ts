import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import { portKinds, type OpenedPort } from './testing/ports.ts';
import { startSuiteHost, type SuiteHost } from './testing/suite-host.ts';

const redisPassword = 'hunter2-redis';
const sshPassword = 'hunter2-ssh';
const postgresPassword = 'hunter2-postgres';
const secrets = { 'redis.password': redisPassword, 'redis.sshPassword': sshPassword, 'postgres.password': postgresPassword };

async function filesOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

describe.each(portKinds)('the host as the faces make it, over $kind', ({ open }) => {
  let redis: RunningRedis;
  let host: SuiteHost;
  let port: OpenedPort;
  beforeAll(async () => {
    redis = await startRedis({ password: redisPassword });
    host = await startSuiteHost();
    port = await open(host.router, { report: host.report });
  });
  afterAll(async () => {
    await port.close();
    try {
      await host.stop();
    } finally {
      await redis.stop();
    }
  });

  test('a workspace is saved, opened, read and closed; no reply and no file holds a secret', async () => {
    const { client } = port;
    const saved = await client.workspaces.save({
      draft: {
        name: 'Shop',
        environment: 'production',
        colour: 'red',
        readOnly: true,
        delimiters: [':'],
        redis: { nodes: [{ host: redis.host, port: redis.port }] },
        postgres: null,
      },
      secrets,
    });
    expect(saved.secrets['redis.password']).toBe('session');
    const { id: workspaceId } = saved;
    expect((await client.workspaces.list()).map(({ id }) => id)).toContain(workspaceId);
    expect((await client.connections.open({ workspaceId })).redis?.state).toBe('ready');
    expect(await client.connections.opened()).toEqual([workspaceId]);
    expect(await client.values.inspect({ workspaceId, db: 0, name: 'none' })).toMatchObject({ type: 'none' });
    const watching = await client.connections.watch({ workspaceId });
    expect((await watching.next()).value).toMatchObject({ workspaceId });
    await watching.return?.();
    await client.connections.unlock({ workspaceId, minutes: 1, reason: 'a test of the suite' });
    await client.connections.lock({ workspaceId });
    expect((await client.workspaces.export()).text).toContain('Shop');
    await client.connections.close({ workspaceId });
    const { restoreToken } = await client.workspaces.remove({ workspaceId });
    expect((await client.workspaces.restore({ restoreToken })).name).toBe('Shop');

    const replies = port.received.join('\n');
    const files = await filesOf(host.folder);
    for (const secret of Object.values(secrets)) {
      expect(replies).not.toContain(secret);
      expect(files).not.toContain(secret);
    }
    expect(host.reports).toEqual([]);
  });

  test('settings outlive the call that saved them; hostile names are ordinary or refused, never a fault', async () => {
    await port.client.app.saveSettings({ changes: { theme: '"dark"', 'toString': '1', gone: null } });
    expect(await port.client.app.settings()).toMatchObject({ theme: '"dark"', toString: '1' });
    expect(await port.client.app.info()).toMatchObject({ face: 'browser', version: '0.0.0-test', secrets: { persistent: false } });
  });

  test.each([
    ['jobs.pause', { jobId: 'none' }, 'NOT_FOUND'],
    ['connections.open', { workspaceId: 'none' }, 'NOT_FOUND'],
    ['connections.retry', { workspaceId: 'none' }, 'NOT_CONNECTED'],
    ['values.page', { workspaceId: 'none', db: 0, name: 'a', type: 'hash', count: 10 }, 'NOT_CONNECTED'],
    ['workspaces.restore', { restoreToken: '__proto__' }, 'NOT_FOUND'],
    ['keys.begin', { workspaceId: 'none', db: 0 }, 'NOT_CONNECTED'],
    ['keys.openView', { index: 'none', mode: 'tree', filter: { pattern: '', mode: 'glob' }, expanded: [] }, 'NOT_FOUND'],
    ['keys.rows', { viewId: '__proto__', from: 0, count: 1 }, 'NOT_FOUND'],
    ['keys.pause', { indexId: 'constructor' }, 'NOT_FOUND'],
    ['keys.enrich', { indexId: 'none', fields: ['ttl'] }, 'NOT_FOUND'],
    ['keys.namespaces', { indexId: '__proto__', from: 0, count: 1 }, 'NOT_FOUND'],
    ['keys.saveSketch', { indexId: 'none' }, 'NOT_FOUND'],
    ['keys.compareSketches', { a: '../secrets', b: 'none', from: 0, count: 1 }, 'NOT_FOUND'],
  ])('%s of what is not there fails with its code', async (name, input, code) => {
    await expect(port.call(name.split('.'), input)).rejects.toMatchObject({ code, defined: true });
  });

  test('watching jobs begins with none', async () => {
    const stream = await port.client.jobs.watch();
    expect(await stream.next()).toEqual({ done: false, value: [] });
    await stream.return?.();
  });
});
