import { parseArgs } from 'node:util';

export interface BenchOptions {
  sockets: number;
  seconds: number;
  rounds: number;
  /** A price on the event: seats are held and let go, instead of booked. */
  priced: boolean;
  /** How many servers sell the event together; each number is measured by itself. Null: one, against the raw loop. */
  servers: number[] | null;
  /** Each of several servers sells an event of its own: what it costs to be several at all. */
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

export const HELP = `Bookings per second on one hot event, over authenticated sockets, against the raw driver's own loop of one guarded
$inc and one insert for each booking, on the same database in the same run.

  npm run bench -- [options]
  npm run bench -- pages | list-load      how soon the pages show; whether readers slow buyers (--help tells more)

  --sockets N     buyers, each with a socket of its own and one booking in work at a time (200)
  --seconds N     length of a measurement (5)
  --rounds N      how often raw loop and sockets take turns (3)
  --servers LIST  that many servers on one event, each with its own --sockets: "1,2,4" measures one after the other,
                  without the raw loop
  --apart         each of the servers has an event of its own: what it costs to be several at all
  --priced        the event has a price: a seat is held, and let go again
  --indexed       give the raw loop's collections the indexes and validators that ours have
  --client NAME   wire: the bare protocol, so that the measuring costs little; socket.io: the standard client (wire)
  --profile DIR   write a processor profile of the server there
  --json          the figures as JSON, alone on the standard output
  --help          this text
`;

export type ParsedOptions = { kind: 'run'; options: BenchOptions } | { kind: 'help' } | { kind: 'wrong'; why: string };

/** Reads the command line. Whatever is wrong with it is told in one sentence. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    const values = read(args);
    return values.help ? { kind: 'help' } : { kind: 'run', options: toOptions(values) };
  } catch (error) {
    if (error instanceof WrongOption || isParseError(error)) return { kind: 'wrong', why: error.message };
    throw error;
  }
}

class WrongOption extends Error {}

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      sockets: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      servers: { type: 'string' },
      apart: { type: 'boolean', default: false },
      priced: { type: 'boolean', default: false },
      indexed: { type: 'boolean', default: false },
      client: { type: 'string', default: 'wire' },
      profile: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function toOptions(values: ReturnType<typeof read>): BenchOptions {
  return {
    sockets: parseWhole('--sockets', values.sockets, 2_000),
    seconds: parseWhole('--seconds', values.seconds, 120),
    rounds: parseWhole('--rounds', values.rounds, 50),
    servers:
      values.servers === undefined ? null : values.servers.split(',').map((text) => parseWhole('--servers', text, 8)),
    apart: values.apart,
    priced: values.priced,
    indexed: values.indexed,
    client: parseClient(values.client),
    profile: values.profile ?? null,
    json: values.json,
  };
}

function parseWhole(name: string, text: string, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new WrongOption(`${name} must be a whole number from 1 to ${most} (it is "${text}").`);
}

function parseClient(text: string): Client {
  const client = CLIENTS.find((name) => name === text);
  if (client) return client;
  throw new WrongOption(`--client must be one of ${CLIENTS.join(', ')} (it is "${text}").`);
}
