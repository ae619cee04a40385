import type { OptionTable } from '../command-line/command-line.ts';
import { createCommandLine } from '../command-line/command-line.ts';
import { numberRange, textLike, webOrigin, weights, wholeNumber, WrongOption } from '../command-line/values.ts';
import type { Mix, Range } from './buyers/chance.ts';
import { ACTS } from './buyers/chance.ts';
import type { Payments } from './buyers/payer.ts';
import { WAYS } from './buyers/payer.ts';

export interface CrowdOptions {
  /** The server's origin. */
  url: string;
  buyers: number;
  seconds: number;
  /** One event by its id, the one with most free seats, or all that are on sale. */
  target: { kind: 'event'; id: string } | { kind: 'freest' } | { kind: 'all' };
  mix: Mix;
  /** How holds with a price are paid for; null: they are not. */
  payments: Payments | null;
  /** So many bookings, then it is enough; null: as many as come. */
  bookings: number | null;
  parties: Range;
  thinkMs: Range;
  /** Names the buyers' accounts and settles their choices. */
  seed: string;
  json: boolean;
}

const EXAMPLE_MIX = 'book=80,look=15,cancel=5';
const EXAMPLE_PAYMENTS = 'pay=75,decline=10,abandon=10,late=5';

const OPTIONS = {
  buyers: {
    placeholder: 'N',
    help: 'how many buyers, each with an account and a socket of its own',
    read: wholeNumber(1, 5_000),
    default: '200',
  },
  seconds: { placeholder: 'N', help: 'how long they buy', read: wholeNumber(1, 3_600), default: '30' },
  event: {
    placeholder: 'ID',
    help: 'the event they want (the upcoming one with most free seats)',
    read: textLike(/^[0-9a-f]{24}$/i, '24 hex digits'),
  },
  all: { help: 'spread over all events that are on sale' },
  mix: {
    placeholder: 'LIST',
    help: 'what they do, in any weights',
    read: weights(ACTS, EXAMPLE_MIX),
    default: EXAMPLE_MIX,
  },
  pay: {
    placeholder: 'LIST',
    help: `pay for holds at the demo provider, in any weights (${EXAMPLE_PAYMENTS})`,
    read: weights(WAYS, EXAMPLE_PAYMENTS),
  },
  bookings: { placeholder: 'N', help: 'go home after so many bookings', read: wholeNumber(1, 1_000_000) },
  parties: { placeholder: 'A-B', help: 'seats in a booking', read: numberRange(1, 1_000), default: '1-3' },
  think: {
    placeholder: 'A-B',
    help: 'milliseconds between an answer and the next command',
    read: numberRange(0, 600_000),
    default: '0-200',
  },
  url: { placeholder: 'ADDRESS', help: 'the server', read: webOrigin, default: 'http://127.0.0.1:5000' },
  'allow-remote': { help: 'let the server be another machine' },
  seed: {
    placeholder: 'TEXT',
    help: 'whose accounts and choices: the same text, the same buyers',
    read: textLike(/^[a-z0-9-]{1,32}$/, '1 to 32 letters a-z, digits or hyphens'),
    default: 'crowd',
  },
  json: { help: 'the summary as JSON, alone on the standard output' },
} satisfies OptionTable;

export const crowdCommandLine = createCommandLine(OPTIONS, {
  intro: `A crowd of simulated buyers on a running server.

  npm run crowd -- [options]`,
  notes: `Buyers are ordinary accounts (crowd-SEED-N@crowd.example) with passwords that follow from the seed: use it on data
that may be thrown away. On events with a price they hold seats and, by the mix, let them go; with --pay they pay, and cancel
what they have paid for. Late money comes more than a minute after the end of its hold.
Ctrl-C ends early, with the summary.`,
  toOptions: ({ event, all, pay, think, url, 'allow-remote': allowRemote, ...values }): CrowdOptions => {
    if (!allowRemote) assertLoopback(url);
    return { ...values, url, target: targetOf(event, all), payments: pay, thinkMs: think };
  },
});

function targetOf(event: string | null, all: boolean): CrowdOptions['target'] {
  if (event === null) return { kind: all ? 'all' : 'freest' };
  if (all) throw new WrongOption('--event and --all exclude each other.');
  return { kind: 'event', id: event.toLowerCase() };
}

function assertLoopback(origin: string): void {
  const { host, hostname } = new URL(origin);
  if (isLoopback(hostname)) return;
  throw new WrongOption(
    `${host} is not this machine. A crowd is a load test: add --allow-remote if the server is yours to test.`,
  );
}

/** Whether a host name can only mean the machine it is used on. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i.test(hostname);
}
