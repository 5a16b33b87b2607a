import { expect, test, type Locator } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { seedEncoded } from '../fixtures/encoded-values.ts';
import { seeded } from '../fixtures/keyspace.ts';
import { expectExactly, jumpTo, openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { expectNoSeriousViolations } from '../fixtures/watched-page.ts';

test.describe.configure({ mode: 'serial' });

let redis: RunningRedis;
let keys: KeysPage;

test.beforeAll(async ({ browser }) => {
  redis = await startRedis();
  await seeded(redis.url, seedEncoded);
  keys = await openKeysPage(browser, ['--url', redis.url]);
  await expectExactly(keys, '13');
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

const chooser = (): Locator => keys.value.getByRole('button', { name: /^Read as:/u });
const tree = (name: string): Locator => keys.value.getByRole('tree', { name });
const layers = (): Locator => keys.value.getByRole('navigation', { name: 'Layers of the value' }).getByRole('button');

test('reads MessagePack in zstd as a tree, and says how and how sure', async () => {
  await open('user:1:feed');
  await expect(chooser()).toHaveAccessibleName('Read as: Auto: zstd › MessagePack (98 %)');
  await expect(tree('MessagePack').getByRole('treeitem', { name: /big.*12345678901234567890.*uint64/u })).toBeVisible();
  await expect(layers()).toHaveText(['Stored 80 B', 'zstd 71 B', 'MessagePack tree']);
  await layers().nth(1).click();
  await expect(keys.value.getByRole('listbox', { name: 'Bytes 0 to 71' }).getByRole('option').first()).toContainText('87 a2 69 64 2a');
  await layers().nth(0).click();
  await expect(keys.value.getByRole('listbox', { name: 'Bytes 0 to 80' }).getByRole('option').first()).toContainText('28 b5 2f fd');
  await keys.page.keyboard.press(']');
  await keys.page.keyboard.press(']');
  await keys.value.getByText('Text', { exact: true }).click();
  await expect(keys.value.getByLabel('JSON text')).toContainText('"big": 12345678901234567890');
});

test('shows a pickle without running it, and follows its references', async () => {
  await open('evil');
  await expect(tree('Python pickle').getByRole('treeitem').first()).toContainText('posix.system');
  await expect(tree('Python pickle').getByRole('treeitem', { name: /REDUCE: a call, not made/u })).toBeVisible();
  await open('pickle');
  await tree('Python pickle').getByRole('button', { name: /→ list at byte/u }).click();
  await expect(keys.value.getByTitle('Path of the row')).toHaveText('$.a');
});

test('names classes, private members and what a format calls its values', async () => {
  await open('php');
  await expect(tree('PHP serialize').getByRole('treeitem', { name: /secret private of App\\Models\\User.*hidden/u })).toBeVisible();
  await open('java');
  await expect(tree('Java serialization').getByRole('treeitem', { name: /9007199254740993.*long/u })).toBeVisible();
});

test('leaves plain text and JSON as they are', async () => {
  await open('text');
  await expect(chooser()).toHaveAccessibleName('Read as: Auto: plain text');
  await expect(keys.value.getByText('plain words', { exact: true })).toBeVisible();
  await expect(layers()).toHaveCount(0);
  await open('json');
  await expect(chooser()).toHaveAccessibleName('Read as: Auto: JSON (100 %)');
  await keys.value.getByRole('searchbox', { name: 'Search in the tree' }).fill('needle');
  await expect(keys.value.getByText('1 of 1', { exact: true })).toBeVisible();
  await expect(keys.value.getByTitle('Path of the row')).toHaveText('$.a[1].b');
});

test('finds words in a text', async () => {
  await open('text');
  const search = keys.value.getByRole('searchbox', { name: 'Search in the text' });
  await search.fill('WORDS');
  await expect(keys.value.getByText('1 of 1', { exact: true })).toBeVisible();
  expect(await keys.page.evaluate(() => [...(CSS.highlights.get('la-current') ?? [])].map(String))).toEqual(['words']);
  await search.fill('nowhere');
  await expect(keys.value.getByText('Not found', { exact: true })).toBeVisible();
});

test('names the layer that fails with its place, over the bytes', async () => {
  await open('broken');
  await expect(keys.value.getByText(/gzip cannot be read: incorrect length check\. The bytes are below\./u)).toBeVisible();
  await expect(keys.value.getByRole('listbox', { name: /^Bytes 0 to/u }).getByRole('option').first()).toContainText('1f 8b 08');
});

test('searches a large tree, goes to what it finds, and copies path, value and JSON', async () => {
  const { page, value } = keys;
  await open('large');
  await expect(tree('MessagePack').getByRole('treeitem', { name: /rows.*3,000/u })).toBeVisible();
  await value.getByRole('searchbox', { name: 'Search in the tree' }).fill('title number 2871');
  await expect(value.getByText('1 of 1', { exact: true })).toBeVisible();
  await expect(tree('MessagePack').getByRole('treeitem', { name: /title number 2871/u })).toBeVisible();
  await expect(value.getByTitle('Path of the row')).toHaveText('$.rows[2871].title');
  await value.getByRole('button', { name: 'Copy path' }).click();
  await expect.poll(() => keys.clipboard()).toBe('$.rows[2871].title');
  await value.getByRole('button', { name: 'Copy value' }).click();
  await expect.poll(() => keys.clipboard()).toBe('title number 2871');
  await tree('MessagePack').focus();
  await page.keyboard.press('ArrowLeft');
  await value.getByRole('button', { name: 'Copy JSON' }).click();
  await expect.poll(async () => (JSON.parse(await keys.clipboard()) as { id: number }).id).toBe(2871);
});

test('a long value is read in its beginning, and whole when that is asked for', async () => {
  await open('long');
  // what is that long opens as bytes to scroll over
  await keys.value.getByRole('radiogroup', { name: 'View of the string' }).getByText('Value', { exact: true }).click();
  await expect(keys.value.getByText(/^No layers in the first 1\sMiB of 2\.05\sMiB/u)).toBeVisible();
  await keys.value.getByRole('button', { name: 'Decode up to 16 MiB' }).click();
  await expect(tree('JSON').getByRole('treeitem', { name: /lines.*60,000/u })).toBeVisible();
});

test('another reading can be chosen, remembered for such names, and forgotten', async () => {
  const { page } = keys;
  await open('user:1:feed');
  await chooser().click();
  await page.getByRole('menuitem', { name: 'Bytes as they are' }).click();
  await expect(chooser()).toHaveAccessibleName(/^Read as: Chosen: bytes/u);
  await chooser().click();
  await page.getByRole('menuitem', { name: /^Always the bytes as they are for user:\*:feed/u }).click();
  await expect(chooser()).toHaveAccessibleName('Read as: user:*:feed: bytes');
  await open('user:2:feed');
  await expect(chooser()).toHaveAccessibleName('Read as: user:*:feed: bytes');
  await chooser().click();
  await page.getByRole('menuitem', { name: /^Forget what is remembered/u }).click();
  await expect(chooser()).toHaveAccessibleName('Read as: Auto: zstd › MessagePack (98 %)');
});

test('protobuf is read by a .proto that stays for such names', async () => {
  const { page } = keys;
  await open('proto:1');
  await expect(chooser()).toHaveAccessibleName(/Protocol Buffers \(78 %\)/u);
  await chooser().click();
  await page.getByRole('menuitem', { name: 'Protocol Buffers with a .proto…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Read Protocol Buffers with a .proto' });
  await dialog.getByLabel('.proto text').fill('message {');
  await expect(dialog.getByText(/cannot be read: illegal type name/u)).toBeVisible();
  await dialog.getByLabel('.proto text').fill('syntax = "proto3"; package shop; message Inner { int64 delta = 1; string words = 2; } message Person { int32 answer = 1; string name = 2; Inner inner = 3; repeated int32 sizes = 4; double ratio = 5; float half = 6; }');
  await dialog.getByRole('combobox', { name: 'Message' }).click();
  await page.getByRole('option', { name: 'shop.Person' }).click();
  await dialog.getByRole('combobox', { name: 'Use for' }).click();
  await page.getByRole('option', { name: 'always for proto:*' }).click();
  await dialog.getByRole('button', { name: 'Read as shop.Person' }).click();
  await expect(dialog).toBeHidden();
  await expect(chooser()).toHaveAccessibleName('Read as: proto:*: Protocol Buffers');
  await expect(tree('Protocol Buffers').getByRole('treeitem', { name: /delta.*-5/u })).toBeVisible();
  await expect(tree('Protocol Buffers').getByRole('treeitem', { name: /ratio.*1\.25/u })).toBeVisible();
});

test('cells show short values decoded, and the drawer opens them', async () => {
  await open('hash');
  const grid = keys.value.getByRole('grid', { name: 'fields' });
  await expect(grid.getByRole('gridcell', { name: /MessagePack\s*\{"kind": "product", "id": 7\}/u })).toBeVisible();
  await expect(grid.getByRole('gridcell', { name: /gzip\s*a page of text/u })).toBeVisible();
  await grid.getByRole('gridcell', { name: /product/u }).click();
  const drawer = keys.value.getByRole('region', { name: 'Field feed' });
  await expect(drawer.getByRole('tree', { name: 'MessagePack' }).getByRole('treeitem', { name: /kind.*product/u })).toBeVisible();
});

for (const theme of ['dark', 'light'] as const) {
  test(`has no serious accessibility violation in the ${theme} theme`, async () => {
    const { page } = keys;
    await page.emulateMedia({ colorScheme: theme });
    await open('pickle');
    await expect(tree('Python pickle')).toBeVisible();
    await expectNoSeriousViolations(page);
    await chooser().click();
    await expect(page.getByRole('menuitem', { name: 'Find out automatically' })).toBeVisible();
    await expectNoSeriousViolations(page);
    await page.keyboard.press('Escape');
    await open('broken');
    await expect(keys.value.getByText(/gzip cannot be read/u)).toBeVisible();
    await expectNoSeriousViolations(page);
  });
}
