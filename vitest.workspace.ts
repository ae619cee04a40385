import { existsSync } from 'node:fs';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** Enough for tests that start a whole server, which takes a second or two on a small machine. */
const TEST_TIMEOUT_MS = 60_000;

function project(name: string, globalSetup: string[] = []): TestProjectConfiguration {
  return {
    extends: true,
    test: { name, root: `./${name}`, include: ['**/*.test.ts'], globalSetup },
  };
}

export default defineConfig({
  test: {
    // More workers than a small machine has cores: tests spend much of their time waiting for a server or the database.
    maxWorkers: 4,
    // Modules keep no state between test files; a fresh environment for each file took a quarter of the processor time.
    isolate: false,
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: TEST_TIMEOUT_MS,
    // In CI a stalled machine must not fail the run; the output names each test that was retried.
    // eslint-disable-next-line no-restricted-properties -- set by CI services, not by our settings
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
