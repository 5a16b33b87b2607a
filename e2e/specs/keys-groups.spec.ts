import { readFile } from 'node:fs/promises';
import { expect, test, type Locator } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { expectExactly, openKeysPage, readFacts, showAs, type KeysPage } from '../fixtures/keys-page.ts';
import { seeded, seedNamespaces } from '../fixtures/keyspace.ts';
import { expectAccessible, runByName } from '../fixtures/shell-page.ts';

// Each look with axe takes seconds where the machine is busy.
test.describe.configure({ mode: 'serial', timeout: 120_000 });

let redis: RunningRedis;
let keys: KeysPage;

test.beforeAll(async ({ browser }) => {
  redis = await startRedis();
  await seeded(redis.url, seedNamespaces);
  keys = await openKeysPage(browser, ['--url', redis.url]);
});

test.afterEach(() => expect(keys.faults).toEqual([]));

test.afterAll(async () => {
  await keys?.stop();
  await redis?.stop();
});

async function labels(rows: Locator): Promise<string[]> {
  return rows.evaluateAll((elements) => elements.map((element) => (element.getAttribute('aria-label') ?? '').replaceAll('\u00a0', ' ')));
}

test('the table of namespaces counts, sorts and goes down and up by keyboard', async () => {
  const { page, value } = keys;
  await expectExactly(keys, '151');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await readFacts(keys, ['Elements', 'Idle time or frequency']);
  await showAs(keys, 'Namespaces');
  const table = page.getByRole('grid', { name: 'Namespaces' });
  await expect.poll(() => labels(table.getByRole('row'))).toEqual(['user:, 60 keys, 39.7 %', 'session:, 30 keys, 19.9 %', 'cache:, 20 keys, 13.2 %', 'big:, 1 key, 0.7 %']);
  await expect(page.getByText('40 above this depth')).toBeVisible();
  await page.getByRole('button', { name: 'Sort by Size', exact: true }).click();
  await expect.poll(async () => (await labels(table.getByRole('row')))[0]).toMatch(/^big:/u);
  await page.getByRole('button', { name: 'Sort by Keys', exact: true }).click();
  await expect.poll(async () => (await labels(table.getByRole('row')))[0]).toMatch(/^user:/u);
  await expectAccessible(page);
  await table.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await expect(value.getByRole('heading', { name: 'cache:' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect.poll(() => labels(table.getByRole('row'))).toEqual(['cache:page0:', 'cache:page1:', 'cache:page2:', 'cache:page3:'].map((name) => `${name}, 5 keys, 25 %`));
  await expect(page.getByRole('navigation', { name: 'Namespace' })).toContainText('cache');
  await page.keyboard.press('Backspace');
  await expect.poll(async () => (await labels(table.getByRole('row'))).length).toBe(4);
});

test('names fold into templates, and a template leads to its keys', async () => {
  const { page, value } = keys;
  await page.getByText('Templates', { exact: true }).click();
  const table = page.getByRole('grid', { name: 'Namespaces' });
  await expect(table.getByRole('row', { name: /^user:\{id\}:profile, 60 keys/u })).toBeVisible();
  await table.getByRole('row', { name: /^user:\{id\}:profile/u }).click();
  await expect(value.getByRole('heading', { name: 'user:{id}:profile' })).toBeVisible();
  await expect(value.getByText('60 expire')).toBeVisible();
  await expectAccessible(page);
  await table.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('listbox', { name: 'Key list' }).getByRole('option').first()).toHaveAttribute('aria-setsize', '60');
  await expect(page.getByRole('searchbox', { name: 'Filter keys' })).toHaveValue('user:*:profile');
});

test('the table holds what the filter lets through, and goes to a CSV file', async () => {
  const { page } = keys;
  await showAs(keys, 'Namespaces');
  await page.getByText('Prefixes', { exact: true }).click();
  const table = page.getByRole('grid', { name: 'Namespaces' });
  await expect.poll(() => labels(table.getByRole('row'))).toEqual(['user:, 60 keys, 100 %']);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect.poll(async () => (await labels(table.getByRole('row'))).length).toBe(4);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export this table as CSV' }).click();
  const lines = (await readFile(await (await downloading).path(), 'utf8')).split('\r\n');
  expect(lines[0]).toMatch(/^namespace,keys,share,/u);
  expect(lines[1]).toMatch(/^user:,60,0\.39\d+,60,\d+,/u);
  expect(lines).toHaveLength(6);
});

test('the treemap goes down by click and by keyboard, and tells each tile in words', async () => {
  const { page } = keys;
  await showAs(keys, 'Treemap');
  const map = page.getByRole('listbox', { name: 'Treemap' });
  await expect(map.getByRole('option', { name: 'user:, 60 keys, 39.7 %, 0 % without TTL' })).toBeVisible();
  await expect(map.getByRole('option', { name: /^keys directly here, 40 keys/u })).toBeVisible();
  await expectAccessible(page);
  await map.getByRole('option', { name: /^cache:/u }).click();
  await expect(map.getByRole('option', { name: 'cache:page0:, 5 keys, 25 %, 0 % without TTL' })).toBeVisible();
  await map.focus();
  await page.keyboard.press('Backspace');
  await expect(map.getByRole('option', { name: /^user:/u })).toBeVisible();
  await page.getByText('By size', { exact: true }).click();
  await expect.poll(async () => (await labels(map.getByRole('option')))[0]).toMatch(/^big:, [\d.]+ KiB/u);
  await map.focus();
  await page.keyboard.press('Home');
  await expect(map.getByRole('option', { name: /^big:/u })).toHaveAttribute('aria-selected', 'true');
  await expect(keys.value.getByRole('heading', { name: 'big:' })).toBeVisible();
});

test('the top keys open by click', async () => {
  const { page, value } = keys;
  await showAs(keys, 'Top');
  const top = page.getByRole('listbox', { name: 'Top keys' });
  await expect(top.getByRole('option').first()).toHaveAttribute('aria-label', '1. big:blob');
  await expect(page.getByText('Size, of all 151 keys')).toBeVisible();
  await expectAccessible(page);
  await top.getByRole('option').first().click();
  await expect(value.getByRole('heading', { name: 'big:blob' })).toBeVisible();
  await page.getByRole('radiogroup', { name: 'Most of' }).getByText('Elements', { exact: true }).click();
  await expect(page.getByText('Elements, of all 151 keys')).toBeVisible();
});

test('exports names with facts as a job', async () => {
  const { page, status } = keys;
  await runByName(page, 'Export the keys in view');
  const dialog = page.getByRole('dialog', { name: 'Export the keys in view' });
  await dialog.getByRole('radio', { name: 'JSON Lines' }).check();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Export names and facts' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('The file is being written.')).toBeVisible();
  await status.getByRole('button', { name: /job/iu }).click();
  const file = await page.getByText(/\.jsonl$/u).first().textContent();
  const lines = (await readFile(file?.trim() ?? '', 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(151);
  expect(lines.some((line) => line.includes('"big:blob"') && line.includes('"bytes":'))).toBe(true);
  await page.keyboard.press('Escape');
});

test('snapshots are saved, compared and deleted', async () => {
  const { page } = keys;
  await runByName(page, 'Keyspace snapshots');
  const dialog = page.getByRole('dialog', { name: 'Keyspace snapshots' });
  await expect(dialog.getByText('No snapshots yet')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save a snapshot now' }).click();
  await expect(dialog.getByRole('checkbox')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await seeded(redis.url, async (client) => {
    await client.del('big:blob');
    for (let at = 0; at < 25; at += 1) await client.set(`fresh:${at}`, 'new', 'EX', 600);
  });
  await runByName(page, 'Scan the keyspace again');
  await expectExactly(keys, '175');
  await runByName(page, 'Keyspace snapshots');
  await dialog.getByRole('button', { name: 'Save a snapshot now' }).click();
  await expect(dialog.getByRole('checkbox')).toHaveCount(2);
  await expectAccessible(page);
  for (const box of await dialog.getByRole('checkbox').all()) await box.check();
  await dialog.getByRole('button', { name: 'Compare the two' }).click();
  await expect(dialog.getByText('+24 keys')).toBeVisible();
  const changes = dialog.getByRole('grid', { name: 'Changes' });
  await expect(changes.getByRole('row', { name: 'fresh:, new, +25 keys' })).toBeVisible();
  await expect(changes.getByRole('row', { name: 'big:, vanished, −1 key' })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Swap the two' }).click();
  await expect(changes.getByRole('row', { name: 'fresh:, vanished, −25 keys' })).toBeVisible();
  await dialog.getByRole('button', { name: 'All snapshots' }).click();
  await dialog.getByRole('button', { name: /^Delete the snapshot/u }).first().click();
  await page.getByRole('dialog', { name: 'Delete snapshot' }).getByRole('button', { name: 'Delete the snapshot' }).click();
  await expect(dialog.getByRole('checkbox')).toHaveCount(1);
});
