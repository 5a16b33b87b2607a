import { expect, test } from '@playwright/test';
import { Cluster } from 'ioredis';
import { startRedisCluster } from '../../electron/demo/servers/redis-cluster.ts';
import { startRedis } from '../../electron/demo/servers/redis-server.ts';
import { seeded } from '../fixtures/keyspace.ts';
import { expectExactly, jumpTo, openKeysPage } from '../fixtures/keys-page.ts';

/** Enough that a scan at a tenth of the server's time is still under way when the test acts. */
const many = 200_000;

test('pauses and resumes a scan, outlives the death of the server in its middle and by itself counts exactly after', async ({ browser }) => {
  const redis = await startRedis();
  // What SAVE wrote is there again after the restart; keys are hashed anew then.
  await seeded(redis.url, async (admin) => {
    await admin.call('DEBUG', 'POPULATE', String(many), 'item');
    await admin.save();
  });
  const keys = await openKeysPage(browser, ['--url', redis.url]);
  try {
    const { page, scan } = keys;
    const state = scan.getByRole('status');
    await expectExactly(keys, '200,000');
    const budget = async (share: string) => {
      await scan.getByRole('button', { name: 'Scan settings' }).click();
      await page.getByText(share, { exact: true }).click();
      await page.keyboard.press('Escape');
    };
    await budget('10 %');
    await scan.getByRole('button', { name: 'Scan again from the start' }).click();
    await scan.getByRole('button', { name: 'Pause the scan' }).click();
    await expect(state).toHaveText('Paused');
    const walked = async () => Number(await scan.getByRole('progressbar').getAttribute('aria-valuenow'));
    // Reading keys goes on meanwhile; the scan does not, once the reply under way at the pause has come.
    await jumpTo(keys, 'item:1234');
    await expect(keys.value.getByText('value:1234', { exact: true })).toBeVisible();
    const paused = await walked();
    expect(paused).toBeLessThan(100);
    await jumpTo(keys, 'item:5678');
    await expect(keys.value.getByText('value:5678', { exact: true })).toBeVisible();
    expect(await walked()).toBe(paused);
    await expect(state).toHaveText('Paused');
    await scan.getByRole('button', { name: 'Resume the scan' }).click();
    await expect(state).toHaveText(/Scanning|Waiting: the server is busy/u);
    await redis.kill();
    await expect(state).toHaveText('Waiting for the server');
    await expect(keys.status.getByRole('button', { name: /Redis: (reconnecting|connecting)/u })).toBeVisible();
    expect(await walked()).toBeLessThan(100);
    await expect(keys.tree.getByRole('treeitem', { name: /, key$/u }).first()).toBeVisible();
    await redis.restart();
    await expect(keys.status.getByRole('button', { name: /Redis: connected/u })).toBeVisible({ timeout: 20_000 });
    await budget('Full');
    await expectExactly(keys, '200,000');
    await expect(scan.getByRole('alert')).toBeHidden();
    expect(keys.faults).toEqual([]);
  } finally {
    await keys.stop();
    await redis.stop();
  }
});

test('counts a cluster of three masters exactly and tells how far each node is', async ({ browser }) => {
  const cluster = await startRedisCluster({ masters: 3 });
  const [first] = cluster.nodes;
  if (!first) throw new Error('no node');
  const client = new Cluster(cluster.seeds);
  await Promise.all(Array.from({ length: 900 }, (_, at) => client.set(`cart:${at}`, `content ${at}`)));
  await client.set('{tag}:a', 'together');
  client.disconnect();
  const keys = await openKeysPage(browser, ['--url', first.url]);
  try {
    const { page, scan, tree, value } = keys;
    await expectExactly(keys, '901');
    await expect(tree.getByRole('treeitem', { name: 'cart, folder, 900 keys' })).toBeVisible();
    await scan.getByRole('button', { name: 'Progress of 3 nodes' }).click();
    const rows = page.getByRole('dialog').getByRole('row');
    await expect(rows).toHaveCount(4);
    const seen = await rows.evaluateAll((all) => all.slice(1).map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)));
    expect(new Set(seen.map(([node]) => Number(node?.split(':').at(-1))))).toEqual(new Set(cluster.seeds.map(({ port }) => port)));
    expect(seen.reduce((sum, [, names]) => sum + Number(names), 0)).toBe(901);
    expect(seen.map((row) => row.at(-1))).toEqual(['complete', 'complete', 'complete']);
    await page.keyboard.press('Escape');
    for (const at of [0, 1, 2, 3, 4]) {
      await jumpTo(keys, `cart:${at}`);
      await expect(value.getByText(`content ${at}`, { exact: true })).toBeVisible();
    }
    await expect(value.getByText('Node', { exact: true })).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Database' })).toBeHidden();
    expect(keys.faults).toEqual([]);
  } finally {
    await keys.stop();
    await cluster.stop();
  }
});

test('says in words that a password is wrong, without showing it', async ({ browser }) => {
  const redis = await startRedis({ password: 'the-right-one' });
  const keys = await openKeysPage(browser, ['--url', redis.url.replace('the-right-one', 'not-this-one')]);
  try {
    await expect(keys.page.getByText('User name or password is wrong')).toBeVisible();
    await expect(keys.page.getByText('not-this-one')).toHaveCount(0);
    expect(keys.faults).toEqual([]);
  } finally {
    await keys.stop();
    await redis.stop();
  }
});
