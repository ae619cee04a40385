import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from '../scripts/chromium.js';

const TEST_TIMEOUT_MS = 90_000;
/** Pages need a fraction of this time; the rest is for a busy machine. */
const EXPECT_TIMEOUT_MS = 15_000;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  timeout: TEST_TIMEOUT_MS,
  // As in vitest.workspace.ts. A test that passes at its second try is listed as flaky.
  retries: process.env['CI'] ? 1 : 0,
  expect: { timeout: EXPECT_TIMEOUT_MS },
  forbidOnly: true,
  // Two workers, each with a server and a database of its own, because tests mostly wait: on two cores 41 tests took
  // 77 s instead of 102 s, and 61 s of CPU time instead of 56 s.
  workers: 2,
  reporter: [['list'], ['json']],
  use: {
    browserName: 'chromium',
    headless: true,
    // A signed-in browser loads the whole app into its service worker, which took a quarter of the processor time.
    // Tests of what the worker does, and some main journeys, allow it.
    serviceWorkers: 'block',
    launchOptions: { executablePath: await chromiumPath(), args: CHROMIUM_ARGS },
    // Tracing slows every test down: use `npm run test:e2e -- --trace on` for a test that fails.
    trace: 'off',
    screenshot: 'only-on-failure',
  },
});
