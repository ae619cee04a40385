import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WatchersReply, WatchersRequest } from './watchers-process.ts';
import type { WatcherKind } from './watcher-connection.ts';

export type Watchers = ReturnType<typeof startWatchers>;

/** Starts a process for clients that only watch. One request at a time; it rejects if the process ends. */
export function startWatchers() {
  const file = fileURLToPath(new URL('./watchers-process.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const ended = once(child, 'exit');

  async function request(message: WatchersRequest): Promise<number> {
    const replied = once(child, 'message') as Promise<[WatchersReply]>;
    child.send(message);
    const failed = ended.then(() => Promise.reject(new Error('The process of the watchers has ended')));
    const [{ received }] = await Promise.race([replied, failed]);
    return received;
  }

  return {
    pid: child.pid ?? 0,
    /** Connects that many watchers. */
    open: (kind: WatcherKind, port: number, count: number) => request({ open: kind, port, count }),
    /** Frames that all watchers together have received so far. */
    received: () => request('count'),
    /** Resolves when all watchers together have received that many frames. */
    receivedAll: (awaited: number) => request({ awaited }),
    /** Disconnects all watchers. */
    close: () => request('close'),
    async stop(): Promise<void> {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
