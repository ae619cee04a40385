import { assertAgreement } from '../probes/agreement.ts';
import { watchCpu } from '../probes/cpu.ts';
import { startGenerator } from '../load/generator-process.ts';
import { engineCounts } from '../probes/engine-counts.ts';
import type { RoundFigures } from '../load/load.ts';
import type { BenchOptions } from './options.ts';
import { median, namedText, rateOf, table, whole } from './report.ts';
import { openStage } from '../testbed/testbed.ts';

const WARM_UP_SECONDS = 3;

/** Some servers selling one event together, each to buyers of its own. */
export interface Together {
  servers: number;
  rounds: RoundFigures[];
  /** Bookings a second of all of them, median over the rounds. */
  bookingsPerSecond: number;
  /** The slowest server's 99th percentile, median over the rounds. */
  worstP99Ms: number;
  /** The part of the server that sold least, of what an even share would be; median over the rounds. */
  leastShare: number;
  averageBatch: number;
  /** How often a batch had to be decided anew, on average. */
  replaysEach: number;
  /** Processor milliseconds for each booking, by process. */
  cpuMsEach: Record<string, number>;
}

type Options = BenchOptions & { servers: number[] };

/** How several servers on one event do against one, one number of them after the other. */
export async function compareServers(options: Options, signal: AbortSignal, say: (line: string) => void) {
  const report: Together[] = [];
  for (const servers of options.servers) {
    say(`${servers} server${servers === 1 ? '' : 's'}, ${options.sockets} sockets each …`);
    report.push(await measure(options, servers, signal));
  }
  return { report, lines: linesOf(options, report) };
}

async function measure(options: Options, servers: number, signal: AbortSignal): Promise<Together> {
  const price = { amount: options.priced ? 2_000 : 0, currency: 'EUR' };
  await using undo = new AsyncDisposableStack();
  const buyers = options.sockets * servers;
  const { profile, apart } = options;
  const stage = await openStage({ buyers, servers, apart, price, profile, say: () => undefined });
  undo.defer(() => stage.close());
  const generator = startGenerator(signal);
  undo.defer(() => generator.stop());
  const { ports, tokens, eventIds } = stage;
  const job = { client: options.client, ports, tokens, eventIds, price: options.priced ? price : null };
  await generator.order({ kind: 'open', job });
  const sell = async (seconds: number) => (await generator.order({ kind: 'round', seconds })).figures;
  await sell(WARM_UP_SECONDS);
  const cpu = watchCpu({ ...stage.pids, generator: generator.pid });
  const rounds: RoundFigures[] = [];
  while (rounds.length < options.rounds) rounds.push(await cpu.during(() => sell(options.seconds)));
  const { received } = await generator.order({ kind: 'finish' });
  const { batches, commands, replays } = await engineCounts(ports);
  await assertAgreement(stage.database, eventIds, received.booked);
  return {
    servers,
    rounds,
    ...summed(rounds),
    averageBatch: commands / batches,
    replaysEach: replays / batches,
    cpuMsEach: cpu.msEach(rounds.reduce((sum, { bookings }) => sum + bookings, 0)),
  };
}

function summed(rounds: readonly RoundFigures[]) {
  return {
    bookingsPerSecond: median(rounds.map(rateOf)),
    worstP99Ms: median(rounds.map(({ servers }) => Math.max(...servers.map(({ latencyMs }) => latencyMs.p99)))),
    leastShare: median(
      rounds.map((round) => {
        const least = Math.min(...round.servers.map(({ bookings }) => bookings));
        return (least * round.servers.length) / round.bookings;
      }),
    ),
  };
}

function linesOf(options: Options, all: readonly Together[]): string[] {
  const [first] = all;
  const rows = all.map(({ servers, rounds, bookingsPerSecond, worstP99Ms, leastShare, ...each }) => [
    String(servers),
    whole(bookingsPerSecond),
    first ? (bookingsPerSecond / first.bookingsPerSecond).toFixed(2) : '',
    median(rounds.map(({ latencyMs }) => latencyMs.p50)).toFixed(1),
    worstP99Ms.toFixed(1),
    leastShare.toFixed(2),
    each.averageBatch.toFixed(1),
    each.replaysEach.toFixed(2),
  ]);
  return [
    `several servers ${options.apart ? 'on an event each' : 'on one event'}, ${options.sockets} sockets each (${options.client} client); counters, bookings and ledger agree`,
    ...table([
      ['servers', 'together', 'of first', 'p50 ms', 'worst p99', 'least share', 'batch', 'replays each'],
      ...rows,
    ]),
    ...all.map(({ servers, cpuMsEach }) => {
      const heading = `processor ms a booking, ${servers} server${servers === 1 ? '' : 's'}`;
      return `${heading}  ${namedText(cpuMsEach, 3)}`;
    }),
  ];
}
