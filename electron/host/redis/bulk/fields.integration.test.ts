import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import type { WireBytes } from '../../../../shared/bytes.ts';
import { adminOf } from '../../../demo/servers/redis-admin.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import type { BulkService } from '../../services.ts';
import { last, openBulk, type BulkFixture } from '../testing/bulk-fixture.ts';

const hour = 3_600_000;
const never = new AbortController().signal;
type FieldInput = Parameters<BulkService['planFieldTtl']>[0];

function plan(fixture: BulkFixture, name: WireBytes, fields: FieldInput['fields'], action: FieldInput['action']): Promise<PlanSnapshot> {
  return last(fixture.bulk.planFieldTtl({ workspaceId: 'test', db: 0, name, fields, action }, never));
}

async function runPlan(fixture: BulkFixture, { planId, wouldChange }: PlanSnapshot) {
  const { runId } = await fixture.bulk.runFieldTtl({ planId, confirm: { count: wouldChange } });
  return { runId, end: await fixture.ended(runId) };
}

const all = { kind: 'glob', pattern: '' } as const;

describe('fields of a hash on Redis 8.0', () => {
  let server: RunningRedis;
  let fixture: BulkFixture;
  const extra: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await startRedis({ build: 'redis-8.0' });
    fixture = await openBulk({ port: server.port });
  });
  afterAll(async () => {
    await fixture.close();
    await server.stop();
  });
  beforeEach(() => fixture.run('FLUSHALL'));
  afterEach(async () => {
    for (const clean of extra.splice(0)) await clean();
  });

  const expiry = async (field: string | Buffer, name = 'h'): Promise<number> => Number(((await fixture.run('HPEXPIRETIME', name, 'FIELDS', 1, field)) as number[])[0]);
  const fill = async (count: number): Promise<Map<string, number>> => {
    const fields = Array.from({ length: count }, (_, at) => `f:${at}`);
    await fixture.run('HSET', 'h', ...fields.flatMap((field) => [field, 'v']));
    const at = Date.now() + 30 * hour;
    const some = fields.filter((_, index) => index % 5 === 0);
    await fixture.run('HPEXPIREAT', 'h', at, 'FIELDS', some.length, ...some);
    return new Map(fields.map((field, index) => [field, index % 5 === 0 ? at : -1]));
  };

  it.each([20, 3000])('get a jittered expiry and their earlier one back, of %d', async (count) => {
    const earlier = await fill(count);
    const ready = await plan(fixture, 'h', all, { kind: 'expire', ttlMs: hour, jitterMs: hour });
    expect(ready).toMatchObject({ state: 'ready', unit: 'fields', selected: count, wouldChange: count, everything: true, exactness: 'exact' });
    expect(ready.byTtl.filter(({ selected }) => selected > 0)).toEqual([
      { bucket: 'none', selected: count * 0.8 },
      { bucket: 'week', selected: count * 0.2 },
    ]);
    const { runId, end } = await runPlan(fixture, ready);
    expect(end).toMatchObject({ kind: 'field-ttl', state: 'done', changed: count, left: [], failed: [] });
    for (const field of earlier.keys()) {
      const time = await expiry(field);
      expect(time).toBeGreaterThan(Date.now() + hour - 20_000);
      expect(time).toBeLessThan(Date.now() + 2 * hour);
    }
    await fixture.run('HPERSIST', 'h', 'FIELDS', 1, 'f:0');
    await fixture.run('HDEL', 'h', 'f:1');
    const undo = await fixture.undo(runId);
    expect(undo).toMatchObject({ changed: count - 2 });
    expect(undo.left.toSorted((a, b) => a.reason.localeCompare(b.reason))).toEqual([
      { reason: 'changed-since', count: 1 },
      { reason: 'gone', count: 1 },
    ]);
    for (const [field, time] of earlier) if (field !== 'f:0' && field !== 'f:1') expect(await expiry(field)).toBe(time);
  });

  it.each(['NX', 'XX', 'GT', 'LT'] as const)('judge %s as the server itself does', async (condition) => {
    const at = Date.now() + 5 * hour;
    for (const [index, present] of [-1, at - hour, at + hour].entries()) {
      for (const name of ['h', 'theirs']) {
        await fixture.run('HSET', name, `f${index}`, 'v');
        if (present !== -1) await fixture.run('HPEXPIREAT', name, present, 'FIELDS', 1, `f${index}`);
      }
      await fixture.run('HPEXPIREAT', 'theirs', at, condition, 'FIELDS', 1, `f${index}`);
    }
    const ready = await plan(fixture, 'h', all, { kind: 'expireAt', at, condition });
    const { end } = await runPlan(fixture, ready);
    expect(end.changed).toBe(ready.wouldChange);
    for (const index of [0, 1, 2]) expect(await expiry(`f${index}`)).toBe(await expiry(`f${index}`, 'theirs'));
  });

  it('are chosen by glob or by name, hostile ones too; and persist', async () => {
    const odd = Buffer.from([0xff, 0]);
    await fixture.run('HSET', 'h', 'a*', '1', 'ab', '2', '__proto__', '3', odd, '4', '', '5');
    expect(await plan(fixture, 'h', { kind: 'glob', pattern: 'a\\*' }, { kind: 'expire', ttlMs: hour })).toMatchObject({ selected: 1, sample: ['a*'], everything: false });
    const named = await plan(fixture, 'h', { kind: 'names', names: ['__proto__', { b64: odd.toString('base64') }, '', 'none', ''] }, { kind: 'expire', ttlMs: hour });
    expect(named).toMatchObject({ selected: 3, missing: 1 });
    await runPlan(fixture, named);
    expect(await expiry(odd)).toBeGreaterThan(0);
    expect(await expiry('ab')).toBe(-1);
    const persist = await plan(fixture, 'h', all, { kind: 'persist' });
    expect(persist).toMatchObject({ selected: 5, wouldChange: 3, left: [{ reason: 'already-so', count: 2 }] });
    const { end } = await runPlan(fixture, persist);
    expect(end.changed).toBe(3);
    expect(await expiry(odd)).toBe(-1);
  });

  it('without scripts are changed in two steps', async () => {
    await fill(700);
    const admin = adminOf(server);
    await admin.call('ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '+@all', '-@scripting');
    admin.disconnect();
    const narrow = await openBulk({ port: server.port, username: 'plain' }, { secrets: { 'redis.password': 'pw' } });
    extra.push(() => narrow.close());
    const ready = await plan(narrow, 'h', all, { kind: 'expire', ttlMs: hour });
    expect(ready).toMatchObject({ method: 'two-steps', wouldChange: 700 });
    const { runId, end } = await runPlan(narrow, ready);
    expect(end).toMatchObject({ changed: 700 });
    expect(await narrow.undo(runId)).toMatchObject({ changed: 700, left: [] });
    expect(await expiry('f:1')).toBe(-1);
  });

  it('have a histogram, exact at its end', async () => {
    await fill(2500);
    const stream = await last(fixture.bulk.fieldTtls({ workspaceId: 'test', db: 0, name: 'h' }, never));
    expect(stream).toMatchObject({ exactness: 'exact', walked: 2500, total: 2500 });
    expect(stream.byTtl.filter(({ fields }) => fields > 0)).toEqual([
      { bucket: 'none', fields: 2000 },
      { bucket: 'week', fields: 500 },
    ]);
    expect(stream.earliestExpiry).toBe(stream.latestExpiry);
  });

  it('of a key that is none, or not there, are refused', async () => {
    await fixture.run('SET', 's', 'v');
    await expect(plan(fixture, 's', all, { kind: 'persist' })).rejects.toMatchObject({ code: 'REDIS_WRONG_TYPE' });
    await expect(plan(fixture, 'none', all, { kind: 'persist' })).rejects.toMatchObject({ code: 'KEY_GONE' });
    await expect(last(fixture.bulk.fieldTtls({ workspaceId: 'test', db: 0, name: 's' }, never))).rejects.toMatchObject({ code: 'REDIS_WRONG_TYPE' });
  });
});

describe.each(['redis-7.0', 'valkey-8.1'] as const)('fields on %s', (build) => {
  it.each([false, true])('cannot expire, and that is said; read-only %s', async (readOnly) => {
    const server = await startRedis({ build });
    const fixture = await openBulk({ port: server.port }, { readOnly });
    try {
      await expect(plan(fixture, 'h', all, { kind: 'persist' })).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringMatching(/^(?:Redis|Valkey) \d/) });
      await expect(last(fixture.bulk.fieldTtls({ workspaceId: 'test', db: 0, name: 'h' }, never))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    } finally {
      await fixture.close();
      await server.stop();
    }
  });
});
