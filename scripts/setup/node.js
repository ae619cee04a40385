// @ts-check
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { collect, npmCommand, runStep } from './child.js';
import { withSetupLock } from './lock.js';
import { CACHE } from './paths.js';
import { say, SetupError } from './say.js';

/** The version that is fetched where the machine's own Node is too old. */
export const NODE_VERSION = '24.21.0';

const FOLDER = join(CACHE, 'node24');
const BIN = join(FOLDER, 'node_modules', '.bin');
const READY = join(FOLDER, 'ready');

/**
 * Whether this Node runs TypeScript as it is: 22.18 and newer, but not the short-lived 23.
 * @param {string} version Such as "v20.20.2".
 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 18);
}

/**
 * The folder of a Node that is new enough, installed into the cache first if need be.
 * @returns {Promise<string>}
 */
export async function fetchedNodeFolder() {
  if (!isReady()) await withSetupLock(install);
  return BIN;
}

/**
 * The environment with that folder first on the path.
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
export function withPath(folder, env) {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...env, [name]: [folder, env[name]].filter(Boolean).join(delimiter) };
}

function isReady() {
  return existsSync(READY) && readFileSync(READY, 'utf8') === NODE_VERSION && existsSync(join(BIN, 'node'));
}

async function install() {
  if (isReady() || (await isInstalled())) return;
  say(`This is Node ${process.version}; fetching Node ${NODE_VERSION} into .cache (once).`);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), manifest());
  const npm = npmCommand();
  const args = [...npm.args, 'install', '--no-audit', '--no-fund', '--no-package-lock'];
  await runStep(`Fetching Node ${NODE_VERSION}`, { ...npm, args, cwd: FOLDER });
  if (!(await isInstalled()))
    throw new SetupError(
      `The fetched Node ${NODE_VERSION} does not run on this machine. Install Node 24 yourself (https://nodejs.org) and try again.`,
    );
}

/** The package's install script puts the binary in place; newer versions of npm run none that is not allowed. */
function manifest() {
  return JSON.stringify({
    private: true,
    description: 'Node for this checkout, because the machine has an older one.',
    dependencies: { node: NODE_VERSION },
    allowScripts: { node: true },
  });
}

async function isInstalled() {
  const { code, stdout } = await collect({ command: join(BIN, 'node'), args: ['--version'] });
  if (code !== 0 || stdout.trim() !== `v${NODE_VERSION}`) return false;
  writeFileSync(READY, NODE_VERSION);
  return true;
}
