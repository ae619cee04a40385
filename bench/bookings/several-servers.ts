import type { RoundFigures } from '../load/load.ts';
import { median } from '../median.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { engineCounts } from '../probes/engine-counts.ts';
import { openSale } from '../sale/sale.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import type { BenchOptions } from './options.ts';
import { seatPrice } from './options.ts';
import { bookingRate } from './raw-loop-report.ts';
import type { ServersReport } from './several-servers-report.ts';

interface ServersMeasurement {
  report: ServersReport[];
  mongodbVersion: string;
}

/** Measures each number of servers that sell one event together, one number after the other. */
export async function measureSeveralServers(
  options: BenchOptions,
  counts: readonly number[],
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<ServersMeasurement> {
  const measurement: ServersMeasurement = { report: [], mongodbVersion: '' };
  for (const count of counts) {
    log(`${count} server${count === 1 ? '' : 's'}, ${options.sockets} sockets each …`);
    const { report, mongodbVersion } = await measureServers(options, count, signal);
    measurement.report.push(report);
    measurement.mongodbVersion = mongodbVersion;
  }
  return measurement;
}

async function measureServers(options: BenchOptions, count: number, signal: AbortSignal) {
  const { client, profile, apart, seconds } = options;
  await using cleanup = new AsyncDisposableStack();
  const sale = await openSale({
    buyers: options.sockets * count,
    servers: count,
    apart,
    price: seatPrice(options),
    client,
    profile,
    signal,
  });
  cleanup.defer(() => sale.close());
  await sale.book(WARM_UP_SECONDS);
  const cpu = createCpuMeter(sale.pids);
  const rounds: RoundFigures[] = [];
  while (rounds.length < options.rounds) rounds.push(await cpu.during(() => sale.book(seconds)));
  const { batches, commands, replays } = await engineCounts(sale.testbed.ports);
  await sale.finish();
  const report: ServersReport = {
    servers: count,
    rounds,
    ...mediansOf(rounds),
    averageBatch: commands / batches,
    replaysEach: replays / batches,
    cpuMsEach: cpu.msEach(rounds.reduce((sum, { bookings }) => sum + bookings, 0)),
  };
  return { report, mongodbVersion: sale.testbed.mongodbVersion };
}

function mediansOf(rounds: readonly RoundFigures[]) {
  return {
    bookingsPerSecond: median(rounds.map(bookingRate)),
    worstP99Ms: median(rounds.map(({ servers }) => Math.max(...servers.map(({ latencyMs }) => latencyMs.p99)))),
    leastShare: median(rounds.map(leastShareOf)),
  };
}

function leastShareOf({ bookings, servers }: RoundFigures): number {
  const least = Math.min(...servers.map((server) => server.bookings));
  return (least * servers.length) / bookings;
}
