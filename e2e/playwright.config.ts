// How the whole-system tests run: one browser after the other, Debian's Chromium, no second chance.
import { defineConfig } from '@playwright/test';
import { findProgram } from '../tools/prerequisites.ts';
import { CHROMIUM_ARGS } from './chromium-args.ts';

const report = process.env.BROWSER_REPORT;

export default defineConfig({
  testDir: '.',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // How long a stalled machine may take, not how fast Foyer is: where time is the promise, its test names its own limit.
  timeout: 120_000,
  // A run that hangs says so, long before whoever waits for it gives up.
  globalTimeout: 45 * 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./failure-reporter.ts'], ...(report ? [['json', { outputFile: report }] as const] : [])],
  outputDir: '../test-results',
  use: {
    locale: 'en-GB',
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findProgram('chromium') ?? undefined, args: CHROMIUM_ARGS },
  },
});
