import { randomUUID } from 'node:crypto';
import type { Money } from '#shared/protocol/primitives.ts';
import { inParallel } from '../../scripts/load/in-parallel.ts';
import type { Percentiles } from '../../scripts/load/latencies.ts';
import { Latencies } from '../../scripts/load/latencies.ts';
import type { BuyerConnection, Client, ConnectionEvents } from './buyer-connection.ts';
import { openBuyerConnection } from './buyer-connection.ts';

export interface LoadOptions {
  client: Client;
  /** Ports of the servers; the buyers are spread over them evenly. */
  ports: number[];
  /** Session tokens, one for each buyer. */
  tokens: string[];
  /** The events that are booked; the buyers are spread over them evenly, as over the servers. */
  eventIds: string[];
  /** Price of a seat, or null for a free event. With a price each hold is released at once. */
  price: Money | null;
}

/** What the buyers of a round book instead of a seat of the events in the options. */
export interface RoundTarget {
  eventIds?: string[] | undefined;
  /** Ids of ticket types, over which the buyers are spread evenly: each books one ticket. */
  types?: string[] | undefined;
}

/** Result of one round over sockets. */
export interface RoundFigures {
  seconds: number;
  bookings: number;
  /** Refusals by their code. */
  refused: Record<string, number>;
  latencyMs: Percentiles;
  /** The same for each server. */
  servers: { bookings: number; latencyMs: Percentiles }[];
}

/** Counts since the connections were opened. */
export interface ReceivedCounts {
  /** Bookings, holds included. */
  booked: number;
  /** All commands that succeeded; each changes one booking, and is followed by one `bookingChanged` to its owner. */
  acknowledged: number;
  availabilityChanged: number;
  bookingChanged: number;
}

export type Load = Awaited<ReturnType<typeof openLoad>>;

const PARALLEL_CONNECTS = 25;
const PUSHES_WITHIN_MS = 10_000;

interface LoadBuyer {
  connection: BuyerConnection;
  index: number;
  /** Index of the server it is connected to. */
  server: number;
  replied: ConnectionEvents['replied'];
}

/** Opens the connections of all buyers. A buyer sends its next command when the last one is replied to. */
export async function openLoad(options: LoadOptions) {
  const received: ReceivedCounts = { booked: 0, acknowledged: 0, availabilityChanged: 0, bookingChanged: 0 };
  let isClosing = false;
  let afterPush: () => void = () => undefined;

  async function open(token: string, index: number): Promise<LoadBuyer> {
    const server = index % options.ports.length;
    const buyer: LoadBuyer = { connection: null as never, index, server, replied: () => undefined };
    buyer.connection = await openBuyerConnection(options.client, options.ports[server] ?? 0, token, {
      replied: (ok, reply) => {
        if (ok) received.acknowledged += 1;
        buyer.replied(ok, reply);
      },
      pushed: (name) => {
        received[name] += 1;
        afterPush();
      },
      closed: () => {
        if (!isClosing) throw new Error('The server has closed a connection');
      },
    });
    return buyer;
  }

  const buyers = await inParallel(options.tokens, PARALLEL_CONNECTS, open);

  return {
    received,
    /** Lets all buyers book for the given time. */
    async round(seconds: number, { eventIds = options.eventIds, types }: RoundTarget = {}): Promise<RoundFigures> {
      const figures = await runRound(buyers, { ...options, eventIds, types: types ?? null }, seconds);
      received.booked += figures.bookings;
      return figures;
    },
    /** Resolves when each acknowledged command has been followed by its push; rejects after 10 s. */
    allPushed(): Promise<void> {
      return new Promise((resolve, reject) => {
        const tooLate = () => reject(new Error(`Pushes are missing: ${JSON.stringify(received)}`));
        const timer = setTimeout(tooLate, PUSHES_WITHIN_MS);
        afterPush = () => {
          if (received.bookingChanged < received.acknowledged) return;
          clearTimeout(timer);
          resolve();
        };
        afterPush();
      });
    },
    close(): void {
      isClosing = true;
      for (const { connection } of buyers) connection.close();
    },
  };
}

/** Resolves when the last in-flight command is replied to. */
function runRound(
  buyers: readonly LoadBuyer[],
  options: LoadOptions & { types: string[] | null },
  seconds: number,
): Promise<RoundFigures> {
  const servers = options.ports.map(() => ({ bookings: 0, latencies: new Latencies() }));
  const refusals: Record<string, number> = {};
  const bookInputs = bookInputsOf(options);
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  let activeBuyers = buyers.length;

  return new Promise((resolve) => {
    function next(buyer: LoadBuyer): void {
      const sentMs = performance.now();
      if (sentMs < endMs) book(buyer, sentMs);
      else if ((activeBuyers -= 1) === 0) resolve(roundFigures(servers, refusals, (sentMs - startMs) / 1_000));
    }

    function book(buyer: LoadBuyer, sentMs: number): void {
      buyer.replied = (ok, reply) => {
        const server = servers[buyer.server] as ServerRound;
        server.latencies.record(performance.now() - sentMs);
        if (ok) server.bookings += 1;
        else countRefusal(reply.toString());
        if (ok && options.price) release(buyer, reply.toString());
        else next(buyer);
      };
      buyer.connection.send('book', bookInputs[buyer.index % bookInputs.length]?.() ?? '');
    }

    function release(buyer: LoadBuyer, bookReply: string): void {
      buyer.replied = (ok, reply) => {
        if (!ok) countRefusal(reply.toString());
        next(buyer);
      };
      buyer.connection.send('cancelBooking', `{"bookingId":"${partOf(bookReply, /"id":"([0-9a-f]{24})"/)}"}`);
    }

    function countRefusal(reply: string): void {
      const code = partOf(reply, /"code":"([A-Z_]+)"/);
      refusals[code] = (refusals[code] ?? 0) + 1;
    }

    for (const buyer of buyers) next(buyer);
  });
}

type BookInput = () => string;

/** An input for each event and ticket type, of which the buyers take turns. */
function bookInputsOf({ eventIds, types, price }: LoadOptions & { types: string[] | null }): BookInput[] {
  const oneSeat = `"seats":1${price ? `,"price":${JSON.stringify(price)}` : ''}`;
  const inputs = types?.map((type) => `"tickets":[{"type":"${type}","count":1}]`) ?? [oneSeat];
  return inputs.flatMap((wanted) => eventIds.map((eventId) => bookInput(eventId, wanted)));
}

/** Makes the JSON input of a booking of one ticket, each time with a new requestId. */
function bookInput(eventId: string, wanted: string): BookInput {
  const rest = `","eventId":"${eventId}",${wanted}}`;
  return () => `{"requestId":"${randomUUID()}${rest}`;
}

function partOf(reply: string, pattern: RegExp): string {
  const found = pattern.exec(reply)?.[1];
  if (!found) throw new Error(`A reply without ${pattern.source}: ${reply.slice(0, 200)}`);
  return found;
}

interface ServerRound {
  bookings: number;
  latencies: Latencies;
}

function roundFigures(servers: readonly ServerRound[], refused: Record<string, number>, seconds: number): RoundFigures {
  const all = new Latencies();
  for (const { latencies } of servers) all.add(latencies);
  return {
    seconds,
    refused,
    latencyMs: all.percentiles(),
    bookings: servers.reduce((sum, { bookings }) => sum + bookings, 0),
    servers: servers.map(({ bookings, latencies }) => ({ bookings, latencyMs: latencies.percentiles() })),
  };
}
