// @ts-check
import { readFileSync } from 'node:fs';

/**
 * @typedef {{ version?: string, optional?: boolean, peer?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 */

/**
 * @param {string} file
 * @returns {Lockfile}
 */
export function readLockfile(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * Whether `installed` has exactly the packages of `wanted`; optional ones may be missing.
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
