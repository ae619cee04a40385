import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { NODE_FLAGS } from '../../scripts/setup/flags.js';
import { ROOT } from '../../scripts/setup/paths.js';

const MAIN = join(ROOT, 'server/src/main.ts');
const READY_WITHIN_MS = 60_000;

interface MeasuredServerOptions {
  mongoUri: string;
  /** Signs the session tokens. */
  secret: string;
  /** Folder for a processor profile, written when the server stops; null for none. */
  profile: string | null;
  /** Settings that differ from those of the other measurements. */
  settings?: Readonly<Record<string, string>>;
  /** More options of Node. */
  nodeFlags?: readonly string[];
}

export interface MeasuredServer {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** Starts the server as `npm start` does, on a free port and without rate limits. Resolves when it is ready. */
export async function startMeasuredServer(options: MeasuredServerOptions): Promise<MeasuredServer> {
  const { profile, nodeFlags = [] } = options;
  const profiling = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const server = spawn(process.execPath, [...NODE_FLAGS, ...nodeFlags, ...profiling, MAIN], {
    cwd: ROOT,
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
  };
  try {
    const url = await readyUrl(server.stdout, ended);
    return { url, port: Number(new URL(url).port), pid: server.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentOf({ mongoUri, secret, settings }: MeasuredServerOptions): NodeJS.ProcessEnv {
  return {
    ...process.env,
    MONGO_URI: mongoUri,
    JWT_SECRET: secret,
    PORT: '0',
    HOST: '127.0.0.1',
    PUBLIC_URL: '',
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'warn',
    DEMO_DATA: 'off',
    PAYMENTS: 'demo',
    NODE_ENV: 'production',
    ...settings,
  };
}

/** The address in the line that reports the server ready. */
function readyUrl(output: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The server is not ready in time')), READY_WITHIN_MS);
    void ended.then(() => reject(new Error('The server ended before it was ready')));
    // Read to the end: a full pipe would block the server.
    createInterface(output).on('line', (line) => {
      const url = /\bready at (https?:\/\/[^\s"]+)/i.exec(line)?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
