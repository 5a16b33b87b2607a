import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { chromiumLaunch } from '../fixtures/chromium.ts';
import { projectRoot, startLookaside } from '../fixtures/lookaside.ts';

/** Takes the README's pictures from the running demo, in `docs/`. `--all` takes every screen in both themes and sizes. */
const everything = process.argv.includes('--all');
const folder = everything ? join(projectRoot, '.cache', 'screenshots') : join(projectRoot, 'docs');
const small = { width: 1280, height: 800 };
const large = { width: 1920, height: 1080 };

async function openKey(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+g');
  const dialog = page.getByRole('dialog', { name: 'Jump to an exact name' });
  await dialog.getByLabel('Key name').fill(name);
  await dialog.getByRole('button', { name: 'Open key' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText(/TTL|No expiry|expires/iu).first().waitFor();
  await page.waitForTimeout(700);
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

const ttlTabs = ['Timeline', 'Cliffs', 'No expiry', 'Usual TTLs', 'Live', 'Hash fields', 'Changes'];

/** The screen of expiries, once the facts that it needs are read; with `all` each of its tabs. */
async function shootTtl(page: Page, suffix: string): Promise<void> {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+2');
  await page.getByRole('button', { name: /^Read type, expiry and size of/u }).click();
  await page.getByRole('group', { name: 'Expiry read' }).getByText('complete, exact').waitFor({ timeout: 120_000 });
  await page.waitForTimeout(1500);
  await shoot(page, `ttl-${suffix}`);
  if (!everything) return;
  for (const name of ttlTabs) {
    await page.getByRole('tab', { name, exact: true }).click();
    await page.waitForTimeout(1500);
    await shoot(page, `ttl-${name.toLowerCase().replaceAll(' ', '-')}-${suffix}`);
  }
}

/** The other ways to see the keys. */
async function shootGroups(page: Page, suffix: string): Promise<void> {
  await page.keyboard.press('Alt+1');
  for (const way of ['List', 'Namespaces', 'Treemap', 'Top']) {
    await page.getByRole('radiogroup', { name: 'Show as' }).getByText(way, { exact: true }).click();
    await page.waitForTimeout(1500);
    await shoot(page, `keys-${way.toLowerCase()}-${suffix}`);
  }
  await page.getByRole('radiogroup', { name: 'Show as' }).getByText('Tree', { exact: true }).click();
}

async function pictures(scheme: 'dark' | 'light', viewport: { width: number; height: number }): Promise<void> {
  const app = await startLookaside(['--demo']);
  const browser = await chromium.launch(chromiumLaunch());
  try {
    const page = await browser.newPage({ viewport, colorScheme: scheme });
    await page.goto(app.url);
    await page.getByText(/exact at/u).waitFor({ timeout: 60_000 });
    const suffix = everything ? `${scheme}-${viewport.width}` : scheme;
    await page.getByText('product', { exact: true }).first().click();
    await openKey(page, 'product:42');
    await shoot(page, `keys-${suffix}`);
    if (everything) {
      for (const name of ['user:1', 'orders:stream', 'leaderboard:sales', 'recommend:1', 'bidi:\u202egnp.exe', 'a[1]*']) {
        await openKey(page, name);
        await shoot(page, `key-${name.replaceAll(/\W/gu, '-')}-${suffix}`);
      }
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await page.waitForTimeout(300);
      await shoot(page, `palette-${suffix}`);
      await page.keyboard.press('Escape');
    }
    await shootTtl(page, suffix);
    if (everything) await shootGroups(page, suffix);
    await page.getByRole('button', { name: 'Connections' }).or(page.getByRole('link', { name: 'Connections' })).first().click();
    await page.waitForTimeout(500);
    await shoot(page, `connections-${suffix}`);
    await page.getByRole('button', { name: 'New connection' }).first().click();
    await page.waitForTimeout(500);
    await shoot(page, `connection-editor-${suffix}`);
  } finally {
    await browser.close();
    await app.stop();
  }
}

await mkdir(folder, { recursive: true });
for (const scheme of ['dark', 'light'] as const) {
  await pictures(scheme, small);
  if (everything) await pictures(scheme, large);
}
