import { readFile, rm, stat } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { toWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { EditService } from '../../services.ts';
import { binary, editCases, type Seed } from './testing/edit-cases.ts';
import { appliedId, at, openEdits, rawClient, type EditFixture } from './testing/edit-fixture.ts';

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('edits on %s', (build) => {
  let server: RunningRedis;
  let raw: Redis;
  let fixture: EditFixture;
  const run = (command: (string | Buffer | number)[]): Promise<unknown> => raw.call(String(command[0]), ...command.slice(1));
  const bytes = (command: (string | Buffer | number)[]): Promise<Buffer | null> => raw.callBuffer(String(command[0]), ...command.slice(1)) as Promise<Buffer | null>;
  const k = at('k');
  const b64 = toWire(binary);
  const latin = (reply: unknown): unknown => (Buffer.isBuffer(reply) ? reply.toString('latin1') : Array.isArray(reply) ? reply.map(latin) : reply);
  const seed = async (commands: Seed): Promise<void> => {
    for (const command of commands) await run(command);
  };
  const dumps = async (): Promise<Record<string, string>> => {
    const names = (await raw.keys('*')).toSorted();
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, `${(await bytes(['DUMP', name]))?.toString('base64')} ${String(await run(['PEXPIRETIME', name]))}`])));
  };

  beforeAll(async () => {
    server = await startRedis({ build });
    raw = rawClient(server) as Redis;
    fixture = await openEdits({ port: server.port });
  });
  afterAll(async () => {
    await fixture.close();
    raw.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await raw.flushall();
  });

  test.each(editCases)('$what: writes, keeps the expiry to the millisecond, and undo gives back what was there', async ({ seed: commands, run: edit, look, sees, logical }) => {
    await seed(commands);
    await run(['PEXPIRE', 'k', 3_000_123]);
    const expiresAt = await run(['PEXPIRETIME', 'k']);
    const before = await dumps();
    const elements = logical === undefined ? null : latin(await bytes(logical));
    const editId = appliedId(await edit(fixture.edit));
    expect(latin(await bytes(look))).toEqual(sees);
    for (const name of ['k', ...(await raw.keys('*'))]) expect(fixture.noted(name)).toBe(await raw.type(name));
    for (const name of await raw.keys('*')) expect(await run(['PEXPIRETIME', name])).toBe(expiresAt);
    const undone = await fixture.edit.undo({ workspaceId: 'test', editId });
    appliedId(undone);
    if (elements === null) expect(await dumps()).toEqual(before);
    else expect(latin(await bytes(logical as string[]))).toEqual(elements);
    expect(await run(['PEXPIRETIME', 'k'])).toBe(expiresAt);
    await expect(fixture.edit.undo({ workspaceId: 'test', editId })).rejects.toMatchObject({ code: 'CONFLICT' });
    const redo = fixture.edit.undo({ workspaceId: 'test', editId: appliedId(undone) });
    if (logical === undefined) expect(await redo).toMatchObject({ outcome: 'applied' });
    else await expect(redo).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  test.each(editCases)('$what: what a second client wrote after the reading stays, and is shown', async ({ seed: commands, run: edit, rival }) => {
    await seed(commands);
    await seed(rival);
    const before = await dumps();
    const result = await edit(fixture.edit);
    if (result.outcome === 'conflict') expect(await dumps()).toEqual(before);
    // a rival that touches something else is no conflict: then nothing of theirs may be lost
    else expect(result.outcome).toBe('applied');
  });

  test.each(editCases)('$what: what a second client writes between the check and the write stays', async ({ seed: commands, run: edit, rival }) => {
    await seed(commands);
    let theirs: Record<string, string> = {};
    fixture.beforeWrite(async () => {
      await seed(rival);
      theirs = await dumps();
    });
    expect(await edit(fixture.edit)).toMatchObject({ outcome: 'conflict' });
    expect(await dumps()).toEqual(theirs);
  });

  test.each(editCases)('$what: a key that vanished, or became another type, is a conflict', async ({ seed: commands, run: edit }) => {
    await seed(commands);
    fixture.beforeWrite(() => run(['DEL', 'k']));
    expect(await edit(fixture.edit)).toMatchObject({ outcome: 'conflict', present: { type: 'none' } });
    expect(await raw.dbsize()).toBe(0);
    expect(await edit(fixture.edit)).toMatchObject({ outcome: 'conflict', present: { type: 'none' } });
  });

  test.each(editCases.filter(({ what }) => !/^(?:rename|copy)/.test(what)))('$what: a key that became another type is a conflict', async ({ seed: commands, run: edit }) => {
    await seed(commands);
    const other = commands[0]?.[0] === 'SADD' ? ['SET', 'k', 'x'] : ['SADD', 'k', 'x'];
    fixture.beforeWrite(() => seed([['DEL', 'k'], other]));
    expect(await edit(fixture.edit)).toMatchObject({ outcome: 'conflict' });
    expect(await edit(fixture.edit)).toMatchObject({ outcome: 'conflict' });
    expect(await raw.type('k')).toBe(other[0] === 'SET' ? 'string' : 'set');
  });

  test.each(editCases)('$what: undo is refused when the key is not as the edit left it', async ({ seed: commands, run: edit }) => {
    await seed(commands);
    const editId = appliedId(await edit(fixture.edit));
    await raw.flushall();
    await run(['SET', 'k', 'someone else']);
    const before = await dumps();
    expect(await fixture.edit.undo({ workspaceId: 'test', editId })).toMatchObject({ outcome: 'conflict' });
    expect(await dumps()).toEqual(before);
  });

  test('create of every type; never over an existing key; undo takes it away', async () => {
    const values = [
      { type: 'string', value: b64 },
      { type: 'hash', fields: [{ field: 'a', value: '1' }, { field: b64, value: '2' }] },
      { type: 'list', elements: ['a', 'b', 'a'] },
      { type: 'set', members: ['a', b64] },
      { type: 'zset', members: [{ member: 'a', score: '1.5' }, { member: 'b', score: 'inf' }] },
      { type: 'stream', id: '*', fields: [{ field: 'a', value: '1' }] },
    ] as const;
    for (const value of values) {
      const where = at(`new:${value.type}`);
      const given = structuredClone(value) as Parameters<EditService['create']>[0]['value'];
      const editId = appliedId(await fixture.edit.create({ ...where, value: given, expiry: { kind: 'in', ms: 60_000 } }));
      expect(await raw.type(where.name as string)).toBe(value.type);
      expect(await raw.pttl(where.name as string)).toBeGreaterThan(50_000);
      expect(await fixture.edit.create({ ...where, value: given })).toMatchObject({ outcome: 'conflict', present: { type: value.type } });
      appliedId(await fixture.edit.undo({ workspaceId: 'test', editId }));
    }
    expect(await raw.dbsize()).toBe(0);
  });

  test('expiry is set, removed and taken back to the millisecond; a changed one is a conflict', async () => {
    await run(['SET', 'k', 'v', 'PX', 500_321]);
    const old = await run(['PEXPIRETIME', 'k']);
    const read = async () => ({ ttlMs: (await raw.pttl('k')) < 0 ? null : await raw.pttl('k'), readAt: Date.now() });
    const removed = appliedId(await fixture.edit.expiry({ ...k, expect: await read(), to: { kind: 'none' } }));
    expect(await raw.pttl('k')).toBe(-1);
    appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: removed }));
    expect(await run(['PEXPIRETIME', 'k'])).toBe(old);
    const stale = await read();
    await raw.pexpire('k', 900_000);
    expect(await fixture.edit.expiry({ ...k, expect: stale, to: { kind: 'in', ms: 1000 } })).toMatchObject({ outcome: 'conflict' });
    const when = Date.now() + 123_456_789;
    appliedId(await fixture.edit.expiry({ ...k, expect: await read(), to: { kind: 'at', at: when } }));
    expect(await run(['PEXPIRETIME', 'k'])).toBe(when);
    await expect(fixture.edit.expiry({ ...k, expect: await read(), to: { kind: 'at', at: 5 } })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('rename and copy over an existing key only when asked; undo brings both back', async () => {
    await seed([['SET', 'k', 'mine'], ['RPUSH', 'other', 'theirs'], ['PEXPIRE', 'other', 100_000]]);
    const before = await dumps();
    expect(await fixture.edit.rename({ ...k, to: 'other' })).toMatchObject({ outcome: 'conflict' });
    expect(await fixture.edit.copy({ ...k, to: 'other', toDb: 0 })).toMatchObject({ outcome: 'conflict' });
    expect(await dumps()).toEqual(before);
    const renamed = appliedId(await fixture.edit.rename({ ...k, to: 'other', overwrite: true }));
    expect(await raw.get('other')).toBe('mine');
    appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: renamed }));
    expect(await dumps()).toEqual(before);
    const copied = appliedId(await fixture.edit.copy({ ...k, to: 'other', toDb: 0, overwrite: true }));
    appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: copied }));
    expect(await dumps()).toEqual(before);
    appliedId(await fixture.edit.copy({ ...k, to: 'k', toDb: 3 }));
    await raw.select(3);
    expect(await raw.get('k')).toBe('mine');
    await raw.select(0);
    expect(await fixture.edit.copy({ ...k, to: 'k', toDb: 3 })).toMatchObject({ outcome: 'conflict' });
    const other = rawClient({ host: server.host, port: server.port, db: 3 }) as Redis;
    try {
      fixture.beforeWrite(() => other.set('k', 'changed there'));
      expect(await fixture.edit.copy({ ...k, to: 'k', toDb: 3, overwrite: true })).toMatchObject({ outcome: 'conflict' });
      expect(await other.get('k')).toBe('changed there');
      const over = appliedId(await fixture.edit.copy({ ...k, to: 'k', toDb: 3, overwrite: true }));
      expect(await other.get('k')).toBe('mine');
      expect(fixture.noted('k', 3)).toBe('string');
      appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: over }));
      expect(await other.get('k')).toBe('changed there');
      expect(await raw.get('k')).toBe('mine');
    } finally {
      other.disconnect();
    }
  });

  test('list pushes and stream entries with an id of the server find their place among others', async () => {
    await seed([['RPUSH', 'l', 'a'], ['XADD', 's', '1-1', 'f', 'v']]);
    fixture.beforeWrite(() => run(['RPUSH', 'l', 'between']));
    appliedId(await fixture.edit.listElement({ ...at('l'), change: { kind: 'push', end: 'tail', value: 'mine' } }));
    expect(await raw.lrange('l', 0, -1)).toEqual(['a', 'between', 'mine']);
    fixture.beforeWrite(() => run(['XADD', 's', String(Date.now() + 60_000), 'f', 'between']));
    const editId = appliedId(await fixture.edit.streamEntry({ ...at('s'), change: { kind: 'add', id: '*', fields: [{ field: 'f', value: 'mine' }] } }));
    expect(await raw.xlen('s')).toBe(3);
    appliedId(await fixture.edit.undo({ workspaceId: 'test', editId }));
    expect(await raw.xlen('s')).toBe(2);
  });

  test('the journal outlives the program, and is for this user only', async () => {
    await run(['SET', 'k', 'old']);
    const editId = appliedId(await fixture.edit.setString({ ...k, expect: { bytes: 'old' }, value: 'new' }));
    const { edit } = fixture.again();
    expect((await edit.recent({ workspaceId: 'test', limit: 1 }))[0]).toMatchObject({ editId, name: 'k', operation: 'setString', state: 'applied', undo: { possible: true } });
    appliedId(await edit.undo({ workspaceId: 'test', editId }));
    expect(await raw.get('k')).toBe('old');
    expect((await stat(`${fixture.folder}/edits.jsonl`)).mode & 0o777).toBe(0o600);
    expect((await stat(`${fixture.folder}/edits/${editId}.json`)).mode & 0o777).toBe(0o600);
    await rm(`${fixture.folder}/edits/${editId}.json`);
    const later = fixture.again();
    expect((await later.edit.recent({ workspaceId: 'test', limit: 2 }))[1]).toMatchObject({ editId, undo: { possible: false } });
    expect(await readFile(`${fixture.folder}/audit.jsonl`, 'utf8')).toContain(`"editId":"${editId}"`);
  });

  test('what is too large is refused before anything is written', async () => {
    await run(['SETRANGE', 'big', 2_000_000, 'x']);
    await expect(fixture.edit.setString({ ...at('big'), expect: { bytes: '' }, value: '' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(fixture.edit.setString({ ...k, expect: { bytes: '' }, value: 'x'.repeat(1_048_577) })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(fixture.edit.setRange({ ...at('big'), length: 2_000_001, offset: 0, expect: '\0', value: 'ab' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    appliedId(await fixture.edit.setRange({ ...at('big'), length: 2_000_001, offset: 1_999_999, expect: '\0x', value: 'ab' }));
    expect(await raw.getrange('big', 1_999_999, -1)).toBe('ab');
    await run(['SETRANGE', 'huge', 70_000_000, 'x']);
    await expect(fixture.edit.remove({ ...at('huge'), expect: { type: 'string', length: 70_000_001 } })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await fixture.edit.remove({ ...at('huge'), expect: { type: 'string', length: 70_000_001 }, withoutUndo: true })).toMatchObject({ outcome: 'applied', undo: { possible: false } });
  });

  test('hostile names are edited as they are', async () => {
    const names: WireBytes[] = ['', '__proto__', '<img onerror>', 'a*[b]?', b64, 'n'.repeat(65_536), '{tag}x', 'two\nlines'];
    for (const name of names) {
      appliedId(await fixture.edit.create({ ...at(name), value: { type: 'string', value: 'v' } }));
      appliedId(await fixture.edit.setString({ ...at(name), expect: { bytes: 'v' }, value: b64 }));
      const editId = appliedId(await fixture.edit.remove({ ...at(name), expect: { type: 'string', length: binary.length } }));
      appliedId(await fixture.edit.undo({ workspaceId: 'test', editId }));
    }
    expect(await raw.dbsize()).toBe(names.length);
  });
});

describe('field TTLs of redis-8.0', () => {
  const k = at('k');
  let server: RunningRedis;
  let raw: Redis;
  let fixture: EditFixture;
  const run = (command: (string | number)[]): Promise<unknown> => raw.call(String(command[0]), ...command.slice(1));
  const seed = async (commands: (string | number)[][]): Promise<void> => {
    for (const command of commands) await run(command);
  };
  beforeAll(async () => {
    server = await startRedis({ build: 'redis-8.0' });
    raw = rawClient(server) as Redis;
    fixture = await openEdits({ port: server.port });
  });
  afterAll(async () => {
    await fixture.close();
    raw.disconnect();
    await server.stop();
  });

  test('a field keeps its own TTL when it is set, renamed, removed and brought back', async () => {
    await seed([['HSET', 'k', 'a', '1', 'b', '2'], ['HPEXPIRE', 'k', 400_321, 'FIELDS', 1, 'a']]);
    const fieldTtl = (field: string) => run(['HPEXPIRETIME', 'k', 'FIELDS', 1, field]);
    const [old] = (await fieldTtl('a')) as number[];
    const set = appliedId(await fixture.edit.hashField({ ...k, change: { kind: 'set', field: 'a', expect: '1', value: 'one' } }));
    expect(await fieldTtl('a')).toEqual([old]);
    appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: set }));
    expect(await fieldTtl('a')).toEqual([old]);
    appliedId(await fixture.edit.hashField({ ...k, change: { kind: 'rename', field: 'a', expect: '1', to: 'c' } }));
    expect(await fieldTtl('c')).toEqual([old]);
    const removed = appliedId(await fixture.edit.hashField({ ...k, change: { kind: 'remove', field: 'c', expect: '1' } }));
    expect(await raw.hexists('k', 'c')).toBe(0);
    appliedId(await fixture.edit.undo({ workspaceId: 'test', editId: removed }));
    expect(await fieldTtl('c')).toEqual([old]);
    expect(await fieldTtl('b')).toEqual([-1]);
    fixture.beforeWrite(() => run(['HPEXPIRE', 'k', 900_000, 'FIELDS', 1, 'c']));
    expect(await fixture.edit.hashField({ ...k, change: { kind: 'set', field: 'c', expect: '1', value: 'x' } })).toMatchObject({ outcome: 'conflict' });
  });
});
