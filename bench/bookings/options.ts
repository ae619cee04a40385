import type { OptionTable } from '../../scripts/command-line/command-line.ts';
import { createCommandLine } from '../../scripts/command-line/command-line.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { anyText, listOf, oneOf, wholeNumber, WrongOption } from '../../scripts/command-line/values.ts';
import { figuresOption } from '../figures/figures.ts';
import type { Client } from '../load/buyer-connection.ts';
import { CLIENTS } from '../load/buyer-connection.ts';

export interface BenchOptions {
  sockets: number;
  seconds: number;
  rounds: number;
  /** A price on the event: seats are held and released, instead of booked. */
  priced: boolean;
  /** Server counts, one measurement each: that many servers sell one event. Null: one server, against the raw loop. */
  servers: number[] | null;
  /** Each of several servers sells an event of its own: the cost of running several at all. */
  apart: boolean;
  /** The raw loop's collections get the indexes and validators of ours. */
  indexed: boolean;
  client: Client;
  /** Folder for a processor profile of the server. */
  profile: string | null;
  json: boolean;
  /** File that the figures are recorded in. */
  figures: string | null;
}

/** Price of the event: 0 unless the options ask for a priced one. */
export function seatPrice({ priced }: BenchOptions): Money {
  return { amount: priced ? 2_000 : 0, currency: 'EUR' };
}

const OPTIONS = {
  sockets: {
    placeholder: 'N',
    help: 'buyers, each with its own socket and one in-flight command at a time',
    read: wholeNumber(1, 2_000),
    default: '200',
  },
  seconds: { placeholder: 'N', help: 'length of a measurement', read: wholeNumber(1, 120), default: '5' },
  rounds: {
    placeholder: 'N',
    help: 'number of rounds; each measures raw loop and sockets, one after the other',
    read: wholeNumber(1, 50),
    default: '3',
  },
  servers: {
    placeholder: 'LIST',
    help: 'that many servers on one event, each with its own --sockets: "1,2,4" measures one after the other,\nwithout the raw loop',
    read: listOf(wholeNumber(1, 8)),
  },
  apart: { help: 'each of the servers has its own event: the cost of running several at all' },
  priced: { help: 'the event has a price: a seat is held, and released again' },
  indexed: { help: "give the raw loop's collections the indexes and validators that ours have" },
  client: {
    placeholder: 'NAME',
    help: 'wire: the bare protocol, so that measuring costs little; socket.io: the standard client',
    read: oneOf(CLIENTS),
    default: 'wire',
  },
  profile: { placeholder: 'DIR', help: 'write a processor profile of the server there', read: anyText },
  json: { help: 'print the report as JSON, and nothing else, to the standard output' },
  figures: figuresOption,
} satisfies OptionTable;

export const bookingsCommandLine = createCommandLine(OPTIONS, {
  intro: `Bookings per second on one hot event, over authenticated sockets, compared with the raw driver's loop of one guarded
$inc and one insert for each booking, on the same database in the same run.

  npm run bench -- [options]
  npm run bench -- pages       how fast the pages appear
  npm run bench -- list-load   whether readers of the list slow down buyers
  npm run bench -- deliveries  what a frame of seats costs, against a bare WebSocket server
  npm run bench -- watchers    whether thousands of watchers slow down buyers
  npm run bench -- lone-buyer  how long one buyer waits for the answer
  npm run bench -- overload    bookings at four times the load that the server can take
  npm run bench -- mails       how old mails are when they are sent
  npm run bench -- readme      write recorded figures into README.md
  npm run bench -- all         every figure of docs/performance.md
  npm run bench -- performance write its recorded figures there`,
  notes: 'Each of the others has its own --help.',
  toOptions: (values): BenchOptions => {
    if (values.figures !== null && !isStandard(values))
      throw new WrongOption(
        '--figures records the standard case: leave out --priced, --indexed, --apart and --client.',
      );
    return values;
  },
});

function isStandard({ priced, indexed, apart, client }: Omit<BenchOptions, 'figures'>): boolean {
  return !priced && !indexed && !apart && client === 'wire';
}
