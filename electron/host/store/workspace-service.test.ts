import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync, strToU8 } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WorkspaceDraft } from '../../../shared/contract/workspaces.ts';
import type { SecretVault, WorkspaceService } from '../services.ts';
import { createSettingsService } from './settings-service.ts';
import { createWorkspaceService } from './workspace-service.ts';

const memoryVault: SecretVault = {
  persistent: false,
  reason: 'test',
  protect: () => Promise.reject(new Error('not asked')),
  reveal: () => Promise.reject(new Error('not asked')),
};
/** Reverses the text: enough to see that what is stored is not what was given. */
const turn = (text: string): string => text.split('').toReversed().join('');
const keepingVault: SecretVault = { persistent: true, reason: '', protect: async (text) => `sealed:${turn(text)}`, reveal: async (text) => turn(text.slice(7)) };

const draft: WorkspaceDraft = {
  name: 'Shop cache',
  environment: 'production',
  colour: 'red',
  readOnly: true,
  delimiters: [':'],
  redis: {
    topology: 'auto',
    nodes: [{ host: 'cache.example', port: 6379 }],
    socketPath: '',
    sentinelMaster: '',
    sentinelUsername: '',
    username: 'app',
    db: 0,
    tls: { mode: 'off', caFile: '', certFile: '', keyFile: '', serverName: '', pinSha256: '' },
    ssh: null,
  },
  postgres: null,
};

let folder = '';
const open = (vault: SecretVault = memoryVault): WorkspaceService => createWorkspaceService({ folder, vault, environment: { HOME: folder } });

async function everyFile(): Promise<string> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.join('\n');
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-store-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('workspaces', () => {
  test('are there after a restart, for this user only, without any secret', async () => {
    const saved = await open().save({ draft, secrets: { 'redis.password': 'pa55-w0rd' } });
    expect(saved.secrets['redis.password']).toBe('session');
    const [again] = await open().list();
    expect(again).toMatchObject({ id: saved.id, name: 'Shop cache', readOnly: true });
    expect(again?.secrets['redis.password']).toBe('none');
    expect(await everyFile()).not.toContain('pa55-w0rd');
    expect((await stat(join(folder, 'workspaces.json'))).mode & 0o077).toBe(0);
  });

  test('keep secrets sealed where the vault protects them, and forget them on request', async () => {
    const saved = await open(keepingVault).save({ draft, secrets: { 'redis.password': 'pa55-w0rd', 'redis.sshPassword': 'other' } });
    expect(saved.secrets['redis.password']).toBe('stored');
    const later = open(keepingVault);
    expect(await later.secretsOf(saved.id)).toEqual({ 'redis.password': 'pa55-w0rd', 'redis.sshPassword': 'other' });
    await later.save({ workspaceId: saved.id, draft: { ...draft, name: 'Renamed' }, secrets: { 'redis.password': null } });
    expect(await open(keepingVault).secretsOf(saved.id)).toEqual({ 'redis.sshPassword': 'other' });
    expect(await everyFile()).not.toContain('pa55-w0rd');
  });

  test('come back after removal, with their secrets, once', async () => {
    const service = open(keepingVault);
    const saved = await service.save({ draft, secrets: { 'redis.password': 'pa55-w0rd' } });
    const { restoreToken } = await service.remove(saved.id);
    expect(await service.list()).toEqual([]);
    expect(await everyFile()).not.toContain('sealed:');
    expect(await service.restore(restoreToken)).toMatchObject({ id: saved.id });
    expect(await service.secretsOf(saved.id)).toEqual({ 'redis.password': 'pa55-w0rd' });
    await expect(service.restore(restoreToken)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('of this session are listed, cannot be edited and leave no file', async () => {
    const service = open();
    const passing = service.addTransient({ ...draft, name: 'Demo shop' }, { 'redis.password': 'x' }, true);
    expect(await service.get(passing.id)).toMatchObject({ name: 'Demo shop', demo: true });
    expect(await service.secretsOf(passing.id)).toEqual({ 'redis.password': 'x' });
    await expect(service.save({ workspaceId: passing.id, draft, secrets: {} })).rejects.toMatchObject({ code: 'CONFLICT' });
    service.removeTransient(passing.id);
    await expect(service.get(passing.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('that cannot be understood are kept aside and said, never overwritten', async () => {
    await writeFile(join(folder, 'workspaces.json'), '{"version":1,"workspaces":[{"id":');
    const service = open();
    await expect(service.list()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await service.list()).toEqual([]);
    expect((await readdir(folder)).some((name) => name.startsWith('workspaces.json.unreadable-'))).toBe(true);
  });
});

describe('a full disk', () => {
  test.runIf(process.platform === 'linux' && process.getuid?.() === 0)('is said, and loses nothing', async () => {
    const small = join(folder, 'small');
    execFileSync('mkdir', [small]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', small]);
    try {
      const service = createWorkspaceService({ folder: small, vault: memoryVault, environment: {} });
      const saved = await service.save({ draft, secrets: {} });
      const long = { ...draft, name: 'x', delimiters: [], redis: { ...(draft.redis as NonNullable<WorkspaceDraft['redis']>), socketPath: 's'.repeat(4000) } };
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => service.save({ draft: long, secrets: {} })));
      const refused = outcomes.filter((each) => each.status === 'rejected');
      expect(refused.length).toBeGreaterThan(0);
      for (const each of refused) expect(each.reason).toMatchObject({ code: 'STORE_DISK_FULL' });
      const kept = await service.list();
      expect(kept.map((each) => each.id)).toContain(saved.id);
      expect(kept).toHaveLength(1 + outcomes.length - refused.length);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

describe('import', () => {
  test('reads RedisInsight, with SSH, Sentinel and what cannot be carried over', async () => {
    const text = JSON.stringify([
      { name: 'one', host: '10.0.0.1', port: 6380, username: 'app', password: 'p1', db: 3, tls: true, tlsServername: 'cache', caCert: { certificate: 'PEM' }, connectionType: 'STANDALONE' },
      { name: 'two', host: 's1', port: 26379, password: 'sentinel-pw', connectionType: 'SENTINEL', sentinelMaster: { name: 'mymaster', password: 'node-pw' }, ssh: true, sshOptions: { host: 'bastion', port: 2222, username: 'me', password: 'ssh-pw' } },
      { name: 'broken', host: 'h', port: 'seventy' },
    ]);
    const service = open();
    const result = await service.import({ text, fileName: 'RedisInsight_connections.json', dryRun: true });
    expect(result.source).toBe('redisinsight');
    expect(result.found.map((each) => each.draft.name)).toEqual(['one', 'two']);
    expect(result.found[0]?.draft.redis).toMatchObject({ db: 3, tls: { mode: 'verify', serverName: 'cache' } });
    expect(result.found[0]?.notes).toHaveLength(1);
    expect(result.found[1]?.draft.redis).toMatchObject({ topology: 'sentinel', sentinelMaster: 'mymaster', ssh: { host: 'bastion', port: 2222, user: 'me' } });
    expect(result.found[1]?.secrets.toSorted()).toEqual(['redis.password', 'redis.sentinelPassword', 'redis.sshPassword']);
    expect(result.skipped.map((each) => each.name)).toEqual(['broken']);
    expect(await service.list()).toEqual([]);
    const saved = await service.import({ text, fileName: '', dryRun: false });
    expect(await service.secretsOf(saved.saved[1]?.id ?? '')).toMatchObject({ 'redis.password': 'node-pw', 'redis.sentinelPassword': 'sentinel-pw' });
    expect(JSON.stringify(saved)).not.toContain('node-pw');
  });

  test('reads Another Redis Desktop Manager', async () => {
    const entries = [{ host: '127.0.0.1', port: 6379, auth: 'secret', name: 'Local', separator: '/', cluster: true, connectionReadOnly: true, sslOptions: { ca: '/ca.pem' } }];
    const text = Buffer.from(JSON.stringify(entries)).toString('base64');
    const result = await open().import({ text, fileName: 'connections.ano', dryRun: true });
    expect(result.source).toBe('ardm');
    expect(result.found[0]?.draft).toMatchObject({ name: 'Local', readOnly: true, delimiters: ['/'], redis: { topology: 'cluster', tls: { mode: 'verify', caFile: '/ca.pem' } } });
  });

  const tiny = `- name: Group\n  type: group\n  connections:\n    - name: inner\n      addr: 10.1.1.1\n      port: 6390\n      password: pw\n      ssl:\n        enable: true\n        ca_file: /ca.pem\n        allow_insecure: true\n      ssh:\n        enable: true\n        addr: jump\n        port: 22\n        login_type: pkfile\n        username: me\n        pk_file: /id\n        passphrase: open\n- name: sock\n  network: unix\n  sock: /run/redis.sock\n`;
  test.each([
    ['as YAML', tiny],
    ['as a zip', Buffer.from(zipSync({ 'connections.yaml': strToU8(tiny) })).toString('base64')],
  ])('reads Tiny RDM %s', async (_how, text) => {
    const result = await open().import({ text, fileName: 'connections.zip', dryRun: true });
    expect(result.source).toBe('tinyrdm');
    expect(result.found.map((each) => each.draft.name)).toEqual(['inner', 'sock']);
    expect(result.found[0]?.draft.redis).toMatchObject({ nodes: [{ host: '10.1.1.1', port: 6390 }], ssh: { auth: 'key', keyFile: '/id' } });
    expect(result.found[1]?.draft.redis).toMatchObject({ socketPath: '/run/redis.sock', nodes: [] });
  });

  test('reads its own export back', async () => {
    const service = open();
    await service.save({ draft, secrets: { 'redis.password': 'pa55' } });
    const { text } = await service.export();
    expect(text).not.toContain('pa55');
    const result = await service.import({ text, fileName: 'x', dryRun: true });
    expect(result.found.map((each) => each.draft)).toEqual([draft]);
  });

  test.each(['', 'hello', '{"a":1}', '[]', '[1,2]', 'UEsDBAAA', '- a\n- b'])('says that %j is nothing it knows', async (text) => {
    await expect(open().import({ text, fileName: 'x', dryRun: true })).rejects.toMatchObject({ code: 'IMPORT_UNREADABLE' });
  });
});

test('settings are merged, removed by null and survive a restart', async () => {
  const first = createSettingsService({ folder });
  await first.save({ theme: '"dark"', 'panel.keys': '[1,2]' });
  await first.save({ theme: null, __proto__x: '1' });
  expect(await createSettingsService({ folder }).all()).toEqual({ 'panel.keys': '[1,2]', __proto__x: '1' });
});

test('hints name what the environment offers, never a value that is secret', async () => {
  const service = createWorkspaceService({ folder, vault: memoryVault, environment: { HOME: folder, PGHOST: 'db', PGPORT: '5433', PGUSER: 'me', PGPASSWORD: 'hush', REDIS_URL: 'redis://:hush@h' } });
  const hints = await service.environmentHints();
  expect(hints).toMatchObject({ postgres: { host: 'db', port: 5433, user: 'me', database: 'me' }, postgresPassword: 'PGPASSWORD', redisUrlVariable: 'REDIS_URL', sshAliases: [] });
  expect(JSON.stringify(hints)).not.toContain('hush');
});
