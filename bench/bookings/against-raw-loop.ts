import { median } from '../median.ts';
import type { CpuMeter } from '../probes/cpu.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import type { Sale } from '../sale/sale.ts';
import { openSale } from '../sale/sale.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import type { BenchOptions } from './options.ts';
import { seatPrice } from './options.ts';
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
  const sale = await openSale({ buyers: sockets, price: seatPrice(options), client, profile, signal, log });
  cleanup.defer(() => sale.close());
  const { mongoUri, mongodbVersion } = sale.testbed;
  const raw = await openRawLoop({ uri: mongoUri, indexed, signal });
  cleanup.defer(() => raw.close());
  const cpu = createCpuMeter(sale.pids);
  const rounds = await measureRounds({ options, raw, sale, cpu, log });
  const { received, stored } = await sale.finish();
  const { acknowledged, availabilityChanged, bookingChanged } = received;
  const report = {
    sockets,
    client,
    priced,
    indexed,
    rounds,
    pushes: { availabilityChanged, bookingChanged },
    stored,
    ratio: median(rounds.map(rateRatio)),
    bookingsPerSecond: median(rounds.map((round) => bookingRate(round.sockets))),
    // The first batch created the event.
    averageBatch: acknowledged / (stored.batches - 1),
    cores: cpu.cores(),
    cpuMsEach: cpu.msEach(rounds.reduce((sum, round) => sum + round.sockets.bookings, 0)),
  };
  return { report, mongodbVersion };
}

interface Measurement {
  options: BenchOptions;
  raw: RawLoop;
  sale: Sale;
  cpu: CpuMeter;
  log: (line: string) => void;
}

/** Raw loop and sockets take turns in each round, so that other load on the machine slows both alike. */
async function measureRounds({ options, raw, sale, cpu, log }: Measurement): Promise<ComparedRound[]> {
  const measureRaw = async (inFlight: number) => bookingRate(await raw.measure('plain', inFlight, options.seconds));
  log('Warming up …');
  await raw.measure('plain', 16, 1);
  await sale.book(WARM_UP_SECONDS);
  const rounds: ComparedRound[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const raw16 = await measureRaw(16);
    const raw64 = await measureRaw(64);
    const sockets = await cpu.during(() => sale.book(options.seconds));
    rounds.push({ raw16, raw64, sockets });
    log(`Round ${round} of ${options.rounds}: ${Math.round(bookingRate(sockets))} bookings/s over sockets`);
  }
  return rounds;
}
