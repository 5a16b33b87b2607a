import { defineConfig } from '@playwright/test';
import { chromiumLaunch } from './fixtures/chromium.ts';

export default defineConfig({
  testDir: './specs',
  outputDir: '../test-results',
  fullyParallel: false,
  workers: 2,
  forbidOnly: true,
  // A test that passes only the second time is listed as flaky in the closing lines.
  retries: process.env['CI'] ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: process.env['LOOKASIDE_PAGE_REPORT'] ?? '../.cache/test/pages.json' }]],
  use: { viewport: { width: 1280, height: 800 }, trace: 'retain-on-failure', launchOptions: chromiumLaunch() },
  projects: [
    { name: 'web' },
    // The same specs in the desktop app. Without Electron's binary they are reported as skipped.
    { name: 'electron', testMatch: /[/\\]keys[a-z-]*\.spec\.ts$/u },
  ],
});
