import { randomUUID } from 'node:crypto';
import type { Event } from '#shared/event.ts';
import { sleepOrAbort } from '#server/sleep.ts';
import type { BuyerBehaviour } from '../../crowd/buyers/buyer.ts';
import { runBuyer } from '../../crowd/buyers/buyer.ts';
import type { BuyerSocket } from '../../crowd/buyers/connection.ts';
import { connectBuyer, sendWithRetries } from '../../crowd/buyers/connection.ts';
import { createLiveEvents } from '../../crowd/buyers/live-events.ts';
import { pickNumber, seededRandom } from '../../crowd/buyers/random-choice.ts';
import type { Tally } from '../../crowd/report/tally.ts';

export interface BuyersOptions {
  /** Servers to connect to, in turn. */
  urls: readonly string[];
  tally: Tally;
  seed: string;
  /** Gets the id of each acknowledged booking. */
  booked: (bookingId: string) => void;
  signal: AbortSignal;
}

const THINK_MS = { min: 400, max: 1_600 };
const PARTY_SIZE = { min: 1, max: 3 };

/** Books, looks and cancels on a free event, as often as it books, so that the sale never ends. */
export const FREE: BuyerBehaviour = {
  mix: { book: 40, look: 20, cancel: 40 },
  partySize: PARTY_SIZE,
  thinkMs: THINK_MS,
  payments: null,
};

/** Holds seats of a priced event and pays, is declined, leaves or pays late; cancels paid bookings, which refunds them. */
export const PAYING: BuyerBehaviour = {
  mix: { book: 35, look: 30, cancel: 35 },
  partySize: PARTY_SIZE,
  thinkMs: THINK_MS,
  payments: { pay: 70, decline: 10, abandon: 15, late: 5 },
};

/** Connects a buyer for each token and lets them act until the signal. `ended` settles once all have stopped. */
export async function startBuyers(
  tokens: readonly string[],
  event: Event,
  behaviour: BuyerBehaviour,
  { urls, tally, seed, booked, signal }: BuyersOptions,
) {
  const events = createLiveEvents([event]);
  const sockets = await Promise.all(
    tokens.map((token, index) => connectBuyer(urls[index % urls.length] ?? '', token, events, tally)),
  );
  const sleep = (ms: number) => sleepOrAbort(ms, signal);
  const running = sockets.map((socket, index) => {
    const random = seededRandom(`${seed} ${event.id} ${index}`);
    const clocks = { now: () => new Date(), monotonicMs: () => performance.now() };
    const deps = { socket, events, tally, random, newRequestId: randomUUID, ...clocks };
    return runBuyer({ ...deps, sleep, signal, booked: ({ id }) => booked(id) }, behaviour);
  });
  return { sockets, ended: Promise.all(running) };
}

const WAITING_MS = { min: 2_000, max: 8_000 };

/** Waits for seats of a small event, takes what it is offered and gives it back, until the signal. */
export async function waitForSeats(socket: BuyerSocket, eventId: string, options: BuyersOptions): Promise<void> {
  const { tally, seed, booked, signal } = options;
  const random = seededRandom(`${seed} ${socket.id}`);
  const sleep = (ms: number) => sleepOrAbort(ms, signal);
  const deps = { tally, sleep, signal };
  const offered = new Set<string>();
  socket.on('bookingChanged', ({ id, status, source }) => {
    if (status === 'held' && source === 'waitlist') offered.add(id);
  });
  while (!signal.aborted) {
    const seats = pickNumber(PARTY_SIZE, random);
    await sendWithRetries(socket, 'joinWaitlist', { requestId: randomUUID(), eventId, seats }, deps);
    await sleep(pickNumber(WAITING_MS, random));
    for (const bookingId of offered) {
      const taken = await sendWithRetries(socket, 'confirmBooking', { bookingId }, deps);
      if (taken?.ok) booked(bookingId);
      await sendWithRetries(socket, 'cancelBooking', { bookingId }, deps);
      offered.delete(bookingId);
    }
    await sendWithRetries(socket, 'leaveWaitlist', { eventId }, deps);
  }
}
