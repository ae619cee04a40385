import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { anyText, wholeNumber } from '../../scripts/command-line/values.ts';
import { say } from '../../scripts/setup/say.js';
import { namedNumbersText, tableLine } from '../bookings/report-text.ts';
import type { OverloadOptions, OverloadRound } from './overload.ts';
import { measureOverload } from './overload.ts';

const commandLine = createCommandLine(
  {
    sockets: {
      placeholder: 'N',
      help: 'buyers, each with its own socket',
      read: wholeNumber(1, 2_000),
      default: '500',
    },
    seconds: { placeholder: 'N', help: 'length of a measurement', read: wholeNumber(1, 120), default: '5' },
    rounds: {
      placeholder: 'N',
      help: 'number of rounds; each measures saturation and overload',
      read: wholeNumber(1, 50),
      default: '3',
    },
    profile: { placeholder: 'DIR', help: 'write a processor profile of the server there', read: anyText },
  },
  {
    intro: `Confirmed bookings a second on one hot event at four times the load that the server can take, against those at
saturation.

  npm run bench -- overload [options]`,
    toOptions: (values): OverloadOptions => values,
  },
);

/** Measures a server under more load than it can take. Resolves to the exit code. */
export function compareOverload(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, async (options) => {
    const report = await measureOverload(options, new AbortController().signal, say);
    const headings = ['round', 'in flight', 'saturated', 'sent', 'confirmed', 'p99 ms', 'refused', 'p99 ms', 'ratio'];
    const lines = report.rounds.map((round, index) => tableLine([String(index + 1), ...columnsOf(round)]));
    const last = `of the bookings at saturation (median of ${report.rounds.length})  ${report.ratio.toFixed(2)}`;
    const cpu = report.rounds.map(({ saturation, overload }) =>
      [saturation, overload].map(({ cpuMsEach }) => namedNumbersText(cpuMsEach, 3)).join('; under overload '),
    );
    const cpuLines = cpu.map((text) => `processor ms for each confirmed booking  ${text}`);
    process.stdout.write([tableLine(headings), ...lines, last, ...cpuLines, ''].join('\n'));
    return 0;
  });
}

function columnsOf({ saturatedBy, saturation, overload, ratio }: OverloadRound): string[] {
  const perSecond = (count: number) => String(Math.round(count / overload.seconds));
  const refused = Object.values(overload.refused).reduce((sum, count) => sum + count, 0);
  return [
    String(saturatedBy),
    perSecond(saturation.bookings),
    perSecond(overload.sent),
    perSecond(overload.bookings),
    overload.bookingMs.p99.toFixed(0),
    perSecond(refused),
    overload.refusalMs.p99.toFixed(0),
    ratio.toFixed(2),
  ];
}
