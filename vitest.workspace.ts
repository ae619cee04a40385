import { existsSync } from 'node:fs';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** Tests of plain code and of whole servers alike: starting one takes a second or two on a small machine. */
const TEST_TIMEOUT_MS = 60_000;

function project(name: string, globalSetup: string[] = []): TestProjectConfiguration {
  return {
    extends: true,
    test: { name, root: `./${name}`, include: ['**/*.test.ts'], globalSetup },
  };
}

export default defineConfig({
  test: {
    // More than the cores of a small machine: much of a test is waiting, for a moment of the server's or for the database.
    maxWorkers: 4,
    // Nothing here keeps anything in a module; starting anew for each file took a quarter of the processor's time.
    isolate: false,
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: TEST_TIMEOUT_MS,
    // Where nobody can look at once a stalled machine must not decide; what needs a second try is named in the output.
    // eslint-disable-next-line no-restricted-properties -- not a setting of ours
    retry: process.env['CI'] ? 1 : 0,
    projects: [
      project('shared'),
      project('scripts'),
      project('bench'),
      project('server', ['./test/support/global-setup.ts']),
      ...(existsSync(new URL('./web/vitest.config.ts', import.meta.url)) ? ['./web/vitest.config.ts'] : []),
    ],
  },
});
