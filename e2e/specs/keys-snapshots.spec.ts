import { expect, test } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { expectExactly, openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { seeded } from '../fixtures/keyspace.ts';
import { expectAccessible, goToConnections, pasteInto, runByName } from '../fixtures/shell-page.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

let first: RunningRedis;
let second: RunningRedis;
let keys: KeysPage;

const fill = (url: string, users: number, carts: number) =>
  seeded(url, async (client) => {
    const pipeline = client.pipeline();
    for (let at = 0; at < users; at += 1) pipeline.set(`user:eu:${at % 4}:${at}`, 'x');
    for (let at = 0; at < carts; at += 1) pipeline.set(`cart:${at}`, 'x', 'EX', 600);
    await pipeline.exec();
  });

test.beforeAll(async ({ browser }) => {
  [first, second] = await Promise.all([startRedis(), startRedis({ build: 'redis-8.0' })]);
  await Promise.all([fill(first.url, 40, 10), fill(second.url, 60, 0)]);
  keys = await openKeysPage(browser, ['--url', first.url]);
  await expectExactly(keys, '50');
});

test.afterEach(() => expect(keys.faults).toEqual([]));

test.afterAll(async () => {
  await keys?.stop();
  await Promise.all([first?.stop(), second?.stop()]);
});

const snapshots = () => keys.page.getByRole('dialog', { name: 'Keyspace snapshots' });

test('a snapshot may be of a folder, and is not compared with one of the whole database', async () => {
  const { page, tree } = keys;
  await tree.getByRole('treeitem', { name: /^user, folder/u }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Snapshots…' }).click();
  const dialog = snapshots();
  await expect(dialog.getByRole('combobox', { name: 'Snapshot of' })).toHaveValue('Keys here: name begins with user:');
  await dialog.getByRole('button', { name: 'Save a snapshot now' }).click();
  const row = dialog.getByRole('row').filter({ hasText: 'name begins with user:' });
  await expect(row).toContainText('40');
  await dialog.getByRole('combobox', { name: 'Snapshot of' }).click();
  await page.getByRole('option', { name: 'Whole database' }).click();
  await dialog.getByRole('button', { name: 'Save a snapshot now' }).click();
  await expect(dialog.getByRole('row').filter({ hasText: 'whole database' })).toContainText('50');
  for (const box of await dialog.getByRole('checkbox').all()) await box.check();
  await expect(dialog.getByText('They are of different parts of a database: choose two of the same part.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Compare the two' })).toBeDisabled();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
});

test('snapshots of two connections are compared', async () => {
  const { page } = keys;
  await goToConnections(page);
  await page.getByRole('group', { name: 'Connections' }).getByRole('button', { name: 'New connection' }).click();
  await pasteInto(page.getByRole('textbox', { name: 'Paste a connection' }), second.url);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('second cache');
  await page.getByRole('button', { name: 'Save and open' }).click();
  await expectExactly(keys, '60');
  await runByName(page, 'Keyspace snapshots');
  const dialog = snapshots();
  await expect(dialog.getByRole('checkbox')).toHaveCount(2);
  await dialog.getByRole('button', { name: 'Save a snapshot now' }).click();
  await expect(dialog.getByRole('checkbox')).toHaveCount(3);
  await dialog.getByRole('row').filter({ hasText: 'whole database' }).filter({ hasText: 'second cache' }).getByRole('checkbox').check();
  await dialog.getByRole('row').filter({ hasText: 'whole database' }).filter({ hasNotText: 'second cache' }).getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Compare the two' }).click();
  await expect(dialog.getByText('+10 keys')).toBeVisible();
  const changes = dialog.getByRole('grid', { name: 'Changes' });
  await expect(changes.getByRole('row', { name: 'cart:, vanished, −10 keys' })).toBeVisible();
  await expect(changes.getByRole('row', { name: 'user:eu:0:, grew, +5 keys' })).toBeVisible();
  await expectAccessible(page);
});
