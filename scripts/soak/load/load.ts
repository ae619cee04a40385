import type { Event } from '#shared/event.ts';
import { sleepOrAbort } from '#server/sleep.ts';
import { connectBuyer, sendWithRetries } from '../../crowd/buyers/connection.ts';
import { createLiveEvents } from '../../crowd/buyers/live-events.ts';
import { seededRandom } from '../../crowd/buyers/random-choice.ts';
import { createTally } from '../../crowd/report/tally.ts';
import type { BuyersOptions } from './buyers.ts';
import { FREE, PAYING, startBuyers, waitForSeats } from './buyers.ts';
import { cutConnections, readPages, visit } from './visitors.ts';

/** Shares of the buyers on the free and on the priced event; the others want the few seats of the small one. */
const FREE_SHARE = 0.5;
const PAYING_SHARE = 0.3;
const READERS = 4;
const EDIT_EVERY_MS = 5_000;

interface LoadOptions {
  steadyUrl: string;
  mortalUrl: string;
  tokens: readonly string[];
  adminToken: string;
  events: { free: Event; priced: Event; small: Event };
  visitors: number;
  seed: string;
  signal: AbortSignal;
}

/** Starts the mixed load on both servers; `end` awaits all in-flight commands after the signal. */
export async function startLoad(options: LoadOptions) {
  const { steadyUrl, mortalUrl, tokens, events, visitors, seed, signal } = options;
  const urls = [steadyUrl, mortalUrl];
  const tally = createTally();
  const acknowledged = new Set<string>();
  const buyers: BuyersOptions = { urls, tally, seed, booked: (id) => acknowledged.add(id), signal };
  const freeCount = Math.floor(tokens.length * FREE_SHARE);
  const payingCount = Math.floor(tokens.length * PAYING_SHARE);
  const forSmall = tokens.slice(freeCount + payingCount);
  const half = Math.ceil(forSmall.length / 2);
  const free = await startBuyers(tokens.slice(0, freeCount), events.free, FREE, buyers);
  const paying = await startBuyers(tokens.slice(freeCount, freeCount + payingCount), events.priced, PAYING, buyers);
  const few = await startBuyers(forSmall.slice(0, half), events.small, FREE, buyers);
  const waiting = await Promise.all(
    forSmall.slice(half).map((token, i) => connectBuyer(urls[i % 2] ?? steadyUrl, token, createLiveEvents([]), tally)),
  );
  const editor = await connectBuyer(steadyUrl, options.adminToken, createLiveEvents([]), tally);
  const sockets = [...free.sockets, ...paying.sockets, ...few.sockets, ...waiting, editor];
  const random = seededRandom(seed);
  const paths = ['/', '/api/events?when=upcoming&limit=20', '/api/events?query=hot', ...pagesOf(events)];

  async function edit(): Promise<void> {
    const deps = { tally, sleep: (ms: number) => sleepOrAbort(ms, signal), signal };
    for (let count = 1; !signal.aborted; count += 1) {
      await sleepOrAbort(EDIT_EVERY_MS, signal);
      const read = await sendWithRetries(editor, 'getEvent', { eventId: events.free.id }, deps);
      if (!read?.ok) continue;
      const changes = { description: `Edited ${count} times.` };
      await sendWithRetries(
        editor,
        'updateEvent',
        { eventId: read.data.id, revision: read.data.revision, changes },
        deps,
      );
    }
  }

  const running = Promise.all([
    free.ended,
    paying.ended,
    few.ended,
    ...waiting.map((socket) => waitForSeats(socket, events.small.id, buyers)),
    ...Array.from({ length: visitors }, () => visit({ urls, random, signal })),
    ...Array.from({ length: READERS }, () => readPages(paths, { urls, random, signal })),
    cutConnections(sockets, random, signal),
    edit(),
  ]);

  return {
    /** Ids of the bookings that the servers have acknowledged. */
    acknowledged: acknowledged as ReadonlySet<string>,
    tally,
    /** Rejects if a part of the load has failed. */
    running,
    async end(): Promise<void> {
      await running;
      for (const socket of sockets) socket.disconnect();
    },
  };
}

export type Load = Awaited<ReturnType<typeof startLoad>>;

function pagesOf(events: LoadOptions['events']): string[] {
  return Object.values(events).flatMap(({ id }) => [`/events/${id}`, `/api/events/${id}`]);
}
