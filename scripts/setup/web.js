// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runStep } from './child.js';
import { withSetupLock } from './lock.js';
import { ROOT } from './paths.js';

const WEB = join(ROOT, 'web');
const NOTE = join(WEB, 'build', '.sources');

/** What the build makes, pages and types alike; the types are needed by the checks. */
const MADE = ['build/handler.js', '.svelte-kit', 'node_modules/$app', 'src/lib/paraglide'];

/** Names of what the build leaves among the sources. */
const NO_SOURCES = new Set([
  'build',
  'node_modules',
  'paraglide',
  'cache',
  '.svelte-kit',
  '.gitignore',
  '.meta.json',
  'README.md',
]);

/** Builds the web app where its sources are not those of the last build. */
export async function ensureWebApp() {
  if (isCurrent()) return;
  await withSetupLock(async () => {
    if (!isCurrent()) await build();
  });
}

async function build() {
  const hash = sourcesHash();
  rmSync(NOTE, { force: true });
  const args = ['node_modules/vite/bin/vite.js', 'build', 'web'];
  // A development NODE_ENV in the environment would put Svelte's development code into the bundle.
  const env = { ...process.env, NODE_ENV: 'production' };
  await runStep('Building the web app', { command: process.execPath, args, cwd: ROOT, env });
  writeFileSync(NOTE, hash);
}

function isCurrent() {
  const isThere = MADE.every((path) => existsSync(join(WEB, path)));
  return isThere && existsSync(NOTE) && readFileSync(NOTE, 'utf8') === sourcesHash();
}

/** One hash over names and contents of all that goes into the build. */
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
    if (NO_SOURCES.has(entry.name) || entry.name.includes('.test.')) return [];
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}
