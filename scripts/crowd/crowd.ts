import { setMaxListeners } from 'node:events';
import type { Event } from '#shared/event.ts';
import { accountOf, enter } from './buyers/accounts.ts';
import type { Board } from './buyers/board.ts';
import { createBoard } from './buyers/board.ts';
import { buy } from './buyers/buyer.ts';
import { seededRandom } from './buyers/chance.ts';
import type { BuyerSocket } from './buyers/connection.ts';
import { connectBuyer } from './buyers/connection.ts';
import { inParallel } from '../load/in-parallel.ts';
import type { CrowdOptions } from './options.ts';
import type { Screen } from './report/progress.ts';
import { showProgress } from './report/progress.ts';
import type { Figures, Tally } from './report/tally.ts';
import { createTally } from './report/tally.ts';
import { findTarget } from './target.ts';

/** Passwords are hashed two at a time on the server: more at once would only wait there. */
const ENTER_AT_ONCE = 8;
const CONNECT_AT_ONCE = 50;

export interface CrowdDeps {
  /** Ends the crowd early. */
  signal: AbortSignal;
  screen: Screen;
  newRequestId: () => string;
  now: () => Date;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** Resolves after that time, and at once when the signal aborts. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Sends a crowd to a server and tells what it saw. Throws a CrowdError where it cannot begin. */
export async function runCrowd(options: CrowdOptions, deps: CrowdDeps): Promise<Figures> {
  const events = await findTarget(options, deps.now());
  const board = createBoard(events);
  for (const event of events) board.see(event);
  deps.screen.write(`${options.buyers} buyers on ${titles(events)}\n`);
  const tally = createTally();
  const sockets = await gather(options, deps, board, tally);
  try {
    const seconds = await buyAll(options, deps, { sockets, board, tally });
    return tally.figures(seconds);
  } finally {
    for (const socket of sockets) socket.disconnect();
  }
}

function titles(events: Event[]): string {
  const [first] = events;
  return events.length === 1 && first ? `"${first.title}" (${first.eventId})` : `${events.length} events`;
}

/** Every buyer's socket, let in. */
async function gather(options: CrowdOptions, deps: CrowdDeps, board: Board, tally: Tally): Promise<BuyerSocket[]> {
  const { url, seed } = options;
  const accounts = Array.from({ length: options.buyers }, (_, index) => accountOf(seed, index));
  const wait = (ms: number) => deps.wait(ms, deps.signal);
  deps.screen.write('Registering them (once: the next run uses the same accounts) …\n');
  const tokens = await inParallel(accounts, ENTER_AT_ONCE, (account) =>
    deps.signal.aborted ? Promise.resolve(null) : enter(account, { url, wait }),
  );
  const known = tokens.filter((token) => token !== null);
  return inParallel(known, CONNECT_AT_ONCE, (token) => connectBuyer(url, token, board, tally));
}

interface Crowd {
  sockets: BuyerSocket[];
  board: Board;
  tally: Tally;
}

/** Lets all of them buy for the given time; resolves to the seconds that it took. */
async function buyAll(options: CrowdOptions, deps: CrowdDeps, { sockets, board, tally }: Crowd): Promise<number> {
  const startedMs = deps.monotonic();
  const seconds = () => (deps.monotonic() - startedMs) / 1_000;
  const enough = new AbortController();
  const over = AbortSignal.any([deps.signal, enough.signal, AbortSignal.timeout(options.seconds * 1_000)]);
  let made = 0;
  const booked = () => {
    made += 1;
    if (made === options.bookings) enough.abort();
  };
  // Every buyer listens to it.
  setMaxListeners(0, over);
  const progress = showProgress(deps.screen, recentMoments(seconds, board, tally));
  const wait = (ms: number) => deps.wait(ms, over);
  const buyers = sockets.map((socket, index) => {
    const random = seededRandom(`${options.seed} ${index}`);
    return buy({ ...deps, socket, board, tally, random, wait, signal: over, booked }, options);
  });
  await Promise.all(buyers);
  progress.end();
  return seconds();
}

function recentMoments(seconds: () => number, board: Board, tally: Tally) {
  let lastSeconds = seconds();
  return () => {
    const { bookings, p99Ms } = tally.takeRecent();
    const elapsed = seconds() - lastSeconds;
    lastSeconds += elapsed;
    return { seconds: lastSeconds, bookingsPerSecond: bookings / elapsed, freeSeats: board.freeSeats(), p99Ms };
  };
}
