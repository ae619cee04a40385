import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { COMMON, webProject } from './vitest.workspace.ts';

const PURE = {
  ...COMMON,
  // No test waits for anything: more workers than cores only import the same modules more often.
  maxWorkers: 2,
  // Whatever opens a socket or starts a process after all is told to take the other name.
  setupFiles: [fileURLToPath(new URL('scripts/vitest/only-pure.ts', import.meta.url))],
  // What takes seconds: whole servers, and thousands of made-up histories.
  exclude: ['**/node_modules/**', '**/*.int.test.ts', '**/*.property.test.ts'],
};

/** Pure tests alone, to be run at each save: `npm run test:fast`. */
export default defineConfig({
  test: {
    ...PURE,
    projects: [
      // One project for all folders that run in plain Node: each would start a Vite of its own.
      { extends: true, test: { name: 'node', include: ['{bench,scripts,server,shared}/**/*.test.ts'] } },
      webProject(PURE),
    ],
  },
});
