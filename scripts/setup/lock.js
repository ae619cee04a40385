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
import { setTimeout as delay } from 'node:timers/promises';
import { CACHE } from './paths.js';
import { say } from './say.js';

const BEAT_MS = 5_000;
const STALE_AFTER_MS = 60_000;
const POLL_MS = 200;

/**
 * Does the work while no other command of this checkout does any of the kind: two commands started at once wait for
 * each other. A lock whose holder is dead, or has not moved for a minute, is taken over.
 * @template T
 * @param {() => Promise<T>} work
 * @param {string} [folder]
 * @returns {Promise<T>}
 */
export async function withSetupLock(work, folder = CACHE) {
  const file = join(folder, 'setup.lock');
  mkdirSync(folder, { recursive: true });
  await take(file);
  const release = () => rmSync(file, { force: true });
  const beat = setInterval(() => {
    if (existsSync(file)) utimesSync(file, new Date(), new Date());
  }, BEAT_MS);
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off('exit', release);
    release();
  }
}

/** @param {string} file */
async function take(file) {
  let told = false;
  while (!create(file)) {
    const holder = holderOf(file);
    if (holder === null) continue;
    if (isStale(holder)) {
      removeStale(file, holder.pid);
      continue;
    }
    if (!told) say(`Another command (process ${holder.pid}) is setting things up; waiting for it.`);
    told = true;
    await delay(POLL_MS);
  }
}

/**
 * Moved aside before it is removed: of two that find the same stale lock only one may take it.
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
 * @returns {{ pid: number, idleMs: number } | null} Null where it has just been given back.
 */
function holderOf(file) {
  try {
    return { pid: Number(readFileSync(file, 'utf8')), idleMs: Date.now() - statSync(file).mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** @param {{ pid: number, idleMs: number }} holder */
function isStale({ pid, idleMs }) {
  // Just made and not yet written into.
  if (pid === 0) return idleMs > BEAT_MS;
  return idleMs > STALE_AFTER_MS || !isAlive(pid);
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
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
