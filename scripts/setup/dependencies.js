// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand, runStep } from './child.js';
import { withSetupLock } from './lock.js';
import { readLockfile, sameInstall } from './lockfile.js';
import { ROOT } from './paths.js';

/**
 * Installs the packages of package-lock.json unless they are installed. Repeats an install that was interrupted.
 * @param {string} [root]
 */
export async function ensureDependencies(root = ROOT) {
  if (!isInstalled(root)) await withSetupLock(() => installPackages(root), join(root, '.cache'));
}

/** @param {string} root */
async function installPackages(root) {
  if (isInstalled(root)) return;
  if (!isInstalledByNpm(root)) {
    rmSync(hashFile(root), { force: true });
    const npm = npmCommand();
    // With development packages even under NODE_ENV=production: one install serves npm start and npm test.
    const args = [...npm.args, 'ci', '--include=dev', '--no-audit', '--no-fund'];
    const env = { ...process.env, MONGOMS_DISABLE_POSTINSTALL: '1' };
    await runStep('Installing dependencies', { ...npm, args, cwd: root, env });
  }
  writeFileSync(hashFile(root), lockHash(root));
}

/** @param {string} root */
function isInstalled(root) {
  const file = hashFile(root);
  return existsSync(file) && readFileSync(file, 'utf8') === lockHash(root);
}

/** @param {string} root */
function hashFile(root) {
  return join(root, 'node_modules', '.installed-lock');
}

/** @param {string} root */
function lockHash(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(process.platform).update(process.arch).digest('hex');
}

/**
 * Whether npm, called directly, has installed exactly these packages. An unfinished install has no list: npm writes it last.
 * @param {string} root
 */
function isInstalledByNpm(root) {
  const listFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(listFile)) return false;
  return sameInstall(readLockfile(join(root, 'package-lock.json')), readLockfile(listFile));
}
