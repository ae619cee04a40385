import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from '../scripts/chromium.js';

const TEST_TIMEOUT_MS = 90_000;
/** A page is right within a fraction of this; a machine that is busy with other things may take longer. */
const EXPECT_TIMEOUT_MS = 15_000;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  timeout: TEST_TIMEOUT_MS,
  // As in vitest.workspace.ts; what passes at the second try is listed as flaky.
  retries: process.env['CI'] ? 1 : 0,
  expect: { timeout: EXPECT_TIMEOUT_MS },
  forbidOnly: true,
  // Two, each with a server and a database of its own: most of a test is waiting. On two cores 41 tests took 77 s instead
  // of 102 s, and 61 s of processor instead of 56 s.
  workers: 2,
  reporter: [['list'], ['json']],
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: { executablePath: await chromiumPath(), args: CHROMIUM_ARGS },
    // Tracing makes every test slower; `npm run test:e2e -- --trace on` for the one that fails.
    trace: 'off',
    screenshot: 'only-on-failure',
  },
});
