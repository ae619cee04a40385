import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { testDatabaseUri } from '../support/database/test-database.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { programEnv } from '../support/program-env.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Settings with which the server logs a line for each request. */
const TALKATIVE = { LOG_LEVEL: 'debug', PORT: '0', DEMO_DATA: 'off', RATE_LIMITS: 'off' };

/** Time limit for the start of a server on a busy machine. */
const START_TIMEOUT_MS = 60_000;
const TIMEOUT_MS = 120_000;

type Finish = Pick<TestContext, 'onTestFinished'>;

/** Runs the server by a shell command, which sets the server's standard output. */
function run(t: Finish, command: string, settings: Record<string, string> = {}) {
  const child = spawn('sh', ['-c', command], {
    cwd: tmpdir(),
    // Without the compile cache, because the limit on the size of files below would apply to its files as well.
    env: { ...programEnv({ MONGO_URI: testDatabaseUri(), ...TALKATIVE, ...settings }), NODE_COMPILE_CACHE: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  t.onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended };
}

const NODE = `exec "${process.execPath}" "${MAIN}"`;

async function addressIn(read: () => Promise<string> | string): Promise<string> {
  const address = async () => / is ready at (http:\S+)/.exec(await read())?.[1];
  await expect.poll(address, { timeout: START_TIMEOUT_MS }).toBeDefined();
  return (await address()) ?? '';
}

/** Sends requests until the server has lost a log line; each request must be answered. */
async function untilLinesAreLost(url: string): Promise<void> {
  while ((await lostLines(url)) === 0) await Promise.all(Array.from({ length: 100 }, () => expectAnswer(url)));
}

async function expectAnswer(url: string): Promise<void> {
  const response = await fetch(`${url}/api/health/live`, { signal: AbortSignal.timeout(20_000) });
  expect([response.status, await response.text()]).toEqual([200, '{"status":"live"}']);
}

async function lostLines(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(20_000) })).text();
  return Number(/^frontrow_log_lines_lost_total (\d+)$/m.exec(text)?.[1] ?? 0);
}

async function expectEnd(server: ReturnType<typeof run>): Promise<void> {
  const startedMs = performance.now();
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
}

describe('[F21] a server whose log', () => {
  it(
    'is on a full disk keeps running, counts the lost lines, ends at SIGTERM, and writes whole lines once there is room',
    { timeout: TIMEOUT_MS },
    async (t) => {
      const folder = await tempFolder(t, 'log');
      const file = join(folder, 'server.log');
      // A limit on the size of files replaces a full disk: the file ends in the middle of a line.
      const server = run(t, `ulimit -f 40; ${NODE} >>"${file}" 2>&1`);
      const url = await addressIn(() => readFile(file, 'utf8'));
      await untilLinesAreLost(url);
      const partial = (await readFile(file, 'utf8')).split('\n').at(-1) ?? '';

      await truncate(file);
      await expect.poll(() => readFile(file, 'utf8'), { timeout: 20_000 }).toMatch(/\n/);
      const [rest = '', ...lines] = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
      for (const line of [partial + rest, ...lines])
        expect(JSON.parse(line)).toMatchObject({ msg: expect.any(String) });
      await expectEnd(server);
    },
  );

  it.for<[string, (child: ReturnType<typeof run>['child']) => void]>([
    [
      'a closed pipe',
      ({ stdout, stderr }) => {
        stdout.destroy();
        stderr.destroy();
      },
    ],
    ['a pipe that is no longer read', ({ stdout }) => void stdout.pause()],
  ])(
    'is %s keeps running, counts the lost lines, and ends at SIGTERM',
    { timeout: TIMEOUT_MS },
    async ([, loseReader], t) => {
      const server = run(t, NODE);
      let output = '';
      server.child.stdout.on('data', (chunk) => (output += String(chunk)));
      const url = await addressIn(() => output);
      loseReader(server.child);
      await untilLinesAreLost(url);
      await expectEnd(server);
    },
  );
});
