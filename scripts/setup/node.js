// @ts-check
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { collect, npmCommand, runStep } from './child.js';
import { withSetupLock } from './lock.js';
import { CACHE } from './paths.js';
import { say, SetupError } from './say.js';

/** The version that is fetched if the machine's Node is too old. */
const NODE_VERSION = '24.21.0';

const FOLDER = join(CACHE, 'node24');
const BIN = join(FOLDER, 'node_modules', '.bin');
const READY = join(FOLDER, 'ready');

/**
 * Whether this version runs TypeScript without a flag: 22.18 and newer, except 23, which is no longer maintained.
 * @param {string} version Such as "v20.20.2".
 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 18);
}

/**
 * The folder of a Node that is new enough, installed into the cache first unless it is there.
 * @returns {Promise<string>}
 */
export async function fetchedNodeFolder() {
  if (!isReady()) await withSetupLock(installNode);
  return BIN;
}

/**
 * The environment with this folder first on the PATH, a variable that Windows spells Path.
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

async function installNode() {
  if (isReady() || (await hasWantedVersion())) return;
  say(`This is Node ${process.version}; fetching Node ${NODE_VERSION} into .cache (once).`);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), manifest());
  const npm = npmCommand();
  const args = [...npm.args, 'install', '--no-audit', '--no-fund', '--no-package-lock'];
  await runStep(`Fetching Node ${NODE_VERSION}`, { ...npm, args, cwd: FOLDER });
  if (!(await hasWantedVersion()))
    throw new SetupError(
      `The fetched Node ${NODE_VERSION} does not run on this machine. Install Node 24 yourself (https://nodejs.org) and try again.`,
    );
}

/** The install script of the package `node` puts the binary in place; recent versions of npm run only allowed scripts. */
function manifest() {
  return JSON.stringify({
    private: true,
    description: 'Node for this checkout, because the machine has an older one.',
    dependencies: { node: NODE_VERSION },
    allowScripts: { node: true },
  });
}

async function hasWantedVersion() {
  const { code, stdout } = await collect({ command: join(BIN, 'node'), args: ['--version'] });
  if (code !== 0 || stdout.trim() !== `v${NODE_VERSION}`) return false;
  writeFileSync(READY, NODE_VERSION);
  return true;
}
