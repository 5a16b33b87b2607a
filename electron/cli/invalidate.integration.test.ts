import { mkdtemp, readFile, readdir, rm, truncate, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditVerification } from '../../shared/contract/audit.ts';
import type { RunSummary } from '../../shared/contract/bulk.ts';
import { freePort } from '../demo/servers/free-port.ts';
import { adminOf } from '../demo/servers/redis-admin.ts';
import { startRedisCluster } from '../demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../demo/servers/redis-server.ts';
import { setAll } from '../host/redis/testing/raw-redis.ts';
import { createWorkspaceService } from '../host/store/workspace-service.ts';
import { namedWorkspace } from '../launch/named-workspace.ts';
import { sessionVault } from './session-vault.ts';
import { documentOf, runCli, runHere, startCli, type CliEnd } from './testing/run-cli.ts';

interface DryRun {
  matched: number;
  bytes: number;
  byType: Record<string, number>;
  sample: string[];
  sampleBase64: string[];
  exact: boolean;
}
interface Run {
  matched: number;
  deleted: number;
  skipped: number;
  failed: number;
  durationMs: number;
  undoFile: string | null;
  runId: string;
  state: string;
}
interface Undo {
  restored: number;
  skippedNewer: number;
  expired: number;
  failed: number;
}
interface Failed {
  error: { code: string; message: string; details: Record<string, unknown> };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

describe.each(['redis-7.0', 'redis-8.0'] as const)('lookaside invalidate on %s', (build) => {
  let server: RunningRedis;
  let admin: Redis;
  beforeAll(async () => {
    server = await startRedis({ build });
    admin = adminOf(server);
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });
  beforeEach(() => admin.flushall());

  const run = (command: string, ...args: string[]): Promise<CliEnd> => runHere([command, ...args, '--url', server.url, '--data-folder', folder]);

  it('counts, deletes what it counted, and gives it back', async () => {
    await setAll(server.port, [...names('user:42:', 300), ...names('user:43:', 20)]);
    await admin.hset('user:42:hash', 'f', 'v');
    await admin.set(Buffer.from([...Buffer.from('user:42:'), 0xff]), 'binary', 'PX', 3_600_000);
    const dry = await run('invalidate', '--match', 'user:42:*', '--dry-run', '--json');
    expect([dry.code, dry.err]).toEqual([0, '']);
    const found = documentOf<DryRun>(dry);
    expect(found).toMatchObject({ matched: 302, exact: true, byType: { string: 301, hash: 1 } });
    expect(found.bytes).toBeGreaterThan(302 * 30);
    expect(found.sample).toHaveLength(50);
    expect(found.sample.every((name) => name.startsWith('user:42:') || name.startsWith('"user:42:'))).toBe(true);
    expect(found.sampleBase64.map((each) => Buffer.from(each, 'base64').toString('latin1').slice(0, 8))).toEqual(found.sample.map(() => 'user:42:'));
    expect(await admin.dbsize()).toBe(322);

    // without --yes nothing is deleted, whatever else is said
    const asked = await run('invalidate', '--match', 'user:42:*', '--expect', '302');
    expect([asked.code, await admin.dbsize()]).toEqual([0, 322]);
    expect(asked.out).toContain('302 keys would be deleted');
    expect(asked.err).toContain('nothing was changed; to carry it out add --yes --expect 302');

    const wrong = await run('invalidate', '--match', 'user:42:*', '--yes', '--expect', '301', '--json');
    expect([wrong.code, await admin.dbsize()]).toEqual([3, 322]);
    expect(documentOf<Failed>(wrong).error).toMatchObject({ code: 'CONFLICT', details: { expected: 301, found: 302 } });
    const many = await run('invalidate', '--match', 'user:42:*', '--yes', '--at-most', '10');
    expect([many.code, await admin.dbsize()]).toEqual([3, 322]);

    const end = await run('invalidate', '--match', 'user:42:*', '--yes', '--expect', '302', '--json');
    const done = documentOf<Run>(end);
    expect(end.code).toBe(0);
    expect(done).toMatchObject({ matched: 302, deleted: 302, skipped: 0, failed: 0, state: 'done' });
    expect(done.durationMs).toBeGreaterThanOrEqual(0);
    expect(await admin.dbsize()).toBe(20);

    await admin.set('user:42:7', 'newer');
    const back = await run('undo', done.runId, '--json');
    expect(back.code).toBe(0);
    expect(documentOf<Undo>(back)).toMatchObject({ restored: 301, skippedNewer: 1, expired: 0, failed: 0 });
    expect(await admin.get('user:42:7')).toBe('newer');
    expect(await admin.hget('user:42:hash', 'f')).toBe('v');
    expect(await admin.pttl(Buffer.from([...Buffer.from('user:42:'), 0xff]))).toBeGreaterThan(3_500_000);
    expect(documentOf<AuditVerification>(await runHere(['journal', 'verify', '--json', '--data-folder', folder]))).toMatchObject({ ok: true, entries: 4 });
  });

  it('keeps the undo in a file of its own, which another data folder and a cut end do not hinder', async () => {
    await setAll(server.port, names('a:', 1200));
    const undoFile = join(folder, 'undo.lookaside');
    const done = documentOf<Run>(await run('invalidate', '--prefix', 'a:', '--yes', '--undo-file', undoFile, '--json'));
    expect(done).toMatchObject({ deleted: 1200, undoFile });
    expect(await admin.dbsize()).toBe(0);
    const elsewhere = await mkdtemp(join(tmpdir(), 'lookaside-cli-'));
    try {
      const undo = (...more: string[]) => runHere(['undo', undoFile, '--url', server.url, '--data-folder', elsewhere, '--json', ...more]);
      expect(documentOf<{ restorable: number; newer: number }>(await undo('--dry-run'))).toMatchObject({ restorable: 1200, newer: 0 });
      expect(await admin.dbsize()).toBe(0);
      expect(documentOf<Undo>(await undo('--match', 'a:1*'))).toMatchObject({ restored: 311, failed: 0 });
      await truncate(undoFile, Math.floor((await stat(undoFile)).size * 0.7));
      const cut = await undo();
      const { restored } = documentOf<Undo>(cut);
      expect(cut.err).toContain('not whole');
      expect(restored).toBeGreaterThan(0);
      expect(await admin.dbsize()).toBe(311 + restored);
      // the file stays, and nothing of it stays in the data folder
      expect(await readdir(join(elsewhere, 'bulk', 'runs'))).toEqual([]);
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
    expect((await run('invalidate', '--prefix', 'b:', '--yes', '--undo-file', undoFile)).code).toBe(1);
  });

  it('takes names from a file, standard input and a column, with duplicates, blanks, CRLF and bytes', async () => {
    await setAll(server.port, [...names('n:', 10), ' padded ', Buffer.from([0xff, 0xfe]), 'comma,name']);
    const matched = async (text: string | Uint8Array, ...more: string[]) => {
      const file = join(folder, more.includes('--column') ? 'names.csv' : 'names.txt');
      await writeFile(file, text);
      return documentOf<DryRun & { excluded: Record<string, number> }>(await run('invalidate', '--names', file, '--dry-run', '--json', ...more));
    };
    expect(await matched('\ufeffn:1\r\nn:2\n\n\r\nn:1\nnone\n" padded "\n"\\xff\\xfe"\nn:3')).toMatchObject({ matched: 5, excluded: { missing: 1 } });
    expect(await matched(Buffer.from([0x6e, 0x3a, 0x31, 0x0a, 0xff, 0xfe, 0x0a]))).toMatchObject({ matched: 2 });
    expect(await matched('id,name\r\n1,n:1\r\n2,"comma,name"\r\n3,"n:\n"\r\n', '--column', 'name')).toMatchObject({ matched: 2 });
    expect(await matched('1,n:1\n2,n:2\n', '--column', '2')).toMatchObject({ matched: 2 });
    const piped = await runCli(['invalidate', '--names', '-', '--dry-run', '--json', '--url', server.url, '--data-folder', folder], {}, 'n:4\nn:5\n');
    expect(documentOf<DryRun>(piped).matched).toBe(2);
    expect((await run('invalidate', '--names', join(folder, 'none'), '--dry-run')).code).toBe(1);
    await writeFile(join(folder, 'empty'), '\n\n');
    expect((await run('invalidate', '--names', join(folder, 'empty'), '--dry-run')).code).toBe(2);
  });

  it('narrows by facts, exclusions, templates and tags', async () => {
    await setAll(server.port, [...names('p:1:', 5), ...names('p:2:', 7), 'p:3:0']);
    await admin.expire('p:1:0', 600);
    await admin.sadd('tag:hot', 'p:1:1', 'p:2:2', 'gone');
    const matched = async (...args: string[]) => documentOf<DryRun>(await run('invalidate', '--dry-run', '--json', ...args)).matched;
    expect(await matched('--match', 'p:*', '--no-ttl')).toBe(12);
    expect(await matched('--match', 'p:*', '--ttl-left', '<1h')).toBe(1);
    expect(await matched('--match', 'p:*', '--exclude', 'p:2:*', '--exclude', '*0')).toBe(4);
    expect(await matched('--type', 'set')).toBe(1);
    expect(await matched('--match', 'p:*', '--idle', '>7d')).toBe(0);
    expect(await matched('--template', 'p:{id}:*', '--value', '1', '--value', '3')).toBe(6);
    expect(await matched('--set', 'tag:hot')).toBe(2);
    expect(await matched('--match', 'p:[')).toBe(0);
  });

  it('shortens, keeps and moves as well as it deletes', async () => {
    await setAll(server.port, names('s:', 20));
    expect(documentOf<{ changed: number; deleted: number }>(await run('invalidate', '--match', 's:*', '--action', 'soft', '--ttl', '60s', '--jitter', '30s', '--yes', '--json'))).toMatchObject({ changed: 20, deleted: 0 });
    const left = await admin.pttl('s:1');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(90_000);
    expect((await run('invalidate', '--match', 's:*', '--action', 'persist', '--yes')).code).toBe(0);
    expect(await admin.pttl('s:1')).toBe(-1);
  });

  it('calls a flush by its name', async () => {
    await setAll(server.port, names('f:', 5));
    const refused = await run('invalidate', '--match', '*', '--yes', '--json');
    expect([refused.code, documentOf<Failed>(refused).error.code, await admin.dbsize()]).toEqual([3, 'CONFLICT', 5]);
    expect((await run('invalidate', '--all', '--yes', '--flush', '--expect', '5')).code).toBe(0);
    expect(await admin.dbsize()).toBe(0);
  });

  it('changes nothing in a read-only workspace, until it is unlocked with a reason', async () => {
    await setAll(server.port, names('r:', 5));
    const draft = namedWorkspace({ url: server.url, pg: undefined })?.draft;
    if (draft === undefined) throw new Error('No workspace');
    const workspaces = createWorkspaceService({ folder, vault: sessionVault, environment: {} });
    await workspaces.save({ draft: { ...draft, name: 'Kept', readOnly: true }, secrets: {} });
    const at = (command: string, ...args: string[]) => runHere([command, ...args, '--workspace', 'Kept', '--data-folder', folder, '--json']);
    const refused = await at('invalidate', '--match', 'r:*', '--yes');
    expect([refused.code, documentOf<Failed>(refused).error.code, await admin.dbsize()]).toEqual([3, 'READ_ONLY', 5]);
    expect(documentOf<DryRun>(await at('invalidate', '--match', 'r:*', '--dry-run')).matched).toBe(5);
    const done = documentOf<Run>(await at('invalidate', '--match', 'r:*', '--yes', '--unlock', 'incident 7'));
    expect([done.deleted, await admin.dbsize()]).toEqual([5, 0]);
    expect((await at('undo', done.runId)).code).toBe(3);
    expect(await readFile(join(folder, 'audit.jsonl'), 'utf8')).toContain('incident 7');
  });

  it('wants the number and the name typed for production', async () => {
    await setAll(server.port, names('r:', 5));
    const draft = namedWorkspace({ url: server.url, pg: undefined })?.draft;
    if (draft === undefined) throw new Error('No workspace');
    const workspaces = createWorkspaceService({ folder, vault: sessionVault, environment: {} });
    await workspaces.save({ draft: { ...draft, name: 'Live', environment: 'production', readOnly: true }, secrets: {} });
    const act = (...args: string[]) => runHere(['invalidate', '--match', 'r:*', '--yes', '--unlock', 'incident 7', ...args, '--workspace', 'Live', '--data-folder', folder]);
    for (const args of [[], ['--expect', '5'], ['--expect', '5', '--confirm', 'live'], ['--confirm', 'Live']]) expect((await act(...args)).code).toBe(3);
    expect(await admin.dbsize()).toBe(5);
    expect((await act('--expect', '5', '--confirm', 'Live')).code).toBe(0);
    expect(await admin.dbsize()).toBe(0);
  });

  it('carries out a saved invalidation within its guard rails', async () => {
    await setAll(server.port, [...names('user:42:', 12), ...names('user:43:', 3), ...names('user:4*:', 2)]);
    const file = join(folder, 'mine.runbook.json');
    const saved = { name: 'User cache', variables: [{ name: 'id' }], selection: { keys: { kind: 'pattern', pattern: 'user:{id}:*' } }, guards: { maxKeys: 10 } };
    await writeFile(file, JSON.stringify({ lookaside: 'runbook', version: 1, runbook: saved }));
    expect((await runHere(['runbooks', 'import', file, '--data-folder', folder])).code).toBe(0);
    expect((await runHere(['runbooks', '--data-folder', folder])).out).toBe('User cache {id}\n');
    const refused = await run('run', 'User cache', '--var', 'id=42', '--yes', '--json');
    expect([refused.code, await admin.dbsize()]).toEqual([3, 17]);
    expect(documentOf<DryRun>(await run('run', file, '--var', 'id=43', '--json'))).toMatchObject({ matched: 3 });
    // a value is no glob
    expect(documentOf<DryRun>(await run('run', file, '--var', 'id=4*', '--json'))).toMatchObject({ matched: 2 });
    expect(documentOf<Run>(await run('run', 'user cache', '--var', 'id=43', '--var', 'id=4*', '--yes', '--expect', '5', '--json'))).toMatchObject({ deleted: 5 });
    expect(await admin.dbsize()).toBe(12);
    for (const args of [[], ['--var', 'id'], ['--var', 'id='], ['--var', 'x=1'], ['--var', 'id=1', '--flush']]) expect((await run('run', 'User cache', ...args)).code).toBe(2);
    expect((await run('run', 'User cache', '--var', 'id=1', '--yes', '--no-undo')).code).toBe(3);
    expect((await run('run', 'Nowhere', '--var', 'id=1')).code).toBe(1);
  });

  it('resumes a run that was killed, and loses nothing', async () => {
    await setAll(server.port, names('k:', 6000));
    const child = startCli(['invalidate', '--match', 'k:*', '--yes', '--rate', '1500/s', '--json', '--url', server.url, '--data-folder', folder]);
    await vi.waitUntil(async () => (await admin.dbsize()) < 5500, { timeout: 25_000, interval: 10 });
    child.child.kill('SIGKILL');
    await child.ended;
    const { runs } = documentOf<{ runs: RunSummary[] }>(await runHere(['runs', '--json', '--data-folder', folder]));
    expect(runs).toMatchObject([{ state: 'interrupted', resumable: true, total: 6000 }]);
    expect(await admin.dbsize()).toBeGreaterThan(0);
    const end = await run('resume', runs[0]?.runId ?? '', '--json');
    expect(end.code).toBe(0);
    expect(documentOf<Run>(end)).toMatchObject({ matched: 6000, deleted: 6000, failed: 0, state: 'done' });
    expect(await admin.dbsize()).toBe(0);
    expect(documentOf<Undo>(await run('undo', runs[0]?.runId ?? '', '--json'))).toMatchObject({ restored: 6000 });
    expect(await admin.dbsize()).toBe(6000);
  });

  it('stops at the end of a batch at Ctrl-C, and says how to go on', async () => {
    await setAll(server.port, names('c:', 6000));
    const child = startCli(['invalidate', '--match', 'c:*', '--yes', '--rate', '1500/s', '--json', '--url', server.url, '--data-folder', folder]);
    await vi.waitUntil(async () => (await admin.dbsize()) < 5500, { timeout: 25_000, interval: 10 });
    child.child.kill('SIGINT');
    const code = await child.ended;
    const end = documentOf<Run>({ code, out: child.out(), err: child.err() });
    expect([code, end.state]).toEqual([1, 'cancelled']);
    expect(end.deleted).toBe(6000 - (await admin.dbsize()));
    expect(child.err()).toContain(`lookaside resume ${end.runId}`);
    expect(child.err()).toContain('lookaside undo ');
  });
});

describe('lookaside invalidate', () => {
  it('works on all masters of a cluster', async () => {
    const cluster = await startRedisCluster({ build: 'redis-8.0' });
    try {
      const url = `redis://${cluster.seeds.map(({ host, port }) => `${host}:${port}`).join(',')}`;
      const admins = cluster.nodes.map((node) => adminOf(node));
      const fill = async (name: string) => (await Promise.all(admins.map((admin) => admin.set(name, 'v').then(() => 1, () => 0)))).reduce((sum: number, one) => sum + one, 0);
      for (const name of [...names('user:42:', 60), ...names('other:', 5)]) expect(await fill(name)).toBe(1);
      const size = async () => (await Promise.all(admins.map((admin) => admin.dbsize()))).reduce((sum, one) => sum + one, 0);
      const run = (command: string, ...args: string[]) => runHere([command, ...args, '--url', url, '--data-folder', folder, '--json']);
      expect(documentOf<DryRun>(await run('invalidate', '--match', 'user:42:*', '--dry-run'))).toMatchObject({ matched: 60, exact: true });
      const done = documentOf<Run>(await run('invalidate', '--match', 'user:42:*', '--yes', '--expect', '60'));
      expect([done.deleted, await size()]).toEqual([60, 5]);
      expect(documentOf<Undo>(await run('undo', done.runId))).toMatchObject({ restored: 60, failed: 0 });
      expect(await size()).toBe(65);
      for (const admin of admins) admin.disconnect();
    } finally {
      await cluster.stop();
    }
  });

  it('fails with the code of a server that is not there', async () => {
    const end = await runHere(['invalidate', '--match', 'x', '--yes', '--json', '--url', `redis://127.0.0.1:${await freePort()}`, '--data-folder', folder]);
    expect([end.code, documentOf<Failed>(end).error.code]).toEqual([1, 'CONNECTION_REFUSED']);
  });

  it.each([
    [['invalidate'], 'Nothing says which keys'],
    [['invalidate', '--match', 'a', '--prefix', 'b'], 'cannot be given together'],
    [['invalidate', '--match', ''], 'every key'],
    [['invalidate', '--match', 'a', '--colour', 'red'], 'Unknown option --colour'],
    [['invalidate', '--match', 'a', '--rate', 'fast'], '--rate takes'],
    [['invalidate', '--match', 'a', '--idle', 'long'], '--idle takes a range'],
    [['invalidate', '--match', 'a', '--yes', '--dry-run'], 'cannot be given together'],
    [['invalidate', '--match', 'a', '--action', 'soft'], 'needs --ttl'],
    [['invalidate', '--match', 'a', '--ttl', '5s'], '--ttl-left'],
    [['invalidate', '--template', 'a:{x}'], 'needs values'],
    [['undo'], 'undo takes one'],
    [['resume', 'a', 'b'], 'resume takes the number'],
  ])('refuses %j with code 2, and says why', async (args, words) => {
    const end = await runHere([...args, '--url', 'redis://127.0.0.1:1', '--data-folder', folder]);
    expect([end.code, end.out]).toEqual([2, '']);
    expect(end.err).toContain(words);
  });

  it.each(['invalidate', 'undo', 'resume', 'run', 'runbooks', 'runs', 'keys', 'ttl', 'journal', 'serve'])('explains %s', async (command) => {
    const end = await runHere([command, '--help']);
    expect([end.code, end.err]).toEqual([0, '']);
    expect(end.out).toContain(`lookaside ${command}`);
    expect((await runHere(['help', command])).out).toBe(end.out);
  });
});
