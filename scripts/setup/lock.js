// @ts-check
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CACHE } from './paths.js';
import { say } from './say.js';

const RENEW_EVERY_MS = 5_000;
const STALE_AFTER_MS = 60_000;
const POLL_MS = 200;

/**
 * Runs the task while no other command of this checkout runs such a task: a second command waits for the first. A lock is
 * taken over if its owner is dead or has not renewed it for a minute.
 * @template T
 * @param {() => Promise<T>} task
 * @param {string} [folder]
 * @returns {Promise<T>}
 */
export async function withSetupLock(task, folder = CACHE) {
  const file = join(folder, 'setup.lock');
  mkdirSync(folder, { recursive: true });
  await acquire(file);
  const release = () => rmSync(file, { force: true });
  const renewal = setInterval(() => {
    if (existsSync(file)) utimesSync(file, new Date(), new Date());
  }, RENEW_EVERY_MS);
  process.once('exit', release);
  try {
    return await task();
  } finally {
    clearInterval(renewal);
    process.off('exit', release);
    release();
  }
}

/** @param {string} file */
async function acquire(file) {
  let isAnnounced = false;
  while (!create(file)) {
    const owner = ownerOf(file);
    if (owner === null) continue;
    if (isStale(owner)) {
      removeStale(file, owner.pid);
      continue;
    }
    if (!isAnnounced) say(`Another command (process ${owner.pid}) is setting up this checkout; waiting for it.`);
    isAnnounced = true;
    await sleep(POLL_MS);
  }
}

/**
 * Removes a stale lock by renaming it first: of two commands that find it, only one may take it over.
 * @param {string} file
 * @param {number} stalePid
 */
function removeStale(file, stalePid) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (Number(readFileSync(aside, 'utf8')) !== stalePid) linkSync(aside, file);
    rmSync(aside);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** @param {string} file */
function create(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} file
 * @returns {{ pid: number, unrenewedMs: number } | null} Null if the lock has just been released.
 */
function ownerOf(file) {
  try {
    return { pid: Number(readFileSync(file, 'utf8')), unrenewedMs: Date.now() - statSync(file).mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** @param {{ pid: number, unrenewedMs: number }} owner */
function isStale({ pid, unrenewedMs }) {
  // The file exists, and its owner has not written its process id yet.
  if (pid === 0) return unrenewedMs > RENEW_EVERY_MS;
  return unrenewedMs > STALE_AFTER_MS || !isAlive(pid);
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
