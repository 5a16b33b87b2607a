import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RunningRedis } from '../../demo/servers/redis-server.ts';
import { IndexWatch, openKeys } from './testing/key-fixture.ts';
import { setAll } from './testing/raw-redis.ts';
import { TestSession } from './testing/test-session.ts';

describe('an index and the edits of this program', () => {
  let redis: RunningRedis;
  let session: TestSession;
  let fixture: Awaited<ReturnType<typeof openKeys>>;
  const watches: IndexWatch[] = [];
  const watch = (input?: ConstructorParameters<typeof IndexWatch>[1]) => {
    const made = new IndexWatch(fixture.keys, input);
    watches.push(made);
    return made;
  };

  beforeAll(async () => {
    redis = await startRedis();
    session = await TestSession.open(redis);
    fixture = await openKeys(() => session);
  });
  afterEach(async () => {
    for (const each of watches.splice(0)) await each.leave();
  });
  afterAll(async () => {
    await fixture.close();
    session.close();
    await redis.stop();
  });

  it('takes in at once what an edit added and removed', async () => {
    await setAll(redis.port, Array.from({ length: 10 }, (_, i) => `user:${i}`));
    const all = watch();
    const { indexId } = await all.done();
    const hashes = watch({ type: 'hash' });
    await hashes.done();
    await fixture.keys.noteChange({
      workspaceId: 'test',
      db: 0,
      keys: [
        { name: 'edited:new', type: 'hash' },
        { name: { b64: '/w==' }, type: 'string' },
        { name: 'user:never-there', type: 'none' },
        ...(await fixture.keys.names({ viewId: (await fixture.keys.openView({ index: indexId, mode: 'list', filter: { pattern: '', mode: 'glob' }, expanded: [] })).viewId, ranges: [{ from: 0, to: 3 }], limit: 10 })).names.map((name) => ({ name, type: 'none' })),
      ],
    });
    expect(await all.until(({ keys }) => keys === 9, 'the change')).toMatchObject({ state: 'done', exactness: 'exact' });
    await hashes.until(({ keys }) => keys === 1, 'the hash');
    await fixture.keys.noteChange({ workspaceId: 'test', db: 1, keys: [{ name: 'elsewhere', type: 'string' }] });
    await fixture.keys.noteChange({ workspaceId: 'test', db: 0, keys: [{ name: 'edited:new', type: 'none' }] });
    await all.until(({ keys }) => keys === 8, 'the removal');
  });
});
