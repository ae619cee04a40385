import { parseArgs } from 'node:util';
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

export type ParsedOptions = { kind: 'run'; options: CrowdOptions } | { kind: 'help' } | { kind: 'wrong'; why: string };

export const HELP = `A crowd of simulated buyers on a running server.

  npm run crowd -- [options]

  --buyers N         how many buyers, each with an account and a socket of its own (200)
  --seconds N        how long they buy (30)
  --event ID         the event they want (the upcoming one with most free seats)
  --all              spread over all events that are on sale
  --mix LIST         what they do, in any weights (book=80,look=15,cancel=5)
  --pay LIST         pay for holds at the demo provider, in any weights (pay=75,decline=10,abandon=10,late=5)
  --bookings N       go home after so many bookings
  --parties A-B      seats in a booking (1-3)
  --think A-B        milliseconds between an answer and the next command (0-200)
  --url ADDRESS      the server (http://127.0.0.1:5000)
  --allow-remote     let the server be another machine
  --seed TEXT        whose accounts and choices: the same text, the same buyers (crowd)
  --json             the summary as JSON, alone on the standard output
  --help             this text

Buyers are ordinary accounts (crowd-SEED-N@crowd.example) with passwords that follow from the seed: use it on data
that may be thrown away. On events with a price they hold seats and, by the mix, let them go; with --pay they pay, and cancel
what they have paid for. Late money comes more than a minute after the end of its hold.
Ctrl-C ends early, with the summary.
`;

const MOST_BUYERS = 5_000;
const MOST_BOOKINGS = 1_000_000;
const LONGEST_SECONDS = 3_600;
const LARGEST_PARTY = 1_000;
const LONGEST_THINK_MS = 600_000;

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

type Values = ReturnType<typeof read>;

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      buyers: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '30' },
      event: { type: 'string' },
      all: { type: 'boolean', default: false },
      mix: { type: 'string', default: 'book=80,look=15,cancel=5' },
      pay: { type: 'string' },
      bookings: { type: 'string' },
      parties: { type: 'string', default: '1-3' },
      think: { type: 'string', default: '0-200' },
      url: { type: 'string', default: 'http://127.0.0.1:5000' },
      'allow-remote': { type: 'boolean', default: false },
      seed: { type: 'string', default: 'crowd' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function toOptions(values: Values): CrowdOptions {
  return {
    url: parseUrl(values.url, values['allow-remote']),
    buyers: parseWhole('--buyers', values.buyers, 1, MOST_BUYERS),
    seconds: parseWhole('--seconds', values.seconds, 1, LONGEST_SECONDS),
    target: parseTarget(values),
    mix: parseWeights('--mix', values.mix, ACTS, 'book=80,look=15,cancel=5'),
    payments:
      values.pay === undefined ? null : parseWeights('--pay', values.pay, WAYS, 'pay=75,decline=10,abandon=10,late=5'),
    bookings: values.bookings === undefined ? null : parseWhole('--bookings', values.bookings, 1, MOST_BOOKINGS),
    parties: parseRange('--parties', values.parties, 1, LARGEST_PARTY),
    thinkMs: parseRange('--think', values.think, 0, LONGEST_THINK_MS),
    seed: parseSeed(values.seed),
    json: values.json,
  };
}

function parseUrl(text: string, allowRemote: boolean): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new WrongOption(`--url must be an address such as http://127.0.0.1:5000 (it is "${text}").`);
  if (!allowRemote && !isLoopback(url.hostname))
    throw new WrongOption(
      `${url.host} is not this machine. A crowd is a load test: add --allow-remote if the server is yours to test.`,
    );
  return url.origin;
}

/** Whether a host name can only mean the machine it is used on. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i.test(hostname);
}

function parseWhole(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new WrongOption(`${name} must be a whole number from ${min} to ${max} (it is "${text}").`);
}

function parseRange(name: string, text: string, lowest: number, highest: number): Range {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  const min = Number(match?.[1]);
  const max = Number(match?.[2] ?? match?.[1]);
  if (match && min >= lowest && max <= highest && min <= max) return { min, max };
  throw new WrongOption(`${name} must be like ${lowest}-${lowest + 2}, within ${lowest}-${highest} (it is "${text}").`);
}

function parseTarget({ event, all }: Values): CrowdOptions['target'] {
  if (event === undefined) return { kind: all ? 'all' : 'freest' };
  if (all) throw new WrongOption('--event and --all exclude each other.');
  if (!/^[0-9a-f]{24}$/i.test(event)) throw new WrongOption(`--event must be 24 hex digits (it is "${event}").`);
  return { kind: 'event', id: event.toLowerCase() };
}

function parseWeights<N extends string>(
  option: string,
  text: string,
  names: readonly N[],
  example: string,
): Record<N, number> {
  const weights = Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>;
  for (const part of text.split(',')) {
    const [, word, weight] = /^\s*([a-z]+)=(\d{1,6})\s*$/.exec(part) ?? [];
    const name = names.find((one) => one === word);
    if (name === undefined) throw new WrongOption(`${option} must be like ${example} (it is "${text}").`);
    weights[name] = Number(weight);
  }
  if (names.every((name) => weights[name] === 0)) throw new WrongOption(`${option} needs at least one weight above 0.`);
  return weights;
}

function parseSeed(text: string): string {
  if (/^[a-z0-9-]{1,32}$/.test(text)) return text;
  throw new WrongOption(`--seed must be 1 to 32 letters a-z, digits or hyphens (it is "${text}").`);
}
