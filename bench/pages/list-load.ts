import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { wholeNumber } from '../../scripts/command-line/values.ts';
import { Latencies } from '../../scripts/load/latencies.ts';
import { say } from '../../scripts/setup/say.js';
import { conditionsAt, figuresOption, recordFigures, rounded } from '../figures/figures.ts';
import { createHotEvent } from '../testbed/hot-event.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import type { ReadersFigures, ReadersOptions } from './list-readers.ts';
import type { PacedBuyers } from './paced-buyers.ts';
import { openPacedBuyers } from './paced-buyers.ts';

const READS_PER_SECOND = 1_000;
const BOOKINGS_PER_SECOND = 100;
const BUYERS = 50;
/** One page of the list. */
const LISTED_EVENTS = 20;
const FREE = { amount: 0, currency: 'EUR' };
/** Highest accepted ratio of the 99th percentiles with and without readers. */
const MAX_SLOWDOWN = 2;

const commandLine = createCommandLine(
  {
    seconds: { placeholder: 'N', help: 'length of a measurement', read: wholeNumber(1, 120), default: '10' },
    rounds: {
      placeholder: 'N',
      help: 'number of rounds; each measures without and with readers',
      read: wholeNumber(1, 50),
      default: '3',
    },
    figures: figuresOption,
  },
  {
    intro: `How long a booking takes (${BOOKINGS_PER_SECOND} a second, by ${BUYERS} sockets), without and with ${READS_PER_SECOND} requests a second to the list page from one
client. Exits with 1 if the readers double the 99th percentile.

  npm run bench -- list-load [options]`,
    toOptions: (values) => values,
  },
);

interface ListLoadOptions {
  seconds: number;
  rounds: number;
  figures: string | null;
}

/** Measures bookings without and with readers of the list. Resolves to the exit code. */
export function measureListLoad(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, run);
}

async function run(options: ListLoadOptions): Promise<number> {
  await using cleanup = new AsyncDisposableStack();
  const testbed = await openTestbed({ buyers: BUYERS, price: FREE, profile: null, log: say });
  cleanup.defer(() => testbed.close());
  const { port, adminToken } = testbed;
  for (let listed = 1; listed < LISTED_EVENTS; listed += 1) await createHotEvent(port, adminToken, FREE);
  say('Booking, without and with readers …');
  const buyers = await openPacedBuyers(testbed, BOOKINGS_PER_SECOND);
  cleanup.defer(() => buyers.close());
  const measurement = await measureWithAndWithout(port, buyers, options);
  process.stdout.write(reportText(measurement, options));
  if (options.figures !== null) await record(options.figures, measurement, options, testbed.mongodbVersion);
  return isGoodEnough(measurement) ? 0 : 1;
}

interface ListLoadMeasurement {
  alone: Latencies;
  besideReaders: Latencies;
  /** One for each round. */
  readers: ReadersFigures[];
}

async function measureWithAndWithout(
  port: number,
  buyers: PacedBuyers,
  { seconds, rounds }: ListLoadOptions,
): Promise<ListLoadMeasurement> {
  const [alone, besideReaders] = [new Latencies(), new Latencies()];
  const readers: ReadersFigures[] = [];
  await withReaders(port, () => buyers.book(new Latencies(), WARM_UP_SECONDS));
  for (let round = 1; round <= rounds; round += 1) {
    await buyers.book(alone, seconds);
    readers.push(await withReaders(port, () => buyers.book(besideReaders, seconds)));
  }
  return { alone, besideReaders, readers };
}

/** Runs `measure` while another process reads the list. */
async function withReaders(port: number, measure: () => Promise<void>): Promise<ReadersFigures> {
  const file = fileURLToPath(new URL('./list-readers.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  child.send({ port, readsPerSecond: READS_PER_SECOND } satisfies ReadersOptions);
  await measure();
  const replied = once(child, 'message');
  child.send('stop');
  const [figures] = (await replied) as [ReadersFigures];
  child.disconnect();
  await once(child, 'exit');
  return figures;
}

function slowdownOf({ alone, besideReaders }: ListLoadMeasurement): number {
  return besideReaders.percentile(99) / alone.percentile(99);
}

function failedReads({ readers }: ListLoadMeasurement): number {
  return readers.reduce((sum, { failed }) => sum + failed, 0);
}

function isGoodEnough(measurement: ListLoadMeasurement): boolean {
  return slowdownOf(measurement) < MAX_SLOWDOWN && failedReads(measurement) === 0;
}

function reportText(measurement: ListLoadMeasurement, { seconds, rounds }: ListLoadOptions): string {
  const { alone, besideReaders, readers } = measurement;
  const answered = readers.reduce((sum, one) => sum + one.answered, 0) / (rounds * seconds);
  const slowest = Math.max(...readers.map(({ p99Ms }) => p99Ms));
  const line = (name: string, latencies: Latencies) =>
    `bookings ${name.padEnd(15)} p50 ${latencies.percentile(50).toFixed(1)} ms · p99 ${latencies.percentile(99).toFixed(1)} ms`;
  return (
    `${line('without readers', alone)}\n` +
    `${line('with readers', besideReaders)} · ${slowdownOf(measurement).toFixed(2)} times\n` +
    `list     ${Math.round(answered)} answers/s · ${failedReads(measurement)} failed · p99 ${slowest.toFixed(1)} ms\n`
  );
}

async function record(
  file: string,
  { alone, besideReaders }: ListLoadMeasurement,
  { seconds, rounds }: ListLoadOptions,
  mongodbVersion: string,
): Promise<void> {
  const latency = (latencies: Latencies) => ({
    p50Ms: rounded(latencies.percentile(50), 1),
    p99Ms: rounded(latencies.percentile(99), 1),
  });
  await recordFigures(file, 'listLoad', {
    conditions: conditionsAt(new Date(), mongodbVersion),
    options: { seconds, rounds, bookingsPerSecond: BOOKINGS_PER_SECOND, readsPerSecond: READS_PER_SECOND },
    alone: latency(alone),
    besideReaders: latency(besideReaders),
  });
}
