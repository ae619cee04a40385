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

/** Tests that fill the whole machine: beside others they would take minutes, and the others would run out of time. */
const ALONE = '**/*.alone.int.test.ts';

function project(name: string, more: TestOptions = {}): TestProjectConfiguration {
  return {
    extends: true,
    test: { name, root: `./${name}`, include: ['**/*.test.ts'], exclude: ['**/node_modules/**', ALONE], ...more },
  };
}

const DATABASE = { globalSetup: ['./test/support/global-setup.ts'] };
/** After all the others, one file at a time. */
const BY_ITSELF = { name: 'alone', include: [ALONE], exclude: [], maxWorkers: 1, sequence: { groupOrder: 1 } };

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
      project('server', DATABASE),
      project('server', { ...DATABASE, ...BY_ITSELF }),
      webProject(COMMON),
    ],
  },
});
