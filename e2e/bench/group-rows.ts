import { chromium, type Browser, type Page } from '@playwright/test';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { sendAll } from '../../electron/host/redis/testing/raw-redis.ts';
import { ensureBuild } from '../../electron/setup/prepare.mjs';
import { chromiumLaunch } from '../fixtures/chromium.ts';
import { startLookaside } from '../fixtures/lookaside.ts';
import { maximum, median, type BenchGroup, type BenchOptions, type BenchResult } from './bench-row.ts';
import { mainThreadTasks } from './main-thread.ts';

const namespaces = 100_000;
const hashFields = 5_000_000;
/** A frame in which the answer can be drawn, and room for a slow call before it. */
const settleMs = 150;

/** Namespaces of 1 to 5 keys, a third of which expire, in database 0. */
function* namespaceKeys(): Generator<readonly string[]> {
  for (let at = 0; at < namespaces; at += 1) {
    const folder = `tenant${((at * 7919) % namespaces).toString(36).padStart(4, '0')}`;
    for (let key = 0; key <= at % 5; key += 1) {
      const name = `${folder}:item:${key}`;
      yield key % 3 === 0 ? ['SET', name, 'x'.repeat(at % 90), 'EX', String(3600 + at)] : ['SET', name, 'x'.repeat(at % 90)];
    }
  }
}

function* bigHash(): Generator<readonly string[]> {
  for (let from = 0; from < hashFields; from += 500) yield ['HSET', 'big', ...Array.from({ length: 500 }, (_, at) => [`field:${from + at}`, `value ${from + at}`]).flat()];
}

// Selectors of CSS alone: a query by role walks the whole page, and its time would count as the page's own.
const surface = (value: string) => `[aria-label="Show as"] label:has-text("${value}")`;
const rows = '[role="grid"][aria-label="Namespaces"] [role="row"]';
const tiles = '[role="listbox"][aria-label="Treemap"] [role="option"]';

async function opened(browser: Browser, redis: RunningRedis): Promise<{ page: Page; close: () => Promise<void> }> {
  const app = await startLookaside(['--url', redis.url]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(app.url);
  await page.getByText('exact at').waitFor({ timeout: 120_000 });
  return {
    page,
    close: async () => {
      await app.stop();
      await context.close();
    },
  };
}

async function readFacts(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Read facts|Facts)$/u }).click();
  await page.getByRole('dialog', { name: 'Read facts' }).getByRole('button', { name: /^Read /u }).click();
  await page.getByText(/all [\d,]+ keys, read/u).waitFor({ timeout: 120_000 });
}

async function wheel(page: Page, over: string, steps: number): Promise<void> {
  const box = await page.locator(over).boundingBox();
  if (box === null) throw new Error(`${over} is not on the page`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let step = 0; step < steps; step += 1) {
    await page.mouse.wheel(0, step % 8 === 7 ? -4000 : 1200);
    await page.waitForTimeout(25);
  }
}

/** The table and the map of all namespaces: opened, sorted by each column, scrolled to the end, gone down in. */
async function walkNamespaces(page: Page): Promise<void> {
  await page.click(surface('Namespaces'));
  await page.waitForSelector(rows);
  await wheel(page, '[role="grid"][aria-label="Namespaces"]', 40);
  // at this width the mean size has no column
  for (const column of ['Size', 'Namespace', 'Without TTL', 'Keys']) {
    await page.click(`button[aria-label="Sort by ${column}"]`);
    await page.waitForTimeout(settleMs);
  }
  await page.focus('[role="grid"][aria-label="Namespaces"]');
  await page.keyboard.press('End');
  await page.waitForTimeout(settleMs);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(settleMs);
  await page.keyboard.press('Backspace');
  await page.waitForTimeout(settleMs);
  await page.click(surface('Treemap'));
  await page.waitForSelector(tiles);
  await page.mouse.move(300, 500, { steps: 20 });
  await page.click('[aria-label="Area by"] label:has-text("By size")');
  await page.waitForTimeout(settleMs);
  await page.click(tiles);
  await page.waitForTimeout(settleMs);
  await page.focus('[role="listbox"][aria-label="Treemap"]');
  await page.keyboard.press('Backspace');
  await page.waitForTimeout(settleMs * 2);
}

/** A hash opened, scrolled while more of it comes, and filtered. */
async function walkHash(page: Page): Promise<void> {
  await page.focus('[role="tree"]');
  await page.keyboard.press('Home');
  await page.waitForSelector('[aria-label="Value"] [role="grid"] [role="row"]');
  await wheel(page, '[aria-label="Value"] [role="grid"]', 80);
  await page.focus('[aria-label="Value"] [role="grid"]');
  await page.keyboard.press('End');
  await page.waitForTimeout(settleMs);
  await page.keyboard.press('End');
  await page.waitForTimeout(settleMs);
}

async function longest(browser: Browser, redis: RunningRedis, { runs, say }: BenchOptions, row: number, prepare: (page: Page) => Promise<void>, work: (page: Page) => Promise<void>): Promise<number[]> {
  const found: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const { page, close } = await opened(browser, redis);
    try {
      await prepare(page);
      const tasks = await mainThreadTasks(browser, page, () => work(page));
      say(`row ${row}, run ${run}: longest task ${maximum(tasks).toFixed(1)} ms of ${tasks.length}`);
      if (run > 0) found.push(maximum(tasks));
    } finally {
      await close();
    }
  }
  return found;
}

async function onServer(seed: Generator<readonly string[]>, measure: (redis: RunningRedis) => Promise<BenchResult>): Promise<BenchResult> {
  const redis = await startRedis({ build: 'redis-7.0' });
  try {
    await sendAll(redis.port, seed);
    return await measure(redis);
  } finally {
    await redis.stop();
  }
}

function lineOf(row: number, name: string, tasks: readonly number[]): BenchResult {
  const ours = median(tasks);
  return { row, name, ours, baseline: 16.7, unit: 'ms', ratio: ours / 16.7, target: '<= 50 ms', holds: ours <= 50, note: `worst run ${maximum(tasks).toFixed(1)} ms` };
}

export const groupRows: BenchGroup = {
  rows: [17, 18],
  async run(wanted, options) {
    ensureBuild();
    const browser = await chromium.launch(chromiumLaunch());
    const results: BenchResult[] = [];
    try {
      if (wanted.has(17)) {
        const name = `longest main-thread task in the table and the treemap of ${namespaces.toLocaleString('en-US')} namespaces`;
        results.push(await onServer(namespaceKeys(), async (redis) => lineOf(17, name, await longest(browser, redis, options, 17, readFacts, walkNamespaces))));
      }
      if (wanted.has(18)) {
        const name = `longest main-thread task while a hash of ${hashFields.toLocaleString('en-US')} fields is opened and scrolled`;
        results.push(await onServer(bigHash(), async (redis) => lineOf(18, name, await longest(browser, redis, options, 18, async () => undefined, walkHash))));
      }
    } finally {
      await browser.close();
    }
    return results;
  },
};
