import { runWithOptions } from '../../scripts/command-line/command-line.ts';
import { say } from '../../scripts/setup/say.js';
import { conditionsAt, recordFigures } from '../figures/figures.ts';
import { interruptible } from '../interruptible.ts';
import { measureAgainstRawLoop } from './against-raw-loop.ts';
import type { BenchOptions } from './options.ts';
import { bookingsCommandLine } from './options.ts';
import { rawLoopLines } from './raw-loop-report.ts';
import { rawLoopRounds, serverCounts } from './recorded-rounds.ts';
import { measureSeveralServers } from './several-servers.ts';
import { severalServersLines } from './several-servers-report.ts';

/** Measures bookings on one event, against the raw loop or with several servers. Resolves to the exit code. */
export function measureBookings(args: readonly string[]): Promise<number> {
  return runWithOptions(bookingsCommandLine, args, run);
}

function run(options: BenchOptions): Promise<number> {
  return interruptible(async (signal) => {
    const { report, lines } = await (options.servers === null
      ? againstRawLoop(options, signal)
      : withSeveralServers(options, options.servers, signal));
    const text = options.json ? JSON.stringify(report, null, 2) : lines.join('\n');
    process.stdout.write(`${text}\n`);
    return 0;
  });
}

async function againstRawLoop(options: BenchOptions, signal: AbortSignal) {
  const { report, mongodbVersion } = await measureAgainstRawLoop(options, signal, say);
  if (options.figures !== null)
    await recordFigures(options.figures, 'rawLoop', {
      conditions: conditionsAt(new Date(), mongodbVersion),
      options: recordedOptions(options),
      rounds: rawLoopRounds(report),
    });
  return { report, lines: rawLoopLines(report) };
}

async function withSeveralServers(options: BenchOptions, counts: readonly number[], signal: AbortSignal) {
  const { report, mongodbVersion } = await measureSeveralServers(options, counts, signal, say);
  if (options.figures !== null)
    await recordFigures(options.figures, 'severalServers', {
      conditions: conditionsAt(new Date(), mongodbVersion),
      options: recordedOptions(options),
      counts: serverCounts(report),
    });
  return { report, lines: severalServersLines(options, report) };
}

function recordedOptions({ sockets, seconds, rounds }: BenchOptions) {
  return { sockets, seconds, rounds };
}
