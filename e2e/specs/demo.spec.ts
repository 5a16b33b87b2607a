import { expect, test } from '@playwright/test';
import { childrenOf, stillRuns } from '../../electron/demo/servers/process-identity.ts';
import { startLookaside, type RunningLookaside } from '../fixtures/lookaside.ts';
import { expectAccessible, openWatched, type WatchedPage } from '../fixtures/shell-page.ts';

test.describe.configure({ mode: 'serial' });

const keys = 30_000;
let app: RunningLookaside;
let watched: WatchedPage;

test.beforeAll(async ({ browser }) => {
  app = await startLookaside(['--demo', '--keys', String(keys), '--rate', '0']);
  watched = await openWatched(browser, app.url);
});

test.afterAll(async () => {
  await watched?.page.context().close();
  await app?.stop();
});

test.afterEach(() => {
  expect(watched.troubles).toEqual([]);
});

test('the demo starts, shows how far it is, and opens its workspace', async () => {
  const { page } = watched;
  const status = page.getByRole('contentinfo', { name: 'Status' });
  await expect(status.getByRole('button', { name: /^Demo: (starting|filling)/u })).toBeVisible({ timeout: 20_000 });
  await expect(page).toHaveTitle('Demo shop (local) – Keys – Lookaside', { timeout: 30_000 });
  await expect(status.getByRole('button', { name: /^Demo: running/u })).toBeVisible({ timeout: 40_000 });
});

test('every namespace has its exact count', async () => {
  const { page } = watched;
  // Tall enough for every row of the top level: rows out of sight are not in the page.
  await page.setViewportSize({ width: 1280, height: 3000 });
  await page.getByRole('button', { name: 'Scan again from the start' }).click();
  const scan = page.getByRole('group', { name: 'Scan' });
  await expect(scan.getByRole('status')).toContainText('exact at', { timeout: 20_000 });
  const total = Number(/([\d,]+)\s*keys/u.exec((await scan.textContent()) ?? '')?.[1]?.replaceAll(',', ''));
  expect(total).toBeGreaterThanOrEqual(keys);
  const labels = await page.getByRole('treeitem').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
  const counts = labels.map((label) => Number(/, folder, ([\d,]+) keys$/u.exec(label)?.[1]?.replaceAll(',', '') ?? 1));
  expect(labels.filter((label) => label.includes('folder') && /[≥~]/u.test(label))).toEqual([]);
  expect(labels.some((label) => label.startsWith('product, folder'))).toBe(true);
  expect(labels.some((label) => label.startsWith('session, folder'))).toBe(true);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
  await expectAccessible(page);
});

test('the end of the app is the end of its servers', async () => {
  const servers = childrenOf(app.pid);
  expect(servers.length).toBeGreaterThanOrEqual(2);
  await watched.page.goto('about:blank');
  expect(await app.stop()).toBe(0);
  await expect.poll(() => servers.filter((server) => stillRuns(server)).length).toBe(0);
});
