import { setMaxListeners } from 'node:events';
import type { Event } from '#shared/event.ts';
import { inParallel } from '../load/in-parallel.ts';
import { accountOf, signIn } from './buyers/accounts.ts';
import { runBuyer } from './buyers/buyer.ts';
import type { BuyerSocket } from './buyers/connection.ts';
import { connectBuyer } from './buyers/connection.ts';
import type { LiveEvents } from './buyers/live-events.ts';
import { createLiveEvents } from './buyers/live-events.ts';
import { seededRandom } from './buyers/random-choice.ts';
import type { CrowdOptions } from './options.ts';
import type { Screen } from './report/progress.ts';
import { showProgress } from './report/progress.ts';
import type { CrowdFigures, Tally } from './report/tally.ts';
import { createTally } from './report/tally.ts';
import { findTargetEvents } from './target-events.ts';
import type { WatchersFigures } from './watchers.ts';
import { connectWatchers } from './watchers.ts';

/** The server hashes two passwords at a time: more sign-ins in parallel would only queue there. */
const PARALLEL_SIGN_INS = 8;
const PARALLEL_CONNECTS = 50;

interface CrowdDeps {
  /** Ends the run early. */
  signal: AbortSignal;
  screen: Screen;
  newRequestId: () => string;
  now: () => Date;
  /** Monotonic milliseconds. */
  monotonicMs: () => number;
  /** Resolves after that time, or as soon as the signal is aborted. */
  sleepOrAbort: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The figures of the buyers, and of the watchers if there were any. */
export interface CrowdRun extends CrowdFigures {
  watched: WatchersFigures | null;
}

/** Lets simulated buyers book on a running server, and measures. Throws a CrowdError if it cannot start. */
export async function runCrowd(options: CrowdOptions, deps: CrowdDeps): Promise<CrowdRun> {
  const targets = await findTargetEvents(options, deps.now());
  const events = createLiveEvents(targets);
  for (const event of targets) events.applyAvailability(event);
  deps.screen.write(`${options.buyers} buyers on ${eventsText(targets)}\n`);
  const tally = createTally();
  const sockets = await connectBuyers(options, deps, events, tally);
  const watchers = options.watchers > 0 ? await connectWatchers(options.url, options.watchers, targets) : null;
  try {
    const seconds = await runBuyers(options, deps, { sockets, events, tally });
    const watched = watchers && (await watchers.figures(events, (ms) => deps.sleepOrAbort(ms, deps.signal)));
    return { ...tally.figures(seconds), watched };
  } finally {
    for (const socket of sockets) socket.disconnect();
    watchers?.disconnect();
  }
}

function eventsText(events: Event[]): string {
  const [first] = events;
  return events.length === 1 && first ? `"${first.title}" (${first.eventId})` : `${events.length} events`;
}

/** Signs in all buyers and connects their sockets; fewer if the signal comes first. */
async function connectBuyers(
  { buyers, url, seed }: CrowdOptions,
  { signal, screen, sleepOrAbort }: CrowdDeps,
  events: LiveEvents,
  tally: Tally,
): Promise<BuyerSocket[]> {
  const accounts = Array.from({ length: buyers }, (_, index) => accountOf(seed, index));
  const sleep = (ms: number) => sleepOrAbort(ms, signal);
  screen.write('Registering the buyers (once: the next run uses the same accounts) …\n');
  const tokens = await inParallel(accounts, PARALLEL_SIGN_INS, (account) =>
    signal.aborted ? Promise.resolve(null) : signIn(account, { url, sleep }),
  );
  const signedIn = tokens.filter((token) => token !== null);
  return inParallel(signedIn, PARALLEL_CONNECTS, (token) => connectBuyer(url, token, events, tally));
}

interface ConnectedCrowd {
  sockets: BuyerSocket[];
  events: LiveEvents;
  tally: Tally;
}

/** Runs all buyers until the time is over, enough is booked or the signal comes. Resolves to the seconds it took. */
async function runBuyers(options: CrowdOptions, deps: CrowdDeps, crowd: ConnectedCrowd): Promise<number> {
  const { sockets, events, tally } = crowd;
  const startedMs = deps.monotonicMs();
  const seconds = () => (deps.monotonicMs() - startedMs) / 1_000;
  const enoughBooked = new AbortController();
  const signal = AbortSignal.any([deps.signal, enoughBooked.signal, AbortSignal.timeout(options.seconds * 1_000)]);
  let bookings = 0;
  const booked = () => {
    bookings += 1;
    if (bookings === options.bookings) enoughBooked.abort();
  };
  // Every buyer adds a listener, and Node warns from the eleventh on.
  setMaxListeners(0, signal);
  const progress = showProgress(deps.screen, progressSinceLast(seconds, events, tally));
  const sleep = (ms: number) => deps.sleepOrAbort(ms, signal);
  const { newRequestId, now, monotonicMs } = deps;
  const running = sockets.map((socket, index) => {
    const random = seededRandom(`${options.seed} ${index}`);
    return runBuyer({ socket, events, tally, random, newRequestId, now, monotonicMs, sleep, signal, booked }, options);
  });
  await Promise.all(running);
  progress.end();
  return seconds();
}

/** Each call gives the rate and latency since the call before. */
function progressSinceLast(seconds: () => number, events: LiveEvents, tally: Tally) {
  let lastSeconds = seconds();
  return () => {
    const { bookings, p99Ms } = tally.takeRecent();
    const elapsed = seconds() - lastSeconds;
    lastSeconds += elapsed;
    return { seconds: lastSeconds, bookingsPerSecond: bookings / elapsed, freeSeats: events.freeSeats(), p99Ms };
  };
}
