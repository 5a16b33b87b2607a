import { gunzipSync, gzipSync } from 'node:zlib';
import { decode, encode } from '@msgpack/msgpack';
import { expect, test, type Locator } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { encodedValue } from '../fixtures/encoded-values.ts';
import { seeded } from '../fixtures/keyspace.ts';
import { expectExactly, jumpTo, openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { expectAccessible } from '../fixtures/shell-page.ts';

test.describe.configure({ mode: 'serial' });

let redis: RunningRedis;
let keys: KeysPage;

const packed = (value: unknown): Buffer => gzipSync(Buffer.from(encode(value)));

test.beforeAll(async ({ browser }) => {
  redis = await startRedis({ build: 'redis-8.0' });
  await seeded(redis.url, async (admin) => {
    await admin.set('l:pack', packed({ name: 'Ada', id: 7, scores: [1.5, 2, 3], raw: Uint8Array.of(255, 0) }), 'PX', 3_000_123);
    await admin.set('l:zstd', encodedValue('zstd of MessagePack'));
    await admin.set('l:page', gzipSync('{"big": 12345678901234567890, "code": "0014"}'));
    await admin.set('l:pickle', encodedValue('pickle of protocol 5'));
    await admin.set('l:plain', 'words');
    await admin.hset('l:hash', 'feed', packed({ kind: 'product' }), 'other', 'x');
  });
  keys = await openKeysPage(browser, ['--url', redis.url]);
  await expectExactly(keys, '6');
});

test.afterEach(() => expect(keys.faults).toEqual([]));

test.afterAll(async () => {
  await keys?.stop();
  await redis?.stop();
});

const stored = (name: string): Promise<Buffer> => seeded(redis.url, async (admin) => (await admin.getBuffer(name)) ?? Buffer.alloc(0));
const unpacked = async (name: string): Promise<unknown> => decode(Uint8Array.from(gunzipSync(await stored(name))));
const editor = (): Locator => keys.value.locator('.cm-content[contenteditable="true"]');
const said = (text: string | RegExp): Locator => keys.page.getByRole('alert').filter({ hasText: text });
const editDecoded = (): Locator => keys.value.getByRole('button', { name: /^Edit decoded/u });

async function open(name: string): Promise<void> {
  await jumpTo(keys, name);
  await expect(keys.value.getByRole('heading', { name, exact: true })).toBeVisible();
}

async function retype(text: string): Promise<void> {
  await editor().click();
  await keys.page.keyboard.press('Control+a');
  await keys.page.keyboard.insertText(text);
}

test('MessagePack in gzip is edited as JSON text, saved through both, its expiry kept, and taken back', async () => {
  const { page, value } = keys;
  const before = await stored('l:pack');
  await open('l:pack');
  await editDecoded().click();
  await expect(value.getByRole('note')).toContainText('The value as JSON text behind gzip › MessagePack');
  await expect(value.getByRole('radio', { name: 'Hex' })).toHaveCount(0);
  await expect(editor()).toContainText('"$bytes": "/wA="');
  await retype('{"name": "Grace", "id": 9007199254740993, "scores": [1.5, 2, 3], "raw": {"$bytes": "/wA="}}');
  await value.getByText('Changes', { exact: true }).click();
  await expect(value.getByRole('region', { name: 'Changes' })).toContainText('Grace');
  await expectAccessible(page);
  await value.getByRole('button', { name: /^Save to l:pack, expiry kept/u }).click();
  await expect(said('Saved value of l:pack')).toBeVisible();
  await expect(value.getByRole('tree', { name: 'MessagePack' }).getByRole('treeitem', { name: /9007199254740993/u })).toBeVisible();
  expect(await unpacked('l:pack')).toMatchObject({ name: 'Grace', scores: [1.5, 2, 3], raw: Uint8Array.of(255, 0) });
  await said('Saved value of l:pack').getByRole('button', { name: 'Undo' }).click();
  await expect(value.getByRole('treeitem', { name: /Ada/u })).toBeVisible();
  expect((await stored('l:pack')).equals(before)).toBe(true);
});

test('a text that the format cannot hold is refused, and stays to be mended', async () => {
  const { page, value } = keys;
  await open('l:pack');
  await expect(editDecoded()).toBeEnabled();
  await page.keyboard.press('Shift+E');
  await retype('{"name": ');
  await value.getByRole('button', { name: /^Save/u }).click();
  await expect(value.getByText(/The text cannot be stored/u)).toBeVisible();
  await expect(editor()).toHaveText('{"name": ');
  await value.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Discard the changes' }).click();
  expect(await unpacked('l:pack')).toMatchObject({ name: 'Ada' });
});

test('JSON behind gzip is edited as it is written, every digit of it', async () => {
  const { value } = keys;
  await open('l:page');
  await editDecoded().click();
  await expect(editor()).toHaveText('{"big": 12345678901234567890, "code": "0014"}');
  await retype('{"big": 12345678901234567891, "code": "0015"}');
  await value.getByRole('button', { name: /^Save to l:page/u }).click();
  await expect(said('Saved value of l:page')).toBeVisible();
  expect(gunzipSync(await stored('l:page')).toString()).toBe('{"big": 12345678901234567891, "code": "0015"}');
});

test('zstd is written too, and a field of a hash', async () => {
  const { value } = keys;
  await open('l:zstd');
  await editDecoded().click();
  await retype('{"id": 43}');
  await value.getByRole('button', { name: /^Save to l:zstd/u }).click();
  await expect(said('Saved value of l:zstd')).toBeVisible();
  await expect(value.getByRole('tree', { name: 'MessagePack' }).getByRole('treeitem', { name: /id.*43/u })).toBeVisible();
  await open('l:hash');
  await value.getByRole('grid', { name: 'fields' }).getByText('feed').click();
  await editDecoded().click();
  await retype('{"kind": "page"}');
  await value.getByRole('button', { name: /^Save to l:hash/u }).click();
  await expect(said('Saved field feed of l:hash')).toBeVisible();
  const field = await seeded(redis.url, (admin) => admin.hgetBuffer('l:hash', 'feed'));
  expect(decode(Uint8Array.from(gunzipSync(field ?? Buffer.alloc(0))))).toEqual({ kind: 'page' });
});

test('what is only read says why; plain text has one way to be edited', async () => {
  await open('l:pickle');
  await expect(editDecoded()).toBeDisabled();
  await expect(editDecoded()).toHaveAccessibleName('Edit decoded (Python pickle is only read, not written)');
  await open('l:plain');
  await expect(keys.value.getByRole('button', { name: /^Edit/u })).toHaveCount(1);
});

test('a conflict shows what was read, what is there now and the edit, decoded, and outlives reading again', async () => {
  const { page, value } = keys;
  await open('l:pack');
  await editDecoded().click();
  await retype('{"name": "Mine", "id": 7}');
  await seeded(redis.url, (admin) => admin.set('l:pack', packed({ name: 'Theirs', id: 8 })));
  await page.keyboard.press('Control+s');
  const conflict = value.getByRole('alert').filter({ hasText: 'The value was changed after it was read' });
  await expect(conflict).toBeVisible();
  const sides = async (): Promise<void> => {
    await expect(value.getByRole('region', { name: 'As it was read' })).toContainText('Ada');
    await expect(value.getByRole('region', { name: 'There now' })).toContainText('Theirs');
    await expect(value.getByRole('region', { name: 'The edit' })).toContainText('Mine');
  };
  await sides();
  await expectAccessible(page);
  await value.getByRole('button', { name: 'Read again' }).click();
  await sides();
  await conflict.getByRole('button', { name: 'Overwrite theirs' }).click();
  await expect(said('Saved value of l:pack')).toBeVisible();
  expect(await unpacked('l:pack')).toEqual({ name: 'Mine', id: 7 });
});

test('a conflict about an element stays while its collection is read again', async () => {
  const { value } = keys;
  await open('l:hash');
  await value.getByRole('grid', { name: 'fields' }).getByText('other').click();
  await keys.page.keyboard.press('F2');
  await retype('mine');
  await seeded(redis.url, (admin) => admin.hset('l:hash', 'other', 'theirs'));
  await value.getByRole('button', { name: /^Save/u }).click();
  const there = value.getByRole('region', { name: 'There now' });
  await expect(there).toContainText('theirs');
  await value.getByRole('button', { name: 'Read again' }).click();
  await expect(value.getByRole('grid', { name: 'fields' }).getByText('theirs')).toBeVisible();
  await expect(there).toContainText('theirs');
  await expect(value.getByRole('region', { name: 'As it was read' })).toContainText('x');
  await value.getByRole('button', { name: 'Take theirs' }).click();
  await expect(there).toBeHidden();
});

test('a field is added as bytes, or as JSON that is checked', async () => {
  const { page, value } = keys;
  await open('l:hash');
  await value.getByRole('button', { name: 'Add field' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a field' });
  await dialog.getByLabel('Field').fill('bytes');
  await dialog.getByText('JSON', { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Value' }).fill('{"a": }');
  await expect(dialog.getByText('Not valid JSON')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Add field' })).toBeDisabled();
  await dialog.getByText('Hex', { exact: true }).click();
  await expect(dialog.getByRole('textbox', { name: 'Value' })).toHaveValue('7b 22 61 22 3a 20 7d');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('ff 00 0a');
  await expect(dialog.getByText('3 bytes')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add field' }).click();
  await expect(value.getByRole('grid', { name: 'fields' }).getByText('bytes', { exact: true })).toBeVisible();
  expect(await seeded(redis.url, (admin) => admin.hgetBuffer('l:hash', 'bytes'))).toEqual(Buffer.from([255, 0, 10]));
});
