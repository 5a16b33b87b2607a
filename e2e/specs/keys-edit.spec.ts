import { expect, test, type Locator } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { seeded } from '../fixtures/keyspace.ts';
import { expectExactly, jumpTo, openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { expectAccessible, goToConnections, pasteInto, runByName } from '../fixtures/shell-page.ts';

test.describe.configure({ mode: 'serial' });

let redis: RunningRedis;
let keys: KeysPage;

test.beforeAll(async ({ browser }) => {
  redis = await startRedis({ build: 'redis-8.0' });
  await seeded(redis.url, async (admin) => {
    await admin.set('e:text', 'hello', 'PX', 3_000_123);
    await admin.set('e:json', '{"b":1,"a":12345678901234567890}');
    await admin.set('e:crlf', 'one\r\ntwo\r\n');
    await admin.set('e:bytes', Buffer.from([0x00, 0xff, 0x0d, 0x0a]));
    await admin.hset('e:hash', 'name', 'Ada', 'other', 'x');
    await admin.call('HPEXPIRE', 'e:hash', '900123', 'FIELDS', '1', 'name');
    await admin.rpush('e:list', 'a', 'b', 'c');
    await admin.zadd('e:zset', '1.5', 'member');
    await admin.set('e:other', 'there');
  });
  keys = await openKeysPage(browser, ['--url', redis.url]);
  await expectExactly(keys, '8');
});

test.afterEach(() => expect(keys.faults).toEqual([]));

test.afterAll(async () => {
  await keys?.stop();
  await redis?.stop();
});

const ask = <T>(...command: [string, ...(string | number)[]]): Promise<T> => seeded(redis.url, (admin) => admin.call(command[0], ...command.slice(1).map(String)) as Promise<T>);

async function open(name: string): Promise<void> {
  await jumpTo(keys, name);
  await expect(keys.value.getByRole('heading', { name, exact: true })).toBeVisible();
}

const editor = (): Locator => keys.value.locator('.cm-content[contenteditable="true"]');

/** Opens the editor of a string, with its text chosen. */
async function edit(name: string): Promise<void> {
  await open(name);
  await keys.value.getByRole('button', { name: /^Edit/u }).click();
  await editor().click();
  await keys.page.keyboard.press('Control+a');
}

const said = (text: string | RegExp): Locator => keys.page.getByRole('alert').filter({ hasText: text });

test('a string is edited, its expiry kept to the millisecond, and taken back', async () => {
  const { page, value } = keys;
  const expiresAt = await ask<number>('PEXPIRETIME', 'e:text');
  await edit('e:text');
  await page.keyboard.type('hello world');
  await value.getByText('Changes', { exact: true }).click();
  await expect(value.getByRole('region', { name: 'Changes' })).toContainText('hello world');
  await expect(value.getByRole('button', { name: /Save 11 B to e:text, expiry kept/u })).toBeEnabled();
  await page.keyboard.press('Control+s');
  await expect(said('Saved value of e:text')).toBeVisible();
  expect(await ask('GET', 'e:text')).toBe('hello world');
  expect(await ask('PEXPIRETIME', 'e:text')).toBe(expiresAt);
  await expect(value.getByText('hello world', { exact: true })).toBeVisible();
  await said('Saved value of e:text').getByRole('button', { name: 'Undo' }).click();
  await expect(value.getByText('hello', { exact: true })).toBeVisible();
  expect(await ask('GET', 'e:text')).toBe('hello');
  expect(await ask('PEXPIRETIME', 'e:text')).toBe(expiresAt);
});

test('JSON is checked while it is typed, and formatted without touching numbers or order', async () => {
  const { page, value } = keys;
  await edit('e:json');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type('x');
  await expect(value.getByText('Not valid JSON')).toBeVisible();
  await page.keyboard.press('Backspace');
  await expect(value.getByText('Valid JSON', { exact: true })).toBeVisible();
  await value.getByRole('button', { name: 'Format' }).click();
  await page.keyboard.press('Control+s');
  await expect(said('Saved value of e:json')).toBeVisible();
  expect(await ask('GET', 'e:json')).toBe('{\n  "b": 1,\n  "a": 12345678901234567890\n}');
});

test('line ends stay as they are', async () => {
  const { page, value } = keys;
  await open('e:crlf');
  await value.getByRole('button', { name: /^Edit/u }).click();
  await expect(value.getByText('UTF-8 · CRLF · ends with a newline')).toBeVisible();
  await editor().click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('0');
  await page.keyboard.press('Control+s');
  await expect(said('Saved value of e:crlf')).toBeVisible();
  expect(await ask('GET', 'e:crlf')).toBe('0one\r\ntwo\r\n');
});

test('bytes that are no text are edited in hexadecimal only', async () => {
  const { page, value } = keys;
  await open('e:bytes');
  await value.getByRole('button', { name: /^Edit/u }).click();
  const grid = value.getByRole('textbox', { name: 'value in hexadecimal' });
  await expect(value.getByRole('radio', { name: 'Text' })).toBeDisabled();
  await grid.focus();
  await page.keyboard.type('7f');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('41');
  await page.keyboard.press('Control+s');
  await expect(said('Saved value of e:bytes')).toBeVisible();
  expect(await seeded(redis.url, (admin) => admin.getBuffer('e:bytes'))).toEqual(Buffer.from([0x7f, 0xff, 0x0d, 0x0a, 0x41]));
});

test('a field of a hash is edited and keeps its own TTL', async () => {
  const { page, value } = keys;
  const before = await ask<number[]>('HPEXPIRETIME', 'e:hash', 'FIELDS', 1, 'name');
  await open('e:hash');
  await value.getByRole('grid', { name: 'fields' }).getByText('Ada').click();
  await page.keyboard.press('F2');
  await editor().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Grace');
  await expect(value.getByRole('button', { name: /field TTL kept/u })).toBeEnabled();
  await page.keyboard.press('Control+s');
  await expect(said('Saved field name of e:hash')).toBeVisible();
  expect(await ask('HGET', 'e:hash', 'name')).toBe('Grace');
  expect(await ask('HPEXPIRETIME', 'e:hash', 'FIELDS', 1, 'name')).toEqual(before);
  await value.getByRole('button', { name: 'Add field' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a field' });
  await dialog.getByLabel('Field').fill('__proto__');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('own');
  await dialog.getByRole('button', { name: 'Add field' }).click();
  await expect(value.getByRole('grid', { name: 'fields' }).getByText('__proto__')).toBeVisible();
  await value.getByRole('grid', { name: 'fields' }).getByText('__proto__').click();
  await page.keyboard.press('Delete');
  await expect(value.getByRole('grid', { name: 'fields' }).getByText('__proto__')).toBeHidden();
  await page.keyboard.press('Control+z');
  await expect(value.getByRole('grid', { name: 'fields' }).getByText('__proto__')).toBeVisible();
  expect(await ask('HGET', 'e:hash', '__proto__')).toBe('own');
});

test('elements of a list and scores of a sorted set are edited in place', async () => {
  const { page, value } = keys;
  await open('e:list');
  await value.getByRole('grid', { name: 'elements' }).getByText('b', { exact: true }).click();
  await value.getByRole('button', { name: 'Insert an element beside it' }).click();
  const insert = page.getByRole('dialog', { name: 'Insert an element' });
  await insert.getByRole('textbox', { name: 'Value' }).fill('between');
  await insert.getByRole('button', { name: 'Insert' }).click();
  await expect(value.getByRole('grid', { name: 'elements' }).getByText('between')).toBeVisible();
  expect(await ask('LRANGE', 'e:list', 0, -1)).toEqual(['a', 'b', 'between', 'c']);
  await open('e:zset');
  await value.getByRole('grid', { name: 'members' }).getByText('member', { exact: true }).click();
  await value.getByRole('button', { name: 'Change the score' }).click();
  const score = page.getByRole('dialog', { name: 'Change the score' });
  await score.getByRole('textbox').fill('-inf');
  await score.getByRole('button', { name: 'Set the score' }).click();
  await expect(value.getByRole('grid', { name: 'members' }).getByText('-inf')).toBeVisible();
  expect(await ask('ZSCORE', 'e:zset', 'member')).toBe('-inf');
});

test('what someone else wrote meanwhile is shown, never overwritten unasked, and the typed text stays', async () => {
  const { page, value } = keys;
  await edit('e:text');
  await page.keyboard.type('mine');
  await ask('SET', 'e:text', 'theirs');
  await page.keyboard.press('Control+s');
  const conflict = value.getByRole('alert').filter({ hasText: 'The value was changed after it was read' });
  await expect(conflict).toBeVisible();
  await expect(value.getByRole('region', { name: 'As it was read' })).toContainText('hello');
  await expect(value.getByRole('region', { name: 'There now' })).toContainText('theirs');
  await expect(value.getByRole('region', { name: 'The edit' })).toContainText('mine');
  expect(await ask('GET', 'e:text')).toBe('theirs');
  await conflict.getByRole('button', { name: 'Merge by hand' }).click();
  await value.getByText('Text', { exact: true }).click();
  await editor().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' and theirs');
  // Reading again leaves the edit alone.
  await value.getByRole('button', { name: 'Read again' }).click();
  await expect(editor()).toHaveText('mine and theirs');
  await value.getByRole('button', { name: /^Save/u }).click();
  await expect(said('Saved value of e:text')).toBeVisible();
  expect(await ask('GET', 'e:text')).toBe('mine and theirs');
});

test('a key that is gone is said, and can be written anew with what was typed', async () => {
  const { page, value } = keys;
  await edit('e:text');
  await page.keyboard.type('kept');
  await ask('DEL', 'e:text');
  await page.keyboard.press('Control+s');
  await expect(value.getByRole('alert').filter({ hasText: 'The key does not exist any more' })).toBeVisible();
  await value.getByRole('button', { name: 'Create the key again' }).click();
  await expect(said('Created e:text again')).toBeVisible();
  expect(await ask('GET', 'e:text')).toBe('kept');
});

test('leaving a key with unsaved changes asks, and keeps them', async () => {
  const { page, value } = keys;
  await edit('e:text');
  await page.keyboard.type('draft');
  await keys.tree.getByRole('treeitem', { name: 'other, key' }).click();
  const leaving = page.getByRole('dialog', { name: 'Unsaved changes' });
  await expect(leaving.getByRole('button', { name: 'Stay' })).toBeFocused();
  await leaving.getByRole('button', { name: 'Leave, keep the draft' }).click();
  await expect(value.getByText('there', { exact: true })).toBeVisible();
  await open('e:text');
  await expect(editor()).toHaveText('draft');
  await page.keyboard.press('Escape');
  await value.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog', { name: 'Discard the changes?' }).getByRole('button', { name: 'Discard the changes' }).click();
  await expect(value.getByText('kept', { exact: true })).toBeVisible();
});

test('rename never goes over an existing key unasked; asked, it can be taken back', async () => {
  const { page, value, tree } = keys;
  await open('e:text');
  await value.getByRole('button', { name: 'Rename' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename the key' });
  await dialog.getByLabel('New name').fill('e:other');
  await dialog.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect(dialog.getByText('A key of this name exists')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  expect(await ask('GET', 'e:other')).toBe('there');
  await dialog.getByLabel('New name').fill('"e:\\xff<img onerror>"');
  await dialog.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect(tree.getByRole('treeitem', { name: /xff<img onerror>, key$/u })).toBeVisible();
  await expect(tree.getByRole('treeitem', { name: 'text, key' })).toBeHidden();
  await page.keyboard.press('Control+z');
  await expect(tree.getByRole('treeitem', { name: 'text, key' })).toBeVisible();
  expect(await ask('GET', 'e:text')).toBe('kept');
});

test('a new key appears in the tree; Delete takes it away, and undo brings it back', async () => {
  const { page, value, tree } = keys;
  await tree.focus();
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New key' });
  await dialog.getByLabel('Name').fill('e:new');
  await dialog.getByLabel('Expiry').fill('2h 30m');
  await expect(dialog.getByText(/Expires .* in 2/u)).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Value' }).fill('fresh');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(value.getByRole('heading', { name: 'e:new' })).toBeVisible();
  const row = tree.getByRole('treeitem', { name: 'new, key' });
  await expect(row).toBeVisible();
  await row.click();
  await tree.focus();
  await page.keyboard.press('Delete');
  await expect(row).toBeHidden();
  await expect(value.getByText('This key was deleted here')).toBeVisible();
  expect(await ask('EXISTS', 'e:new')).toBe(0);
  await page.keyboard.press('Control+z');
  await expect(row).toBeVisible();
  await expect(value.getByText('fresh', { exact: true })).toBeVisible();
  expect(await ask<number>('PTTL', 'e:new')).toBeGreaterThan(8_000_000);
  await value.getByRole('button', { name: 'Set the expiry' }).click();
  const expiry = page.getByRole('dialog', { name: 'Expiry of the key' });
  await expiry.getByLabel('New expiry').fill('none');
  await expiry.getByRole('button', { name: 'Remove the expiry' }).click();
  await expect(value.getByText('no expiry').first()).toBeVisible();
  expect(await ask('PTTL', 'e:new')).toBe(-1);
});

test('the list of edits takes back what was done earlier', async () => {
  const { page } = keys;
  await runByName(page, 'Recent edits');
  const dialog = page.getByRole('dialog', { name: 'Recent edits' });
  const first = dialog.getByRole('row').nth(1);
  await expect(first).toContainText('Remove the expiry');
  await first.getByRole('button', { name: 'Undo' }).click();
  await expect(dialog.getByRole('row').filter({ hasText: 'taken back' }).first()).toBeVisible();
  expect(await ask<number>('PTTL', 'e:new')).toBeGreaterThan(8_000_000);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
});

test('the editor and its changes have no serious accessibility violation in either theme', async () => {
  const { page, value } = keys;
  await edit('e:json');
  await page.keyboard.press('End');
  await page.keyboard.type(' ');
  await expectAccessible(page);
  await value.getByText('Changes', { exact: true }).click();
  await expectAccessible(page);
  await value.getByText('Hex', { exact: true }).click();
  await expectAccessible(page);
  await value.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Discard the changes' }).click();
});

test('a read-only connection says why nothing can be edited, and where to unlock it', async ({ browser }) => {
  // Anything but this machine's usual names opens read-only.
  const locked = await openKeysPage(browser, ['--url', `redis://[::ffff:127.0.0.1]:${redis.port}`]);
  try {
    const { page, value, tree } = locked;
    await jumpTo(locked, 'e:other');
    await expect(value.getByRole('button', { name: /^Edit/u })).toBeDisabled();
    await expect(value.getByRole('button', { name: 'Delete: the connection is read-only' })).toBeDisabled();
    await expect(page.getByRole('button', { name: 'New key: the connection is read-only' })).toBeDisabled();
    await tree.focus();
    await page.keyboard.press('Delete');
    const notice = page.getByRole('alert').filter({ hasText: 'The connection is read-only' });
    await notice.getByRole('button', { name: 'Unlock' }).click();
    const unlock = page.getByRole('dialog', { name: /^Unlock/u });
    await unlock.getByLabel('Reason').fill('edit a value in a test');
    await unlock.getByRole('button', { name: /^Unlock .* for/u }).click();
    await expect(value.getByRole('button', { name: /^Edit/u })).toBeEnabled();
    await value.getByRole('button', { name: /^Edit/u }).click();
    const text = value.locator('.cm-content[contenteditable="true"]');
    await text.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('unlocked');
    await page.keyboard.press('Control+s');
    await expect(page.getByRole('alert').filter({ hasText: 'Saved value of e:other' })).toBeVisible();
    expect(await ask('GET', 'e:other')).toBe('unlocked');
    expect(locked.faults).toEqual([]);
  } finally {
    await locked.stop();
  }
});

test('on production a deletion asks, names the key and the connection, and Cancel has the focus', async ({ browser }) => {
  const production = await openKeysPage(browser, ['--url', redis.url]);
  try {
    const { page, value } = production;
    await expect(production.scan.getByRole('status')).toContainText('exact at', { timeout: 30_000 });
    await goToConnections(page);
    await page.getByRole('button', { name: 'New connection' }).first().click();
    await pasteInto(page.getByRole('textbox', { name: 'Paste a connection' }), redis.url);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('prod cache');
    await page.getByRole('radiogroup', { name: 'Environment' }).getByText('production').click();
    await page.getByLabel(/^Read-only: refuse/u).uncheck();
    await page.getByRole('button', { name: 'Save and open' }).click();
    await jumpTo(production, 'e:other');
    await value.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete the key' });
    await expect(dialog).toContainText('prod cache');
    await expect(dialog.getByRole('group', { name: 'Key' })).toHaveText('e:other');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    expect(await ask('EXISTS', 'e:other')).toBe(1);
    await value.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete e:other' }).click();
    await expect(value.getByText('This key was deleted here')).toBeVisible();
    expect(await ask('EXISTS', 'e:other')).toBe(0);
    expect(production.faults).toEqual([]);
  } finally {
    await production.stop();
  }
});
