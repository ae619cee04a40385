// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand, runStep } from './child.js';
import { withSetupLock } from './lock.js';
import { ROOT } from './paths.js';

/**
 * @typedef {{ version?: string, optional?: boolean, peer?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 */

/**
 * Installs what package-lock.json names, if that is not installed yet. An install that was interrupted is done again.
 * @param {string} [root]
 */
export async function ensureDependencies(root = ROOT) {
  if (!isCurrent(root)) await withSetupLock(() => install(root), join(root, '.cache'));
}

/** @param {string} root */
async function install(root) {
  if (isCurrent(root)) return;
  if (!matches(root)) {
    rmSync(noteFile(root), { force: true });
    const npm = npmCommand();
    // Development packages always: one install serves npm start and npm test, whatever NODE_ENV says.
    const args = [...npm.args, 'ci', '--include=dev', '--no-audit', '--no-fund'];
    const env = { ...process.env, MONGOMS_DISABLE_POSTINSTALL: '1' };
    await runStep('Installing dependencies', { ...npm, args, cwd: root, env });
  }
  writeFileSync(noteFile(root), lockHash(root));
}

/** @param {string} root */
function isCurrent(root) {
  const note = noteFile(root);
  return existsSync(note) && readFileSync(note, 'utf8') === lockHash(root);
}

/** @param {string} root */
function noteFile(root) {
  return join(root, 'node_modules', '.installed-lock');
}

/** @param {string} root */
function lockHash(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(process.platform).update(process.arch).digest('hex');
}

/**
 * Whether someone installed exactly this by npm itself: npm writes its own list last, so an unfinished install has none.
 * @param {string} root
 */
function matches(root) {
  const listFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(listFile)) return false;
  return sameInstall(readLock(join(root, 'package-lock.json')), readLock(listFile));
}

/**
 * @param {string} file
 * @returns {Lockfile}
 */
function readLock(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * Whether the packages of `installed` are those that `wanted` names; optional ones may be missing.
 * @param {Lockfile} wanted
 * @param {Lockfile} installed
 */
export function sameInstall(wanted, installed) {
  const have = installed.packages ?? {};
  const want = Object.entries(wanted.packages ?? {}).filter(([path]) => path !== '');
  const known = new Set(want.map(([path]) => path));
  return (
    want.every(([path, { version, optional }]) =>
      have[path] === undefined ? optional === true : have[path].version === version,
    ) && Object.keys(have).every((path) => known.has(path))
  );
}
