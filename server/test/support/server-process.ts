import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { programEnv } from './program-env.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A server process: the program that `npm start` runs. */
export interface ServerProcess {
  url: string;
  port: number;
  pid: number;
  /** The process's output so far. */
  output(): string;
  /** Freezes the process (SIGSTOP), like a machine that gives it no time, or continues it (SIGCONT). */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Sends the signal and waits for the end. Resolves with the exit code, or null if the process died of the signal. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** Starts a server with these Frontrow settings alone; resolves when it logs that it is ready. */
export async function startServer(settings: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    cwd: tmpdir(),
    env: programEnv({ PORT: '0', LOG_LEVEL: 'warn', DEMO_DATA: 'off', ...settings }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  const read = (chunk: Buffer) => {
    output += String(chunk);
    const address = / is ready at (http:\S+)/.exec(output)?.[1];
    if (address !== undefined) resolve(address);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  void ended.then(() => reject(new Error(`The server ended before it was ready:\n${output}`)));
  const url = await ready;
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    output: () => output,
    signal: (name) => void child.kill(name),
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
