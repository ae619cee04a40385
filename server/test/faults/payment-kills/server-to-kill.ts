import type { TestContext } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import type { Client, Person } from '../../support/test-app.ts';
import { eventInput } from '../../support/test-app.ts';
import { at, tokenOf } from '../../support/burst.ts';
import { startServer } from '../../support/server-process.ts';
import { WEBHOOK_SECRET } from '../../support/stripe/checkout-request.ts';
import type { StandIn } from '../../support/stripe/stand-in.ts';
import { SECRET_KEY, startStandIn } from '../../support/stripe/stand-in.ts';
import type { StripeEvent } from '../../support/stripe/webhooks.ts';
import { testDatabaseUri } from '../../support/database/test-database.ts';
import type { StallingProxy } from './stalling-proxy.ts';
import { stallingProxy } from './stalling-proxy.ts';
import { PRICE } from '../../support/payments/demo-payments.ts';

/** Settings of a server whose payment provider is this stand-in. */
export function paidBy({ url }: StandIn): Record<string, string> {
  const secrets = { STRIPE_SECRET_KEY: SECRET_KEY, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET };
  return { PAYMENTS: 'stripe', ...secrets, STRIPE_API_BASE: url, RATE_LIMITS: 'off' };
}

/** A server process to be killed; the proxy to its database and its payment provider can stall it at a kill point. */
export interface ServerToKill {
  url: string;
  /** The database itself, without the proxy. */
  mongoUri: string;
  proxy: StallingProxy;
  stripe: StandIn;
  kill(): Promise<void>;
}

export async function serverToKill(t: Pick<TestContext, 'onTestFinished'>): Promise<ServerToKill> {
  const stripe = await startStandIn();
  t.onTestFinished(() => stripe.close());
  const mongoUri = testDatabaseUri();
  const proxy = await stallingProxy(mongoUri);
  t.onTestFinished(() => proxy.close());
  const admin = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'correct horse' };
  const server = await startServer({ ...paidBy(stripe), ...admin, MONGO_URI: proxy.uri });
  const kill = async () => void (await server.end('SIGKILL'));
  t.onTestFinished(kill);
  return { url: server.url, mongoUri, proxy, stripe, kill };
}

/** Delivers a webhook event to a server as Stripe does. Returns the HTTP status. */
export async function deliver({ webhooks }: StandIn, event: StripeEvent, url: string): Promise<number> {
  const headers = webhooks.headersFor(event, { secret: WEBHOOK_SECRET });
  const { status } = await fetch(`${url}/api/webhooks/stripe`, { method: 'POST', headers, body: event.body });
  return status;
}

/** A buyer with a hold of two seats; each scene has its own event, so that no scene waits for another. */
export interface Scene {
  token: string;
  eventId: string;
  bookingId: string;
  buyer: Pick<Person, 'send' | 'must'> & { socket: Client };
}

/** A scene for each row of the table. */
export async function newScenes<R extends { name: string }>(
  t: Pick<TestContext, 'onTestFinished'>,
  { url }: ServerToKill,
  rows: readonly R[],
): Promise<(Scene & { row: R })[]> {
  const organiser = await at(t, url, await tokenOf(url, 'admin'));
  return Promise.all(
    rows.map(async (row, index) => {
      const { id: eventId } = await organiser.must('createEvent', eventInput({ title: row.name, price: PRICE }));
      const token = await tokenOf(url, `buyer${index}`);
      const buyer = await at(t, url, token);
      const held = await buyer.must('book', { requestId: crypto.randomUUID(), eventId, seats: 2 });
      return { row, token, eventId, bookingId: held.id, buyer };
    }),
  );
}

/** A booking's status, the money that the provider keeps for it, and its numbers of checkouts and refunds. */
export function outcomeOf({ books }: StandIn, { id, status, payment }: Booking) {
  const sessions = [...books.sessions.values()].filter(({ metadata }) => metadata['bookingId'] === id);
  const charges = sessions.flatMap(({ payment_intent }) => books.payments.get(payment_intent ?? '') ?? []);
  const received = charges.reduce((sum, { amount_received }) => sum + amount_received, 0);
  const refunds = charges.flatMap((charge) => books.refundsOf(charge.id));
  const kept = received - refunds.reduce((sum, { amount }) => sum + amount, 0);
  return { status, payment: payment?.status, kept, checkouts: sessions.length, refunds: refunds.length };
}
