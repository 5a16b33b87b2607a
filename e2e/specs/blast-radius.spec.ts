import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Locator } from '@playwright/test';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostgres, type RunningPostgres } from '../../electron/demo/servers/postgres-server.ts';
import { startRedis, type RunningRedis } from '../../electron/demo/servers/redis-server.ts';
import { startLookaside } from '../fixtures/lookaside.ts';
import { openKeysPage, type KeysPage } from '../fixtures/keys-page.ts';
import { expectAccessible, openWatched } from '../fixtures/shell-page.ts';

test.describe.configure({ mode: 'serial' });

const hour = 3_600_000;
const cliffKeys = 1500;

let redis: RunningRedis;
let postgres: RunningPostgres;
let direct: Redis;
let database: pg.Client;
let keys: KeysPage;
let traffic: NodeJS.Timeout;
/** One query after the other. */
let asking = Promise.resolve();

/** Sessions that expire within a minute five hours on, others that stay. */
async function seed(): Promise<void> {
  const at = Date.now() + 5 * hour;
  const pipeline = direct.pipeline();
  for (let n = 0; n < cliffKeys; n += 1) pipeline.set(`session:${n}`, 'x', 'PXAT', at + (n % 60) * 1000);
  for (let n = 0; n < 400; n += 1) pipeline.set(`session:late${n}`, 'x', 'PXAT', at + 9 * hour + n * 40_000);
  for (let n = 0; n < 300; n += 1) pipeline.set(`user:${n}`, 'x');
  await pipeline.exec();
  await database.query('CREATE EXTENSION pg_stat_statements');
  await database.query('CREATE TABLE sessions (id int primary key, body text)');
  await database.query("INSERT INTO sessions SELECT n, 'session ' || n FROM generate_series(1, 2000) n");
}

/** Ten times a second: of 20 reads 8 in the cliff, 4 of its namespace but later, 4 gone already, 4 of others; and two queries. */
function beat(n: number): void {
  const pipeline = direct.pipeline();
  for (let at = 0; at < 8; at += 1) pipeline.get(`session:${(n * 8 + at) % cliffKeys}`);
  for (let at = 0; at < 4; at += 1) pipeline.get(`session:late${at}`).get(`session:gone${at}`).get(`user:${at}`);
  void pipeline.exec();
  asking = asking.then(async () => {
    for (let at = 0; at < 2; at += 1) await database.query('SELECT body FROM sessions WHERE id = $1', [n % 2000]);
  });
}

test.beforeAll(async ({ browser }) => {
  [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  direct = new Redis(redis.url, { maxRetriesPerRequest: 1 });
  database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
  await seed();
  let n = 0;
  traffic = setInterval(() => beat((n += 1)), 100);
  keys = await openKeysPage(browser, ['--url', redis.url, '--pg', postgres.url]);
  await expect(keys.scan.getByRole('status')).toContainText('exact at', { timeout: 30_000 });
});

test.afterEach(() => expect(keys.faults).toEqual([]));

test.afterAll(async () => {
  clearInterval(traffic);
  await asking;
  await keys?.stop();
  direct?.disconnect();
  await database?.end();
  await Promise.all([redis?.stop(), postgres?.stop()]);
});

async function card(page = keys.page): Promise<Locator> {
  const panel = page.getByRole('tabpanel', { name: 'Cliffs', exact: true });
  const found = panel.getByRole('listitem').filter({ hasText: 'session:' }).first();
  await expect(found).toBeVisible({ timeout: 20_000 });
  return found;
}

test('a cliff says that its reads were never measured, and what measuring costs', async () => {
  const { page } = keys;
  await page.keyboard.press('Alt+2');
  await page.getByRole('button', { name: /^Read type, expiry and size of/u }).click();
  await expect(page.getByRole('group', { name: 'Expiry read' }).getByRole('status')).toContainText('complete, exact', { timeout: 30_000 });
  await page.getByRole('tab', { name: 'Cliffs', exact: true }).click();
  const cliff = await card();
  await expect(cliff).toContainText('How often they are read was never measured');
  await cliff.getByRole('button', { name: 'Measure reads' }).click();
  const blast = cliff.getByRole('group', { name: 'Blast radius' });
  await expect(blast).toContainText(/^.*MONITOR.*The server prints every command/su);
  await expect(blast.getByText('Never measured')).toBeVisible();
  await expect(blast.getByRole('radio', { name: 'Frequency sample' })).toBeDisabled();
  await expect(blast).toContainText('Frequency sample cannot be used');
  await expectAccessible(page);
});

test('its reads are measured, those that miss already and those of later keys apart', async () => {
  const cliff = await card();
  const blast = cliff.getByRole('group', { name: 'Blast radius' });
  await blast.getByRole('button', { name: /^Measure for/u }).click();
  await expect(blast).toContainText(/would miss.*at 95/su, { timeout: 30_000 });
  await expect(blast).toContainText(/measured at \d\d:\d\d:\d\d by MONITOR in/u);
  await expect(cliff).toContainText(/reads\/s would then miss \(.+, measured at \d\d:\d\d:\d\d\)/u);
  // of the 16 reads of its namespace half are of the cliff's keys, which are there
  const facts = blast.getByText('Match by name').locator('xpath=..');
  const matched = Number(/([\d,]+), /u.exec((await facts.textContent())?.replace('Match by name', '') ?? '')?.[1]?.replaceAll(',', ''));
  const apart = Number(/([\d,]+):/u.exec((await blast.getByText('Left out').locator('xpath=..').textContent())?.replace('Left out', '') ?? '')?.[1]?.replaceAll(',', ''));
  expect(matched).toBeGreaterThan(16);
  expect(apart / matched).toBeGreaterThan(0.4);
  expect(apart / matched).toBeLessThan(0.6);
  await expectAccessible(keys.page);
});

test('what the misses mean for Postgres is said once a statement is chosen', async () => {
  const blast = (await card()).getByRole('group', { name: 'Blast radius' });
  await expect(blast).toContainText('Choose the statement that one miss calls; nothing is assumed.');
  await blast.getByRole('radio', { name: /SELECT body FROM sessions/u }).check();
  await expect(blast).toContainText(/more calls\/s, .* of execution a second, about .* busy all the time.*if each of these reads calls it once/su);
  await expectAccessible(keys.page);
});

test('idle times say that it is at least so much; a measurement can be cancelled', async () => {
  const { page } = keys;
  const blast = (await card()).getByRole('group', { name: 'Blast radius' });
  await blast.getByText('Idle-time sample', { exact: true }).click();
  await blast.getByRole('button', { name: /^Measure again for/u }).click();
  await expect(blast).toContainText(/≥\s[\d.]+\saccesses\/s of these keys/u, { timeout: 30_000 });
  await expect(blast).toContainText('no upper bound is known');
  await blast.getByText('MONITOR', { exact: true }).click();
  await blast.getByRole('combobox', { name: 'Time window' }).click();
  await page.getByRole('option', { name: /^10\ss$/u }).click();
  await blast.getByRole('button', { name: /^Measure again for/u }).click();
  await expect(blast.getByRole('status')).toContainText('Measuring', { timeout: 15_000 });
  await blast.getByRole('button', { name: 'Cancel' }).click();
  await expect(blast).toContainText('Cancelled before its end');
  await expect.poll(async () => String(await direct.call('CLIENT', 'LIST')).split('\n').filter((line) => / flags=\S*O/u.test(line)).length).toBe(0);
});

test('on production MONITOR is never the first choice, and its cost has to be accepted; a lock does not forbid it', async ({ browser }) => {
  const folder = await mkdtemp(join(tmpdir(), 'lookaside-e2e-'));
  const production = { id: 'p', name: 'prod cache', environment: 'production', colour: 'red', readOnly: true, delimiters: [':'], redis: { nodes: [{ host: '127.0.0.1', port: redis.port }] }, postgres: null, lastOpenedAt: null };
  await writeFile(join(folder, 'workspaces.json'), JSON.stringify({ version: 1, workspaces: [production] }));
  const app = await startLookaside([], folder);
  const { page, troubles } = await openWatched(browser, app.url);
  try {
    await page.getByRole('button', { name: 'Open prod cache' }).click();
    await expect(page.getByText(/exact at/u)).toBeVisible({ timeout: 30_000 });
    await page.keyboard.press('Alt+2');
    await page.getByRole('button', { name: /^Read type, expiry and size of/u }).click();
    await expect(page.getByRole('group', { name: 'Expiry read' }).getByRole('status')).toContainText('complete, exact', { timeout: 30_000 });
    await page.getByRole('tab', { name: 'Cliffs', exact: true }).click();
    const cliff = await card(page);
    await cliff.getByRole('button', { name: 'Measure reads' }).click();
    const blast = cliff.getByRole('group', { name: 'Blast radius' });
    await expect(blast.getByRole('radio', { name: 'Idle-time sample' })).toBeChecked();
    await expect(blast.getByRole('button', { name: /^Measure for/u })).toBeEnabled();
    await blast.getByText('MONITOR', { exact: true }).click();
    await expect(blast.getByRole('button', { name: /^Measure for/u })).toBeDisabled();
    await expectAccessible(page);
    await blast.getByRole('checkbox', { name: 'Accept the cost of MONITOR on a production server' }).check();
    await blast.getByRole('button', { name: /^Measure for/u }).click();
    await expect(blast).toContainText(/reads\/s would miss/u, { timeout: 30_000 });
    await expect(blast.getByText('Postgres behind them')).toBeHidden();
    expect(troubles).toEqual([]);
  } finally {
    await page.context().close();
    await app.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
