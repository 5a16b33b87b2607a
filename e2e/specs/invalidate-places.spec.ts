import { expect, test } from '@playwright/test';
import { Cluster } from 'ioredis';
import { startRedisCluster } from '../../electron/demo/servers/redis-cluster.ts';
import { startRedis } from '../../electron/demo/servers/redis-server.ts';
import { confirm, countTo, expectDone, openInvalidate } from '../fixtures/invalidate-page.ts';
import { openKeysPage } from '../fixtures/keys-page.ts';
import { seeded } from '../fixtures/keyspace.ts';
import { expectAccessible } from '../fixtures/shell-page.ts';

test('a locked workspace counts, says why nothing runs, and unlocks from there', async ({ browser }) => {
  const redis = await startRedis();
  await seeded(redis.url, (direct) => direct.mset('old:1', 'a', 'old:2', 'b', 'new:1', 'c'));
  // Anything but this machine's usual names opens read-only.
  const locked = await openKeysPage(browser, ['--url', `redis://[::ffff:127.0.0.1]:${redis.port}`]);
  try {
    const { page } = locked;
    await expect(locked.scan.getByRole('status')).toContainText('exact at', { timeout: 30_000 });
    const parts = await openInvalidate(locked);
    await parts.choose.getByLabel('Names that begin with').fill('old:');
    await countTo(parts, '2');
    await expect(parts.run.getByRole('status', { name: 'Why not yet' })).toContainText('is read-only');
    await expect(parts.run.getByRole('button', { name: /^Unlink 2/u })).toBeDisabled();
    await expectAccessible(page);
    await parts.run.getByRole('button', { name: 'Unlock…' }).click();
    const unlock = page.getByRole('dialog', { name: /^Unlock/u });
    await unlock.getByLabel('Reason').fill('clear what is stale in a test');
    await unlock.getByRole('button', { name: /^Unlock .* for/u }).click();
    await expect(parts.run.getByRole('button', { name: 'Unlock…' })).toBeHidden();
    const name = (await parts.run.getByRole('button', { name: /^Unlink 2/u }).textContent())?.split(' on ').at(-1) ?? '';
    await confirm(parts, name);
    await expectDone(parts, /^2\skeys unlinked, done$/u);
    expect(locked.faults).toEqual([]);
  } finally {
    await locked.stop();
    await redis.stop();
  }
});

test('a cluster is counted and run on all masters, each with its progress', async ({ browser }) => {
  test.setTimeout(120_000);
  const cluster = await startRedisCluster({ masters: 3 });
  const client = new Cluster(cluster.seeds);
  await Promise.all(Array.from({ length: 900 }, (_, at) => client.set(`old:${at}`, `content ${at}`)));
  client.disconnect();
  const keys = await openKeysPage(browser, ['--url', cluster.nodes[0]?.url ?? '']);
  try {
    const { page } = keys;
    await expect(keys.scan.getByRole('status')).toContainText('exact at', { timeout: 30_000 });
    const parts = await openInvalidate(keys);
    await parts.choose.getByLabel('Names that begin with').fill('old:');
    await expect(parts.choose.getByRole('combobox', { name: 'Node' })).toHaveValue('All 3 masters');
    await countTo(parts, '900');
    await expect(parts.preview.getByRole('region', { name: 'By node' }).getByRole('row')).toHaveCount(3);
    await confirm(parts);
    await expectDone(parts, /^900\skeys unlinked, done$/u);
    await expect(parts.run.getByRole('region', { name: 'By node' }).getByRole('progressbar')).toHaveCount(3);
    await expectAccessible(page);
    expect(keys.faults).toEqual([]);
  } finally {
    await keys.stop();
    await cluster.stop();
  }
});
