// The watchers are a process of their own: they share the cores with the server, but not the event loop.
import { inParallel } from '../../scripts/load/in-parallel.ts';
import type { WatcherKind } from './watcher-connection.ts';
import { openWatcher } from './watcher-connection.ts';

export type WatchersRequest =
  { open: WatcherKind; port: number; count: number } | { awaited: number } | 'count' | 'close';
/** Frames of seats that all watchers together have received since the process began. */
export type WatchersReply = { received: number };

const PARALLEL_CONNECTS = 50;

function serve(): void {
  let received = 0;
  let isClosing = false;
  let awaited = Infinity;
  let watchers: { close(): void }[] = [];

  function reply(): void {
    process.send?.({ received } satisfies WatchersReply);
  }

  async function handle(request: WatchersRequest): Promise<void> {
    if (request === 'close') {
      isClosing = true;
      for (const watcher of watchers) watcher.close();
      watchers = [];
    } else if (request !== 'count' && 'awaited' in request) {
      awaited = request.awaited;
      if (received < awaited) return;
      awaited = Infinity;
    } else if (request !== 'count') {
      isClosing = false;
      const { open, port, count } = request;
      const watched = (): void => {
        received += 1;
        if (received < awaited) return;
        awaited = Infinity;
        reply();
      };
      const closed = (): void => {
        if (!isClosing) throw new Error('The server has closed a watcher');
      };
      const indexes = Array.from({ length: count }, (_, index) => index);
      watchers = await inParallel(indexes, PARALLEL_CONNECTS, () => openWatcher(open, port, watched, closed));
    }
    reply();
  }

  process.on('message', (request: WatchersRequest) => void handle(request));
  process.on('disconnect', () => process.exit());
}

serve();
