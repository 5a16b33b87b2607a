import { afterEach, expect, it } from 'vitest';
import { startRedis } from '../../../demo/servers/redis-server.ts';
import { last, openBulk, type BulkFixture } from '../testing/bulk-fixture.ts';
import { setAll } from '../testing/raw-redis.ts';

const never = new AbortController().signal;
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function two(): Promise<[BulkFixture, BulkFixture]> {
  const server = await startRedis();
  cleanups.push(() => server.stop());
  await setAll(server.port, Array.from({ length: 20 }, (_, at) => `user:${at}`));
  const [asking, second] = [await openBulk({ port: server.port }), await openBulk({ port: server.port })];
  cleanups.push(() => asking.close(), () => second.close());
  return [asking, second];
}

const planOf = ({ invalidate }: BulkFixture, prefix: string) =>
  last(invalidate.plan({ selection: { workspaceId: 'test', db: 0, keys: { kind: 'prefix', prefix } }, action: { kind: 'unlink' } }, never));

it('lets a plan run only with the approval of another person, for exactly that plan', async () => {
  const [asking, second] = await two();
  expect(await asking.invalidate.approvalRule('test')).toEqual({ needsApproval: false });
  await asking.invalidate.setApprovalRule({ workspaceId: 'test', needsApproval: true });
  const plan = await planOf(asking, 'user:1');
  expect(plan).toMatchObject({ needsApproval: true, selected: 11 });
  const confirm = { count: 11, name: 'Test' };
  await expect(asking.invalidate.run({ planId: plan.planId, confirm })).rejects.toMatchObject({ code: 'CONFLICT' });

  const { text, fingerprint } = await asking.invalidate.planFile(plan.planId);
  await expect(asking.invalidate.approve({ text })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(second.invalidate.approve({ text: text.replace('user:1', 'user:2') })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(second.invalidate.approve({ text: 'nothing' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  const approved = await second.invalidate.approve({ text, comment: 'fine' });
  expect(approved).toMatchObject({ count: 11, fingerprint, title: expect.stringContaining('user:1') });

  const other = await planOf(asking, 'user:2');
  await expect(asking.invalidate.run({ planId: other.planId, confirm: { count: 1, approval: approved.text } })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await asking.run('DBSIZE')).toBe(20);
  const { runId } = await asking.invalidate.run({ planId: plan.planId, confirm: { ...confirm, approval: approved.text } });
  expect(await asking.ended(runId)).toMatchObject({ changed: 11 });
});

it('exports the rows of a plan', async () => {
  const [asking] = await two();
  const plan = await planOf(asking, 'user:');
  const { jobId } = await asking.invalidate.exportPlan({ planId: plan.planId, format: 'csv' });
  for await (const jobs of asking.jobs.watch(never)) {
    const job = jobs.find((each) => each.jobId === jobId);
    expect(job?.state).not.toBe('failed');
    if (job?.state !== 'done') continue;
    expect(job).toMatchObject({ kind: 'export-plan', done: 20, file: expect.stringMatching(/\.csv$/) });
    break;
  }
});
