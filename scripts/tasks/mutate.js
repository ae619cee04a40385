// @ts-check
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { handOver, npmCommand, runStep } from '../setup/child.js';
import { withSetupLock } from '../setup/lock.js';
import { CACHE } from '../setup/paths.js';
import { nodeCommand } from './program.js';

const VERSION = '10.1.1';

/** Below the project, so that its Vitest plugin finds the project's Vitest. */
const FOLDER = join(CACHE, 'stryker', VERSION);
const STRYKER = join(FOLDER, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

/**
 * Mutation tests of the decisions; what survives is printed. Stryker is fetched into the cache at the first run: its 160
 * packages are no part of an installation.
 * @type {import('../tasks.js').Task}
 */
export async function mutate(args) {
  if (!existsSync(STRYKER)) await withSetupLock(install);
  return handOver(nodeCommand([STRYKER, 'run', 'scripts/mutation/stryker.config.js', ...args]));
}

async function install() {
  if (existsSync(STRYKER)) return;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), manifest());
  const npm = npmCommand();
  // Without peers: Vitest is the project's own.
  const args = [...npm.args, 'install', '--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps'];
  await runStep(`Fetching Stryker ${VERSION}`, { ...npm, args, cwd: FOLDER });
}

function manifest() {
  const names = ['@stryker-mutator/core', '@stryker-mutator/vitest-runner'];
  return JSON.stringify({ private: true, dependencies: Object.fromEntries(names.map((name) => [name, VERSION])) });
}
