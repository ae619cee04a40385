import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdir, readFile, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../../../../scripts/setup/mongod-sources.js';
import type { Undoing } from '../database/test-database.ts';
import { tempFolder } from '../temp-folder.ts';
import { envPairs, isDockerIgnored, jsonWords, readDockerfile } from './dockerfile.ts';
import { REPOSITORY } from './examples.ts';

const run = promisify(execFile);

/** An image that was built from the Dockerfile, and what its last instructions say of its start. */
export interface Image {
  /** Folder with the image's files. */
  root: string;
  /** Values of ARG, which only a RUN sees. */
  args: Record<string, string>;
  env: Record<string, string>;
  workdir: string;
  user: string;
  command: string[];
  health: string[];
  volumes: string[];
}

/** The path of the official image of Node. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Builds the Dockerfile as Docker does, by its own instructions: each stage is a folder, and each RUN a process whose root
 * is that folder. The base image, which cannot be fetched, is this machine's /usr, read-only, with Node and npm.
 */
export async function buildImage(t: Undoing, args: Readonly<Record<string, string>> = {}): Promise<Image> {
  const folder = await tempFolder(t, 'image');
  const context = await buildContext(join(folder, 'context'));
  const built = new Map<string, Image>();
  let image: Image | null = null;
  for (const [index, stage] of readDockerfile(await readFile(join(REPOSITORY, 'Dockerfile'), 'utf8')).entries()) {
    image = await baseImage(join(folder, `stage-${index}`));
    for (const instruction of stage.instructions) await carryOut(image, instruction, { context, built, args });
    if (stage.name !== null) built.set(stage.name, image);
  }
  if (image === null) throw new Error('The Dockerfile has no stage');
  return image;
}

/** The files that Docker sends to the build: those that git knows, less those of `.dockerignore`. */
async function buildContext(folder: string): Promise<string> {
  const ignoreFile = await readFile(join(REPOSITORY, '.dockerignore'), 'utf8');
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: REPOSITORY });
  const files = stdout.split('\n').filter((file) => file !== '' && !isDockerIgnored(file, ignoreFile));
  for (const file of files) await cp(join(REPOSITORY, file), join(folder, file));
  return folder;
}

const ACCOUNTS = 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n';
/** What a machine gives to its containers, and the certificates of its package registry. */
const MACHINE_FILES = ['resolv.conf', 'hosts', 'nsswitch.conf', 'ssl'];

async function baseImage(root: string): Promise<Image> {
  for (const name of ['usr', 'etc', 'dev', 'proc', 'tmp', 'root', 'npm-cache'])
    await mkdir(join(root, name), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name));
  await writeFile(join(root, 'etc/passwd'), ACCOUNTS);
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
  for (const name of MACHINE_FILES)
    await cp(join('/etc', name), join(root, 'etc', name), { recursive: true, verbatimSymlinks: true });
  return { root, args: {}, env: { PATH }, workdir: '/', user: '0:0', command: [], health: [], volumes: [] };
}

interface BuildSources {
  context: string;
  built: ReadonlyMap<string, Image>;
  /** The values of `--build-arg`. */
  args: Readonly<Record<string, string>>;
}

async function carryOut(
  image: Image,
  { keyword, flags, text }: ReturnType<typeof readDockerfile>[number]['instructions'][number],
  { context, built, args }: BuildSources,
): Promise<void> {
  switch (keyword) {
    case 'ARG':
      for (const [name, value] of Object.entries(envPairs(text))) image.args[name] = args[name] ?? value;
      return;
    case 'ENV':
      Object.assign(image.env, envPairs(text));
      return;
    case 'WORKDIR':
      image.workdir = resolve(image.workdir, text);
      await mkdir(join(image.root, image.workdir), { recursive: true });
      return;
    case 'USER':
      image.user = text;
      return;
    case 'VOLUME':
      image.volumes.push(text);
      return;
    case 'CMD':
      image.command = jsonWords(text);
      return;
    case 'HEALTHCHECK':
      image.health = jsonWords(text.replace(/^CMD /, ''));
      return;
    case 'EXPOSE':
      return;
    case 'COPY':
      return copyInto(image, text.split(/\s+/), flags['from'] === undefined ? context : rootOf(built, flags['from']));
    case 'RUN':
      return runStep(image, text);
    default:
      throw new Error(`The test cannot carry out ${keyword} of the Dockerfile`);
  }
}

function rootOf(built: ReadonlyMap<string, Image>, name: string): string {
  const stage = built.get(name);
  if (!stage) throw new Error(`The Dockerfile copies from ${name}, which is no stage before`);
  return stage.root;
}

/** Copies like COPY: the content of a folder, and files into a folder if there are several or it ends with a slash. */
async function copyInto({ root, workdir }: Image, words: string[], from: string): Promise<void> {
  const sources = words.slice(0, -1);
  const to = words.at(-1) ?? '';
  const target = join(root, resolve(workdir, to));
  const isFolder = sources.length > 1 || to.endsWith('/');
  for (const source of sources) {
    const path = join(from, source);
    if ((await stat(path)).isDirectory()) {
      await mkdir(target, { recursive: true });
      await run('cp', ['--archive', `${path}/.`, target]);
    } else {
      await mkdir(isFolder ? target : dirname(target), { recursive: true });
      await run('cp', ['--archive', path, target]);
    }
  }
}

/** Variables by which npm finds its registry on this machine. */
const OF_REGISTRY = /^(?:npm_config_(?:registry|cafile)|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i;

async function runStep(image: Image, text: string): Promise<void> {
  const registry = Object.fromEntries(Object.entries(process.env).filter(([name]) => OF_REGISTRY.test(name)));
  const env = { HOME: '/root', npm_config_cache: '/npm-cache', npm_config_prefer_offline: 'true', ...registry };
  const step = await enter({ ...image, env: { ...image.args, ...image.env, ...env } }, ['/bin/sh', '-c', text], {
    isBuild: true,
  });
  const code = await step.ended;
  if (code !== 0) throw new Error(`RUN ${text} of the Dockerfile ended with ${code}:\n${step.output()}`);
}

/** Mounts what an image's processes see, and becomes the command: it is process 1 of its own namespace. */
const ENTER = `
root=$1 user=$2 folder=$3 node=$4 npm=$5 cache=$6 volume=$7
shift 7
mount --bind "$root" "$root"
mount -o bind,ro /usr "$root/usr"
mount -t tmpfs -o mode=755 tmpfs "$root/usr/local"
mkdir -p "$root/usr/local/bin" "$root/usr/local/lib/node_modules/npm"
touch "$root/usr/local/bin/node"
mount -o bind,ro "$node" "$root/usr/local/bin/node"
mount -o bind,ro "$npm" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
mount -t tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
if [ -n "$cache" ]; then mount --bind "$cache" "$root/npm-cache"; fi
if [ -n "$volume" ]; then mount --bind "$volume" "$root/data"; mount -o remount,bind,ro "$root"; fi
exec chroot --groups= --userspec="$user" "$root" /usr/bin/env -i -C "$folder" "$@"
`;

interface EnterOptions {
  /** A RUN of the build, which may use this machine's cache of npm; otherwise the image is read-only. */
  isBuild?: boolean;
  /** The folder that is mounted as the volume. */
  volume?: string;
}

async function enter(image: Image, command: readonly string[], { isBuild = false, volume = '' }: EnterOptions) {
  const npm = dirname(dirname(await realpath(npmProgram())));
  const cache = join(homedir(), '.npm');
  if (isBuild) await mkdir(cache, { recursive: true });
  const places = [image.root, image.user, image.workdir, process.execPath, npm, isBuild ? cache : '', volume];
  const settings = Object.entries(image.env).map(([name, value]) => `${name}=${value}`);
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child'];
  const child = spawn('unshare', [...namespaces, 'sh', '-euc', ENTER, 'sh', ...places, ...settings, ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, output: () => output };
}

function npmProgram(): string {
  const path = process.env['npm_execpath'] ?? onPath(['npm']);
  if (path === null) throw new Error('npm is not on the path');
  return path;
}

export type Container = Awaited<ReturnType<typeof startContainer>>;

/** Runs the image's command like a container with a read-only root, a volume and these settings; ends with the test. */
export async function startContainer(t: Undoing, image: Image, settings: Record<string, string>) {
  const volume = await tempFolder(t, 'volume');
  await chown(volume, 1_000, 1_000);
  const started = { ...image, env: { ...image.env, ...settings } };
  const { child, ended, output } = await enter(started, image.command, { volume });
  t.onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const exec = async (command: readonly string[]) => {
    const step = await enter(started, command, { volume });
    return step.ended;
  };
  return {
    volume,
    output,
    ended,
    exec,
    /** The exit code of the image's health check. */
    health: () => exec(image.health),
    /** The first process of the container, by its id outside of it. */
    async firstProcess(): Promise<number> {
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      return Number(children.trim());
    },
  };
}
