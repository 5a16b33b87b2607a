import { expect, test, type Locator } from '@playwright/test';
import { Redis } from 'ioredis';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { fieldTtlsAddress, ttlChangeAddress } from '../../renderer/lib/ttl-link.ts';
import { openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { expectAccessible } from '../fixtures/shell-page.ts';
import { confirmChange, openTab as openTabOf } from '../fixtures/ttl-page.ts';

test.describe.configure({ mode: 'serial' });

const hour = 3_600_000;
const cliffKeys = 2000;
const stays = 300;

let redis: RunningRedis;
let direct: Redis;
let keys: KeysPage;

/** 2,000 sessions that expire within a minute nine hours on, 1,000 spread over the day before, 500 carts, 300 tags that stay. */
async function seed(): Promise<void> {
  // In the middle of a quarter of an hour, as bars begin now.
  const at = Date.now() + 9 * hour + 6 * 60_000;
  const pipeline = direct.pipeline();
  for (let n = 0; n < cliffKeys; n += 1) pipeline.set(`session:${n}`, 'x', 'PXAT', at + (n % 60) * 1000);
  for (let n = 0; n < 1000; n += 1) pipeline.set(`session:even${n}`, 'x', 'PXAT', Date.now() + hour + n * 25_000);
  for (let n = 0; n < 500; n += 1) pipeline.hset(`cart:${n}`, 'item', '1').pexpireat(`cart:${n}`, Date.now() + 2 * hour + n * 1000);
  for (let n = 0; n < stays; n += 1) pipeline.sadd(`tag:${n}`, 'a', 'b');
  await pipeline.exec();
}

/** PEXPIRETIME of keys, in order; -1 = no expiry. */
async function expiries(names: readonly string[]): Promise<number[]> {
  const answers = await direct.pipeline(names.map((name) => ['pexpiretime', name])).exec();
  return (answers ?? []).map(([, value]) => value as number);
}

const tags = Array.from({ length: stays }, (_, n) => `tag:${n}`);
const cliff = Array.from({ length: cliffKeys }, (_, n) => `session:${n}`);

const openTab = (name: string): Promise<Locator> => openTabOf(keys.page, name);

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

test('says what is not read yet, reads it, and counts every expiry', async () => {
  const { page } = keys;
  await page.keyboard.press('Alt+2');
  await page.getByRole('button', { name: /^Read type, expiry and size of/u }).click();
  const read = page.getByRole('group', { name: 'Expiry read' });
  await expect(read.getByRole('status')).toContainText('complete, exact', { timeout: 30_000 });
  const panel = await openTab('Distribution');
  const table = panel.getByRole('region', { name: 'Time left as a table' });
  await expect(table.getByRole('row', { name: /^With an expiry/u })).toContainText('3,500 keys');
  await expect(table.getByRole('row', { name: /^No expiry/u })).toContainText('300 keys');
  // the oracle: expiries read one by one
  const all = await direct.keys('*');
  const left = (await expiries(all)).filter((at) => at > 0).map((at) => at - Date.now());
  const between = (from: number, to: number) => left.filter((ms) => ms >= from && ms < to).length;
  await expect(table.getByRole('row', { name: /^8\sh to 16\sh/u })).toContainText(`${between(8 * hour, 16 * hour).toLocaleString('en')} keys`);
  await panel.getByRole('button', { name: /^Hide|^session:/u }).first().click();
  await expect(table.getByRole('row', { name: /^With an expiry/u })).toContainText('500 keys');
  await panel.getByRole('button', { name: /session:/u }).first().click();
  await expectAccessible(page);
});

test('walks the bars by keyboard and lists the keys of one', async () => {
  const { page } = keys;
  await openTab('Timeline');
  await page.getByText('Day', { exact: true }).click();
  const chart = page.getByRole('slider', { name: 'Keys that expire, by time' });
  await chart.focus();
  await page.keyboard.press('End');
  for (let press = 0; press < 96 && !/: 2,0\d\d/u.test((await chart.getAttribute('aria-valuetext')) ?? ''); press += 1) await page.keyboard.press('ArrowLeft');
  await expect(chart).toHaveAttribute('aria-valuetext', /keys$/u);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: /^Keys that expire/u });
  await expect(dialog.getByRole('option').first()).toHaveAttribute('aria-label', /^session:/u);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expectAccessible(page);
});

test('names the cliff, spreads it with jitter as previewed, and undoes that to the millisecond', async () => {
  const { page } = keys;
  const before = await expiries(cliff);
  const panel = await openTab('Cliffs');
  const card = panel.getByRole('listitem').filter({ hasText: 'session:' });
  await expect(card).toHaveCount(1);
  const heading = card.getByRole('heading');
  await expect(heading).toContainText(/^(1,9|2,0)\d\d keys of session: expire (\S+ )?\d\d:\d\d:\d\d to (\S+ )?\d\d:\d\d:\d\d/u);
  // the oracle: what expires within the times that are named, which are whole seconds
  const [, count = '', from = '', to = ''] = /^([\d,]+) keys of session: expire (?:\d+-\S+ )?([\d:]+) to (?:\d+-\S+ )?([\d:]+)/u.exec((await heading.textContent()) ?? '') ?? [];
  const seconds = (time: string) => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  const day = 86_400;
  // seconds from the first of them to a time, over midnight too
  const after = (time: number) => (time - seconds(from) + day) % day;
  const inWindow = (all: readonly number[], slack: number) =>
    all.filter((at) => (after(seconds(new Date(at).toTimeString().slice(0, 8))) + slack + day) % day <= after(seconds(to)) + 2 * slack).length;
  const sessions = await expiries(await direct.keys('session:*'));
  const named = Number(count.replaceAll(',', ''));
  expect(named).toBeGreaterThanOrEqual(inWindow(sessions, -1));
  expect(named).toBeLessThanOrEqual(inWindow(sessions, 1));
  await expectAccessible(page);
  await card.getByRole('button', { name: 'Spread with jitter' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change the expiry of keys' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Preview', exact: true }).click();
  const status = dialog.getByRole('region', { name: 'Preview' }).getByRole('status');
  await expect(status).toHaveText(/^(1,9|2,0)\d\d\skeys would change$/u, { timeout: 30_000 });
  const planned = ((await status.textContent()) ?? '').replaceAll(/\D/gu, '');
  await expectAccessible(page);
  await confirmChange(dialog);
  const run = dialog.getByRole('region', { name: 'Run' });
  await expect(run.getByRole('status')).toHaveText(new RegExp(`^${Number(planned).toLocaleString('en')}\\skeys changed, done$`, 'u'), { timeout: 30_000 });
  const spread = await expiries(cliff);
  expect(Math.max(...spread) - Math.min(...spread)).toBeGreaterThan(10 * 60_000);
  await run.getByRole('button', { name: /^Undo/u }).click();
  await page.getByRole('button', { name: /^Restore the expiry of/u }).click();
  await expect(run.getByRole('status')).toHaveText(new RegExp(`^Undo: ${Number(planned).toLocaleString('en')}\\skeys restored, done$`, 'u'), { timeout: 30_000 });
  expect(await expiries(cliff)).toEqual(before);
  await run.getByRole('button', { name: 'Close' }).click();
  const changes = await openTab('Changes');
  await expect(changes.getByRole('row').filter({ hasText: 'undone' })).toHaveCount(1);
  await expectAccessible(page);
});

test('ranks what never expires, and gives it an expiry', async () => {
  const { page } = keys;
  const panel = await openTab('No expiry');
  await expect(panel.getByText('300 keys have no expiry')).toBeVisible();
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Set a TTL for tag:' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change the expiry of keys' });
  await dialog.getByLabel('Time from now').fill('soon');
  await dialog.getByRole('button', { name: 'Preview', exact: true }).click();
  await expect(dialog.getByText('A length of time, such as 5m or 2h 30m')).toBeVisible();
  await dialog.getByLabel('Time from now').fill('2h 30m');
  await dialog.getByRole('button', { name: 'Preview', exact: true }).click();
  await expect(dialog.getByRole('region', { name: 'Preview' }).getByRole('status')).toHaveText(/^300\skeys would change$/u, { timeout: 30_000 });
  await confirmChange(dialog);
  await expect(dialog.getByRole('region', { name: 'Run' }).getByRole('status')).toHaveText(/^300\skeys changed, done$/u, { timeout: 30_000 });
  const set = (await expiries(tags)).map((at) => at - Date.now());
  expect(Math.min(...set)).toBeGreaterThan(2 * hour);
  expect(Math.max(...set)).toBeLessThanOrEqual(3.5 * hour);
  await page.keyboard.press('Escape');
  await expect(page.getByText('Expiries were changed since they were read')).toBeVisible();
  await page.getByRole('button', { name: 'Read again' }).click();
  await expect(panel.getByText('Every key has an expiry')).toBeVisible({ timeout: 30_000 });
});

test('says what each namespace usually gets', async () => {
  const panel = await openTab('Usual TTLs');
  await expect(panel.getByRole('row').filter({ hasText: 'session:' })).toContainText('3,000');
  await panel.getByRole('button', { name: 'Remember as usual' }).click();
  await expect(panel.getByRole('row').filter({ hasText: 'session:' })).toContainText('as before');
  await expectAccessible(keys.page);
});

test('asks before it changes the server, hears events, and gives the setting back', async () => {
  const { page } = keys;
  const setting = async () => (await direct.config('GET', 'notify-keyspace-events'))[1];
  await direct.config('SET', 'notify-keyspace-events', 'Kl');
  const before = await setting();
  const panel = await openTab('Live');
  await panel.getByRole('button', { name: 'Change the setting …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change a setting of the server' });
  await expect(dialog.getByText('CONFIG SET notify-keyspace-events')).toBeVisible();
  expect(await setting()).toBe(before);
  await dialog.getByRole('button', { name: /^Set it on 1 node/u }).click();
  await expect(dialog).toBeHidden();
  await expect(panel.getByText('set by Lookaside')).toBeVisible();
  await expect.poll(setting).not.toBe(before);
  await expect(panel.getByRole('region', { name: 'Events by namespace' })).toBeVisible();
  // A key that expires once somebody listens; again until it is heard, since listening begins at its own time.
  await expect
    .poll(
      async () => {
        await direct.set('gone:soon', '1', 'PX', 1);
        await direct.exists('gone:soon');
        return panel.getByRole('region', { name: 'Last names' }).getByText('gone:soon').count();
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(0);
  await expect(panel.getByRole('region', { name: 'Events by namespace' }).getByText('gone:')).toBeVisible();
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Restore the setting now' }).click();
  await expect.poll(setting).toBe(before);
});

test('follows links to a prefilled change and to the fields of a hash', async () => {
  const { page } = keys;
  const workspaceId = /#\/w\/([^/]+)\//u.exec(page.url())?.[1] ?? '';
  await page.evaluate((hash) => (window.location.hash = hash), ttlChangeAddress(workspaceId, { pattern: 'cart:', mode: 'prefix', types: ['hash'] }));
  const dialog = page.getByRole('dialog', { name: 'Change the expiry of keys' });
  await expect(dialog.getByText('Takes keys that begin with cart: and are of type hash.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.evaluate((hash) => (window.location.hash = hash), fieldTtlsAddress(workspaceId, 'cart:1'));
  // The reason or the fields: which one is the server's version to say.
  const panel = page.getByRole('tabpanel', { name: 'Hash fields' });
  await expect(panel.getByText('This server has no expiry for hash fields').or(panel.getByRole('table', { name: 'Fields by time left' }))).toBeVisible();
  await expectAccessible(page);
});
