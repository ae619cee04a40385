import { assertAgreement } from './probes/agreement.ts';
import type { CpuWatch } from './probes/cpu.ts';
import { watchCpu } from './probes/cpu.ts';
import type { Generator } from './load/generator-process.ts';
import { startGenerator } from './load/generator-process.ts';
import type { RoundFigures } from './load/load.ts';
import type { BenchOptions } from './bookings/options.ts';
import { runWithOptions } from '../scripts/command-line/command-line.ts';
import { bookingsCommandLine } from './bookings/options.ts';
import { measureListLoad } from './pages/list-load.ts';
import { measurePages } from './pages/page-speed.ts';
import type { RawLoop } from './bookings/raw-loop.ts';
import { openRawLoop } from './bookings/raw-loop.ts';
import type { Report, Round } from './bookings/report.ts';
import { median, rateOf, ratioOf, reportLines } from './bookings/report.ts';
import { compareServers } from './bookings/several-servers.ts';
import { openStage } from './testbed/testbed.ts';

/** Just-in-time compilers and caches are cold at first; what they cost is not what is asked. */
const WARM_UP_SECONDS = 3;
const RAW_SEATS = 1_000_000_000;

/** Measurements other than bookings, by the first argument. */
const MEASUREMENTS: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  pages: measurePages,
  'list-load': measureListLoad,
};

const args = process.argv.slice(2);
const measureOther = MEASUREMENTS[args[0] ?? ''];
process.exitCode = await (measureOther ? measureOther(args.slice(1)) : runWithOptions(bookingsCommandLine, args, run));

async function run(options: BenchOptions): Promise<number> {
  const early = new AbortController();
  // Not the process's own end: database, server and generator have to be stopped, and the data removed.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => early.abort());
  try {
    const { report, lines } = await (options.servers
      ? compareServers({ ...options, servers: options.servers }, early.signal, say)
      : compareWithRaw(options, early.signal));
    const text = options.json ? JSON.stringify(report, null, 2) : lines.join('\n');
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    if (!early.signal.aborted) throw error;
    say('Ended early, without a report.');
    return 130;
  }
}

async function compareWithRaw(options: BenchOptions, signal: AbortSignal) {
  const report = await measure(options, signal);
  return { report, lines: reportLines(report) };
}

async function measure(options: BenchOptions, signal: AbortSignal): Promise<Report> {
  const price = { amount: options.priced ? 2_000 : 0, currency: 'EUR' };
  await using undo = new AsyncDisposableStack();
  say('Starting a database and a server …');
  const stage = await openStage({ buyers: options.sockets, price, profile: options.profile, say });
  undo.defer(() => stage.close());
  const raw = await openRawLoop({ uri: stage.mongoUri, totalSeats: RAW_SEATS, indexed: options.indexed, signal });
  undo.defer(() => raw.close());
  const generator = startGenerator(signal);
  undo.defer(() => generator.stop());
  const { ports, tokens, eventIds } = stage;
  const job = { client: options.client, ports, tokens, eventIds, price: options.priced ? price : null };
  await generator.order({ kind: 'open', job });
  const cpu = watchCpu({ ...stage.pids, generator: generator.pid });
  const rounds = await takeTurns(options, raw, generator, cpu);
  const { received } = await generator.order({ kind: 'finish' });
  const { booked, acknowledged, ...pushes } = received;
  const stored = await assertAgreement(stage.database, eventIds, booked);
  return {
    ...{ sockets: options.sockets, client: options.client, priced: options.priced, indexed: options.indexed },
    ...{ rounds, pushes, stored },
    ratio: median(rounds.map(ratioOf)),
    bookingsPerSecond: median(rounds.map(({ sockets }) => rateOf(sockets))),
    // The first batch is the event's own making.
    averageBatch: acknowledged / (stored.batches - 1),
    cores: cpu.cores(),
    cpuMsEach: cpu.msEach(rounds.reduce((sum, { sockets }) => sum + sockets.bookings, 0)),
  };
}

/** Raw loop and sockets one after the other, several times, so that a slow minute of the machine meets both. */
async function takeTurns(options: BenchOptions, raw: RawLoop, generator: Generator, cpu: CpuWatch): Promise<Round[]> {
  const { seconds } = options;
  const sell = async (forSeconds: number) => (await generator.order({ kind: 'round', seconds: forSeconds })).figures;
  say('Warming up …');
  await raw.measure(16, 1);
  await sell(WARM_UP_SECONDS);
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const raw16 = await raw.measure(16, seconds);
    const raw64 = await raw.measure(64, seconds);
    const sockets: RoundFigures = await cpu.during(() => sell(seconds));
    rounds.push({ raw16, raw64, sockets });
    say(`Round ${round} of ${options.rounds}: ${Math.round(rateOf(sockets))} bookings/s over sockets`);
  }
  return rounds;
}

/** To the standard error: the report can be piped. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
