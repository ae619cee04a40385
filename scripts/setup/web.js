// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runStep } from './child.js';
import { noteCommit } from './commit.js';
import { withSetupLock } from './lock.js';
import { ROOT } from './paths.js';

const WEB = join(ROOT, 'web');
const HASH_FILE = join(WEB, 'build', '.sources');

/** Output of the build: the pages, and types that the checks need. */
const OUTPUT = ['build/handler.js', '.svelte-kit', 'node_modules/$app', 'src/lib/paraglide'];

/** Names of files and folders that the build writes among the sources. */
const GENERATED = new Set([
  'build',
  'node_modules',
  'paraglide',
  'cache',
  '.svelte-kit',
  '.gitignore',
  '.meta.json',
  'README.md',
]);

/** Builds the web app if its sources have changed since the last build, and notes the commit that it is of. */
export async function ensureWebApp() {
  if (!isBuilt())
    await withSetupLock(async () => {
      if (!isBuilt()) await buildWebApp();
    });
  await noteCommit(ROOT, process.env);
}

async function buildWebApp() {
  const hash = sourcesHash();
  rmSync(HASH_FILE, { force: true });
  const args = ['node_modules/vite/bin/vite.js', 'build', 'web'];
  // With NODE_ENV=development the bundle would contain Svelte's development code.
  const env = { ...process.env, NODE_ENV: 'production' };
  await runStep('Building the web app', { command: process.execPath, args, cwd: ROOT, env });
  writeFileSync(HASH_FILE, hash);
}

function isBuilt() {
  const isComplete = OUTPUT.every((path) => existsSync(join(WEB, path)));
  return isComplete && existsSync(HASH_FILE) && readFileSync(HASH_FILE, 'utf8') === sourcesHash();
}

/** Hash of the names and contents of all source files of the build. */
function sourcesHash() {
  const hash = createHash('sha256');
  const files = [...filesIn(WEB), ...filesIn(join(ROOT, 'shared', 'src')), join(ROOT, 'package-lock.json')];
  for (const file of files) hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (GENERATED.has(entry.name) || entry.name.includes('.test.')) return [];
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}
