import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Histogram } from 'hdr-histogram-js';
import { build } from 'hdr-histogram-js';
import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { wholeNumber } from '../../scripts/command-line/values.ts';
import { inParallel } from '../../scripts/load/in-parallel.ts';
import type { Buyer } from '../load/buyer-connection.ts';
import { openBuyer } from '../load/buyer-connection.ts';
import { createHotEvent } from '../testbed/hot-event.ts';
import type { Stage } from '../testbed/testbed.ts';
import { openStage } from '../testbed/testbed.ts';
import type { ReadersFigures, ReadersJob } from './list-readers.ts';

const READS_PER_SECOND = 1_000;
const BOOKINGS_PER_SECOND = 100;
const BUYERS = 50;
const OPEN_AT_ONCE = 25;
/** As many as a page of the list shows. */
const LISTED_EVENTS = 20;
const LONGEST_US = 60_000_000;
const FREE = { amount: 0, currency: 'EUR' };

const commandLine = createCommandLine(
  {
    seconds: { placeholder: 'N', help: 'length of a measurement', read: wholeNumber(1, 120), default: '10' },
    rounds: { placeholder: 'N', help: 'how often both are measured, in turn', read: wholeNumber(1, 50), default: '3' },
  },
  {
    intro: `How long a booking takes (${BOOKINGS_PER_SECOND} a second, by ${BUYERS} sockets), without and with ${READS_PER_SECOND} requests a second to the list page from one
client, in turn. Exits with 1 if the readers double the 99th percentile.

  npm run bench -- list-load [options]`,
    toOptions: (values) => values,
  },
);

/** Measures bookings beside a crowd of readers. Resolves to the exit code. */
export function measureListLoad(args: string[]): Promise<number> {
  return runWithOptions(commandLine, args, measure);
}

async function measure({ seconds, rounds }: { seconds: number; rounds: number }): Promise<number> {
  await using undo = new AsyncDisposableStack();
  const stage = await openStage({
    buyers: BUYERS,
    price: FREE,
    profile: null,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  undo.defer(() => stage.close());
  for (let listed = 1; listed < LISTED_EVENTS; listed += 1) await createHotEvent(stage.port, stage.adminToken, FREE);
  process.stderr.write('Buying, without and with readers …\n');
  const buyers = await openBuyers(stage);
  undo.defer(() => buyers.close());
  // Awaited here: what is in use must not be undone before it is done.
  return await takeTurns(stage, buyers, seconds, rounds);
}

async function takeTurns(stage: Stage, buyers: Buyers, seconds: number, rounds: number): Promise<number> {
  const [alone, beside] = [histogram(), histogram()];
  const readers: ReadersFigures[] = [];
  // Cold compilers and caches are not what is asked.
  await withReaders(stage.port, () => buyers.book(histogram(), 3));
  for (let round = 1; round <= rounds; round += 1) {
    await buyers.book(alone, seconds);
    readers.push(await withReaders(stage.port, () => buyers.book(beside, seconds)));
  }
  const at = (latency: Histogram, percentile: number) => latency.getValueAtPercentile(percentile) / 1_000;
  const answered = readers.reduce((sum, one) => sum + one.answered, 0) / (rounds * seconds);
  const failed = readers.reduce((sum, one) => sum + one.failed, 0);
  const slowest = Math.max(...readers.map((one) => one.latencyMs.p99));
  const ratio = at(beside, 99) / at(alone, 99);
  const line = (name: string, latency: Histogram) =>
    `bookings ${name.padEnd(8)} p50 ${at(latency, 50).toFixed(1)} ms · p99 ${at(latency, 99).toFixed(1)} ms`;
  process.stdout.write(
    `${line('alone', alone)}\n${line('beside', beside)} · ${ratio.toFixed(2)} times\n` +
      `list     ${Math.round(answered)} answers/s · ${failed} failed · p99 ${slowest.toFixed(1)} ms\n`,
  );
  return ratio < 2 && failed === 0 ? 0 : 1;
}

/** Lets readers ask for the list while something is done. */
async function withReaders(port: number, act: () => Promise<void>): Promise<ReadersFigures> {
  const file = fileURLToPath(new URL('./list-readers.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  child.send({ port, perSecond: READS_PER_SECOND } satisfies ReadersJob);
  await act();
  const answer = once(child, 'message');
  child.send('stop');
  const [figures] = (await answer) as [ReadersFigures];
  child.disconnect();
  await once(child, 'exit');
  return figures;
}

type Buyers = Awaited<ReturnType<typeof openBuyers>>;

/** Buyers who book at an even pace, one after the other. */
async function openBuyers({ port, tokens, eventId }: Stage) {
  const answered = new Map<string, (ok: boolean) => void>();
  let isClosing = false;
  const open = (token: string) =>
    openBuyer('wire', port, token, {
      answered: (ok) => answered.get(token)?.(ok),
      pushed: () => undefined,
      closed: () => {
        if (!isClosing) throw new Error('The server has closed a connection');
      },
    });
  const buyers: Buyer[] = await inParallel(tokens, OPEN_AT_ONCE, open);

  function bookOne(index: number, latency: Histogram): Promise<void> {
    const sentMs = performance.now();
    return new Promise((resolve, reject) => {
      answered.set(tokens[index] ?? '', (ok) => {
        latency.recordValue(Math.min(LONGEST_US, Math.round((performance.now() - sentMs) * 1_000)));
        if (ok) resolve();
        else reject(new Error('A booking was refused'));
      });
      buyers[index]?.send('book', JSON.stringify({ requestId: randomUUID(), eventId, seats: 1 }));
    });
  }

  return {
    async book(latency: Histogram, seconds: number): Promise<void> {
      const endMs = performance.now() + seconds * 1_000;
      const gapMs = (BUYERS / BOOKINGS_PER_SECOND) * 1_000;
      await Promise.all(
        buyers.map(async (_, index) => {
          let dueMs = performance.now() + (index / BUYERS) * gapMs;
          for (; dueMs < endMs; dueMs += gapMs) {
            await until(dueMs);
            await bookOne(index, latency);
          }
        }),
      );
    },
    close(): void {
      isClosing = true;
      for (const buyer of buyers) buyer.close();
    },
  };
}

function until(dueMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
}

function histogram(): Histogram {
  return build({ highestTrackableValue: LONGEST_US, numberOfSignificantValueDigits: 3, bitBucketSize: 32 });
}
