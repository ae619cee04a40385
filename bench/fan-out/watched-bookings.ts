import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { wholeNumber } from '../../scripts/command-line/values.ts';
import { wholeText } from '../../scripts/load/number-text.ts';
import { say } from '../../scripts/setup/say.js';
import { startLoadGenerator } from '../load/generator-process.ts';
import { median } from '../median.ts';
import { assertAgreement } from '../probes/agreement.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import { startWatchers } from './watchers.ts';

interface WatchedBookingsOptions {
  watchers: number;
  sockets: number;
  seconds: number;
  rounds: number;
}

interface Sale {
  bookingsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Cores that the server kept busy. */
  serverCores: number;
  /** Frames of seats that each watcher received in a second. */
  framesPerSecond: number;
}

interface WatchedBookingsRound {
  alone: Sale;
  watched: Sale;
  /** Bookings per second with watchers divided by those without; the 99th percentiles likewise. */
  ratio: number;
  p99Ratio: number;
}

const FREE = { amount: 0, currency: 'EUR' };

const commandLine = createCommandLine(
  {
    watchers: { placeholder: 'N', help: 'clients on /public', read: wholeNumber(1, 15_000), default: '8000' },
    sockets: { placeholder: 'N', help: 'buyers', read: wholeNumber(1, 2_000), default: '200' },
    seconds: { placeholder: 'N', help: 'length of a measurement', read: wholeNumber(1, 120), default: '6' },
    rounds: {
      placeholder: 'N',
      help: 'number of rounds; each measures without and with watchers',
      read: wholeNumber(1, 50),
      default: '3',
    },
  },
  {
    intro: `Bookings per second on one hot event and their 99th percentile, without and with clients on /public that watch the
seats.

  npm run bench -- watchers [options]`,
    toOptions: (values): WatchedBookingsOptions => values,
  },
);

/** Measures and prints bookings with and without watchers. Resolves to the exit code. */
export function measureWatchedBookings(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, async (options) => {
    const rounds = await watchedBookingsRounds(options, new AbortController().signal, say);
    for (const { alone, watched, ratio, p99Ratio } of rounds)
      process.stdout.write(
        `${saleText('alone', alone)}\n${saleText('watched', watched)}\n` +
          `bookings ${ratio.toFixed(2)} times, p99 ${p99Ratio.toFixed(2)} times\n`,
      );
    const middle = (of: (round: WatchedBookingsRound) => number) => median(rounds.map(of)).toFixed(2);
    process.stdout.write(
      `median  bookings ${middle(({ ratio }) => ratio)} times, p99 ${middle(({ p99Ratio }) => p99Ratio)} times\n`,
    );
    return 0;
  });
}

function saleText(name: string, { bookingsPerSecond, p50Ms, p99Ms, serverCores, framesPerSecond }: Sale): string {
  const frames = framesPerSecond > 0 ? `, ${framesPerSecond.toFixed(1)} frames/s to each watcher` : '';
  const latency = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  return `${name.padEnd(8)} ${wholeText(bookingsPerSecond)} bookings/s, ${latency}, server ${serverCores.toFixed(2)} cores${frames}`;
}

/** Sells one event without and with watchers, in turn, on one server. Rejects if the signal comes first. */
export async function watchedBookingsRounds(
  { watchers: count, sockets, seconds, rounds: most }: WatchedBookingsOptions,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<WatchedBookingsRound[]> {
  await using cleanup = new AsyncDisposableStack();
  const testbed = await openTestbed({ buyers: sockets, price: FREE, profile: null, log });
  cleanup.defer(() => testbed.close());
  const generator = startLoadGenerator(signal);
  cleanup.defer(() => generator.stop());
  const watchers = startWatchers();
  cleanup.defer(() => watchers.stop());
  const { ports, tokens, eventIds, port, pids } = testbed;
  await generator.request({ kind: 'open', options: { client: 'wire', ports, tokens, eventIds, price: null } });
  const book = async (forSeconds: number) => (await generator.request({ kind: 'round', seconds: forSeconds })).figures;

  async function sell(watching: number): Promise<Sale> {
    const before = await watchers.received();
    const cpu = createCpuMeter(pids);
    const { bookings, seconds: tookSeconds, latencyMs } = await cpu.during(() => book(seconds));
    const received = (await watchers.received()) - before;
    return {
      bookingsPerSecond: bookings / tookSeconds,
      p50Ms: latencyMs.p50,
      p99Ms: latencyMs.p99,
      serverCores: cpu.cores().server ?? NaN,
      framesPerSecond: watching === 0 ? 0 : received / watching / tookSeconds,
    };
  }

  await book(WARM_UP_SECONDS);
  const rounds: WatchedBookingsRound[] = [];
  while (rounds.length < most) {
    // The second before each measurement has the connecting or leaving of the watchers, which is not to be measured.
    await book(1);
    const alone = await sell(0);
    await watchers.open('public', port, count);
    await book(1);
    const watched = await sell(count);
    await watchers.close();
    const ratio = watched.bookingsPerSecond / alone.bookingsPerSecond;
    const p99Ratio = watched.p99Ms / alone.p99Ms;
    rounds.push({ alone, watched, ratio, p99Ratio });
    log(`Round ${rounds.length} of ${most}: ${ratio.toFixed(2)} of the bookings, p99 ${p99Ratio.toFixed(2)} times`);
  }
  const { received } = await generator.request({ kind: 'finish' });
  await assertAgreement(testbed.database, received.booked);
  return rounds;
}
