// @ts-check
/**
 * Stryker changes the decisions one at a time (a comparison, a constant, a statement), and reports each change that no
 * test noticed. docs/testing.md has the survivors, and why each is harmless.
 */
export default {
  mutate: [
    'server/src/booking/rules/**/*.ts',
    'server/src/live/**/conflate.ts',
    'server/src/socket/**/dispatch.ts',
    '!**/*.test.ts',
    '!**/*.fixture.ts',
  ],
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'scripts/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // A mutant of a loop may never end.
  timeoutMS: 20_000,
  timeoutFactor: 4,
  concurrency: 2,
  // It works on a copy of what the tests need.
  ignorePatterns: ['.cache', 'data', 'docs', 'e2e', 'web', 'screenshots', 'test-results'],
  tempDirName: '.cache/stryker/copy',
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: '.cache/reports/mutation.json' },
};
