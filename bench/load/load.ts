import { randomUUID } from 'node:crypto';
import type { Histogram } from 'hdr-histogram-js';
import { build } from 'hdr-histogram-js';
import { inParallel } from '../../scripts/load/in-parallel.ts';
import type { Buyer, BuyerEvents } from './buyer-connection.ts';
import { openBuyer } from './buyer-connection.ts';
import type { Client } from '../bookings/options.ts';

export interface LoadJob {
  client: Client;
  /** One for each server; buyers go to them in turn. */
  ports: number[];
  tokens: string[];
  /** What the buyers at each server want. */
  eventIds: string[];
  /** A seat's price where there is one; seats of a priced event are let go again. */
  price: { amount: number; currency: string } | null;
}

export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** What one round of the sockets saw. */
export interface RoundFigures {
  seconds: number;
  bookings: number;
  refused: Record<string, number>;
  latencyMs: Percentiles;
  /** Each server's part of it. */
  servers: { bookings: number; latencyMs: Percentiles }[];
}

/** Since the connections were opened. */
export interface Received {
  /** Bookings that were made, held ones included. */
  booked: number;
  /** All commands that succeeded: each moves a booking, and so is pushed to its owner. */
  acknowledged: number;
  availabilityChanged: number;
  bookingChanged: number;
}

export type Load = Awaited<ReturnType<typeof openLoad>>;

const OPEN_AT_ONCE = 25;
const LONGEST_US = 60_000_000;
const PUSHES_WITHIN_MS = 10_000;

interface Shopper {
  buyer: Buyer;
  /** Which server it is connected to. */
  server: number;
  answered: BuyerEvents['answered'];
}

/** Opens all buyers' connections. Each has one command in work at a time: the next is sent on the answer. */
export async function openLoad(job: LoadJob) {
  const received: Received = { booked: 0, acknowledged: 0, availabilityChanged: 0, bookingChanged: 0 };
  let opened = 0;
  let closing = false;
  let pushed: () => void = () => undefined;

  async function open(token: string): Promise<Shopper> {
    const server = opened % job.ports.length;
    opened += 1;
    const shopper: Shopper = { buyer: null as never, server, answered: () => undefined };
    shopper.buyer = await openBuyer(job.client, job.ports[server] ?? 0, token, {
      answered: (ok, reply) => {
        if (ok) received.acknowledged += 1;
        shopper.answered(ok, reply);
      },
      pushed: (name) => {
        received[name] += 1;
        pushed();
      },
      closed: () => {
        if (!closing) throw new Error('The server has closed a connection');
      },
    });
    return shopper;
  }

  const shoppers = await inParallel(job.tokens, OPEN_AT_ONCE, open);

  return {
    received,
    async round(seconds: number): Promise<RoundFigures> {
      const figures = await sell(shoppers, job, seconds);
      received.booked += figures.bookings;
      return figures;
    },
    /** Resolves when every booking's own push has come; rejects when it does not. */
    allPushed(): Promise<void> {
      return new Promise((resolve, reject) => {
        const late = () => reject(new Error(`Pushes are missing: ${JSON.stringify(received)}`));
        const timer = setTimeout(late, PUSHES_WITHIN_MS);
        pushed = () => {
          if (received.bookingChanged < received.acknowledged) return;
          clearTimeout(timer);
          resolve();
        };
        pushed();
      });
    },
    close(): void {
      closing = true;
      for (const { buyer } of shoppers) buyer.close();
    },
  };
}

/** All buyers book for that long; resolves when the last answer is there. */
function sell(shoppers: readonly Shopper[], job: LoadJob, seconds: number): Promise<RoundFigures> {
  const servers = job.ports.map(() => ({ bookings: 0, latency: histogram() }));
  const refusals: Record<string, number> = {};
  const bookInputs = job.eventIds.map((eventId) => inputOf(eventId, job.price));
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  let busy = shoppers.length;

  return new Promise((resolve) => {
    function next(shopper: Shopper): void {
      const sentMs = performance.now();
      if (sentMs < endMs) book(shopper, sentMs);
      else if ((busy -= 1) === 0) resolve(figuresOf(servers, refusals, (sentMs - startMs) / 1_000));
    }

    function book(shopper: Shopper, sentMs: number): void {
      shopper.answered = (ok, reply) => {
        const server = servers[shopper.server] as ServerTally;
        server.latency.recordValue(Math.min(LONGEST_US, Math.round((performance.now() - sentMs) * 1_000)));
        if (ok) server.bookings += 1;
        else refused(reply.toString());
        if (ok && job.price) letGo(shopper, reply.toString());
        else next(shopper);
      };
      shopper.buyer.send('book', bookInputs[shopper.server]?.() ?? '');
    }

    function letGo(shopper: Shopper, reply: string): void {
      shopper.answered = (ok, answer) => {
        if (!ok) refused(answer.toString());
        next(shopper);
      };
      shopper.buyer.send('cancelBooking', `{"bookingId":"${part(reply, /"id":"([0-9a-f]{24})"/)}"}`);
    }

    function refused(reply: string): void {
      const code = part(reply, /"code":"([A-Z_]+)"/);
      refusals[code] = (refusals[code] ?? 0) + 1;
    }

    for (const shopper of shoppers) next(shopper);
  });
}

/** JSON of a booking of one seat, with a requestId of its own each time. */
function inputOf(eventId: string, price: LoadJob['price']): () => string {
  const rest = `","eventId":"${eventId}","seats":1${price ? `,"price":${JSON.stringify(price)}` : ''}}`;
  return () => `{"requestId":"${randomUUID()}${rest}`;
}

function part(reply: string, pattern: RegExp): string {
  const found = pattern.exec(reply)?.[1];
  if (!found) throw new Error(`An answer without ${pattern.source}: ${reply.slice(0, 200)}`);
  return found;
}

function histogram(): Histogram {
  return build({ highestTrackableValue: LONGEST_US, numberOfSignificantValueDigits: 3, bitBucketSize: 32 });
}

interface ServerTally {
  bookings: number;
  latency: Histogram;
}

function figuresOf(servers: readonly ServerTally[], refused: Record<string, number>, seconds: number): RoundFigures {
  const all = histogram();
  for (const { latency } of servers) all.add(latency);
  return {
    ...{ seconds, refused, latencyMs: percentiles(all) },
    bookings: servers.reduce((sum, { bookings }) => sum + bookings, 0),
    servers: servers.map(({ bookings, latency }) => ({ bookings, latencyMs: percentiles(latency) })),
  };
}

function percentiles(latency: Histogram): Percentiles {
  const at = (percentile: number) => latency.getValueAtPercentile(percentile) / 1_000;
  return { p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}
