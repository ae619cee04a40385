import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { tempFolder } from '../test/support/temp-folder.ts';
import { programEnv } from '../test/support/program-env.ts';
import { testDatabaseUri } from '../test/support/database/test-database.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Server {
  process: ChildProcessWithoutNullStreams;
  /** The output so far, of stdout and stderr. */
  output(): string;
  ended: Promise<number | null>;
}

/** Runs the program like `npm start`, with these Frontrow settings alone; all other settings are unset. */
function run(settings: Record<string, string>): Server {
  const child = spawn(process.execPath, [MAIN], {
    cwd: tmpdir(),
    env: programEnv({ PORT: '0', LOG_LEVEL: 'info', ...settings }),
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { process: child, output: () => output, ended };
}

async function address(server: Server): Promise<string> {
  return vi.waitUntil(() => /is ready at (http:\S+)/.exec(server.output())?.[1], { timeout: 45_000 });
}

const embedded = (dataDir: string) => ({ DATA_DIR: dataDir, MONGOMS_SYSTEM_BINARY: inject('mongodBinary') });

describe('the server process exits with 1 and a sentence, without a stack trace, for', () => {
  async function sentence(settings: Record<string, string>): Promise<string> {
    const server = run(settings);
    expect(await server.ended).toBe(1);
    expect(server.output()).not.toMatch(/^\s+at /m);
    return server.output().trim();
  }

  test('a wrong setting', async () => {
    expect(await sentence({ PORT: 'abc' })).toBe('PORT must be a whole number from 0 to 65535 (it is "abc").');
  });

  test('a taken port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const output = await sentence({ MONGO_URI: testDatabaseUri(), PORT: String(port) });
    expect(output).toContain(`PORT ${port} on 127.0.0.1 is taken by another program.`);
  });

  test('a start without a database', async () => {
    expect(await sentence({})).toContain('Start with "npm start", which finds a MongoDB to run.');
  });

  test('a data folder inside a file', async () => {
    const folder = join(MAIN, 'data');
    expect(await sentence(embedded(folder))).toContain(`DATA_DIR (${folder}) cannot be used: ENOTDIR`);
  });

  test.runIf(process.platform === 'linux')('a data folder that cannot be created', async () => {
    expect(await sentence(embedded('/proc/none'))).toContain('DATA_DIR (/proc/none) cannot be used: ENOENT');
  });

  test.each([
    ['a database name that is not encoded', 'mongodb://127.0.0.1:1/%zz', 'URI malformed'],
    ['an unknown option', 'mongodb://127.0.0.1:1/x?pool=5', 'option pool is not supported'],
    [
      'a password that is not encoded',
      'mongodb://alice:se/cret@127.0.0.1:1/x',
      'Password contains unescaped characters',
    ],
    ['an unknown name', 'mongodb+srv://frontrow.invalid/x', 'frontrow.invalid'],
  ])('a connection string with %s', async (_fault, uri, reason) => {
    const output = await sentence({ MONGO_URI: uri });
    expect(output).toContain('MONGO_URI cannot be used: ');
    expect(output).toContain(reason);
    expect(output).not.toContain('cret');
  });

  test('an unreachable database', async () => {
    const output = await sentence({ MONGO_URI: 'mongodb://nobody:secret@127.0.0.1:1/x' });
    expect(output).toContain('MONGO_URI cannot be reached');
    expect(output).not.toContain('secret');
  });
});

describe('the server process', () => {
  test('prints its data folder and its address, answers, and exits with 0 at SIGTERM', async () => {
    const dataDir = await tempFolder({ onTestFinished }, 'main');
    const server = run(embedded(dataDir));
    const ready = await fetch(`${await address(server)}/api/health/ready`);
    expect(ready.status).toBe(200);
    expect(server.output()).toContain(`keeps its data in ${join(dataDir, 'mongo')}`);
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });

  test('exits with 0 at a Ctrl-C that arrives twice, and ends its database', async () => {
    const dataDir = await tempFolder({ onTestFinished }, 'main');
    const server = run(embedded(dataDir));
    await address(server);
    server.process.kill('SIGINT');
    server.process.kill('SIGINT');
    expect(await server.ended).toBe(0);
    expect(await readFile(join(dataDir, 'mongo', 'mongod.lock'), 'utf8')).toBe('');
  });

  test('refuses the DATA_DIR of a running server with a sentence that names both', async () => {
    const dataDir = await tempFolder({ onTestFinished }, 'main');
    const first = run(embedded(dataDir));
    const url = await address(first);
    const second = run(embedded(dataDir));
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(
      `DATA_DIR (${dataDir}) is in use by the server with process id ${first.process.pid}`,
    );
    expect((await fetch(`${url}/api/health/ready`)).status).toBe(200);
  });

  test('starts at once after a kill -9', async () => {
    const dataDir = await tempFolder({ onTestFinished }, 'main');
    const first = run(embedded(dataDir));
    await address(first);
    first.process.kill('SIGKILL');
    await first.ended;
    const second = run(embedded(dataDir));
    expect((await fetch(`${await address(second)}/api/health/ready`)).status).toBe(200);
  });

  test('warns if rate limits are off', async () => {
    const server = run({ MONGO_URI: testDatabaseUri(), RATE_LIMITS: 'off' });
    await address(server);
    expect(server.output()).toContain('RATE_LIMITS is off');
  });
});
