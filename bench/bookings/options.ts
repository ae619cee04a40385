import type { OptionTable } from '../../scripts/command-line/command-line.ts';
import { createCommandLine } from '../../scripts/command-line/command-line.ts';
import { anyText, listOf, oneOf, wholeNumber } from '../../scripts/command-line/values.ts';

export interface BenchOptions {
  sockets: number;
  seconds: number;
  rounds: number;
  /** A price on the event: seats are held and released, instead of booked. */
  priced: boolean;
  /** Numbers of servers that sell the event together, each measured by itself. Null: one server, against the raw loop. */
  servers: number[] | null;
  /** Each of several servers sells an event of its own: the cost of running several at all. */
  apart: boolean;
  /** The raw loop's collections get the indexes and validators of ours. */
  indexed: boolean;
  /** `wire` speaks the protocol bare, `socket.io` is the standard client, which costs several times the processor. */
  client: Client;
  /** Folder for a processor profile of the server. */
  profile: string | null;
  json: boolean;
}

export const CLIENTS = ['wire', 'socket.io'] as const;
export type Client = (typeof CLIENTS)[number];

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
    help: 'how often raw loop and sockets are measured, in turn',
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
  json: { help: 'the figures as JSON, alone on the standard output' },
} satisfies OptionTable;

export const bookingsCommandLine = createCommandLine(OPTIONS, {
  intro: `Bookings per second on one hot event, over authenticated sockets, compared with the raw driver's loop of one guarded
$inc and one insert for each booking, on the same database in the same run.

  npm run bench -- [options]
  npm run bench -- pages | list-load      how fast the pages appear; whether readers slow buyers (--help explains each)`,
  toOptions: (values): BenchOptions => values,
});
