import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { seeded } from '../fixtures/keyspace.ts';
import { choose, expectExactly, jumpTo, openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { bigBytes, seedSpecialValues } from '../fixtures/special-values.ts';
import { expectNoSeriousViolations } from '../fixtures/watched-page.ts';

test.describe.configure({ mode: 'serial' });

let redis: RunningRedis;
let keys: KeysPage;

test.beforeAll(async ({ browser }) => {
  redis = await startRedis({ build: 'redis-8.0' });
  await seeded(redis.url, seedSpecialValues);
  keys = await openKeysPage(browser, ['--url', redis.url]);
  await expectExactly(keys, '17');
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

/** The file that the newest job in the status bar wrote. */
async function newestFile(): Promise<string> {
  const { page } = keys;
  await page.getByRole('contentinfo', { name: 'Status' }).getByRole('button', { name: /job/iu }).click();
  const file = page.getByText(/exports[/\\].+\.(bin|csv|jsonl)/u).first();
  await expect(file).toBeVisible();
  const path = /\S*exports[/\\]\S+\.(?:bin|csv|jsonl)/u.exec((await file.textContent()) ?? '')?.[0] ?? '';
  await page.keyboard.press('Escape');
  return path;
}

test('scrolls over a large string, searches all of it and jumps', async () => {
  const { page, value } = keys;
  await open('s:big');
  await expect(value.getByRole('listbox', { name: /^Bytes 0 to/u })).toBeVisible();
  const search = value.getByRole('search', { name: 'Search the value' });
  await search.getByLabel('Text to find').fill('NEEDLE');
  await page.keyboard.press('Enter');
  await expect(search.getByRole('status')).toHaveText(/^1 of 3\smatches$/u);
  await expect(value.locator('mark')).toHaveText('needle');
  await expect(value.getByRole('textbox', { name: 'From byte' })).toHaveValue('65,533');
  await search.getByLabel('Text to find').press('Enter');
  await expect(search.getByRole('status')).toHaveText(/^2 of 3\smatches$/u);
  await expect(value.getByRole('textbox', { name: 'From byte' })).toHaveValue('262,140');
  await search.getByLabel('Text to find').press('Shift+Enter');
  await expect(value.getByRole('textbox', { name: 'From byte' })).toHaveValue('65,533');
  await value.getByLabel('Jump to offset').fill('131069');
  await page.keyboard.press('Enter');
  await expect(value.getByText(/größe 😀/u)).toBeVisible();
  await search.getByText('Bytes', { exact: true }).click();
  await search.getByLabel('Bytes to find').fill('f0 9f 98 80');
  await page.keyboard.press('Enter');
  await expect(search.getByRole('status')).toHaveText(/^1 of 1\smatch$/u);
  await value.getByText('Hex', { exact: true }).click();
  await expect(value.locator('[data-marked]').first()).toHaveText('f0');
});

test('copies and saves exactly the selected bytes', async () => {
  const { page, value } = keys;
  await open('s:big');
  await value.getByRole('textbox', { name: 'From byte' }).fill('65533');
  await page.keyboard.press('Enter');
  await value.getByRole('textbox', { name: 'to byte' }).fill('65538');
  await page.keyboard.press('Enter');
  await expect(value.getByText('6 bytes selected')).toBeVisible();
  await value.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Copy as text' }).click();
  await expect.poll(() => keys.clipboard()).toBe('needle');
  await value.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('menuitem', { name: /Save the whole value/u }).click();
  await expect(value.getByText(/being written to a file/u)).toBeVisible();
  await expect.poll(async () => (await readFile(await newestFile())).length).toBe(bigBytes);
});

test('shows a string as bits, counts them and finds the next', async () => {
  const { value } = keys;
  await open('s:bits');
  await value.getByText('Bits', { exact: true }).click();
  await expect(value.getByText(/3 of 20,008 bits are set/u)).toBeVisible();
  await expect(value.getByText('Bit 0 is 1')).toBeVisible();
  await value.getByRole('button', { name: 'Next 1' }).click();
  await expect(value.getByText('Bit 77 is 1')).toBeVisible();
  await value.getByRole('button', { name: 'Next 1' }).click();
  await expect(value.getByText('Bit 20,000 is 1')).toBeVisible();
  await value.getByRole('button', { name: 'Next 1' }).click();
  await expect(value.getByText('No 1 follows bit 20,000.')).toBeVisible();
  await value.getByRole('button', { name: 'Next 0' }).click();
  await expect(value.getByText('Bit 20,001 is 0')).toBeVisible();
});

test('counts a HyperLogLog as the server does, without writing to it', async () => {
  const before = await seeded(redis.url, (admin) => admin.getBuffer('s:hll'));
  await open('s:hll');
  const shown = (await keys.value.locator('dl').filter({ hasText: 'Distinct elements' }).textContent()) ?? '';
  expect(await seeded(redis.url, (admin) => admin.getBuffer('s:hll'))).toEqual(before);
  const count = await seeded(redis.url, (admin) => admin.pfcount('s:hll'));
  expect(shown).toContain(`~${count.toLocaleString('en-US')}`);
  await open('b:hll');
  await expect(keys.value.getByText('The registers cannot be read')).toBeVisible();
  await keys.value.getByText('All bytes', { exact: true }).click();
  await expect(keys.value.getByText(/not registers/u)).toBeVisible();
});

test('draws positions and measures as GEODIST does', async () => {
  const { page, value } = keys;
  await open('s:geo');
  await expect(value.getByText('The scores look like positions: the map shows them.')).toBeVisible();
  await value.getByText('Map', { exact: true }).click();
  const places = value.getByRole('listbox', { name: 'Places' });
  await expect(places.getByRole('option')).toHaveCount(3);
  await expect(value.getByText('<img src=x onerror=alert(1)>')).toBeVisible();
  await places.getByText('Berlin').click();
  await places.getByText('Paris').click();
  const told = Number(await seeded(redis.url, (admin) => admin.geodist('s:geo', 'Berlin', 'Paris')));
  await expect(value.locator(`[title="${told.toFixed(4)} m"]`)).toBeVisible();
  await places.getByText('Paris').click();
  await value.getByLabel('Radius').fill('900 km');
  await value.getByRole('button', { name: 'Find around' }).click();
  await expect(value.getByText(/^2\smembers within 900\skm/u)).toBeVisible();
  await open('s:zset');
  await value.getByText('Map', { exact: true }).click();
  await expect(value.getByText(/do not look like positions/u)).toBeVisible();
  await page.keyboard.press('Escape');
});

test('filters, sorts and exports a hash', async () => {
  const { page, value } = keys;
  await open('s:hash');
  await value.getByRole('searchbox', { name: 'Filter fields by glob' }).fill('*299?');
  await expect(value.getByText(/looked at all 3,000\sfields, found 10\sfields/u)).toBeVisible();
  await value.getByRole('button', { name: 'Field, not sorted' }).click();
  await expect(value.getByRole('grid', { name: 'fields' }).getByRole('row').first()).toContainText('field:2990');
  await value.getByRole('grid', { name: 'fields' }).getByRole('row').nth(1).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Copy as redis-cli write' }).click();
  await expect.poll(() => keys.clipboard()).toBe('HSET s:hash field:2991 "value 2991"');
  await value.getByRole('button', { name: 'Export all elements' }).click();
  await page.getByRole('menuitem', { name: 'Export all as CSV' }).click();
  await expect(value.getByText(/being written to a file/u)).toBeVisible();
  await expect.poll(async () => (await readFile(await newestFile(), 'utf8')).split('\r\n').length).toBe(3002);
});

test('goes to any index of a list and any range of a sorted set', async () => {
  const { page, value } = keys;
  await open('s:list');
  await value.getByLabel('Go to index').fill('-2');
  await page.keyboard.press('Enter');
  await expect(value.getByText('element 2998', { exact: true })).toBeVisible();
  await open('s:zset');
  await value.getByLabel('Range from').fill('(100');
  await value.getByLabel('Range to').fill('110');
  await page.keyboard.press('Enter');
  await expect(value.getByText(/^5\smembers of 3,000$/u)).toBeVisible();
  await expect(value.getByRole('grid', { name: 'members' }).getByRole('row').first()).toContainText('member:51');
  await value.getByRole('button', { name: 'Show all' }).click();
  await choose(page, 'Range by', 'Member');
  await value.getByLabel('Member to go to').fill('member:2500');
  await page.keyboard.press('Enter');
  await expect(value.getByText('member:2500', { exact: true })).toBeVisible();
});

test('pages a stream from a time on, follows it live and trims it', async () => {
  const { page, value } = keys;
  await open('s:stream');
  await value.getByText('Oldest first').click();
  await value.getByLabel('Begin at id or time, going on').fill('1764000000100');
  await page.keyboard.press('Enter');
  await expect(value.getByRole('grid', { name: 'Entries' }).getByRole('row').first()).toContainText('1764000000100-0');
  await value.getByText('Live', { exact: true }).click();
  await expect(value.getByRole('grid', { name: 'Entries' }).getByRole('row').first()).toContainText('1764000000200-0');
  await seeded(redis.url, (admin) => admin.xadd('s:stream', '1764000000900-0', 'n', 'new'));
  await expect(value.getByRole('grid', { name: 'Entries' }).getByRole('row').first()).toContainText('1764000000900-0');
  await expect(value.getByText(/1\snew entry/u)).toBeVisible();
  await value.getByRole('button', { name: 'Trim…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Trim the stream' });
  await dialog.getByLabel('Newest entries to keep').fill('150');
  await expect(dialog.getByText('51 of 201 entries would go.')).toBeVisible();
  await dialog.getByRole('button', { name: /^Trim to 150/u }).click();
  await expect(value.getByText(/Removed 51\sentries\./u)).toBeVisible();
  expect(await seeded(redis.url, (admin) => admin.xlen('s:stream'))).toBe(150);
});

test('names stuck consumers, claims and acknowledges what they hold', async () => {
  const { page, value } = keys;
  await open('s:stream');
  await value.getByRole('tab', { name: 'Groups' }).click();
  const pending = value.getByRole('table', { name: 'Pending entries' });
  await pending.getByRole('checkbox').first().check();
  await value.getByRole('button', { name: 'Acknowledge 1…' }).click();
  await page.getByRole('button', { name: /^Acknowledge 1\sentry$/u }).click();
  await expect(value.getByText(/Acknowledged 1\sentry\./u)).toBeVisible();
  await expect(pending.getByRole('checkbox')).toHaveCount(4);
  await value.getByRole('button', { name: 'Actions of the group workers' }).click();
  await page.getByRole('menuitem', { name: 'Claim idle entries…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Claim what is idle' });
  await dialog.getByLabel('Consumer that gets them').fill('rescue');
  await dialog.getByLabel('Idle at least').fill('0 s');
  await dialog.getByRole('button', { name: 'Claim idle entries' }).click();
  await expect(value.getByText(/^Claimed \d\sentr(y|ies)\. All pending entries were looked at\./u)).toBeVisible();
  await expect(value.getByRole('table', { name: 'Consumers', exact: true }).getByText('rescue')).toBeVisible();
  await value.getByRole('button', { name: 'New group' }).click();
  const create = page.getByRole('dialog', { name: 'New consumer group' });
  await create.getByLabel('Name of the group').fill('workers');
  await create.getByRole('button', { name: 'Create group' }).click();
  await expect(create.getByText(/exists already/u)).toBeVisible();
  await create.getByRole('button', { name: 'Cancel' }).click();
});

test('opens a vector set and finds what is like an element', async () => {
  const { value } = keys;
  await open('s:vectors');
  await expect(value.getByText(/^all 20\selements$/u)).toBeVisible();
  await value.getByRole('grid', { name: 'Elements' }).getByText('item:10', { exact: true }).click();
  await expect(value.getByRole('img', { name: 'Vector of 3 values' })).toBeVisible();
  await value.getByRole('button', { name: 'Find similar' }).click();
  await expect(value.getByRole('grid', { name: 'Elements' }).getByRole('row').first()).toHaveText(/^(0\.99\d\d|1\.0000)item:10\{/u);
});

test('compares documents by path and hashes by field', async () => {
  const { page, value } = keys;
  await open('c:left');
  await value.getByRole('button', { name: 'Compare with another key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Compare two keys' });
  await dialog.getByLabel('Right key').fill('c:right');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('the values differ')).toBeVisible();
  const paths = dialog.getByRole('listbox', { name: 'Differences by path' });
  await expect(paths.getByRole('option')).toHaveText([/\$\.limits\.rate.*10.*12/u, /\$\.id.*1.*not there/u, /\$\.owner.*not there.*"ops"/u]);
  await expectNoSeriousViolations(page);
  await dialog.getByLabel('Left key').fill('c:hash-left');
  await dialog.getByLabel('Right key').fill('c:hash-right');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('grid', { name: 'Differences' }).getByRole('row')).toHaveText([/different.*changed.*old.*new/u, /left only.*mine.*x/u, /right only.*theirs.*y/u]);
  await page.keyboard.press('Escape');
});

test('stays right when a key turns into another type or goes while it is open', async () => {
  const { page, value } = keys;
  await open('b:turns');
  await expect(value.getByText('a string', { exact: true })).toBeVisible();
  await seeded(redis.url, (admin) => admin.multi().del('b:turns').rpush('b:turns', 'now a list').exec());
  await page.keyboard.press('Control+Shift+r');
  await expect(value.getByText('now a list', { exact: true })).toBeVisible();
  await seeded(redis.url, (admin) => admin.del('b:turns'));
  await page.keyboard.press('Control+Shift+r');
  await expect(value.getByText('This key does not exist any more')).toBeVisible();
});

test('shows markup as text and marks what is invisible or turns the line', async () => {
  const { value } = keys;
  await open('b:markup');
  await expect(value.getByText('<img src=x onerror=alert(1)>', { exact: true })).toBeVisible();
  await expect(value.getByText('<script>alert(2)</script>', { exact: true })).toBeVisible();
  await expect(value.getByText('__proto__', { exact: true })).toBeVisible();
  await open('b:marks');
  await expect(value.getByText(String.raw`\u{202e}`)).toBeVisible();
  await expect(value.getByText(String.raw`\u{200b}`)).toBeVisible();
  await value.getByText('All bytes', { exact: true }).click();
  await value.getByText('Text', { exact: true }).first().click();
  await expect(value.getByText(String.raw`\u{202e}`)).toBeVisible();
});

for (const theme of ['dark', 'light'] as const) {
  test(`has no serious accessibility violation in the ${theme} theme in any of these views`, async () => {
    test.setTimeout(120_000);
    const { page, value } = keys;
    await page.getByRole('button', { name: new RegExp(`change to ${theme} theme`, 'u') }).click();
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
    await open('s:big');
    await expectNoSeriousViolations(page);
    await open('s:bits');
    await value.getByText('Bits', { exact: true }).click();
    await expect(value.getByText(/bits are set/u)).toBeVisible();
    await expectNoSeriousViolations(page);
    await open('s:hll');
    await expect(value.getByText('Registers by their value')).toBeVisible();
    await expectNoSeriousViolations(page);
    await open('s:geo');
    await value.getByText('Map', { exact: true }).click();
    await expect(value.getByRole('listbox', { name: 'Places' })).toBeVisible();
    await expectNoSeriousViolations(page);
    await open('s:zset');
    await expectNoSeriousViolations(page);
    await open('s:vectors');
    await expect(value.getByRole('grid', { name: 'Elements' })).toBeVisible();
    await expectNoSeriousViolations(page);
    await open('s:stream');
    await value.getByRole('tab', { name: 'Groups' }).click();
    await expect(value.getByRole('table', { name: 'Consumers', exact: true })).toBeVisible();
    await expectNoSeriousViolations(page);
  });
}
