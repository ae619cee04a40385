import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const FOLDER = fileURLToPath(new URL('../../../e2e/python', import.meta.url));
const REQUIREMENTS = join(FOLDER, 'requirements.txt');
const VENV = fileURLToPath(new URL('../../../.cache/python-client', import.meta.url));
const INSTALL_WITHIN_MS = 180_000;
const CLIENT_WITHIN_MS = 60_000;

/** The Python that can run the client, or the reason why this machine has none. */
export type PythonClient = { kind: 'ready'; python: string } | { kind: 'missing'; why: string };

/** Installs the client's Python packages in the project's cache, once for each list of requirements. */
export async function preparePythonClient(): Promise<PythonClient> {
  const python = pythonIn(VENV);
  const wanted = await readFile(REQUIREMENTS, 'utf8');
  if (existsSync(python) && (await installed()) === wanted) return { kind: 'ready', python };
  try {
    await install(wanted);
    return { kind: 'ready', python };
  } catch (error) {
    return { kind: 'missing', why: reasonOf(error) };
  }
}

async function install(wanted: string): Promise<void> {
  const timeout = INSTALL_WITHIN_MS;
  await rm(VENV, { recursive: true, force: true });
  await run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', VENV], { timeout });
  const arguments_ = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS];
  await run(pythonIn(VENV), arguments_, { timeout });
  // Written last and atomically, so that an interrupted installation is repeated.
  await writeFile(`${note()}.new`, wanted);
  await rename(`${note()}.new`, note());
}

async function installed(): Promise<string | null> {
  return existsSync(note()) ? readFile(note(), 'utf8') : null;
}

function note(): string {
  return join(VENV, 'installed-requirements.txt');
}

function pythonIn(venv: string): string {
  return process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
}

function reasonOf(error: unknown): string {
  const { stderr = '', message = String(error) } = error as { stderr?: string; message?: string };
  return stderr.trim().split('\n').at(-1) || message;
}

/** Runs a client against a server. Resolves with the JSON that it prints; rejects with its output if it fails. */
export async function runPythonClient(
  python: string,
  client: 'client.py' | 'ticket_types.py',
  args: string[],
): Promise<unknown> {
  const { stdout } = await run(python, [join(FOLDER, client), ...args], {
    timeout: CLIENT_WITHIN_MS,
    env: { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', PYTHONDONTWRITEBYTECODE: '1' },
  });
  return JSON.parse(stdout);
}
