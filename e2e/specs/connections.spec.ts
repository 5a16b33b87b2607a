import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { strToU8, zipSync } from 'fflate';
import { Redis } from 'ioredis';
import { makeCertificates } from '../../electron/demo/servers/certificates.ts';
import { startPostgres, type RunningPostgres } from '../../electron/demo/servers/postgres-server.ts';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { startLookaside, type RunningLookaside } from '../fixtures/lookaside.ts';
import { connectionRow, expectAccessible, goToConnections, openWatched, pasteInto, type WatchedPage } from '../fixtures/shell-page.ts';

test.describe.configure({ mode: 'serial' });

const password = 'correct horse';
let folder: string;
let redis: RunningRedis;
let tlsRedis: RunningRedis;
let postgres: RunningPostgres;
let app: RunningLookaside;
let watched: WatchedPage;
let page: Page;

test.beforeAll(async ({ browser }) => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-connections-'));
  const { caFile, selfSigned } = await makeCertificates(folder);
  [redis, tlsRedis, postgres, app] = await Promise.all([startRedis({ password }), startRedis({ tls: { caFile, ...selfSigned } }), startPostgres(), startLookaside([])]);
  const client = new Redis({ host: redis.host, port: redis.port, password });
  await client.mset('cart:1', 'a', 'cart:2', 'b', 'user:1', 'c');
  await client.quit();
  watched = await openWatched(browser, app.url);
  ({ page } = watched);
});

test.afterAll(async () => {
  await watched?.page.context().close();
  await Promise.all([app?.stop(), redis?.stop(), tlsRedis?.stop(), postgres?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

test.afterEach(() => {
  expect(watched.troubles).toEqual([]);
});

const pasteBox = () => page.getByRole('textbox', { name: 'Paste a connection' });
const pasteReading = () => page.getByRole('status').filter({ hasText: /Understood|Filled in/u });
const testPanel = (side: 'Redis' | 'Postgres') => page.getByRole('region', { name: `Test of ${side}` });
const redisFields = () => page.getByRole('region', { name: 'Redis', exact: true });

async function openEditor(): Promise<void> {
  await page.getByRole('group', { name: 'Connections' }).getByRole('button', { name: 'New connection' }).click();
  await expect(page.getByRole('heading', { name: 'New connection' })).toBeVisible();
}

async function opensTheKeys(title: string): Promise<void> {
  await expect(page.getByRole('main', { name: 'Keys' })).toBeVisible();
  await expect(page).toHaveTitle(title);
}

test('a first start offers three ways in', async () => {
  await expect(page.getByRole('heading', { name: 'Connect to a server' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Try the demo' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Bring connections along' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Export' })).toBeDisabled();
  await expect(page).toHaveTitle('Connections – Lookaside');
  await expectAccessible(page);
});

test('a pasted URL fills the form, is tested, saved and opened', async () => {
  await openEditor();
  await expect(pasteBox()).toBeFocused();
  await pasteBox().pressSequentially(`redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}/2`);
  const read = pasteReading();
  await expect(read.getByText('Understood')).toBeVisible();
  await expect(read.getByText(`127.0.0.1:${redis.port}`, { exact: true })).toBeVisible();
  await expect(read.getByText('••••••••')).toBeVisible();
  await expect(read).not.toContainText('horse');
  await pasteBox().fill('');
  await pasteBox().fill('https://example.com');
  await expect(page.getByText('neither a Redis nor a Postgres one')).toBeVisible();
  await pasteBox().fill('');

  await pasteInto(pasteBox(), `CACHE_URL=redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}\nDATABASE_URL=${postgres.url}`);
  await expect(read.getByText('Filled in')).toBeVisible();
  await expect(pasteBox()).toHaveValue('');
  await expect(redisFields().getByRole('textbox', { name: 'Port' })).toHaveValue(String(redis.port));
  await expect(redisFields().getByLabel('Password', { exact: true })).toHaveValue(password);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('shop cache');

  await page.getByRole('button', { name: 'Test Redis' }).click();
  await expect(testPanel('Redis').getByText('works')).toBeVisible();
  for (const step of ['tcp', 'auth', 'server', 'permissions']) await expect(testPanel('Redis').locator(`[data-step="${step}"]`)).toHaveAttribute('data-state', 'passed');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Test Postgres' }).click();
  await expect(testPanel('Postgres').getByText('works')).toBeVisible();

  await page.getByRole('button', { name: 'Save and open' }).click();
  await opensTheKeys('shop cache (local) – Keys – Lookaside');
  await expect(page.getByRole('treeitem', { name: 'cart, folder, 2 keys' })).toBeVisible();
  await expect(page.getByRole('contentinfo', { name: 'Status' })).toContainText('Redis');
  await expect(page.getByTestId('environment-line')).toBeHidden();
});

test('a warning says what a paste leaves behind', async () => {
  await goToConnections(page);
  await openEditor();
  await pasteInto(pasteBox(), 'redis://secret-word@cache.example.com:6380');
  const read = pasteReading();
  await expect(page.getByText('it is read as the password')).toBeVisible();
  await expect(page.getByRole('main')).not.toContainText('secret-word');
  await read.getByRole('button', { name: 'Undo' }).click();
  await expect(redisFields().getByRole('textbox', { name: 'Host' })).toHaveValue('127.0.0.1');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Connections' })).toBeVisible();
});

test('a wrong password is told in the test and on the row, and the right one opens from there', async () => {
  await openEditor();
  await pasteInto(pasteBox(), `redis://:wrong@127.0.0.1:${redis.port}`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('wrong door');
  await page.getByRole('button', { name: 'Test Redis' }).click();
  const problem = testPanel('Redis').locator('[data-step="auth"] [data-code="REDIS_WRONG_PASSWORD"]');
  await expect(problem).toContainText('User name or password is wrong');
  await expect(problem).not.toContainText('wrong@');
  await expect(testPanel('Redis').getByText('fails')).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();

  await connectionRow(page, 'wrong door').getByRole('button', { name: 'Open wrong door' }).click();
  const onRow = page.getByRole('grid', { name: 'Connections' }).locator('[data-code="REDIS_WRONG_PASSWORD"]');
  await expect(onRow).toContainText('User name or password is wrong');
  await expectAccessible(page);
  await onRow.getByRole('textbox', { name: 'Redis password' }).fill(password);
  await onRow.getByRole('button', { name: 'Open with this password' }).click();
  await opensTheKeys('wrong door (local) – Keys – Lookaside');
  await goToConnections(page);
});

test('a self-signed certificate is shown and can be pinned', async () => {
  await openEditor();
  await pasteInto(pasteBox(), `rediss://127.0.0.1:${tlsRedis.port}`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('pinned cache');
  await page.getByRole('button', { name: 'Test Redis' }).click();
  const step = testPanel('Redis').locator('[data-step="tls"]');
  await expect(step.locator('[data-code="TLS_CERT_SELF_SIGNED"]')).toBeVisible();
  await expect(step.getByText('localhost, 127.0.0.1')).toBeVisible();
  await expect(step.getByText(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/u)).toBeVisible();
  await expectAccessible(page);
  await step.getByRole('button', { name: 'Pin this certificate' }).click();
  await expect(testPanel('Redis').getByText('works')).toBeVisible();
  await expect(redisFields().getByRole('textbox', { name: 'SHA-256 of the certificate' })).toHaveValue(/^[0-9a-f]{64}$/u);
  await page.getByRole('button', { name: 'Save and open' }).click();
  await opensTheKeys('pinned cache (local) – Keys – Lookaside');
  const status = page.getByRole('contentinfo', { name: 'Status' });
  await status.getByRole('button', { name: /^Redis/u }).click();
  await expect(page.getByText('pinned certificate')).toBeVisible();
  await expect(status.getByText('TLS not verified')).toBeHidden();
  await page.keyboard.press('Escape');
  await goToConnections(page);
});

test('connections are edited, duplicated, removed and brought back', async () => {
  const pinned = connectionRow(page, 'pinned cache');
  await pinned.getByRole('button', { name: 'Edit pinned cache' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('skipping cache');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Keep editing' }).click();
  await page.getByRole('radiogroup', { name: 'TLS of Redis' }).getByText('Skip verification').click();
  await page.getByRole('button', { name: 'Save and open' }).click();
  await opensTheKeys('skipping cache (local) – Keys – Lookaside');
  await expect(page.getByRole('contentinfo', { name: 'Status' }).getByText('TLS not verified')).toBeVisible();
  await goToConnections(page);

  await connectionRow(page, 'shop cache').getByRole('button', { name: 'More for shop cache' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('shop cache copy');
  await expect(redisFields().getByLabel('Password', { exact: true })).toHaveValue('');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const copy = connectionRow(page, 'shop cache copy');
  await expect(copy).toContainText(`127.0.0.1:${redis.port}`);

  await copy.getByRole('gridcell').first().click();
  await page.getByRole('grid', { name: 'Connections' }).focus();
  await page.keyboard.press('Delete');
  await expect(copy).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(copy).toBeVisible();
  await page.getByRole('grid', { name: 'Connections' }).focus();
  await page.keyboard.press('Delete');
  await expect(copy).toBeHidden();
  await page.keyboard.press('Control+z');
  await expect(copy).toBeVisible();
});

const insightExport = [
  { id: '1', host: 'cache.example.com', port: 6380, name: 'insight one', db: 1, username: 'app', password: 'from-export', connectionType: 'STANDALONE', tls: true, verifyServerCert: false },
  { id: '2', host: 'nodes.example.com', port: 7000, name: 'insight cluster', connectionType: 'CLUSTER' },
];

test('exports of RedisInsight and Tiny RDM are previewed and imported', async () => {
  await page.getByRole('group', { name: 'Connections' }).getByRole('button', { name: 'Import' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import connections' });
  const choose = async (name: string, buffer: Buffer) => {
    const chosen = page.waitForEvent('filechooser');
    await dialog.getByRole('button', { name: 'Choose a file' }).click();
    await (await chosen).setFiles({ name, mimeType: 'application/octet-stream', buffer });
  };
  await choose('insight.json', Buffer.from(JSON.stringify(insightExport)));
  const preview = dialog.getByRole('region', { name: 'Preview of the import' });
  await expect(dialog.getByText('2 connections in this export of RedisInsight')).toBeVisible();
  await expect(preview).toContainText('The certificate was not verified there; it is verified here');
  await expect(preview).not.toContainText('from-export');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Import 2 connections' }).click();
  await expect(dialog).toBeHidden();
  await expect(connectionRow(page, 'insight one')).toContainText('cache.example.com:6380');
  await expect(connectionRow(page, 'insight cluster')).toBeVisible();

  await page.getByRole('group', { name: 'Connections' }).getByRole('button', { name: 'Import' }).click();
  await choose('unknown.json', Buffer.from('{"nothing": true}'));
  await expect(dialog.locator('[data-code="IMPORT_UNREADABLE"]')).toBeVisible();
  const yaml = '- name: tiny one\n  addr: tiny.example.com\n  port: 6379\n';
  await choose('connections.zip', Buffer.from(zipSync({ 'connections.yaml': strToU8(yaml) })));
  await expect(dialog.getByText('1 connection in this export of Tiny RDM')).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 1 connection' }).click();
  await expect(connectionRow(page, 'tiny one')).toContainText('tiny.example.com:6379');
});

test('an export holds every connection and no secret', async () => {
  const download = page.waitForEvent('download');
  await page.getByRole('group', { name: 'Connections' }).getByRole('button', { name: 'Export' }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  for (const name of ['shop cache', 'insight one', 'tiny one']) expect(text).toContain(`"${name}"`);
  for (const secret of [password, 'from-export', postgres.password]) expect(text).not.toContain(secret);
});

test('production shows itself, refuses writes, unlocks for a time with a reason', async () => {
  await openEditor();
  await pasteInto(pasteBox(), `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('live cache');
  await page.getByRole('radiogroup', { name: 'Environment' }).getByText('production').click();
  await expect(page.getByRole('checkbox', { name: /^Read-only/u })).toBeChecked();
  await page.getByRole('button', { name: 'Save and open' }).click();
  await opensTheKeys('live cache (production) – Keys – Lookaside');
  const line = page.getByTestId('environment-line');
  await expect(line).toHaveText('production');
  const [red, green, blue] = (await line.evaluate((element) => getComputedStyle(element).backgroundColor)).match(/\d+/gu)?.map(Number) ?? [];
  expect(red).toBeGreaterThan(150);
  expect(Math.max(green ?? 255, blue ?? 255)).toBeLessThan(130);
  await expectAccessible(page);

  const status = page.getByRole('contentinfo', { name: 'Status' });
  await status.getByRole('button', { name: 'Read-only: writes are refused' }).click();
  await page.getByRole('button', { name: 'Unlock for a time' }).click();
  const dialog = page.getByRole('dialog', { name: 'Unlock live cache' });
  await dialog.getByRole('button', { name: /^Unlock live cache/u }).click();
  await expect(dialog.getByText('Say why in a few words')).toBeVisible();
  await dialog.getByText('5 min', { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('clear stale prices');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Unlock live cache for 5 min' }).click();
  await expect(dialog).toBeHidden();
  const unlocked = status.getByRole('button', { name: /^Unlocked for writing, 4\smin/u });
  await expect(unlocked).toBeVisible();
  const first = await unlocked.textContent();
  await expect(unlocked).not.toHaveText(first ?? '');
  await unlocked.click();
  await expect(page.getByText('clear stale prices')).toBeVisible();
  await page.getByRole('button', { name: 'Lock again' }).click();
  await expect(status.getByRole('button', { name: 'Read-only: writes are refused' })).toBeVisible();
});

test('the log of the host holds no secret', () => {
  for (const secret of [password, 'from-export', 'secret-word', postgres.password]) expect(app.log()).not.toContain(secret);
});
