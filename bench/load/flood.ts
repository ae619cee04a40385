import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../../scripts/load/in-parallel.ts';
import type { Percentiles } from '../../scripts/load/latencies.ts';
import { Latencies } from '../../scripts/load/latencies.ts';
import { commandFrame, isAcknowledgement, openWire } from './wire-client.ts';

export interface FloodOptions {
  port: number;
  /** Session tokens, one for each connection. */
  tokens: string[];
  eventId: string;
}

/** Either a number of bookings in flight, each followed by the next, or a number sent each second, whatever is answered. */
export type FloodRate = { inFlight: number } | { perSecond: number };

export interface FloodRound {
  seconds: number;
  /** Commands sent while it was measured. */
  sent: number;
  bookings: number;
  bookingMs: Percentiles;
  /** By code. */
  refused: Record<string, number>;
  refusalMs: Percentiles;
  /** Commands that got no answer until ten seconds after the end. */
  unanswered: number;
}

export type Flood = Awaited<ReturnType<typeof openFlood>>;

const PARALLEL_CONNECTS = 25;
/** Load before the measurement begins: queue and pace are then what they stay. */
const RAMP_MS = 2_000;
/** Between two moments at which due commands are sent. */
const TICK_MS = 5;
const ANSWERED_WITHIN_MS = 10_000;

/** Index of the number in `43/booking,17[{"ok":true…`. */
const NUMBER_AT = '43/booking,'.length;
const [BRACKET, ZERO, TRUE] = ['[', '0', 't'].map((character) => character.charCodeAt(0)) as [number, number, number];
/** From the bracket to the first letter of true or false, and to the first letter of a refusal's code. */
const OK_AT = '[{"ok":'.length;
const CODE_AT = '[{"ok":false,"error":{"code":"'.length;

interface Connection {
  /** When each unanswered command was sent, by its number. */
  sentMs: Map<number, number>;
  numbers: number;
  write(frame: Buffer): void;
}

interface Tally {
  fromMs: number;
  untilMs: number;
  sent: number;
  bookings: Latencies;
  refusals: Latencies;
  refused: Record<string, number>;
}

/** Opens connections that have any number of bookings in flight. */
export async function openFlood({ port, tokens, eventId }: FloodOptions) {
  let booked = 0;
  let isClosing = false;
  let tally: Tally | null = null;
  let answered: (connection: Connection) => void = () => undefined;

  async function open(token: string): Promise<Connection & { close(): void }> {
    const connection: Connection = { sentMs: new Map(), numbers: 0, write: () => undefined };
    const wire = await openWire(port, token, {
      received: (frame) => {
        if (isAcknowledgement(frame)) note(connection, frame);
      },
      closed: () => {
        if (!isClosing) throw new Error('The server has closed a connection');
      },
    });
    return Object.assign(connection, wire);
  }

  function note(connection: Connection, frame: Buffer): void {
    let at = NUMBER_AT;
    let number = 0;
    for (; frame[at] !== BRACKET; at += 1) number = number * 10 + (frame[at] as number) - ZERO;
    const sentMs = connection.sentMs.get(number);
    if (sentMs === undefined) throw new Error(`The command ${number} was answered twice`);
    connection.sentMs.delete(number);
    const nowMs = performance.now();
    const isMeasured = tally !== null && nowMs >= tally.fromMs && nowMs < tally.untilMs;
    if (frame[at + OK_AT] === TRUE) {
      booked += 1;
      if (isMeasured) tally?.bookings.record(nowMs - sentMs);
    } else if (tally && isMeasured) {
      const code = frame.toString('latin1', at + CODE_AT, frame.indexOf('"', at + CODE_AT));
      tally.refused[code] = (tally.refused[code] ?? 0) + 1;
      tally.refusals.record(nowMs - sentMs);
    }
    answered(connection);
  }

  function send(connection: Connection): void {
    const nowMs = performance.now();
    connection.numbers += 1;
    connection.sentMs.set(connection.numbers, nowMs);
    const input = `{"requestId":"${randomUUID()}","eventId":"${eventId}","seats":1}`;
    connection.write(commandFrame('book', input, connection.numbers));
    if (tally && nowMs >= tally.fromMs && nowMs < tally.untilMs) tally.sent += 1;
  }

  const connections = await inParallel(tokens, PARALLEL_CONNECTS, open);

  async function keepInFlight(inFlight: number, untilMs: number): Promise<void> {
    answered = (connection) => {
      if (performance.now() < untilMs) send(connection);
    };
    for (let n = 0; n < inFlight; n += 1) send(connections[n % connections.length] as Connection);
    await sleep(untilMs - performance.now());
  }

  async function sendPerSecond(perSecond: number, untilMs: number): Promise<void> {
    answered = () => undefined;
    const startMs = performance.now();
    for (let sent = 0; performance.now() < untilMs; await sleep(TICK_MS)) {
      const due = ((performance.now() - startMs) * perSecond) / 1_000;
      for (; sent < due; sent += 1) send(connections[sent % connections.length] as Connection);
    }
  }

  /** Resolves with the number of commands without an answer. */
  async function allAnswered(): Promise<number> {
    const untilMs = performance.now() + ANSWERED_WITHIN_MS;
    const unanswered = () => connections.reduce((sum, { sentMs }) => sum + sentMs.size, 0);
    while (unanswered() > 0 && performance.now() < untilMs) await sleep(20);
    return unanswered();
  }

  return {
    async round(rate: FloodRate, seconds: number): Promise<FloodRound> {
      const fromMs = performance.now() + RAMP_MS;
      const untilMs = fromMs + seconds * 1_000;
      const measured = { fromMs, untilMs, sent: 0, bookings: new Latencies(), refusals: new Latencies(), refused: {} };
      tally = measured;
      if ('inFlight' in rate) await keepInFlight(rate.inFlight, untilMs);
      else await sendPerSecond(rate.perSecond, untilMs);
      const { sent, bookings, refusals, refused } = measured;
      return {
        seconds,
        sent,
        bookings: bookings.count,
        bookingMs: bookings.percentiles(),
        refused,
        refusalMs: refusals.percentiles(),
        unanswered: await allAnswered(),
      };
    },
    /** All bookings that were acknowledged. */
    get booked(): number {
      return booked;
    },
    close(): void {
      isClosing = true;
      for (const connection of connections) connection.close();
    },
  };
}
