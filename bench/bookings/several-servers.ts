import type { RoundFigures } from '../load/load.ts';
import { startLoadGenerator } from '../load/generator-process.ts';
import { median } from '../median.ts';
import { assertAgreement } from '../probes/agreement.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { engineCounts } from '../probes/engine-counts.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import type { BenchOptions } from './options.ts';
import { loadPrice, seatPrice } from './options.ts';
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
  const testbed = await openTestbed({
    buyers: options.sockets * count,
    servers: count,
    apart,
    price: seatPrice(options),
    profile,
    log: () => undefined,
  });
  cleanup.defer(() => testbed.close());
  const generator = startLoadGenerator(signal);
  cleanup.defer(() => generator.stop());
  const { ports, tokens, eventIds } = testbed;
  await generator.request({ kind: 'open', options: { client, ports, tokens, eventIds, price: loadPrice(options) } });
  const book = async (forSeconds: number) => (await generator.request({ kind: 'round', seconds: forSeconds })).figures;
  await book(WARM_UP_SECONDS);
  const cpu = createCpuMeter({ ...testbed.pids, generator: generator.pid });
  const rounds: RoundFigures[] = [];
  while (rounds.length < options.rounds) rounds.push(await cpu.during(() => book(seconds)));
  const { received } = await generator.request({ kind: 'finish' });
  const { batches, commands, replays } = await engineCounts(ports);
  await assertAgreement(testbed.database, received.booked);
  const report: ServersReport = {
    servers: count,
    rounds,
    ...mediansOf(rounds),
    averageBatch: commands / batches,
    replaysEach: replays / batches,
    cpuMsEach: cpu.msEach(rounds.reduce((sum, { bookings }) => sum + bookings, 0)),
  };
  return { report, mongodbVersion: testbed.mongodbVersion };
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
