// @ts-check
import { join } from 'node:path';
import { collect } from '../setup/child.js';
import { ROOT } from '../setup/paths.js';
import { say, withProgress } from '../setup/say.js';
import { ensureWebApp } from '../setup/web.js';

/** @typedef {{ name: string, tool: string, args: string[], cwd?: string }} Check */

/** @type {Check[]} */
const CHECKS = [
  { name: 'lint', tool: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0', '--cache', ...cacheAt('eslint')] },
  { name: 'types', tool: 'typescript/bin/tsc', args: ['-p', '.'] },
  {
    name: 'page types',
    tool: 'svelte-check/bin/svelte-check',
    args: ['--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'],
    cwd: 'web',
  },
  { name: 'worker types', tool: 'typescript/bin/tsc', args: ['-p', 'web/src/service-worker'] },
  { name: 'format', tool: 'prettier/bin/prettier.cjs', args: ['--check', '.', '--cache', ...cacheAt('prettier')] },
];

/** @param {string} name */
function cacheAt(name) {
  return ['--cache-location', join('.cache', name)];
}

/**
 * Checks lint, types and format of all files. Prints the findings, and resolves to 1 if there are any.
 * @type {import('../tasks.js').Task}
 */
export async function check() {
  // The build generates some of the pages' types.
  await ensureWebApp();
  const results = await withProgress('Checking lint, types and format', () => Promise.all(CHECKS.map(runCheck)));
  return results.every((passed) => passed) ? 0 : 1;
}

/** @param {Check} check */
async function runCheck({ name, tool, args, cwd = '.' }) {
  const command = { command: process.execPath, args: [join(ROOT, 'node_modules', tool), ...args] };
  const { code, output } = await collect({ ...command, cwd: join(ROOT, cwd) });
  say(code === 0 ? `${name}: clean` : `${name}: not clean\n${output.trimEnd()}`);
  return code === 0;
}
