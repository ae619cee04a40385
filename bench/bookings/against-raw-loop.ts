import type { LoadGenerator } from '../load/generator-process.ts';
import { startLoadGenerator } from '../load/generator-process.ts';
import { median } from '../median.ts';
import { assertAgreement } from '../probes/agreement.ts';
import type { CpuMeter } from '../probes/cpu.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import type { BenchOptions } from './options.ts';
import { loadPrice, seatPrice } from './options.ts';
import type { RawLoop } from './raw-loop.ts';
import { openRawLoop } from './raw-loop.ts';
import type { ComparedRound, RawLoopReport } from './raw-loop-report.ts';
import { bookingRate, rateRatio } from './raw-loop-report.ts';

/** Measures bookings over sockets and by the raw loop, in turn, on one database. Rejects if the signal comes first. */
export async function measureAgainstRawLoop(
  options: BenchOptions,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<{ report: RawLoopReport; mongodbVersion: string }> {
  const { sockets, client, priced, indexed, profile } = options;
  await using cleanup = new AsyncDisposableStack();
  log('Starting a database and a server …');
  const testbed = await openTestbed({ buyers: sockets, price: seatPrice(options), profile, log });
  cleanup.defer(() => testbed.close());
  const raw = await openRawLoop({ uri: testbed.mongoUri, indexed, signal });
  cleanup.defer(() => raw.close());
  const generator = startLoadGenerator(signal);
  cleanup.defer(() => generator.stop());
  const { ports, tokens, eventIds } = testbed;
  await generator.request({ kind: 'open', options: { client, ports, tokens, eventIds, price: loadPrice(options) } });
  const cpu = createCpuMeter({ ...testbed.pids, generator: generator.pid });
  const rounds = await measureRounds({ options, raw, generator, cpu, log });
  const { received } = await generator.request({ kind: 'finish' });
  const { booked, acknowledged, ...pushes } = received;
  const stored = await assertAgreement(testbed.database, booked);
  const report = {
    sockets,
    client,
    priced,
    indexed,
    rounds,
    pushes,
    stored,
    ratio: median(rounds.map(rateRatio)),
    bookingsPerSecond: median(rounds.map((round) => bookingRate(round.sockets))),
    // The first batch created the event.
    averageBatch: acknowledged / (stored.batches - 1),
    cores: cpu.cores(),
    cpuMsEach: cpu.msEach(rounds.reduce((sum, round) => sum + round.sockets.bookings, 0)),
  };
  return { report, mongodbVersion: testbed.mongodbVersion };
}

interface Measurement {
  options: BenchOptions;
  raw: RawLoop;
  generator: LoadGenerator;
  cpu: CpuMeter;
  log: (line: string) => void;
}

/** Raw loop and sockets take turns in each round, so that other load on the machine slows both alike. */
async function measureRounds({ options, raw, generator, cpu, log }: Measurement): Promise<ComparedRound[]> {
  const book = async (seconds: number) => (await generator.request({ kind: 'round', seconds })).figures;
  log('Warming up …');
  await raw.measure(16, 1);
  await book(WARM_UP_SECONDS);
  const rounds: ComparedRound[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const raw16 = await raw.measure(16, options.seconds);
    const raw64 = await raw.measure(64, options.seconds);
    const sockets = await cpu.during(() => book(options.seconds));
    rounds.push({ raw16, raw64, sockets });
    log(`Round ${round} of ${options.rounds}: ${Math.round(bookingRate(sockets))} bookings/s over sockets`);
  }
  return rounds;
}
