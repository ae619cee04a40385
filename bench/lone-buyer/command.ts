import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { anyText, wholeNumber } from '../../scripts/command-line/values.ts';
import { say } from '../../scripts/setup/say.js';
import { tableLine } from '../bookings/report-text.ts';
import type { LoneBuyerOptions } from './lone-buyer.ts';
import { measureLoneBuyer } from './lone-buyer.ts';

const commandLine = createCommandLine(
  {
    seconds: { placeholder: 'N', help: 'length of a measurement', read: wholeNumber(1, 120), default: '5' },
    rounds: {
      placeholder: 'N',
      help: 'number of rounds; in each raw transactions and bookings alternate',
      read: wholeNumber(1, 50),
      default: '3',
    },
    profile: { placeholder: 'DIR', help: 'write a processor profile of the server there', read: anyText },
  },
  {
    intro: `How long one buyer on an idle server waits for the answer to a booking, against one raw transaction of one update.

  npm run bench -- lone-buyer [options]`,
    toOptions: (values): LoneBuyerOptions => values,
  },
);

/** Measures bookings of one buyer on an idle server. Resolves to the exit code. */
export function compareLoneBuyer(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, async (options) => {
    const { rounds, ratios } = await measureLoneBuyer(options, new AbortController().signal, say);
    const lines = rounds.map(({ bookingMs, transactionMs, ratios: of }, index) => {
      const each = [bookingMs.p50, transactionMs.p50, of.p50, bookingMs.p99, transactionMs.p99, of.p99];
      return tableLine([String(index + 1), ...each.map((value) => value.toFixed(2))]);
    });
    const headings = tableLine(['round', 'p50 ms', 'raw', 'ratio', 'p99 ms', 'raw', 'ratio']);
    const last = `times as long as one transaction (medians)  p50 ${ratios.p50.toFixed(2)}, p99 ${ratios.p99.toFixed(2)}`;
    process.stdout.write([headings, ...lines, last, ''].join('\n'));
    return 0;
  });
}
