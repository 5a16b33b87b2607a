import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['shared/**/*.test.ts', 'electron/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Failovers and killed servers on a shared machine: once more on CI, where a second failure counts.
    retry: process.env['CI'] ? 1 : 0,
  },
});
