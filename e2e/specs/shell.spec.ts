import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Redis } from 'ioredis';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { startLookaside, type RunningLookaside } from '../fixtures/lookaside.ts';
import { expectAccessible, goToConnections, openWatched, runByName, type WatchedPage } from '../fixtures/shell-page.ts';

test.describe.configure({ mode: 'serial' });

let dataFolder: string;
let redis: RunningRedis;
let app: RunningLookaside;
let watched: WatchedPage;

test.beforeAll(async ({ browser }) => {
  dataFolder = await mkdtemp(join(tmpdir(), 'lookaside-shell-'));
  redis = await startRedis();
  const client = new Redis({ host: redis.host, port: redis.port });
  await client.mset('cart:1', 'a', 'cart:2', 'b');
  await client.quit();
  app = await startLookaside(['--url', redis.url], dataFolder);
  watched = await openWatched(browser, app.url);
});

test.afterAll(async () => {
  await watched?.page.context().close();
  await Promise.all([app?.stop(), redis?.stop()]);
  await rm(dataFolder, { recursive: true, force: true });
});

test('an address on the command line opens at once', async () => {
  const { page } = watched;
  await expect(page.getByRole('treeitem', { name: 'cart, folder, 2 keys' })).toBeVisible();
  await expect(page).toHaveTitle(/ \(local\) – Keys – Lookaside$/u);
  await expectAccessible(page);
});

test('the palette finds an action by a few letters and runs it', async () => {
  const { page } = watched;
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await expect(palette.getByRole('combobox', { name: 'Command' })).toBeFocused();
  await expectAccessible(page);
  await palette.getByRole('combobox', { name: 'Command' }).fill('about look');
  await expect(palette.getByRole('option').first()).toContainText('About Lookaside');
  await page.keyboard.press('Enter');
  const about = page.getByRole('dialog', { name: 'About Lookaside' });
  await expect(about).toContainText(dataFolder);
  await page.keyboard.press('Escape');
  await expect(about).toBeHidden();
  await page.keyboard.press('Control+k');
  await palette.getByRole('combobox', { name: 'Command' }).fill('zzzqqq');
  await expect(palette).toContainText('Nothing fits “zzzqqq”');
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
});

test('the question mark lists the keys that work now', async () => {
  const { page } = watched;
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toContainText('Command palette');
  await expect(sheet).toContainText('Jump to an exact key name');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
});

test('screens have their shortcuts and their titles', async () => {
  const { page } = watched;
  await page.keyboard.press('Control+Shift+C');
  await expect(page).toHaveTitle('Connections – Lookaside');
  await expect(page.getByRole('main', { name: 'Connections' })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('treeitem', { name: 'cart, folder, 2 keys' })).toBeVisible();
  await goToConnections(page);
});

test('the theme is remembered after a restart', async ({ browser }) => {
  const { page } = watched;
  const root = page.locator('html');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'light');
  await runByName(page, 'Theme: change to dark');
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await expect(page.getByRole('button', { name: 'Dark theme; change to light theme' })).toBeVisible();
  // Preferences are collected for a moment before they are saved.
  await expect
    .poll(async () => JSON.parse(await readFile(join(dataFolder, 'settings.json'), 'utf8').catch(() => '{}')) as Record<string, string>)
    .toMatchObject({ 'app.colourScheme': '"dark"' });
  expect(watched.troubles).toEqual([]);
  await page.context().close();
  await app.stop();

  app = await startLookaside([], dataFolder);
  watched = await openWatched(browser, app.url);
  await watched.page.emulateMedia({ colorScheme: 'light' });
  await expect(watched.page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  expect(watched.troubles).toEqual([]);
});

test('a host that is killed loses nothing of the page', async () => {
  const { page, troubles } = watched;
  await goToConnections(page);
  await page.getByRole('group', { name: 'Connections' }).getByRole('button', { name: 'New connection' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('half written');
  expect(troubles).toEqual([]);
  process.kill(app.pid, 'SIGKILL');
  const banner = page.getByRole('status').filter({ hasText: 'The Lookaside process does not answer.' });
  await expect(banner).toBeVisible();
  await expect(banner.getByRole('button', { name: 'Reconnect now' })).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('[data-code="HOST_UNREACHABLE"]').first()).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('half written');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeVisible();
  await page.keyboard.press('Escape');
  // The browser itself reports each refused attempt; nothing else may be there.
  expect(troubles.filter((trouble) => !/^console: (WebSocket connection to|Failed to load resource: net::ERR_CONNECTION_REFUSED)/u.test(trouble))).toEqual([]);
});
