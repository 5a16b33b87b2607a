import { chromium, expect, type Browser, type Page } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { sendAll } from '../../electron/host/redis/testing/raw-redis.ts';
import { ensureBuild } from '../../electron/setup/prepare.mjs';
import { chromiumLaunch } from '../fixtures/chromium.ts';
import { startLookaside } from '../fixtures/lookaside.ts';
import { maximum, median, type BenchGroup, type BenchOptions, type BenchResult } from './bench-row.ts';
import { mainThreadTasks } from './main-thread.ts';

const firstRowsKeys = 5_000_000;
const populated = (db: number, count: number) => [['SELECT', String(db)], ['DEBUG', 'POPULATE', String(count), 'product:12', '8']] as const;

/** The page of a fresh app on this server, connected, with its empty database 0 shown. */
async function openEmpty(browser: Browser, redis: RunningRedis): Promise<{ page: Page; close(): Promise<void> }> {
  const app = await startLookaside(['--url', redis.url]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(app.url);
  await page.getByText('exact at').waitFor();
  return {
    page,
    close: async () => {
      await app.stop();
      await context.close();
    },
  };
}

/** Runs `work` on a page of its own. */
async function onEmpty<T>(browser: Browser, redis: RunningRedis, work: (page: Page) => Promise<T>): Promise<T> {
  const { page, close } = await openEmpty(browser, redis);
  try {
    return await work(page);
  } finally {
    await close();
  }
}

/** Row 9: from choosing the database to rows that fill the list on the screen, ms, by the page's own clock. */
async function firstRowsOnScreen(page: Page): Promise<number> {
  await page.getByRole('combobox', { name: 'Database', exact: true }).click();
  const option = page.getByRole('option', { name: /^db 1\b/u });
  await option.waitFor();
  // No named function inside: what runs in the page must be whole by itself.
  return option.evaluate(async (element) => {
    const begun = performance.now();
    (element as HTMLElement).click();
    for (;;) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      if (document.querySelector('[role="tree"] [role="treeitem"], [role="listbox"][aria-label="Key list"] [role="option"]') !== null) return performance.now() - begun;
    }
  });
}

async function rowsRow(browser: Browser, redis: RunningRedis, { runs, say }: BenchOptions): Promise<BenchResult> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const ms = await onEmpty(browser, redis, firstRowsOnScreen);
    say(`row 9 on screen, run ${run}: ${ms.toFixed(0)} ms`);
    if (run > 0) times.push(ms);
  }
  const ours = median(times);
  return { row: 9, name: `first rows of ${firstRowsKeys.toLocaleString('en-US')} keys on the screen, connected, no index yet`, ours, baseline: null, unit: 'ms', ratio: null, target: '<= 150 ms', holds: ours <= 150, note: 'Chromium, from the click on the database' };
}

/** Chooses a database of many keys and scrolls its list while it is indexed. */
async function indexAndScroll(page: Page): Promise<void> {
  const database = page.getByRole('combobox', { name: 'Database', exact: true });
  await database.click();
  await page.getByRole('option', { name: /^db 1\b/u }).click();
  await expect(database).toHaveValue(/^db 1\b/u);
  await page.keyboard.press('Shift+L');
  await page.getByRole('listbox', { name: 'Key list' }).hover();
  for (let step = 0; step < 40; step += 1) {
    await page.mouse.wheel(0, step % 8 === 7 ? -4000 : 1200);
    await page.waitForTimeout(25);
  }
  await page.getByText(/exact at/u).waitFor({ timeout: 60_000 });
  await page.keyboard.press('End');
  await page.waitForTimeout(200);
}

async function smoothRow(browser: Browser, redis: RunningRedis, { keys, runs, say }: BenchOptions): Promise<BenchResult> {
  const longest: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const tasks = await onEmpty(browser, redis, (page) => mainThreadTasks(browser, page, () => indexAndScroll(page)));
    say(`row 10, run ${run}: longest task ${maximum(tasks).toFixed(1)} ms of ${tasks.length}`);
    if (run > 0) longest.push(maximum(tasks));
  }
  const ours = median(longest);
  return { row: 10, name: `longest main-thread task while ${keys.toLocaleString('en-US')} keys are indexed and scrolled`, ours, baseline: 16.7, unit: 'ms', ratio: ours / 16.7, target: '<= 50 ms', holds: ours <= 50, note: `worst run ${maximum(longest).toFixed(1)} ms` };
}

/** From the start of the program to the page's first contentful paint, nothing connected. */
async function coldStart(browser: Browser, { runs, say }: BenchOptions): Promise<BenchResult> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const begun = performance.now();
    const app = await startLookaside([]);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(app.url, { waitUntil: 'commit' });
    await page.getByRole('main').first().waitFor();
    const ms = performance.now() - begun;
    await app.stop();
    await context.close();
    say(`row 14, run ${run}: ${ms.toFixed(0)} ms`);
    if (run > 0) times.push(ms);
  }
  const ours = median(times);
  return { row: 14, name: 'cold start of the browser face to a usable page', ours, baseline: null, unit: 'ms', ratio: null, target: '<= 1500 ms', holds: ours <= 1500, note: 'program start, page load and first screen' };
}

/** A server of its own with `count` keys in database 1 and none in 0. */
async function onServer(count: number, measure: (redis: RunningRedis) => Promise<BenchResult>): Promise<BenchResult> {
  const redis = await startRedis({ build: 'redis-7.0' });
  try {
    await sendAll(redis.port, populated(1, count));
    return await measure(redis);
  } finally {
    await redis.stop();
  }
}

export const pageRows: BenchGroup = {
  rows: [9, 10, 14],
  async run(wanted, options) {
    ensureBuild();
    const browser = await chromium.launch(chromiumLaunch());
    const results: BenchResult[] = [];
    try {
      if (wanted.has(9)) results.push(await onServer(firstRowsKeys, (redis) => rowsRow(browser, redis, options)));
      if (wanted.has(10)) results.push(await onServer(options.keys, (redis) => smoothRow(browser, redis, options)));
      if (wanted.has(14)) results.push(await coldStart(browser, options));
    } finally {
      await browser.close();
    }
    return results;
  },
};
