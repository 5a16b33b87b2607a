import { expect, test } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { choose, expectExactly, openKeysPage, readFacts, rowNames, showAs, type KeysPage } from '../fixtures/keys-page.ts';
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

const list = () => keys.page.getByRole('listbox', { name: 'Key list' });
const matches = (text: string) => expect(keys.page.getByRole('status', { name: 'Matches' })).toHaveText(text);

test('offers the delimiter that the names suggest, and takes it on one click', async () => {
  const { page, tree } = keys;
  await expectExactly(keys, '151');
  await expect(page.getByText('Names look split by / too.')).toBeVisible();
  await expect(tree.getByRole('treeitem', { name: 'product, folder' })).toBeHidden();
  await page.getByRole('button', { name: 'Use it' }).click();
  await expect(tree.getByRole('treeitem', { name: 'product, folder, 40 keys' })).toBeVisible();
  await expect(page.getByText('Names look split by')).toBeHidden();
});

test('asks for the facts that a filter needs, reads them on one click, and counts exactly', async () => {
  const { page } = keys;
  await showAs(keys, 'List');
  await page.getByRole('button', { name: 'Condition' }).click();
  await page.getByRole('menuitem', { name: 'TTL' }).click();
  const editor = page.getByRole('dialog', { name: 'Filter by TTL' });
  await editor.getByRole('textbox').fill('5m..2x');
  await page.keyboard.press('Enter');
  await expect(editor.getByText('Write a range such as 5m..2h')).toBeVisible();
  await expectAccessible(page);
  await editor.getByRole('button', { name: 'no expiry' }).click();
  await expect(page.getByText('The filter asks for TTL, not read yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Read TTL' }).click();
  await expect(page.getByText('The filter asks for TTL')).toBeHidden();
  await matches('71 keys match');
  await expect(list().getByRole('option').first()).toHaveAttribute('aria-setsize', '71');
  await expectAccessible(page);
});

test('combines conditions that read like a sentence, and edits and removes them', async () => {
  const { page } = keys;
  const conditions = page.getByRole('group', { name: 'Conditions' });
  await readFacts(keys, ['Type', 'Size', 'Elements', 'Encoding']);
  await conditions.getByRole('button', { name: 'and', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Type' }).click();
  await page.getByRole('checkbox', { name: 'string' }).check();
  await page.getByRole('button', { name: 'Only these types' }).click();
  await matches('41 keys match');
  await conditions.getByRole('button', { name: 'and', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Size' }).click();
  await page.getByRole('dialog', { name: 'Filter by Size' }).getByRole('textbox').fill('> 100KiB');
  await page.keyboard.press('Enter');
  await matches('1 key matches');
  await expect(conditions).toContainText('type is string');
  await expect(conditions).toContainText('no expiry');
  await expect(conditions).toContainText('size at least 100 KiB');
  await expect.poll(() => rowNames(list(), 'option')).toEqual(['big:blob, key']);
  await conditions.getByRole('button', { name: 'Remove: size at least 100 KiB' }).click();
  await matches('41 keys match');
  await conditions.getByRole('button', { name: 'no expiry', exact: true }).click();
  await page.getByRole('dialog', { name: 'Filter by TTL' }).getByRole('textbox').fill('< 1d');
  await page.keyboard.press('Enter');
  await matches('60 keys match');
});

test('saves a filter under a name, applies it from the palette, renames it, deletes it and takes that back', async () => {
  const { page } = keys;
  const saved = page.getByRole('button', { name: /^Saved filters/u });
  await saved.click();
  await page.getByRole('menuitem', { name: 'Save this filter…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save filter' });
  await dialog.getByLabel('Name').fill('soon gone');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save filter' }).click();
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect(list().getByRole('option').first()).toHaveAttribute('aria-setsize', '151');
  await runByName(page, 'Apply filter: soon gone');
  await matches('60 keys match');
  await saved.click();
  await page.getByRole('menuitem', { name: 'Rename filter soon gone' }).click();
  await page.getByRole('dialog', { name: 'Rename filter' }).getByLabel('Name').fill('expires today');
  await page.keyboard.press('Enter');
  await saved.click();
  await expect(page.getByRole('menuitem', { name: /^expires today/u })).toBeVisible();
  await page.getByRole('menuitem', { name: 'Delete filter expires today' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Saved filters (1)' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear all' }).click();
});

test('says in place what is wrong with a regular expression, and finds by a right one', async () => {
  const { page } = keys;
  await choose(page, 'Filter mode', 'Regex');
  await page.getByRole('searchbox', { name: 'Filter keys' }).fill('user:(1');
  await expect(page.getByRole('alert')).toContainText('missing closing )');
  await expect(list().getByRole('option').first()).toHaveAttribute('aria-setsize', '151');
  await page.getByRole('searchbox', { name: 'Filter keys' }).fill('^user:(1|2):');
  await matches('2 keys match');
  await expect(page.getByRole('alert')).toBeHidden();
  await page.getByRole('searchbox', { name: 'Filter keys' }).fill('');
  await choose(page, 'Filter mode', 'Contains');
});

test('sorts the list by a column from its head, by mouse and by keyboard', async () => {
  const { page } = keys;
  await page.getByRole('button', { name: 'Sort by Size' }).click();
  await expect.poll(async () => (await rowNames(list(), 'option'))[0]).toBe('big:blob, key');
  await expect(page.getByRole('button', { name: 'Sort by Size, now descending' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: 'Sort by Size, now descending' }).press('Enter');
  await expect.poll(async () => (await rowNames(list(), 'option'))[0]).not.toBe('big:blob, key');
  await page.getByRole('button', { name: 'Sort by TTL' }).click();
  await page.getByRole('button', { name: 'Sort by TTL, now descending' }).click();
  await expect.poll(async () => (await rowNames(list(), 'option'))[0]).toBe('user:0:profile, key');
  await page.getByRole('button', { name: 'Sort by Name' }).click();
  await expect.poll(async () => (await rowNames(list(), 'option'))[0]).toBe('big:blob, key');
});

test('columns are chosen, made wider by keyboard, and remembered', async () => {
  const { page } = keys;
  const head = page.getByRole('group', { name: 'Columns' });
  const edge = head.getByRole('separator', { name: 'Width of Size' });
  await expect(edge).toHaveAttribute('aria-valuenow', '80');
  await edge.press('ArrowLeft');
  await expect(edge).toHaveAttribute('aria-valuenow', '88');
  await edge.press('ArrowRight');
  await head.getByRole('button', { name: 'Columns' }).click();
  await expectAccessible(page);
  await page.getByRole('menuitemcheckbox', { name: 'TTL' }).click();
  await page.keyboard.press('Escape');
  await expect(head.getByRole('button', { name: 'Sort by TTL' })).toBeHidden();
  await head.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'TTL' }).click();
  await page.keyboard.press('Escape');
  await expect(head.getByRole('button', { name: 'Sort by TTL' })).toBeVisible();
});

test('a folder shows its keys, size, TTL split, types and top keys, in its row and in its pane', async () => {
  const { page, tree, value } = keys;
  await showAs(keys, 'Tree');
  const user = tree.getByRole('treeitem', { name: 'user, folder, 60 keys' });
  await expect(user).toContainText('all expire');
  await expect(tree.getByRole('treeitem', { name: 'session, folder, 30 keys' })).toContainText('no TTL');
  await user.click();
  await expect(value.getByRole('heading', { name: 'user:' })).toBeVisible();
  await expect(value.getByText('60 expire')).toBeVisible();
  await expect(value.getByText('string 60 (100 %)')).toBeVisible();
  await expect(value.getByRole('region', { name: 'Top keys by size' }).getByRole('listitem')).toHaveCount(5);
  await expectAccessible(page);
  await value.getByRole('region', { name: 'Top keys by elements' }).getByRole('button').first().click();
  await expect(value.getByRole('heading', { name: 'user:59:profile' })).toBeVisible();
});

test('facts can be forgotten', async () => {
  const { page, scan } = keys;
  await scan.getByRole('button', { name: 'Facts', exact: true }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Forget facts' }).click();
  await expect(scan.getByRole('group', { name: 'Facts' })).toBeHidden();
  await expect(scan.getByRole('button', { name: 'Read facts' })).toBeVisible();
});
