// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { handOver } from '../setup/child.js';
import { CACHE, ROOT } from '../setup/paths.js';
import { say } from '../setup/say.js';
import { ensureWebApp } from '../setup/web.js';
import { check } from './check.js';
import { mongodEnvironment, nodeCommand } from './program.js';
import { countPlaywright, countVitest, summary, total } from './counts.js';

const REPORTS = join(CACHE, 'reports');
const UNIT_REPORT = join(REPORTS, 'vitest.json');
const BROWSER_REPORT = join(REPORTS, 'playwright.json');

/**
 * Everything: lint, types and format, then the tests of code and servers, then those in a browser. All run, whatever
 * fails; the closing lines name the failed tests, count all, and name those that passed at a later try than the first.
 * @type {import('../tasks.js').Task}
 */
export async function test() {
  rmSync(REPORTS, { recursive: true, force: true });
  const checked = await check([]);
  const units = await testUnits([]);
  const browser = await testBrowser([]);
  const counts = total([countVitest(report(UNIT_REPORT), units), countPlaywright(report(BROWSER_REPORT), browser)]);
  // A run that is not clean must not read as "0 failed".
  const lines = summary(checked === 0 ? counts : { ...counts, failed: counts.failed + 1 });
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(join(REPORTS, 'summary.txt'), `${lines}\n`);
  if (checked !== 0) say('Lint, types or format are not clean (see above); that counts as one failure.');
  process.stdout.write(`\n${lines}\n`);
  return checked === 0 && units === 0 && browser === 0 ? 0 : 1;
}

/** @type {import('../tasks.js').Task} */
export async function testUnits(args) {
  const env = await mongodEnvironment();
  await ensureWebApp();
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.workspace.ts', ...reporters, ...args];
  return handOver({ ...nodeCommand(vitest), env });
}

/**
 * Pure tests alone, in seconds: without a database, a browser or built pages.
 * @type {import('../tasks.js').Task}
 */
export async function testFast(args) {
  const isWatching = args.includes('--watch') || args.includes('-w');
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    isWatching ? 'watch' : 'run',
    '--config',
    'vitest.fast.ts',
    ...args,
  ];
  return handOver(nodeCommand(vitest));
}

/** @type {import('../tasks.js').Task} */
export async function testBrowser(args) {
  const env = { ...(await mongodEnvironment()), PLAYWRIGHT_JSON_OUTPUT_FILE: BROWSER_REPORT };
  await ensureWebApp();
  const playwright = ['node_modules/@playwright/test/cli.js', 'test', '--config', 'e2e/playwright.config.ts', ...args];
  return handOver({ ...nodeCommand(playwright), env, cwd: ROOT });
}

/**
 * @param {string} file
 * @returns {string | null} Null where the run ended before it could write one.
 */
function report(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
