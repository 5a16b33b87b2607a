import { expect, test } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { seeded, seedEveryType } from '../fixtures/keyspace.ts';
import { expectExactly, jumpTo, openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { expectNoSeriousViolations } from '../fixtures/watched-page.ts';

test.describe.configure({ mode: 'serial' });

let redis: RunningRedis;
let keys: KeysPage;

test.beforeAll(async ({ browser }) => {
  redis = await startRedis();
  await seeded(redis.url, seedEveryType);
  keys = await openKeysPage(browser, ['--url', redis.url]);
  await expectExactly(keys, '9');
});

test.afterEach(() => expect(keys.faults).toEqual([]));

test.afterAll(async () => {
  await keys?.stop();
  await redis?.stop();
});

async function open(name: string): Promise<void> {
  await jumpTo(keys, name);
  await expect(keys.value.getByRole('heading', { name, exact: true })).toBeVisible();
}

async function cells(grid: string): Promise<string[][]> {
  const rows = await keys.value.getByRole('grid', { name: grid }).getByRole('row').all();
  return Promise.all(rows.map((row) => row.getByRole('gridcell').allTextContents()));
}

/** For a hash and a set, which have no order of their own. */
const sorted = (rows: string[][]) => rows.toSorted((a, b) => (a.join() < b.join() ? -1 : 1));

test('shows text as text', async () => {
  await open('v:text');
  await expect(keys.value.getByText('plain words <b>not bold</b>', { exact: true })).toBeVisible();
  await expect(keys.value.getByRole('radio', { name: 'JSON' })).toBeDisabled();
});

test('shows JSON as a tree with its numbers unchanged, and as text and bytes', async () => {
  await open('v:json');
  const json = keys.value.getByRole('tree', { name: 'JSON' });
  await expect(json.getByRole('treeitem', { name: /big.*12345678901234567890/u })).toBeVisible();
  await expect(json.getByRole('treeitem')).toHaveCount(6);
  await keys.value.getByText('Text', { exact: true }).click();
  await expect(keys.value.getByLabel('Text', { exact: true }).last()).toHaveText('{"name":"Ada","big":12345678901234567890,"list":[1,2]}');
  await keys.value.getByText('Hex', { exact: true }).click();
  await expect(keys.value.getByRole('listbox', { name: 'Bytes 0 to 54' }).getByRole('option').first()).toContainText('7b 22 6e 61 6d 65');
});

test('shows bytes that are no text in hexadecimal', async () => {
  await open('v:bytes');
  await expect(keys.value.getByRole('listbox', { name: 'Bytes 0 to 5' }).getByRole('option')).toContainText('00 ff 10 80 41');
});

test('shows a hash', async () => {
  await open('v:hash');
  await expect(keys.value.getByText('all loaded')).toBeVisible();
  expect(sorted(await cells('fields'))).toEqual([
    ['<i>', 'tag'],
    ['__proto__', 'own'],
    ['name', 'Ada'],
  ]);
});

test('shows a list in its order', async () => {
  await open('v:list');
  await expect(keys.value.getByText('all loaded')).toBeVisible();
  expect(await cells('elements')).toEqual([
    ['0', 'first'],
    ['1', 'second'],
    ['2', 'third'],
  ]);
});

test('shows a set', async () => {
  await open('v:set');
  await expect(keys.value.getByText('all loaded')).toBeVisible();
  expect(sorted(await cells('members'))).toEqual([['blue'], ['green'], ['red']]);
});

test('shows a sorted set by score, with the scores that the server keeps', async () => {
  await open('v:zset');
  await expect(keys.value.getByText('all loaded')).toBeVisible();
  const ascending = [
    ['0', '-inf', 'lowest'],
    ['1', '3.0000000000000004', 'close to three'],
    ['2', '9007199254740992', 'beyond'],
  ];
  expect(await cells('members')).toEqual(ascending);
  await keys.value.getByText('Highest first').click();
  await expect.poll(async () => (await cells('members')).map((row) => row.at(-1))).toEqual(['beyond', 'close to three', 'lowest']);
});

test('shows a stream with its groups, consumers and what is pending', async () => {
  await open('v:stream');
  await expect(keys.value.getByText('all loaded')).toBeVisible();
  expect((await cells('Entries')).map(([id]) => id)).toEqual(['3-1', '2-1', '1-1']);
  await keys.value.getByText('Oldest first').click();
  await expect.poll(async () => (await cells('Entries')).map(([id]) => id)).toEqual(['1-1', '2-1', '3-1']);
  await keys.value.getByRole('tab', { name: 'Groups' }).click();
  const rowOf = (table: string, at: number) => keys.value.getByRole('table', { name: table, exact: true }).getByRole('row').nth(at).getByRole('cell');
  await expect(rowOf('Groups', 1)).toHaveText(['mailers', '1', '2', '1', '2-1', '']);
  await expect(rowOf('Consumers', 1).first()).toHaveText('worker-7');
  await expect(rowOf('Consumers', 1).nth(1)).toHaveText('2');
  await expect(rowOf('Pending entries', 1).first()).toHaveText('1-1');
  await expect(rowOf('Pending entries', 2).first()).toHaveText('2-1');
  await expect(rowOf('Pending entries', 2).last()).toHaveText('1');
});

test('counts the time to live down, and tells when the key has expired', async () => {
  await seeded(redis.url, (admin) => admin.set('v:ttl', 'goes', 'PX', 9000));
  await open('v:ttl');
  const ttl = keys.value.locator('dl > div', { hasText: 'TTL' }).getByRole('definition');
  const seconds = async () => Number.parseInt((await ttl.textContent()) ?? '', 10);
  const before = await seconds();
  expect(before).toBeGreaterThan(1);
  expect(before).toBeLessThan(11);
  await expect.poll(seconds).toBeLessThan(before);
  await expect(keys.value.getByText(/expired/iu).first()).toBeVisible({ timeout: 20_000 });
});

for (const theme of ['dark', 'light'] as const) {
  test(`has no serious accessibility violation in the ${theme} theme with a value open`, async () => {
    const { page } = keys;
    await open('v:hash');
    await page.getByRole('button', { name: new RegExp(`change to ${theme} theme`, 'u') }).click();
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
    await expect(keys.value.getByText('all loaded')).toBeVisible();
    await expectNoSeriousViolations(page);
    await open('v:json');
    await expectNoSeriousViolations(page);
    await open('v:stream');
    await keys.value.getByRole('tab', { name: 'Groups' }).click();
    await expect(keys.value.getByRole('table', { name: 'Pending entries' })).toBeVisible();
    await expectNoSeriousViolations(page);
  });
}
