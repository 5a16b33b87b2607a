import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { binary } from './testing/edit-cases.ts';
import { appliedId, at, openEdits, rawClient, type EditFixture } from './testing/edit-fixture.ts';

/** A server that, like those before 6.2, has no COPY. */
describe.each(['redis-7.0', 'valkey-8.1'] as const)('copies on %s without COPY', (build) => {
  let server: RunningRedis;
  let raw: Redis;
  let other: Redis;
  let fixture: EditFixture;
  const k = at(toWire(binary));

  beforeAll(async () => {
    server = await startRedis({ build, args: ['--rename-command', 'COPY', ''] });
    raw = rawClient(server) as Redis;
    other = rawClient({ host: server.host, port: server.port, db: 3 }) as Redis;
    fixture = await openEdits({ port: server.port });
  });
  afterAll(async () => {
    await fixture.close();
    raw.disconnect();
    other.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await raw.flushall();
    await raw.hset(binary, 'field', binary);
    await raw.pexpire(binary, 3_000_123);
  });
  const undo = async (editId: string) => appliedId(await fixture.edit.undo({ workspaceId: 'test', editId }));

  test('a key is copied with its expiry, and undo takes the copy away', async () => {
    const result = await fixture.edit.copy({ ...k, to: 'copy', toDb: 0 });
    expect(result).toMatchObject({ outcome: 'applied', note: expect.stringContaining('DUMP and RESTORE') as string });
    expect(await raw.dumpBuffer('copy')).toEqual(await raw.dumpBuffer(binary));
    expect(await raw.call('PEXPIRETIME', 'copy')).toBe(await raw.call('PEXPIRETIME', binary));
    await undo(appliedId(result));
    expect(await raw.exists('copy')).toBe(0);
    expect(await raw.exists(binary)).toBe(1);
  });

  test('into another database, and never over a key unasked', async () => {
    await other.set('copy', 'theirs');
    expect(await fixture.edit.copy({ ...k, to: 'copy', toDb: 3 })).toMatchObject({ outcome: 'conflict' });
    expect(await other.get('copy')).toBe('theirs');
    const over = appliedId(await fixture.edit.copy({ ...k, to: 'copy', toDb: 3, overwrite: true }));
    expect(await other.hgetBuffer('copy', 'field')).toEqual(binary);
    await undo(over);
    expect(await other.get('copy')).toBe('theirs');
  });

  test('a rival who takes the name, or changes the key, between the check and the write is a conflict', async () => {
    fixture.beforeWrite(() => raw.set('copy', 'rival'));
    expect(await fixture.edit.copy({ ...k, to: 'copy', toDb: 0 })).toMatchObject({ outcome: 'conflict' });
    expect(await raw.get('copy')).toBe('rival');
    await raw.del('copy');
    fixture.beforeWrite(() => raw.hset(binary, 'field', 'changed'));
    expect(await fixture.edit.copy({ ...k, to: 'copy', toDb: 0 })).toMatchObject({ outcome: 'conflict' });
    expect(await raw.exists('copy')).toBe(0);
    fixture.beforeWrite(() => other.set('copy', 'rival'));
    expect(await fixture.edit.copy({ ...k, to: 'copy', toDb: 3 })).toMatchObject({ outcome: 'conflict' });
    expect(await other.get('copy')).toBe('rival');
  });
});
