import type { OptionTable } from '../command-line/command-line.ts';
import { createCommandLine } from '../command-line/command-line.ts';
import { numberRange, textLike, webOrigin, weights, wholeNumber, WrongOption } from '../command-line/values.ts';
import type { BuyerBehaviour } from './buyers/buyer.ts';
import { PAYMENT_CHOICES } from './buyers/pay-for-hold.ts';
import { ACTIONS } from './buyers/random-choice.ts';

export interface CrowdOptions extends BuyerBehaviour {
  /** The server's origin. */
  url: string;
  buyers: number;
  /** Signed-out visitors that watch the counts. */
  watchers: number;
  seconds: number;
  /** One event by its id, the one with most free seats, or all that are on sale. */
  target: { kind: 'event'; id: string } | { kind: 'freest' } | { kind: 'all' };
  /** The run ends after so many bookings; null: no limit. */
  bookings: number | null;
  /** Names the buyers' accounts and seeds their choices. */
  seed: string;
  json: boolean;
}

const EXAMPLE_MIX = 'book=80,look=15,cancel=5';
const EXAMPLE_PAYMENTS = 'pay=75,decline=10,abandon=10,late=5';

const OPTIONS = {
  buyers: {
    placeholder: 'N',
    help: 'number of buyers, each with its own account and socket',
    read: wholeNumber(1, 5_000),
    default: '200',
  },
  watchers: {
    placeholder: 'N',
    help: 'number of signed-out visitors that watch the counts',
    read: wholeNumber(0, 20_000),
    default: '0',
  },
  seconds: { placeholder: 'N', help: 'duration of the run', read: wholeNumber(1, 3_600), default: '30' },
  event: {
    placeholder: 'ID',
    help: 'the event to book (the upcoming one with most free seats)',
    read: textLike(/^[0-9a-f]{24}$/i, '24 hex digits'),
  },
  all: { help: 'book on all events that are on sale' },
  mix: {
    placeholder: 'LIST',
    help: 'actions of a buyer, as weights of any size',
    read: weights(ACTIONS, EXAMPLE_MIX),
    default: EXAMPLE_MIX,
  },
  pay: {
    placeholder: 'LIST',
    help: `pay for holds at the demo provider: ways to pay, as weights (${EXAMPLE_PAYMENTS})`,
    read: weights(PAYMENT_CHOICES, EXAMPLE_PAYMENTS),
  },
  bookings: { placeholder: 'N', help: 'end after so many bookings', read: wholeNumber(1, 1_000_000) },
  parties: { placeholder: 'A-B', help: 'seats of a booking', read: numberRange(1, 1_000), default: '1-3' },
  think: {
    placeholder: 'A-B',
    help: 'milliseconds between a reply and the next command',
    read: numberRange(0, 600_000),
    default: '0-200',
  },
  url: { placeholder: 'ADDRESS', help: 'the server', read: webOrigin, default: 'http://127.0.0.1:5000' },
  'allow-remote': { help: 'allow a server on another machine' },
  seed: {
    placeholder: 'TEXT',
    help: 'selects accounts and choices: the same text gives the same buyers',
    read: textLike(/^[a-z0-9-]{1,32}$/, '1 to 32 letters a-z, digits or hyphens'),
    default: 'crowd',
  },
  json: { help: 'print the summary as JSON, and nothing else, to the standard output' },
} satisfies OptionTable;

export const crowdCommandLine = createCommandLine(OPTIONS, {
  intro: `Runs simulated buyers against a server.

  npm run crowd -- [options]`,
  notes: `Buyers are ordinary accounts (crowd-SEED-N@crowd.example) with passwords derived from the seed: use only data that
may be thrown away. Where an event has several ticket types, they buy tickets of types by chance, extras too. On an event with a price buyers hold seats, and "cancel" releases the hold. With --pay they pay for
their holds, and "cancel" cancels paid bookings; a late payment arrives more than a minute after its hold has ended.
Ctrl-C ends the run early, with the summary.`,
  toOptions: ({ event, all, pay, parties, think, url, 'allow-remote': allowRemote, ...values }): CrowdOptions => {
    if (!allowRemote) assertLoopback(url);
    return { ...values, url, target: targetOf(event, all), payments: pay, partySize: parties, thinkMs: think };
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

/** Whether a host name always means the machine that uses it. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i.test(hostname);
}
