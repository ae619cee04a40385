import { expect, type TestContext } from 'vitest';
import type { PaymentTestOptions } from '#server/app/payments.ts';
import type { Booking } from '#shared/booking.ts';
import type { Event } from '#shared/event.ts';
import { eventInput, pushed, testApp, type Person, type TestApp } from '../test-app.ts';
import { WEBHOOK_SECRET } from './checkout-request.ts';
import { SECRET_KEY, startStandIn, type StandIn } from './stand-in.ts';
import type { Session } from './books.ts';

export interface StripeApp extends TestApp {
  stripe: StandIn;
  /** Moves the clocks of server and Stripe on. */
  later(ms: number): void;
}

/** A server whose payment provider is the Stripe stand-in. Webhooks arrive at once unless the test stops them. */
export async function stripeApp(
  t: Pick<TestContext, 'onTestFinished'>,
  paymentTest: PaymentTestOptions = {},
): Promise<StripeApp> {
  const clock = { offsetMs: 0 };
  const stripe = await startStandIn({ now: () => new Date(Date.now() + clock.offsetMs) });
  // The stand-in closes after the server, whose shutdown may send requests.
  t.onTestFinished(() => stripe.close());
  const env = { PAYMENTS: 'stripe', STRIPE_SECRET_KEY: SECRET_KEY, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET };
  const app = await testApp(t, { paymentTest, env: { ...env, STRIPE_API_BASE: stripe.url } });
  deliverWebhooks(stripe, app);
  return {
    ...app,
    stripe,
    later(ms) {
      clock.offsetMs += ms;
      app.clock.offsetMs += ms;
    },
  };
}

/** Delivers Stripe's webhooks to the server from now on. */
export function deliverWebhooks(stripe: StandIn, { url }: Pick<TestApp, 'url'>): void {
  stripe.webhooks.sendTo({ url: `${url}/api/webhooks/stripe`, secret: WEBHOOK_SECRET });
}

export interface Buying {
  organiser: Person;
  buyer: Person;
  event: Event;
  booking: Booking;
}

/** A new buyer holds two seats at twenty euros each. */
export async function holdSeats(app: TestApp, more: Parameters<typeof eventInput>[0] = {}): Promise<Buying> {
  const [organiser, buyer] = [await app.admin(), await app.register('buyer')];
  const price = { amount: 2000, currency: 'EUR' };
  const event = await organiser.must('createEvent', eventInput({ price, ...more }));
  const requestId = crypto.randomUUID();
  const booking = await buyer.must('book', { requestId, eventId: event.id, seats: 2 });
  return { organiser, buyer, event, booking };
}

/** Opens the checkout of the buyer's hold, and returns Stripe's session. */
export async function goToStripe({ stripe }: StripeApp, { buyer, booking }: Buying): Promise<Session> {
  const { url, provider } = await buyer.must('checkout', { bookingId: booking.id });
  expect(provider).toBe('stripe');
  const session = [...stripe.books.sessions.values()].find((one) => one.url === url);
  return session ?? expect.fail(`Stripe has no page at ${url}`);
}

/** A booking of two seats that was paid at Stripe. */
export async function paidAtStripe(
  t: Pick<TestContext, 'onTestFinished'>,
): Promise<{ app: StripeApp; buying: Buying; charge: string }> {
  const app = await stripeApp(t);
  const buying = await holdSeats(app, { totalSeats: 2 });
  const { id } = await goToStripe(app, buying);
  const confirmed = bookingPushed(buying, isConfirmed);
  app.stripe.books.pay(id);
  await confirmed;
  return { app, buying, charge: app.stripe.books.session(id).payment_intent ?? '' };
}

/** The next push to the buyer in which the booking fits; arm it before the act. */
export function bookingPushed({ buyer, booking }: Buying, fits: (booking: Booking) => boolean): Promise<Booking> {
  return pushed(buyer.socket, 'bookingChanged', (one) => one.id === booking.id && fits(one));
}

export const isConfirmed = ({ status }: Booking) => status === 'confirmed';
export const paymentIs = (status: string) => (booking: Booking) => booking.payment?.status === status;
