import { readFile } from 'node:fs/promises';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { Cluster, Redis } from 'ioredis';
import { startRedisCluster } from '../../electron/demo/servers/redis-cluster.ts';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { openKeysPage, readFacts, showAs, type KeysPage } from '../fixtures/keys-page.ts';
import { expectAccessible, runByName } from '../fixtures/shell-page.ts';
import { changeDialog, confirmChange, openTab, openTtl, preview, undoRun } from '../fixtures/ttl-page.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const many = 50_000;
const hour = 3_600_000;

let redis: RunningRedis;
let direct: Redis;
let keys: KeysPage;

async function seed(): Promise<void> {
  for (let from = 0; from < many; from += 5000) {
    const pipeline = direct.pipeline();
    for (let n = from; n < from + 5000; n += 1) pipeline.set(`job:${n}`, 'x', 'PX', 2 * hour + n * 20);
    await pipeline.exec();
  }
  const pipeline = direct.pipeline();
  for (let n = 0; n < 40; n += 1) pipeline.set(`tag:${n}`, 'x');
  for (let n = 0; n < 300; n += 1) pipeline.hset('basket', `field:${n}`, String(n));
  await pipeline.exec();
}

/** PEXPIRETIME of `job:` 0 to 49,999, in order. */
async function expiries(): Promise<number[]> {
  const found: number[] = [];
  for (let from = 0; from < many; from += 5000) {
    const answers = await direct.pipeline(Array.from({ length: 5000 }, (_, n) => ['pexpiretime', `job:${from + n}`])).exec();
    found.push(...(answers ?? []).map(([, value]) => value as number));
  }
  return found;
}

const runOf = (place: Locator | Page) => place.getByRole('region', { name: 'Run' });

test.beforeAll(async ({ browser }) => {
  redis = await startRedis({ build: 'redis-8.0' });
  direct = new Redis(redis.url, { maxRetriesPerRequest: 1 });
  await seed();
  keys = await openKeysPage(browser, ['--url', redis.url]);
  await expect(keys.scan.getByRole('status')).toContainText('exact at', { timeout: 30_000 });
});

test.afterEach(() => expect(keys.faults).toEqual([]));

test.afterAll(async () => {
  await keys?.stop();
  direct?.disconnect();
  await redis?.stop();
});

test('50,000 keys get a jittered expiry as previewed; the run pauses, goes on, stops, goes on from there, and is undone to the millisecond', async () => {
  const { page, tree } = keys;
  const before = await expiries();
  await tree.getByRole('treeitem', { name: /^job, folder/u }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Change the expiry of its keys…' }).click();
  const dialog = changeDialog(page);
  await expect(dialog.getByText('Takes keys that begin with job:.')).toBeVisible();
  await dialog.getByLabel('Time from now').fill('6h');
  await dialog.getByLabel(/^Jitter/u).fill('2h');
  await preview(dialog, /^50,000\skeys would change$/u);
  expect(await expiries()).toEqual(before);
  await dialog.getByRole('combobox', { name: 'Speed' }).click();
  await page.getByRole('option', { name: /^1,000 keys/u }).click();
  await confirmChange(dialog);
  const run = runOf(dialog);
  await expect(run.getByRole('status')).toHaveText(/changed, running$/u);
  await run.getByRole('button', { name: 'Pause' }).click();
  await expect(run.getByRole('status')).toHaveText(/changed, paused$/u);
  // the page of keys under way is brought to its end; then what it says is what the server has
  const changed = async () => (await expiries()).filter((at, n) => at !== before[n]).length;
  await expect.poll(async () => (await run.getByRole('status').textContent()) === `${(await changed()).toLocaleString('en')}\u00a0keys changed, paused`).toBe(true);
  await expectAccessible(page);
  await run.getByRole('button', { name: 'Resume' }).click();
  await expect(run.getByRole('status')).toHaveText(/changed, running$/u);
  await run.getByRole('button', { name: 'Cancel the run' }).click();
  await expect(run.getByRole('status')).toHaveText(/changed, cancelled$/u);
  const partly = await changed();
  expect(partly).toBeGreaterThan(0);
  expect(partly).toBeLessThan(many);
  await expect(run.getByRole('status')).toHaveText(`${partly.toLocaleString('en')}\u00a0keys changed, cancelled`);
  await run.getByRole('button', { name: 'Close' }).click();

  const changes = await openTab(page, 'Changes');
  await changes.getByRole('button', { name: /^Go on:/u }).click();
  await expect(runOf(changes).getByRole('status')).toHaveText(/^50,000\skeys changed, done$/u, { timeout: 60_000 });
  const after = await expiries();
  const now = Date.now();
  expect(Math.min(...after) - now).toBeGreaterThan(4 * hour - 120_000);
  expect(Math.max(...after) - now).toBeLessThanOrEqual(8 * hour);
  expect(Math.max(...after) - Math.min(...after)).toBeGreaterThan(hour);
  await undoRun(page, runOf(changes), /^Undo: 50,000\skeys restored, done$/u);
  expect(await expiries()).toEqual(before);
  await expect(changes.getByRole('row').filter({ hasText: 'undone' })).toHaveCount(1);
});

test('fields of a hash get an expiry and lose it again by undo', async () => {
  const { page, tree } = keys;
  await page.keyboard.press('Alt+1');
  await tree.getByRole('treeitem', { name: /^basket, key/u }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Expiry of its fields' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Hash fields' });
  await expect(panel.getByRole('textbox', { name: 'Name of a hash' })).toHaveValue('basket');
  const table = panel.getByRole('table', { name: 'Fields by time left' });
  await expect(table.getByRole('row', { name: /^No expiry/u })).toContainText('300');
  await panel.getByRole('button', { name: 'Change the expiry of fields' }).click();
  const dialog = changeDialog(page);
  await dialog.getByLabel('Fields that match (glob)').fill('field:1*');
  await dialog.getByLabel('Time from now').fill('30m');
  await preview(dialog, /^111\sfields would change$/u);
  await confirmChange(dialog);
  await expect(runOf(dialog).getByRole('status')).toHaveText(/^111\sfields changed, done$/u);
  const ttls = (await direct.call('HPTTL', 'basket', 'FIELDS', '3', 'field:1', 'field:199', 'field:2')) as number[];
  expect(ttls.map((ms) => (ms < 0 ? ms : Math.ceil(ms / (hour / 2))))).toEqual([1, 1, -1]);
  await expect(table.getByRole('row', { name: /^Up to an hour/u, includeHidden: true })).toContainText('111');
  await undoRun(page, runOf(dialog), /^Undo: 111\sfields restored, done$/u);
  expect(await direct.call('HPTTL', 'basket', 'FIELDS', '2', 'field:1', 'field:199')).toEqual([-1, -1]);
  await runOf(dialog).getByRole('button', { name: 'Close' }).click();
});

test('charts go to a picture and to a table of their figures', async () => {
  const { page } = keys;
  await openTtl(page);
  await openTab(page, 'Distribution');
  await page.getByRole('button', { name: /^Read type, expiry and size of/u }).click();
  await expect(page.getByRole('group', { name: 'Expiry read' }).getByRole('status')).toContainText('complete, exact', { timeout: 30_000 });
  for (const tab of ['Distribution', 'Timeline']) {
    const panel = await openTab(page, tab);
    const picture = page.waitForEvent('download');
    await panel.getByRole('button', { name: 'Save the chart as PNG' }).click();
    const png = await readFile(await (await picture).path());
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    // wider than high, and not one colour alone
    expect(png.readUInt32BE(16)).toBeGreaterThan(png.readUInt32BE(20));
    expect(png.length).toBeGreaterThan(3000);
    const table = page.waitForEvent('download');
    await panel.getByRole('button', { name: 'Save the figures as CSV' }).click();
    const lines = (await readFile(await (await table).path(), 'utf8')).trim().split(/\r?\n/u);
    expect(lines.length).toBeGreaterThan(2);
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
    if (tab === 'Distribution') expect(lines.slice(1).reduce((sum, line) => sum + Number(line.split(',')[2] ?? 0), 0)).toBeGreaterThan(0);
  }
});

test('a namespace, a selection and the open key lead to the change as well', async () => {
  const { page, tree, value } = keys;
  await page.keyboard.press('Alt+1');
  await showAs(keys, 'Namespaces');
  const table = page.getByRole('grid', { name: 'Namespaces' });
  await table.getByRole('row', { name: /^job:/u }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Change the expiry of its keys…' }).click();
  const dialog = changeDialog(page);
  await expect(dialog.getByText('Takes keys that begin with job:.')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+1');
  await showAs(keys, 'Tree');
  await tree.getByRole('treeitem', { name: /^tag, folder/u }).dblclick();
  await tree.getByRole('treeitem', { name: /^0, key/u }).click();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByRole('region', { name: 'Selection' }).getByRole('status')).toHaveText(/^3\skeys in 3\srows selected$/u);
  await page.getByRole('button', { name: 'Change the expiry of the selected keys…' }).click();
  await expect(dialog.getByText(/Selected in the key browser: exactly the 3\skeys of the list/u)).toBeVisible();
  await preview(dialog, /^3\skeys would change$/u);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+1');
  await tree.getByRole('treeitem', { name: /^tag, folder/u }).dblclick();
  await tree.getByRole('treeitem', { name: /^tag, folder/u }).dblclick();
  await tree.getByRole('treeitem', { name: /^3, key/u }).click();
  await expect(value.getByRole('heading', { name: 'tag:3' })).toBeVisible();
  await runByName(page, 'Change the expiry of the open key with preview');
  await expect(dialog.getByLabel('Names, one a line')).toHaveValue('tag:3');
  await preview(dialog, /^1\skey would change$/u);
  await page.keyboard.press('Escape');
});

test('a locked connection previews, says that a run is refused, and runs once it is unlocked', async ({ browser }) => {
  // Anything but this machine's usual names opens read-only.
  const locked = await openKeysPage(browser, ['--url', `redis://[::ffff:127.0.0.1]:${redis.port}`]);
  try {
    const { page } = locked;
    await expect(locked.scan.getByRole('status')).toContainText('exact at', { timeout: 30_000 });
    await openTtl(page);
    await page.keyboard.press('e');
    const dialog = changeDialog(page);
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('tag:*');
    await preview(dialog, /^40\skeys would change$/u);
    await expect(dialog.getByText(/is read-only: the preview is exact, a run is refused/u)).toBeVisible();
    await expect(dialog.getByRole('button', { name: /^Set the expiry of 40\skeys/u })).toBeDisabled();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Unlock ::ffff:127.0.0.1 for a time…' }).click();
    const unlock = page.getByRole('dialog', { name: 'Unlock ::ffff:127.0.0.1' });
    await unlock.getByRole('textbox', { name: /^Reason/u }).fill('tags are to expire');
    await unlock.getByRole('button', { name: /^Unlock/u }).click();
    await confirmChange(dialog, '::ffff:127.0.0.1');
    await expect(runOf(dialog).getByRole('status')).toHaveText(/^40\skeys changed, done$/u);
    await undoRun(page, runOf(dialog), /^Undo: 40\skeys restored, done$/u);
    expect(await direct.pttl('tag:1')).toBe(-1);
    expect(locked.faults).toEqual([]);
  } finally {
    await locked.stop();
  }
});

test('a cluster: facts, spread, a run over all masters and its undo', async ({ browser }) => {
  const cluster = await startRedisCluster({ masters: 3 });
  const client = new Cluster(cluster.seeds);
  let page: KeysPage | null = null;
  try {
    for (let from = 0; from < 3000; from += 500) await Promise.all(Array.from({ length: 500 }, (_, n) => client.set(`cart:${from + n}`, 'x', 'PX', hour + n)));
    await Promise.all(Array.from({ length: 200 }, (_, n) => client.set(`flag:${n}`, 'x')));
    page = await openKeysPage(browser, ['--url', `redis://127.0.0.1:${cluster.seeds[0]?.port}`]);
    const opened = page;
    await expect(opened.scan.getByRole('status')).toContainText('exact at', { timeout: 30_000 });
    await readFacts(opened, [], '3,200');
    await showAs(opened, 'Namespaces');
    await expect(opened.page.getByRole('row', { name: /^cart:, 3,000\skeys/u })).toBeVisible();
    await openTtl(opened.page);
    const panel = await openTab(opened.page, 'Distribution');
    const table = panel.getByRole('region', { name: 'Time left as a table' });
    await expect(table.getByRole('row', { name: /^With an expiry/u })).toContainText('3,000 keys');
    await expect(table.getByRole('row', { name: /^No expiry/u })).toContainText('200 keys');
    await opened.page.keyboard.press('e');
    const dialog = changeDialog(opened.page);
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('flag:*');
    await preview(dialog, /^200\skeys would change$/u);
    await confirmChange(dialog);
    await expect(runOf(dialog).getByRole('status')).toHaveText(/^200\skeys changed, done$/u);
    expect(await client.pttl('flag:7')).toBeGreaterThan(0);
    await undoRun(opened.page, runOf(dialog), /^Undo: 200\skeys restored, done$/u);
    expect(await client.pttl('flag:7')).toBe(-1);
    expect(opened.faults).toEqual([]);
  } finally {
    await page?.stop();
    client.disconnect();
    await cluster.stop();
  }
});
