// @ts-check
import { check } from './tasks/check.js';
import { develop } from './tasks/develop.js';
import { mutate } from './tasks/mutate.js';
import { build, runProgram, start } from './tasks/program.js';
import { test, testBrowser, testFast, testUnits } from './tasks/test.js';
import { SetupError } from './setup/say.js';

/** @typedef {(args: string[]) => Promise<number>} Task Resolves to the exit code. */

/** @type {Record<string, Task>} */
const TASKS = {
  start,
  dev: develop,
  build,
  check,
  test,
  'test:fast': testFast,
  'test:unit': testUnits,
  'test:e2e': testBrowser,
  mutate,
  admin: runProgram('server/src/cli/admin.ts'),
  migrate: runProgram('server/src/cli/migrate.ts'),
  reconcile: runProgram('server/src/cli/reconcile.ts'),
  doctor: runProgram('server/src/cli/doctor.ts'),
  backup: runProgram('server/src/cli/backup.ts'),
  restore: runProgram('server/src/cli/restore.ts'),
  'replica-set': runProgram('server/src/cli/replica-set.ts', { database: false }),
  crowd: runProgram('scripts/crowd/main.ts', { database: false }),
  bench: runProgram('bench/main.ts', { web: true }),
  soak: runProgram('scripts/soak/main.ts', { database: false, web: true }),
  screenshots: runProgram('e2e/screenshots.ts', { web: true }),
};

/** @type {Task} */
export async function runTask([name = '', ...args]) {
  const task = TASKS[name];
  if (task === undefined)
    throw new SetupError(`There is no command "${name}". There are: ${Object.keys(TASKS).join(', ')}.`);
  return task(args);
}
