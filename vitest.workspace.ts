import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectConfiguration, type UserWorkspaceConfig } from 'vitest/config';

type TestOptions = NonNullable<UserWorkspaceConfig['test']>;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Enough for tests that start a whole server, which takes a second or two on a small machine. */
const TEST_TIMEOUT_MS = 60_000;

export const COMMON = {
  // More workers than a small machine has cores: tests spend much of their time waiting for a server or the database.
  maxWorkers: 4,
  // Modules keep no state between test files; a fresh environment for each file took a quarter of the processor time.
  isolate: false,
  testTimeout: TEST_TIMEOUT_MS,
  hookTimeout: TEST_TIMEOUT_MS,
  // In CI a stalled machine must not fail the run; the summary counts and names each test that was retried.
  // eslint-disable-next-line no-restricted-properties -- set by CI services, not by our settings
  retry: process.env['CI'] ? 1 : 0,
} satisfies TestOptions;

function project(name: string, globalSetup: string[] = []): TestProjectConfiguration {
  return {
    extends: true,
    test: { name, root: `./${name}`, include: ['**/*.test.ts'], globalSetup },
  };
}

/** The pages' tests: Vite compiles their state classes by the pages' own configuration. */
export function webProject(test: TestOptions): TestProjectConfiguration {
  return { extends: './web/vitest.config.ts', root: here('web'), test: { name: 'web', ...test } };
}

export default defineConfig({
  test: {
    ...COMMON,
    projects: [
      project('shared'),
      project('scripts'),
      project('bench'),
      project('server', ['./test/support/global-setup.ts']),
      webProject(COMMON),
    ],
  },
});
