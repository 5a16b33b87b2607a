import { expect, test } from '@playwright/test';
import { Redis } from 'ioredis';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { invalidateAddress } from '../../renderer/lib/invalidate-link.ts';
import { chooseBy, confirm, countTo, expectDone, openInvalidate, partsOf } from '../fixtures/invalidate-page.ts';
import { openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { expectAccessible, runByName } from '../fixtures/shell-page.ts';

test.describe.configure({ mode: 'serial' });

let redis: RunningRedis;
let direct: Redis;
let keys: KeysPage;

const hostile = Buffer.from([0x73, 0x3a, 0xff, 0x00]);

/** 600 sessions of which 100 never expire, 40 tags, names that a glob of the folder `a[1]*:` would take too, and bytes that are no text. */
async function seed(): Promise<void> {
  const pipeline = direct.pipeline();
  for (let n = 0; n < 500; n += 1) pipeline.set(`session:${n}`, `value ${n}`, 'EX', 5000 + n);
  for (let n = 0; n < 100; n += 1) pipeline.hset(`session:keep${n}`, 'user', String(n));
  for (let n = 0; n < 40; n += 1) pipeline.sadd(`tag:${n}`, `session:${n}`, `missing:${n}`);
  pipeline.set('a[1]*:in', '1').set('a1x:out', '1').set(hostile, 'bytes');
  for (const id of ['7', '8', '9']) pipeline.set(`user:${id}:name`, id).set(`user:${id}:cart`, id);
  await pipeline.exec();
}

test.beforeAll(async ({ browser }) => {
  redis = await startRedis();
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

test('chooses a folder from the tree, counts it, runs it, and brings every value back', async () => {
  const { page, tree } = keys;
  await tree.getByRole('treeitem', { name: /^session/u }).first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Invalidate all below…' }).click();
  const parts = partsOf(page);
  await expect(parts.choose.getByLabel('Names that begin with')).toHaveValue('session:');
  await expect(parts.choose.getByText('Takes all keys below session:.')).toBeVisible();
  await expect(parts.run.getByText('Nothing to run yet')).toBeVisible();
  await expectAccessible(page);
  await countTo(parts, '600');
  await expect(parts.preview.getByRole('region', { name: 'By type' }).getByRole('row', { name: /^string/u })).toContainText('500');
  await expect(parts.preview.getByRole('region', { name: 'By time left' }).getByRole('row', { name: /^No expiry/u })).toContainText('100');
  await expect(parts.preview.getByRole('option').first()).toHaveAttribute('aria-label', /^session:/u);
  await expect(parts.preview.getByText('Nothing is left of a namespace')).toBeVisible();
  await expectAccessible(page);
  const before = await direct.dump('session:7');
  await confirm(parts);
  await expectDone(parts, /^600\skeys unlinked, done$/u);
  expect(await direct.exists('session:7', 'session:keep7')).toBe(0);
  await expectAccessible(page);

  // Somebody fills one of them again meanwhile.
  await direct.set('session:3', 'newer');
  await parts.run.getByRole('button', { name: /^Undo 600\skeys/u }).click();
  const dialog = page.getByRole('dialog', { name: 'Undo an invalidation' });
  await expect(dialog.getByRole('status', { name: 'Undo preview' })).toContainText('600 of the run looked at', { timeout: 30_000 });
  await expect(dialog.getByRole('row', { name: /^come back/u })).toContainText('599');
  await expect(dialog.getByRole('option', { name: 'session:3' })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel('Pattern of what is brought back').fill('session:keep*');
  await expect(dialog.getByRole('row', { name: /^come back/u })).toContainText('100', { timeout: 30_000 });
  await dialog.getByRole('button', { name: /^Restore 100\skeys/u }).click();
  await expectDone(parts, /^Undo: 100\skeys restored, done$/u);
  expect(await direct.exists('session:7', 'session:keep7')).toBe(1);

  // The rest from the list of runs, over the newer one as well.
  await page.getByRole('tab', { name: 'Runs', exact: true }).click();
  await page.getByRole('button', { name: /^Undo: /u }).click();
  await expect(dialog.getByRole('row', { name: /^come back/u })).toContainText('499', { timeout: 30_000 });
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: /^Restore 500\skeys/u }).click();
  await expect(page.getByRole('status', { name: 'Run' })).toHaveText(/^Undo: 500\skeys restored, done$/u, { timeout: 30_000 });
  expect(await direct.get('session:3')).toBe('value 3');
  expect(await direct.dump('session:7')).toEqual(before);
  expect(await direct.ttl('session:7')).toBeGreaterThan(4000);
  await expect(page.getByRole('region', { name: 'Runs so far' }).getByText('undone', { exact: true })).toBeVisible({ timeout: 15_000 });
  await expectAccessible(page);
});

test('takes a folder by its bytes, never what its glob would match', async () => {
  const parts = await openInvalidate(keys);
  await parts.page.evaluate((hash) => (window.location.hash = hash), invalidateAddress(workspaceOf(), { kind: 'filter', db: 0, filter: { pattern: 'a[1]*:', mode: 'prefix' } }));
  await countTo(parts, '1');
  await confirm(parts);
  await expectDone(parts, /^1\skey unlinked, done$/u);
  expect(await direct.exists('a1x:out')).toBe(1);
});

function workspaceOf(): string {
  return /#\/w\/([^/]+)\//u.exec(keys.page.url())?.[1] ?? '';
}

test('fills a template with pasted values, leaves an exclusion alone, and expires softly', async () => {
  const parts = await openInvalidate(keys);
  const { choose, preview } = parts;
  await choose.getByRole('button', { name: 'Clear' }).click();
  await chooseBy(parts, 'Template');
  await choose.getByRole('textbox', { name: 'Template' }).fill('user:*');
  await choose.getByRole('button', { name: /^Count/u }).click();
  await expect(choose.getByText('One hole in braces, as in user:{id}:*')).toBeVisible();
  await choose.getByRole('textbox', { name: 'Template' }).fill('user:{id}:*');
  await choose.getByRole('textbox', { name: 'Values' }).fill('7\n8\n\n8\n404');
  await choose.getByRole('button', { name: 'Exclusion' }).click();
  await choose.getByLabel('Pattern of exclusion 1').fill('*:cart');
  await choose.getByRole('radio', { name: 'Expire softly' }).check();
  await choose.getByLabel('Time left').fill('10m');
  await choose.getByLabel('Spread over').fill('1m');
  await countTo(parts, '2');
  await expect(preview.getByRole('region', { name: 'Left out' }).getByRole('row', { name: /^an exclusion takes it/u })).toContainText('2');
  await preview.getByText(/^Left out \d/u).click();
  await expect(preview.getByRole('option', { name: 'user:7:cart' })).toBeVisible();
  await expectAccessible(parts.page);
  await confirm(parts);
  await expectDone(parts, /^2\skeys shortened, done$/u);
  expect(await direct.ttl('user:7:name')).toBeGreaterThan(590);
  expect(await direct.ttl('user:8:name')).toBeLessThanOrEqual(660);
  expect(await direct.ttl('user:9:name')).toBe(-1);
});

test('takes a tag’s members, and a file of 100,000 names with CRLF, blanks and duplicates', async () => {
  const parts = await openInvalidate(keys);
  const { choose } = parts;
  await choose.getByRole('button', { name: 'Clear' }).click();
  await chooseBy(parts, 'Tag');
  await choose.getByLabel('Set whose members are the names').fill('tag:5');
  await choose.getByLabel('The set itself as well').check();
  await countTo(parts, '2');
  await chooseBy(parts, 'Names');
  const lines = Array.from({ length: 100_000 }, (_, n) => `absent:${n}`);
  const text = ['session:0', ...lines, '', 'session:1', 'session:1', '"s:\\xff\\x00"'].join('\r\n');
  const [chooser] = await Promise.all([parts.page.waitForEvent('filechooser'), choose.getByRole('button', { name: 'From a file…' }).click()]);
  await chooser.setFiles({ name: 'stale.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
  await expect(choose.getByText('stale.txt')).toHaveCount(2);
  await countTo(parts, '3');
  await expect(parts.preview.getByRole('region', { name: 'Left out' }).getByRole('row', { name: /^does not exist/u })).toContainText('100,000');
  await expect(parts.preview.getByText(/1 given more than once · 1 blank lines/u)).toBeVisible();
  await expect(parts.preview.getByRole('option', { name: 's:\\xff\\x00' })).toBeVisible();
});

test('calls what nothing narrows a flush, and asks for the word', async () => {
  const parts = await openInvalidate(keys);
  const { choose, preview, run } = parts;
  await choose.getByRole('button', { name: 'Clear' }).click();
  await choose.getByRole('button', { name: /^Count/u }).click();
  await expect(choose.getByText('Narrow the choice, or tick that every key is meant')).toBeVisible();
  await choose.getByRole('checkbox', { name: 'Every key of db 0 is meant' }).check();
  await expect(choose.getByText('This is a flush')).toBeVisible();
  const all = await direct.dbsize();
  await countTo(parts, String(all));
  await expect(preview.getByText('This is a flush')).toBeVisible();
  const button = run.getByRole('button', { name: new RegExp(`^Flush ${all}\\skeys on `, 'u') });
  await expect(button).toBeDisabled();
  await expectAccessible(parts.page);
  await run.getByLabel(/^Type FLUSH/u).fill('flush');
  await expect(button).toBeDisabled();
  await confirm(parts);
  await expectDone(parts, new RegExp(`^${all}\\skeys unlinked, done$`, 'u'));
  expect(await direct.dbsize()).toBe(0);
});

test('runs a few keys first, asks, stops, and goes on where it stopped', async () => {
  const seeding = direct.pipeline();
  for (let n = 0; n < 3000; n += 1) seeding.set(`old:${n}`, 'x');
  seeding.set('other', '1');
  await seeding.exec();
  const parts = await openInvalidate(keys);
  const { choose, run } = parts;
  await choose.getByLabel('Names that begin with').fill('old:');
  await countTo(parts, '3,000');
  await run.getByRole('switch', { name: 'A few keys first, then look at the hit rate' }).check();
  await run.getByLabel('Keys that go first').fill('500');
  await run.getByLabel('Then wait').fill('1s');
  await run.getByRole('combobox', { name: 'After the wait' }).click();
  await parts.page.getByRole('option', { name: 'Ask me' }).click();
  await confirm(parts);
  await expect(run.getByText('The first keys are done: go on?')).toBeVisible({ timeout: 30_000 });
  await expectAccessible(parts.page);
  // It waits for an answer while another screen is shown.
  await parts.page.keyboard.press('Alt+1');
  await parts.page.keyboard.press('Alt+3');
  await run.getByRole('button', { name: 'Stop here' }).click();
  await expectDone(parts, /^500\skeys unlinked, cancelled$/u);
  expect(await direct.dbsize()).toBe(2501);
  await expect(run.getByRole('group', { name: 'Counts' })).toContainText('2,500 to do');
  await run.getByRole('button', { name: 'Go on' }).click();
  await expectDone(parts, /^3,000\skeys unlinked, done$/u);
  expect(await direct.dbsize()).toBe(1);
});

test('finds it all in the journal, which is whole', async () => {
  const { page } = keys;
  await page.getByRole('tab', { name: 'Journal', exact: true }).click();
  const entries = page.getByRole('region', { name: 'Entries of the journal' });
  await expect(entries.getByRole('row').nth(5)).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search the journal' }).fill('session:');
  await expect(entries.getByRole('row').filter({ hasText: '600 of 600' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByRole('status', { name: 'Verification' })).toContainText('whole, in order and unaltered');
  await expectAccessible(page);
});

test('saves a runbook with a variable, and runs it from the palette within its guard rails', async () => {
  const seeding = direct.pipeline();
  for (let n = 0; n < 30; n += 1) seeding.set(`visit:7:${n}`, 'x').set(`visit:9:${n}`, 'x');
  await seeding.exec();
  const parts = await openInvalidate(keys);
  const { page, choose, run } = parts;
  await choose.getByRole('button', { name: 'Clear' }).click();
  await chooseBy(parts, 'Template');
  await choose.getByRole('textbox', { name: 'Template' }).fill('visit:{id}:*');
  await choose.getByRole('button', { name: 'Save…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save as a runbook' });
  await dialog.getByLabel('Name', { exact: true }).fill('One user');
  await dialog.getByLabel(/^Values of \{id\} must match/u).fill('[0-9]+');
  await dialog.getByLabel('Most keys it may take').fill('40');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save the runbook' }).click();
  await expect(dialog).toBeHidden();
  await runByName(page, 'Run runbook: One user');
  const asked = page.getByRole('dialog', { name: 'Run One user' });
  await asked.getByLabel(/^Values of \{id\}/u).fill('x*');
  await asked.getByRole('button', { name: 'Count with these values' }).click();
  await expect(asked.getByRole('alert')).toBeVisible();
  await asked.getByLabel(/^Values of \{id\}/u).fill('7\n9');
  await asked.getByRole('button', { name: 'Count with these values' }).click();
  await expect(parts.preview.getByRole('status').first()).toHaveText(/^60\skeys taken/u, { timeout: 30_000 });
  await expect(run.getByText('The runbook allows at most 40 keys.')).toBeVisible();
  await runByName(page, 'Run runbook: One user');
  await asked.getByLabel(/^Values of \{id\}/u).fill('7');
  await asked.getByRole('button', { name: 'Count with these values' }).click();
  await expect(parts.preview.getByRole('status').first()).toHaveText(/^30\skeys taken/u, { timeout: 30_000 });
  await expectAccessible(page);
  await confirm(parts);
  await expectDone(parts, /^30\skeys unlinked, done$/u);
  expect(await direct.exists('visit:7:0', 'visit:9:0')).toBe(1);
});
