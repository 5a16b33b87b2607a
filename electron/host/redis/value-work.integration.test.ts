import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { at, startValueFixture, type ValueFixture } from './testing/value-fixture.ts';
import { lastOf, never, startWorkFixture, type WorkFixture } from './testing/work-fixture.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const window = 256 * 1024;

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('work on values of %s', (build) => {
  let redis: ValueFixture;
  let fixture: WorkFixture;
  beforeAll(async () => {
    redis = await startValueFixture({ build });
    fixture = await startWorkFixture(redis.session);
  });
  afterAll(async () => {
    await fixture.stop();
    await redis.stop();
  });
  beforeEach(() => redis.run('FLUSHALL'));

  describe('search', () => {
    test('finds text across the edges of windows, and tells where', async () => {
      const value = Buffer.alloc(3 * window, 'x');
      const places = [0, window - 3, 2 * window - 1, 3 * window - 6];
      for (const place of places) value.write('needle', place);
      await redis.run('SET', 's', value);
      redis.session.sent.length = 0;
      const found = await lastOf(fixture.work.search({ ...at('s'), needle: 'needle', ignoreCase: false, from: 0 }, never));
      expect(found).toMatchObject({ done: true, scanned: value.length, total: value.length, matches: 4, kept: 4, changed: false });
      expect(await fixture.work.searchMatches({ searchId: found.searchId, from: 0, count: 10 }, never)).toEqual({ offsets: places });
      expect(await fixture.work.searchMatches({ searchId: found.searchId, from: 3, count: 10 }, never)).toEqual({ offsets: places.slice(3) });
      expect(redis.session.sent.map(([name]) => name)).not.toContain('GET');
    });

    test('finds bytes, case folded, from a place on; nothing in an empty value', async () => {
      await redis.run('SET', 's', Buffer.from([0xff, 0x00, 0xff, 0x00, 0xff]));
      const bytes = await lastOf(fixture.work.search({ ...at('s'), needle: { b64: '/wD/' }, ignoreCase: false, from: 0 }, never));
      expect(await fixture.work.searchMatches({ searchId: bytes.searchId, from: 0, count: 10 }, never)).toEqual({ offsets: [0, 2] });
      await redis.run('SET', 't', 'Word word WORD');
      const folded = await lastOf(fixture.work.search({ ...at('t'), needle: 'wORD', ignoreCase: true, from: 1 }, never));
      expect(await fixture.work.searchMatches({ searchId: folded.searchId, from: 0, count: 10 }, never)).toEqual({ offsets: [5, 10] });
      await redis.run('SET', 'e', '');
      expect(await lastOf(fixture.work.search({ ...at('e'), needle: 'a' }, never))).toMatchObject({ done: true, matches: 0 });
    });

    test('ends with the reason when the key is gone or no string, and is not held for ever', async () => {
      await expect(lastOf(fixture.work.search({ ...at('none'), needle: 'a' }, never))).rejects.toEqual(code('KEY_GONE'));
      await redis.run('RPUSH', 'l', 'a');
      await expect(lastOf(fixture.work.search({ ...at('l'), needle: 'a' }, never))).rejects.toEqual(code('REDIS_WRONG_TYPE'));
      await expect(lastOf(fixture.work.search({ ...at('l'), needle: '' }, never))).rejects.toEqual(code('INVALID_INPUT'));
      await expect(fixture.work.searchMatches({ searchId: 'x', from: 0, count: 1 }, never)).rejects.toEqual(code('NOT_FOUND'));
    });

    test('stops when its reader leaves', async () => {
      await redis.run('SETRANGE', 's', 64 * window - 1, 'x');
      const stream = fixture.work.search({ ...at('s'), needle: 'q' }, never);
      await stream.next();
      await stream.return();
      redis.session.sent.length = 0;
      await redis.run('PING');
      expect(redis.session.sent).toEqual([['PING']]);
    });
  });

  test('counts bits exactly, with the share of each stretch', async () => {
    const value = Buffer.alloc(2 * window + 10, 0);
    value.fill(0xff, 0, 1000);
    value[value.length - 1] = 1;
    await redis.run('SET', 'b', value);
    const counted = await lastOf(fixture.work.bitCount(at('b'), never));
    expect(counted).toMatchObject({ done: true, ones: 8001, scanned: value.length, total: value.length });
    expect(counted.ones).toBe(await redis.run('BITCOUNT', 'b'));
    expect(counted.stretches.length).toBeLessThanOrEqual(256);
    expect(counted.stretches.reduce((sum: number, share) => sum + (share ?? 0), 0)).toBeGreaterThan(0);
    await redis.run('SET', 'small', 'ab');
    expect(await lastOf(fixture.work.bitCount(at('small'), never))).toMatchObject({ ones: 6, stretches: [3 / 8, 3 / 8], stretchBytes: 1 });
  });

  describe('files', () => {
    test('hold exactly the range of bytes, for the owner only', async () => {
      const value = Buffer.alloc(2 * window + 100);
      for (let place = 0; place < value.length; place += 1) value[place] = place % 251;
      await redis.run('SET', 's', value);
      const { jobId } = await fixture.work.saveBytes({ ...at('s'), from: 5, to: null }, never);
      const job = await fixture.ended(jobId);
      expect(job).toMatchObject({ state: 'done', done: value.length - 5, unit: 'bytes' });
      expect((await readFile(job.file as string)).equals(value.subarray(5))).toBe(true);
      expect((await stat(job.file as string)).mode & 0o777).toBe(0o600);
      const part = await fixture.ended((await fixture.work.saveBytes({ ...at('s'), from: window - 1, to: window + 1 }, never)).jobId);
      expect((await readFile(part.file as string)).equals(value.subarray(window - 1, window + 1))).toBe(true);
      const none = await fixture.ended((await fixture.work.saveBytes({ ...at('gone'), from: 0, to: null }, never)).jobId);
      expect(none).toMatchObject({ state: 'failed', file: null, problem: { code: 'KEY_GONE' } });
    });

    test('hold every element, hostile ones unambiguously', async () => {
      await redis.run('HSET', 'h', '__proto__', 'a,"b"', Buffer.from([0xff]), '=1+1');
      for (let from = 0; from < 3000; from += 1000) await redis.run('HSET', 'h', ...Array.from({ length: 2000 }, (_, index) => `f${from + index / 2}`));
      const lines = await fixture.ended((await fixture.work.exportElements({ ...at('h'), type: 'hash', format: 'jsonl' }, never)).jobId);
      const read = (await readFile(lines.file as string, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { field: unknown; value: unknown });
      expect(lines.state).toBe('done');
      expect(read.find(({ field }) => field === '__proto__')?.value).toBe('a,"b"');
      expect(read).toContainEqual({ field: { b64: '/w==' }, value: '=1+1' });
      expect(new Set(read.map(({ field }) => JSON.stringify(field))).size).toBe(await redis.run('HLEN', 'h'));
      await redis.run('ZADD', 'z', '1.5', 'a', '3.0000000000000004', 'b "c"');
      const csv = await fixture.ended((await fixture.work.exportElements({ ...at('z'), type: 'zset', format: 'csv' }, never)).jobId);
      expect(await readFile(csv.file as string, 'utf8')).toBe('rank,score,member\r\n0,1.5,a\r\n1,3.0000000000000004,"b ""c"""\r\n');
      await redis.run('XADD', 'x', '1-1', 'a', '1', 'b', '2');
      const stream = await fixture.ended((await fixture.work.exportElements({ ...at('x'), type: 'stream', format: 'csv' }, never)).jobId);
      expect(await readFile(stream.file as string, 'utf8')).toBe('id,field,value\r\n1-1,a,1\r\n1-1,b,2\r\n');
    });
  });

  describe('compare', () => {
    const compare = (left: string, right: string) => lastOf(fixture.work.compare({ left: at(left), right: at(right) }, never));
    const rowsOf = async (compareId: string) => (await fixture.work.compareRows({ compareId, from: 0, count: 100 }, never)).items;

    test('strings by stretches of bytes', async () => {
      await redis.run('SET', 'a', 'the quick brown fox jumps over the lazy dog');
      await redis.run('SET', 'b', 'the quick BROWN fox jumps over the lazy dog!');
      const done = await compare('a', 'b');
      expect(done).toMatchObject({ done: true, by: 'bytes', exactness: 'exact', counts: { same: 38, different: 5, left: 0, right: 1 }, rows: 2 });
      expect(await rowsOf(done.compareId)).toMatchObject([
        { side: 'different', id: { data: '10' }, left: { data: 'brown' }, right: { data: 'BROWN' } },
        { side: 'right', id: { data: '43' }, left: null, right: { data: '!' } },
      ]);
    });

    test('hashes by field, sets by member, sorted sets by score', async () => {
      await redis.run('HSET', 'a', 'same', '1', 'changed', '1', 'mine', '1', '__proto__', 'x');
      await redis.run('HSET', 'b', 'same', '1', 'changed', '2', 'theirs', '1', '__proto__', 'x');
      const hash = await compare('a', 'b');
      expect(hash).toMatchObject({ by: 'elements', exactness: 'exact', counts: { same: 2, different: 1, left: 1, right: 1 } });
      expect((await rowsOf(hash.compareId)).map(({ side, id }) => [side, id.data])).toEqual([['different', 'changed'], ['left', 'mine'], ['right', 'theirs']]);
      await redis.run('SADD', 'sa', ...Array.from({ length: 2000 }, (_, index) => `m${index}`));
      await redis.run('SADD', 'sb', ...Array.from({ length: 2000 }, (_, index) => `m${index + 500}`));
      expect(await compare('sa', 'sb')).toMatchObject({ exactness: 'exact', counts: { same: 1500, different: 0, left: 500, right: 500 } });
      await redis.run('ZADD', 'za', '1', 'a', '2', 'b');
      await redis.run('ZADD', 'zb', '1', 'a', '3', 'b', '4', 'c');
      expect(await compare('za', 'zb')).toMatchObject({ counts: { same: 1, different: 1, left: 0, right: 1 } });
    });

    test('lists by place, streams by id', async () => {
      await redis.run('RPUSH', 'a', 'x', 'y', 'z');
      await redis.run('RPUSH', 'b', 'x', 'Y');
      expect(await compare('a', 'b')).toMatchObject({ by: 'positions', counts: { same: 1, different: 1, left: 1, right: 0 } });
      for (const [name, id, value] of [['p', '1-1', '1'], ['p', '2-1', '2'], ['q', '2-1', 'zwei'], ['q', '10-1', '3']] as const) await redis.run('XADD', name, id, 'f', value);
      const streams = await compare('p', 'q');
      expect(streams).toMatchObject({ by: 'ids', exactness: 'exact', counts: { same: 0, different: 1, left: 1, right: 1 } });
      expect((await rowsOf(streams.compareId)).map(({ side, id }) => [side, id.data])).toEqual([['left', '1-1'], ['different', '2-1'], ['right', '10-1']]);
    });

    test('says that types differ, or that a key is missing', async () => {
      await redis.run('SET', 'a', '1');
      await redis.run('RPUSH', 'b', '1');
      expect(await compare('a', 'b')).toMatchObject({ by: 'none', note: 'The types differ: string and list.' });
      expect(await compare('a', 'none')).toMatchObject({ by: 'none', note: 'The right key does not exist.', right: { type: 'none' } });
    });
  });

  describe('streams', () => {
    const act = (action: Parameters<WorkFixture['work']['streamAct']>[0]['action']) => fixture.work.streamAct({ ...at('x'), action }, never);
    beforeEach(async () => {
      for (let index = 1; index <= 5; index += 1) await redis.run('XADD', 'x', `${index}-0`, 'f', String(index));
      await redis.run('XGROUP', 'CREATE', 'x', 'g', '0');
      await redis.run('XREADGROUP', 'GROUP', 'g', 'old', 'COUNT', 3, 'STREAMS', 'x', '>');
    });

    test('acknowledge, claim and claim by idle time, counted by the server', async () => {
      expect(await act({ do: 'ack', group: 'g', ids: ['1-0', '9-9'] })).toEqual({ affected: 1, unit: 'entry', left: null });
      expect(await act({ do: 'claim', group: 'g', consumer: 'new', minIdleMs: 0, ids: ['2-0'] })).toMatchObject({ affected: 1 });
      expect(await act({ do: 'claim', group: 'g', consumer: 'new', minIdleMs: 10_000_000, ids: ['3-0'] })).toMatchObject({ affected: 0 });
      expect(await act({ do: 'autoclaim', group: 'g', consumer: 'newest', minIdleMs: 0 })).toEqual({ affected: 2, unit: 'entry', left: null });
      const pending = await redis.values.streamPending({ ...at('x'), group: 'g', count: 10, consumer: 'newest' });
      expect(pending.items.map(({ id }) => id)).toEqual(['2-0', '3-0']);
      expect((await redis.values.streamPending({ ...at('x'), group: 'g', count: 10, minIdleMs: 10_000_000 })).items).toEqual([]);
    });

    test('make, move and remove groups and consumers', async () => {
      expect(await act({ do: 'groupCreate', group: 'h', id: '$' })).toMatchObject({ affected: 1 });
      await expect(act({ do: 'groupCreate', group: 'h', id: '$' })).rejects.toEqual(code('CONFLICT'));
      expect(await act({ do: 'groupSetId', group: 'h', id: '2-0' })).toMatchObject({ affected: 1 });
      await expect(act({ do: 'groupSetId', group: 'none', id: '0' })).rejects.toEqual(code('NOT_FOUND'));
      expect((await redis.values.streamGroups(at('x'))).find(({ name }) => name === 'h')?.lastDeliveredId).toBe('2-0');
      expect(await act({ do: 'consumerDelete', group: 'g', consumer: 'old' })).toEqual({ affected: 3, unit: 'pending entry', left: null });
      expect(await act({ do: 'groupDestroy', group: 'h' })).toMatchObject({ affected: 1 });
      expect(await act({ do: 'groupDestroy', group: 'h' })).toMatchObject({ affected: 0 });
    });

    test('trim to exactly what was previewed', async () => {
      for (let index = 6; index <= 400; index += 1) await redis.run('XADD', 'x', `${index}-0`, 'f', '1');
      const preview = (to: Parameters<WorkFixture['work']['trimPreview']>[0]['to']) => fixture.work.trimPreview({ ...at('x'), to }, never);
      expect(await preview({ by: 'id', from: '150-0' })).toEqual({ total: 400, removed: 149, exactness: 'exact' });
      expect(await act({ do: 'trim', to: { by: 'id', from: '150-0' } })).toMatchObject({ affected: 149 });
      expect(await preview({ by: 'length', keep: 7 })).toEqual({ total: 251, removed: 244, exactness: 'exact' });
      expect(await act({ do: 'trim', to: { by: 'length', keep: 7 } })).toMatchObject({ affected: 244 });
      expect(await redis.run('XLEN', 'x')).toBe(7);
    });

    test('a change is on record before and after, also one that fails; a stream is never made', async () => {
      await act({ do: 'ack', group: 'g', ids: ['3-0'] });
      await expect(fixture.work.streamAct({ ...at('none'), action: { do: 'groupCreate', group: 'g', id: '0' } }, never)).rejects.toEqual(code('KEY_GONE'));
      const lines = (await fixture.journal()).slice(-4);
      expect(lines.map(({ event, key, outcome }) => [event, key, outcome])).toEqual([
        ['stream', 'x', 'sent'],
        ['stream', 'x', '1 changed'],
        ['stream', 'none', 'sent'],
        ['stream', 'none', 'KEY_GONE'],
      ]);
      expect(await redis.run('EXISTS', 'none')).toBe(0);
    });

    test('pages begin at an id, both ways', async () => {
      const forward = await redis.page('x', 'stream', { start: '2', reverse: false });
      expect(forward.items.map(({ id }) => id)).toEqual(['2-0', '3-0', '4-0', '5-0']);
      const back = await redis.page('x', 'stream', { start: '(4-0', reverse: true });
      expect(back.items.map(({ id }) => id)).toEqual(['3-0', '2-0', '1-0']);
    });
  });
});
