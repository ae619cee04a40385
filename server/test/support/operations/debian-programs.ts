import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withSetupLock } from '../../../../scripts/setup/lock.js';
import { onPath } from '../../../../scripts/setup/mongod-sources.js';
import { CACHE } from '../../../../scripts/setup/paths.js';
import { withProgress } from '../../../../scripts/setup/say.js';

const run = promisify(execFile);

/** Each program, the packages of Debian with its files, and its path in them. */
const PACKAGED = {
  nginx: { packages: ['nginx', 'nginx-common'], path: 'usr/sbin/nginx', version: '-v' },
  caddy: { packages: ['caddy'], path: 'usr/bin/caddy', version: 'version' },
  prometheus: { packages: ['prometheus'], path: 'usr/bin/prometheus', version: '--version' },
} as const;

type ProgramName = keyof typeof PACKAGED;

/** A program of a Debian package, unpacked without an installation. */
interface DebianProgram {
  program: string;
  /** Folder with the files of its packages, such as etc/nginx; the root of this machine if the program is installed. */
  root: string;
}

/**
 * A program of Debian: fetched once into the cache by apt-get, without root; on other systems the one on the path. Throws
 * the reason if there is neither.
 */
export async function debianProgram(name: ProgramName): Promise<DebianProgram> {
  const root = join(CACHE, 'debian', name);
  const { packages, path, version } = PACKAGED[name];
  const program = join(root, path);
  if (!existsSync(program)) {
    const installed = onPath([name]);
    if (onPath(['apt-get', 'dpkg-deb']) === null && installed !== null) return { program: installed, root: '/' };
    await withSetupLock(async () => {
      if (!existsSync(program)) await withProgress(`Fetching ${name}`, () => unpack(packages, root));
    });
  }
  await run(program, [version]);
  return { program, root };
}

async function unpack(packages: readonly string[], root: string): Promise<void> {
  const draft = `${root}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, 'files'), { recursive: true });
  await run('apt-get', ['-qq', 'download', ...packages], { cwd: draft }).catch(() => downloadAnew(packages, draft));
  const files = (await readdir(draft)).filter((file) => file.endsWith('.deb'));
  for (const file of files) await run('dpkg-deb', ['--extract', join(draft, file), join(draft, 'files')]);
  await rm(root, { recursive: true, force: true });
  await rename(join(draft, 'files'), root);
  await rm(draft, { recursive: true, force: true });
}

/** With lists of its own: those of the machine may be missing or name versions that are gone. */
async function downloadAnew(packages: readonly string[], draft: string): Promise<void> {
  const [lists, cache] = [join(draft, 'lists'), join(draft, 'cache')];
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  const own = ['-qq', '-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`];
  await run('apt-get', [...own, 'update'], { cwd: draft });
  await run('apt-get', [...own, 'download', ...packages], { cwd: draft });
}
