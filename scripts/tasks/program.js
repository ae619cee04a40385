// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { handOver } from '../setup/child.js';
import { NODE_FLAGS } from '../setup/flags.js';
import { findMongod } from '../setup/mongod.js';
import { ROOT } from '../setup/paths.js';
import { say, SetupError } from '../setup/say.js';
import { ensureWebApp } from '../setup/web.js';

/** @type {import('../tasks.js').Task} */
export const start = runProgram('server/src/main.ts', { web: true });

/**
 * Builds the pages for a start of the server without npm.
 * @type {import('../tasks.js').Task}
 */
export async function build() {
  await ensureWebApp();
  say('The pages are built: web/build');
  return 0;
}

/**
 * A task that runs one of our programs after preparing its database and pages.
 * @param {string} file
 * @param {{ database?: boolean, web?: boolean }} [needs]
 * @returns {import('../tasks.js').Task}
 */
export function runProgram(file, { database = true, web = false } = {}) {
  return async (args) => {
    if (!existsSync(join(ROOT, file))) throw new SetupError(`This version has no ${file} yet.`);
    const env = database ? await databaseEnvironment() : process.env;
    if (web) await ensureWebApp();
    return handOver({ ...nodeCommand([file, ...args]), env, watched: true });
  };
}

/**
 * The command that runs one of our programs by this Node.
 * @param {string[]} args
 */
export function nodeCommand(args) {
  return { command: process.execPath, args: [...NODE_FLAGS, ...args], cwd: ROOT };
}

/**
 * The environment for a program that needs a database: with the path of a mongod, unless MONGO_URI is set.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function databaseEnvironment() {
  const settings = { ...(await readDotenv()), ...process.env };
  if (settings['MONGO_URI']) return process.env;
  return mongodEnvironment(settings);
}

/**
 * The environment with the path of a mongod in MONGOMS_SYSTEM_BINARY.
 * @param {NodeJS.ProcessEnv} [settings]
 */
export async function mongodEnvironment(settings = process.env) {
  return { ...process.env, MONGOMS_SYSTEM_BINARY: await findMongod({ env: settings }) };
}

/** @returns {Promise<Record<string, string>>} */
async function readDotenv() {
  const file = join(ROOT, '.env');
  if (!existsSync(file)) return {};
  const { parse } = await import('dotenv');
  return parse(readFileSync(file));
}
