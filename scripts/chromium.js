// @ts-check
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect, runStep } from './setup/child.js';
import { withSetupLock } from './setup/lock.js';
import { onPath } from './setup/mongod-sources.js';
import { CACHE } from './setup/paths.js';
import { say, SetupError } from './setup/say.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FOLDER = join(CACHE, 'chromium');
const BUNDLED = join(FOLDER, 'run-chromium');

/**
 * Arguments of every launch. Tests run as root in containers, where Chromium's own sandbox cannot start. Painting without
 * a process of its own took an eighth off the processor time of 21 browser tests (54 instead of 62 s). It is done without
 * SwiftShader: the start of that library sets an environment variable while other threads read the environment, which
 * ended Chromium at its start now and then.
 */
export const CHROMIUM_ARGS = ['--no-sandbox', '--in-process-gpu', '--disable-gpu', '--disable-software-rasterizer'];

/**
 * The path of a Chromium that starts on this machine: one on the path, else the one of the npm package
 * @sparticuz/chromium, unpacked into the cache. Throws a SetupError if neither starts.
 * @returns {Promise<string>}
 */
export async function chromiumPath() {
  const installed = onPath(NAMES);
  if (installed !== null && (await starts(installed))) return installed;
  if (!existsSync(BUNDLED)) await withSetupLock(unpackChromium);
  return BUNDLED;
}

/** @param {string} path */
async function starts(path) {
  const { code } = await collect({ command: path, args: ['--version', ...CHROMIUM_ARGS] });
  return code === 0;
}

async function unpackChromium() {
  if (existsSync(BUNDLED)) return;
  say('No Chromium on the path; unpacking the one of @sparticuz/chromium into .cache (once).');
  rmSync(FOLDER, { recursive: true, force: true });
  const draft = `${FOLDER}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  // The package unpacks into the folder for temporary files, and assumes that files already there are complete.
  const env = { ...process.env, TMPDIR: draft, TMP: draft, TEMP: draft };
  await runStep('Unpacking Chromium', { command: process.execPath, args: ['--input-type=module', '-e', UNPACK], env });
  renameSync(draft, FOLDER);
  await writeLauncher();
}

const UNPACK = `
  const { default: chromium, inflate } = await import('@sparticuz/chromium');
  const { createRequire } = await import('node:module');
  const { dirname, join } = await import('node:path');
  await chromium.executablePath();
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  await inflate(join(dirname(entry), '..', 'bin', 'al2023.tar.br'));
`;

/** Writes a script that starts the unpacked Chromium, with the package's libraries and fonts if the machine has none. */
async function writeLauncher() {
  const hasLibraries = await starts(join(FOLDER, 'chromium'));
  const lines = [
    '#!/bin/sh',
    ...(hasLibraries ? [] : [`export LD_LIBRARY_PATH="${FOLDER}/al2023/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`]),
    `[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH="${FOLDER}/fonts"`,
    `exec "${FOLDER}/chromium" "$@"`,
  ];
  const draft = `${BUNDLED}.new`;
  writeFileSync(draft, `${lines.join('\n')}\n`);
  chmodSync(draft, 0o755);
  if (!(await starts(draft)))
    throw new SetupError(
      'Chromium does not start on this machine. Install one (for example apt-get install chromium).',
    );
  renameSync(draft, BUNDLED);
}
