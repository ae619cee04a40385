import { createCommandLine } from '../command-line/command-line.ts';
import type { OptionTable } from '../command-line/command-line.ts';
import { textLike, wholeNumber } from '../command-line/values.ts';

export interface SoakOptions {
  minutes: number;
  buyers: number;
  /** Signed-out visitors at a time. */
  visitors: number;
  /** Seconds between two kills of a server. */
  killEvery: number;
  /** Seeds the buyers' choices. */
  seed: string;
}

const OPTIONS = {
  minutes: { placeholder: 'N', help: 'duration of the load', read: wholeNumber(1, 10_080), default: '30' },
  buyers: { placeholder: 'N', help: 'number of buyers', read: wholeNumber(10, 2_000), default: '100' },
  visitors: { placeholder: 'N', help: 'signed-out visitors at a time', read: wholeNumber(1, 2_000), default: '40' },
  'kill-every': {
    placeholder: 'N',
    help: 'seconds between two kills of a server',
    read: wholeNumber(10, 3_600),
    default: '60',
  },
  seed: {
    placeholder: 'TEXT',
    help: "seeds the buyers' choices",
    read: textLike(/^[a-z0-9-]{1,32}$/, '1 to 32 letters a-z, digits or hyphens'),
    default: 'soak',
  },
} satisfies OptionTable;

export const soakCommandLine = createCommandLine(OPTIONS, {
  intro: `Loads two servers on a database of their own for a long time, and looks for what grows.

  npm run soak -- --minutes 30`,
  notes: `One server lives to the end and is measured; the other one is killed again and again. Buyers book, pay, cancel and
wait for seats, visitors come and go, readers read pages, an organiser edits, and connections are cut. The first quarter
warms up; memory, open files, collections and the backlog of jobs of the last quarter are compared with the second. At
the end counters, bookings, ledger and payments must agree, and every acknowledged booking must be stored. Exits with 0
if all that holds. Needs Linux, whose /proc says what a process uses. Ctrl-C ends it early.`,
  toOptions: ({ 'kill-every': killEvery, minutes, buyers, visitors, seed }): SoakOptions => ({
    minutes,
    buyers,
    visitors,
    killEvery,
    seed,
  }),
});
