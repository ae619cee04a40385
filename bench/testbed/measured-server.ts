import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../scripts/setup/flags.js';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_WITHIN_MS = 60_000;

export interface ServerOptions {
  mongoUri: string;
  /** Signs the session tokens. */
  secret: string;
  /** Folder for a processor profile, written when it stops; null for none. */
  profile: string | null;
}

/** The real server on a free port, with its rate limits off. Resolves when it is ready. */
export async function startServer({ mongoUri, secret, profile }: ServerOptions) {
  const profiling = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const server = spawn(process.execPath, [...NODE_FLAGS, ...profiling, MAIN], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...{ MONGO_URI: mongoUri, JWT_SECRET: secret, PORT: '0', HOST: '127.0.0.1', PUBLIC_URL: '' },
      ...{ RATE_LIMITS: 'off', LOG_LEVEL: 'warn', DEMO_DATA: 'off', PAYMENTS: 'demo', NODE_ENV: 'production' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
  };
  try {
    return { port: await readyPort(server.stdout, ended), pid: server.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The port in the line that says it is ready. */
function readyPort(output: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The server is not ready in time')), READY_WITHIN_MS);
    void ended.then(() => reject(new Error('The server ended before it was ready')));
    // Read to the end: a full pipe would stop the server.
    createInterface(output).on('line', (line) => {
      const port = /\bready\b.*https?:\/\/[^\s"]+:(\d+)/i.exec(line)?.[1];
      if (!port) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
