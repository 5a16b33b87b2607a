import { expect, test } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { seeded, seedKnownKeyspace } from '../fixtures/keyspace.ts';
import { choose, expectExactly, jumpTo, openKeysPage, rowNames, showAs, type KeysPage } from '../fixtures/keys-page.ts';
import { expectNoSeriousViolations } from '../fixtures/watched-page.ts';

test.describe.configure({ mode: 'serial' });

let redis: RunningRedis;
let keys: KeysPage;

test.beforeAll(async ({ browser }) => {
  redis = await startRedis();
  await seeded(redis.url, seedKnownKeyspace);
  keys = await openKeysPage(browser, ['--url', redis.url]);
});

test.afterEach(() => expect(keys.faults).toEqual([]));

test.afterAll(async () => {
  await keys?.stop();
  await redis?.stop();
});

const hostileRows = ['(empty), key', '<script>alert(1)</script>, key', '__proto__, key', 'alone, key', 'bin\\xff\\xfe, key', 'constructor, key', 'glob*[a-z]?, key', 'motd, key', 'two\\nlines, key'];
const folders = ['counter, folder, 5 keys', 'order, folder, 30 keys', 'user, folder, 120 keys'];

const matches = (count: number) => expect(keys.page.getByRole('listbox', { name: 'Key list' }).getByRole('option').first()).toHaveAttribute('aria-setsize', String(count));

async function filter(mode: string, text: string): Promise<void> {
  await choose(keys.page, 'Filter mode', mode);
  await keys.page.getByRole('searchbox', { name: 'Filter keys' }).fill(text);
}

test('shows every folder with its exact count and every hostile name as it is', async () => {
  await expectExactly(keys, '164');
  await expect.poll(() => rowNames(keys.tree)).toEqual([...folders, ...hostileRows]);
});

test('opens and closes folders by keyboard', async () => {
  const { page, tree } = keys;
  const order = tree.getByRole('treeitem', { name: 'order, folder, 30 keys' });
  await tree.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect(order).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(order).toHaveAttribute('aria-expanded', 'true');
  const year = tree.getByRole('treeitem', { name: '2026, folder, 30 keys' });
  await expect(year).toHaveAttribute('aria-level', '2');
  await page.keyboard.press('ArrowRight');
  await expect(year).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(year).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowRight');
  const first = tree.getByRole('treeitem', { name: '00, key', exact: true });
  await expect(first).toHaveAttribute('aria-selected', 'true');
  await expect(first).toHaveAttribute('aria-level', '3');
  await expect(keys.value.getByRole('heading', { name: 'order:2026:00' })).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(year).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowLeft');
  await expect(year).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('ArrowLeft');
  await expect(order).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowLeft');
  await expect(order).toHaveAttribute('aria-expanded', 'false');
  await expect.poll(() => rowNames(tree)).toEqual([...folders, ...hostileRows]);
});

test('opens a key by its exact name, bytes that are no text included, and says when there is none', async () => {
  const { page, value, tree } = keys;
  await jumpTo(keys, 'user:042');
  await expect(value.getByRole('heading', { name: 'user:042' })).toBeVisible();
  await expect(value.getByText('name 42', { exact: true })).toBeVisible();
  await expect(tree.getByRole('treeitem', { name: '042, key' })).toHaveAttribute('aria-selected', 'true');
  await jumpTo(keys, '"bin\\xff\\xfe"');
  await expect(value.getByRole('heading', { name: 'bin\\xff\\xfe' })).toBeVisible();
  await expect(value.getByText('hostile', { exact: true })).toBeVisible();
  for (const name of ['__proto__', '<script>alert(1)</script>', 'glob*[a-z]?']) {
    await jumpTo(keys, name);
    await expect(value.getByRole('heading', { name, exact: true })).toBeVisible();
    await expect(value.getByText('hostile', { exact: true })).toBeVisible();
  }
  await tree.focus();
  await page.keyboard.press('g');
  await page.getByLabel('Key name').fill('user:04');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No key has exactly this name in this database')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('copies the name and the redis-cli command of the open key', async () => {
  const { value } = keys;
  await jumpTo(keys, '"bin\\xff\\xfe"');
  await value.getByRole('button', { name: 'Copy name' }).click();
  await expect.poll(() => keys.clipboard()).toBe('"bin\\xff\\xfe"');
  await value.getByRole('button', { name: 'Copy as redis-cli command' }).click();
  await expect.poll(() => keys.clipboard()).toBe('GET "bin\\xff\\xfe"');
});

test('selects several rows, counts their keys and copies them', async () => {
  const { page, tree } = keys;
  const user = tree.getByRole('treeitem', { name: 'user, folder, 120 keys' });
  await tree.focus();
  await page.keyboard.press('Home');
  await expect(user).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  await expect(user).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('Home');
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('Shift+ArrowDown');
  const selection = page.getByRole('region', { name: 'Selection' });
  await expect(selection.getByRole('status')).toHaveText('156 keys in 4 rows selected');
  await selection.getByRole('button', { name: 'Copy names' }).click();
  await expect.poll(async () => (await keys.clipboard()).split('\n').length).toBe(156);
  const names = (await keys.clipboard()).split('\n');
  expect(names).toContain('order:2026:29');
  expect(names.at(-1)).toBe('""');
  await selection.getByRole('button', { name: 'Copy commands' }).click();
  await expect.poll(() => keys.clipboard()).toContain('HGETALL order:2026:29\n');
  expect((await keys.clipboard()).split('\n')).toContain('GET counter:0');
  await tree.focus();
  await page.keyboard.press('Control+a');
  await expect(selection.getByRole('status')).toHaveText('164 keys in 12 rows selected');
  await page.keyboard.press('Escape');
  await expect(selection).toBeHidden();
});

test('offers what a folder can do in a menu that the keyboard opens', async () => {
  const { page, tree } = keys;
  await tree.focus();
  await page.keyboard.press('Home');
  const items = { 'Copy prefix': 'counter:', 'Copy pattern (glob-escaped)': 'counter:*', 'Copy as redis-cli SCAN': 'SCAN 0 MATCH counter:* COUNT 1000' };
  for (const [item, text] of Object.entries(items)) {
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: item }).click();
    await expect.poll(() => keys.clipboard()).toBe(text);
    await expect(page.getByRole('menu')).toBeHidden();
    await expect(tree).toBeFocused();
  }
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Filter to this folder' }).click();
  await expect(page.getByRole('combobox', { name: 'Filter mode' })).toHaveValue('Begins with');
  await expect.poll(() => rowNames(tree)).toContain('counter, folder, 5 keys');
  await expect.poll(() => rowNames(tree)).not.toContain('order, folder, 30 keys');
  await page.getByRole('searchbox', { name: 'Filter keys' }).fill('');
  await expect.poll(() => rowNames(tree)).toContain('order, folder, 30 keys');
});

test('lists all names in byte order', async () => {
  const { page } = keys;
  await page.getByText('List', { exact: true }).click();
  await matches(164);
  const list = page.getByRole('listbox', { name: 'Key list' });
  await list.focus();
  await page.keyboard.press('Home');
  const numbered = (prefix: string, count: number, width: number) => Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(width, '0')}, key`);
  const expected = [...hostileRows, ...numbered('user:', 120, 3), ...numbered('order:2026:', 30, 2), ...numbered('counter:', 5, 1)]
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.replace(/^\(empty\)/u, '')), Buffer.from(b.replace(/^\(empty\)/u, ''))));
  await expect.poll(async () => (await rowNames(list, 'option')).slice(0, 20)).toEqual(expected.slice(0, 20));
  await page.keyboard.press('End');
  await expect.poll(async () => (await rowNames(list, 'option')).slice(-20)).toEqual(expected.slice(-20));
});

test('filters by text, by beginning and by glob', async () => {
  const { page } = keys;
  await filter('Contains', 'er:0');
  await matches(101);
  await filter('Contains', 'glob*[');
  await matches(1);
  await filter('Begins with', 'user:11');
  await matches(10);
  await filter('Begins with', 'ser:11');
  await expect(page.getByText('0 of 164 keys match')).toBeVisible();
  await filter('Glob', 'user:0?[0-4]');
  await matches(50);
  await filter('Glob', 'user:04');
  await expect(page.getByText('0 of 164 keys match')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filter' }).last().click();
  await matches(164);
});

test('has no serious accessibility violation with its dialog, menu and settings open', async () => {
  const { page, scan } = keys;
  const list = page.getByRole('listbox', { name: 'Key list' });
  await list.focus();
  await page.keyboard.press('g');
  await expect(page.getByRole('dialog', { name: 'Jump to an exact name' })).toBeVisible();
  await expectNoSeriousViolations(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await scan.getByRole('button', { name: 'Scan settings' }).click();
  await expect(page.getByText('Share of server time the scan may use')).toBeVisible();
  await expectNoSeriousViolations(page);
  await page.keyboard.press('Escape');
  await expect(page.getByText('Share of server time the scan may use')).toBeHidden();
  await list.getByRole('option').nth(1).click({ button: 'right' });
  await expect(page.getByRole('menuitem', { name: 'Copy name' })).toBeVisible();
  await expectNoSeriousViolations(page);
  await page.keyboard.press('Escape');
});

test('scans for one type only', async () => {
  await choose(keys.page, 'Type', 'hash');
  await expectExactly(keys, '30');
  await matches(30);
  await choose(keys.page, 'Type', 'stream');
  await expect(keys.page.getByText('No keys of this type in db 0')).toBeVisible();
  await keys.page.getByRole('button', { name: 'Show all types' }).click();
  await expectExactly(keys, '164');
  await matches(164);
});

test('begins anew in another database: its own rows, no filter, no type, no key open', async () => {
  const { page } = keys;
  await seeded(redis.url, async (client) => {
    await client.select(1);
    await client.mset('other:1', 'a', 'other:2', 'b', 'lone', 'c');
    await client.select(0);
  });
  await showAs(keys, 'Tree');
  await jumpTo(keys, 'user:001');
  await showAs(keys, 'List');
  await filter('Contains', 'user:00');
  await matches(10);
  await choose(page, 'Database', /^db 1\b/u);
  await expectExactly(keys, '3');
  await expect.poll(() => rowNames(keys.tree)).toEqual(['other, folder, 2 keys', 'lone, key']);
  await expect(page.getByText('No key is open')).toBeVisible();
  await expect(page.getByRole('searchbox', { name: 'Filter keys' })).toHaveValue('');
  await choose(page, 'Type', 'hash');
  await expect(page.getByText('No keys of this type in db 1')).toBeVisible();
  await choose(page, 'Database', /^db 0\b/u);
  await expectExactly(keys, '164');
  await expect(page.getByRole('combobox', { name: 'Type', exact: true })).toHaveValue('All types');
  // the focus is in the closed select: single keys are shortcuts there too
  await page.keyboard.press('Shift+L');
  await expect(keys.tree).toBeVisible();
  await page.keyboard.press('Shift+L');
  await matches(164);
});
