import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import { inParallel } from '../load/in-parallel.ts';
import type { LiveEvents } from './buyers/live-events.ts';
import { createLiveEvents } from './buyers/live-events.ts';

const PARALLEL_CONNECTS = 50;
/** The contract's longest time between two pushes of an event's counts, and a margin for a busy machine. */
const LAST_PUSH_WITHIN_MS = 5_000;
const CHECK_EVERY_MS = 100;

type WatcherSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** What the watchers of a run have seen. */
export interface WatchersFigures {
  watchers: number;
  /** Changed counts of events that were pushed to them, altogether. */
  changes: number;
  /** Watchers whose newest counts were older than the buyers' at the end. */
  behind: number;
}

interface Watcher {
  socket: WatcherSocket;
  events: LiveEvents;
}

/** Connects signed-out visitors to `/public`, who watch the counts of all events that the buyers book. */
export async function connectWatchers(url: string, count: number, targets: Parameters<typeof createLiveEvents>[0]) {
  let changes = 0;

  async function connectWatcher(): Promise<Watcher> {
    const events = createLiveEvents(targets);
    const socket: WatcherSocket = io(`${url}/public`, { transports: ['websocket'], forceNew: true });
    socket.on('availabilityChanged', (push) => {
      changes += push.changes.length;
      push.changes.forEach(events.applyAvailability);
    });
    // The server's rate limit may refuse a new connection. The Socket.IO client then connects again without being told.
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return { socket, events };
  }

  const watchers = await inParallel(Array.from({ length: count }), PARALLEL_CONNECTS, connectWatcher);

  /** The number of watchers that know an older version of some event than the buyers do. */
  function behind(buyersEvents: LiveEvents): number {
    const isBehind = ({ events }: Watcher) =>
      buyersEvents.eventIds.some(
        (id) => (events.versionOf(id) ?? Infinity) < (buyersEvents.versionOf(id) ?? -Infinity),
      );
    return watchers.filter(isBehind).length;
  }

  return {
    /** Waits until every watcher knows what the buyers know, for a few seconds at most. */
    async figures(buyersEvents: LiveEvents, sleep: (ms: number) => Promise<void>): Promise<WatchersFigures> {
      for (let ms = 0; ms < LAST_PUSH_WITHIN_MS && behind(buyersEvents) > 0; ms += CHECK_EVERY_MS) {
        await sleep(CHECK_EVERY_MS);
      }
      return { watchers: watchers.length, changes, behind: behind(buyersEvents) };
    },
    disconnect(): void {
      for (const { socket } of watchers) socket.disconnect();
    },
  };
}
