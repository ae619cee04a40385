// @ts-check
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from './child.js';

const DIGITS = 12;

/**
 * Notes the commit that is built in `web/build/.commit` of the project's folder, twelve hex digits, for the server to name
 * it. Outside of a clone it is the one in GIT_COMMIT, as in the build of a container; without either there is no note.
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
export async function noteCommit(folder, env) {
  const note = join(folder, 'web', 'build', '.commit');
  const commit = env['GIT_COMMIT'] ? shortened(env['GIT_COMMIT']) : await headOf(folder);
  const noted = existsSync(note) ? readFileSync(note, 'utf8') : null;
  if (commit === noted) return;
  if (commit === null) rmSync(note);
  else writeFileSync(note, commit);
}

/** @param {string} folder */
async function headOf(folder) {
  // Not that of a repository around the folder.
  if (!existsSync(join(folder, '.git'))) return null;
  const { code, stdout } = await collect({ command: 'git', args: ['rev-parse', 'HEAD'], cwd: folder });
  return code === 0 ? shortened(stdout) : null;
}

/** @param {string} commit */
function shortened(commit) {
  const hex = commit.trim().toLowerCase();
  return /^[0-9a-f]{12,64}$/.test(hex) ? hex.slice(0, DIGITS) : null;
}
