import { describe, expect, test } from 'vitest';
import type { StripeApp } from '../../support/stripe/stripe-app.ts';
import { storedEvent } from '../../support/test-app.ts';
import {
  goToStripe,
  holdSeats,
  isConfirmed,
  deliverWebhooks,
  paymentIs,
  stripeApp,
  bookingPushed,
} from '../../support/stripe/stripe-app.ts';

const CREATE = 'POST /v1/checkout/sessions';
const LOOK_UP = 'GET /v1/checkout/sessions/:id';
const MINUTE_MS = 60_000;
const PATIENT = { timeout: 20_000 };

describe('a hold paid at Stripe', () => {
  test('is confirmed as soon as Stripe reports the payment', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    const session = await goToStripe(app, buying);
    expect(session).toMatchObject({ amount_total: 4000, currency: 'eur', metadata: { bookingId: buying.booking.id } });
    expect(session.expires_at).toBe(
      Math.floor((Date.parse(buying.booking.holdExpiresAt ?? '') + 31 * MINUTE_MS) / 1000),
    );
    const confirmed = bookingPushed(buying, isConfirmed);
    app.stripe.books.pay(session.id);
    expect(await confirmed).toMatchObject({
      ticket: expect.any(String),
      payment: { status: 'succeeded', provider: 'stripe', amount: 4000, refundedAmount: 0, currency: 'EUR' },
    });
    expect(await storedEvent(app, buying.event.id)).toMatchObject({ soldSeats: 2, heldSeats: 0 });
  });

  test('is charged the exact amount in yen and in crowns too', async (t) => {
    const app = await stripeApp(t);
    for (const [currency, amount, total] of [
      ['JPY', 4900, 9800],
      ['ISK', 6000, 1_200_000],
    ] as const) {
      const buying = await holdSeats(app, { price: { amount, currency } });
      const session = await goToStripe(app, buying);
      expect(session.amount_total).toBe(total);
      const confirmed = bookingPushed(buying, isConfirmed);
      app.stripe.books.pay(session.id);
      expect((await confirmed).payment).toMatchObject({ amount: amount * 2, currency });
    }
  });

  test('has one checkout, however often the buyer opens it', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    const session = await goToStripe(app, buying);
    expect((await goToStripe(app, buying)).id).toBe(session.id);
    expect(app.stripe.books.sessions.size).toBe(1);
  });

  test('can be paid with a second card after a declined one', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    const session = await goToStripe(app, buying);
    const declined = bookingPushed(buying, paymentIs('failed'));
    app.stripe.books.decline(session.id);
    expect(await declined).toMatchObject({ status: 'held' });
    const confirmed = bookingPushed(buying, isConfirmed);
    app.stripe.books.pay(session.id);
    expect((await confirmed).payment).toMatchObject({ status: 'succeeded' });
  });

  test('is not confirmed by another amount, which becomes a payment issue', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    const { id } = await goToStripe(app, buying);
    app.stripe.books.pay(id, { received: 400 });
    await app.stripe.webhooks.delivered();
    const { troubles } = await buying.organiser.must('listPaymentTroubles', {});
    expect(troubles).toMatchObject([{ kind: 'mismatch', bookingId: buying.booking.id, amount: 400 }]);
    expect(await buying.buyer.must('getBooking', { bookingId: buying.booking.id })).not.toMatchObject({
      status: 'confirmed',
    });
    const refunded = bookingPushed(buying, paymentIs('refunded'));
    await buying.organiser.must('retryPayment', { paymentId: troubles[0]?.paymentId ?? '', refundKey: null });
    expect(await refunded).toMatchObject({ payment: { amount: 400, refundedAmount: 400 } });
  });
});

/** Pays for a hold while webhooks are stopped, then starts webhooks. Returns the event that reports the payment. */
async function payUnheard(app: StripeApp) {
  const { webhooks, books } = app.stripe;
  webhooks.sendTo(null);
  const buying = await holdSeats(app);
  books.pay((await goToStripe(app, buying)).id);
  const [event] = webhooks.of('checkout.session.completed');
  if (event === undefined) expect.fail('Stripe has sent no event');
  deliverWebhooks(app.stripe, app);
  return { buying, event };
}

describe('[F15] webhooks', () => {
  test('have one effect when delivered twice, late and in any order', async (t) => {
    const app = await stripeApp(t);
    const { webhooks, books } = app.stripe;
    webhooks.sendTo(null);
    const buying = await holdSeats(app);
    const session = await goToStripe(app, buying);
    books.decline(session.id);
    books.pay(session.id);
    const events = [...webhooks.events].reverse();
    deliverWebhooks(app.stripe, app);
    const confirmed = bookingPushed(buying, isConfirmed);
    for (const event of [...events, ...events]) expect(await webhooks.deliver(event)).toBe(200);
    const { version } = await confirmed;
    app.later(3 * 24 * 60 * MINUTE_MS);
    for (const event of events) expect(await webhooks.deliver(event)).toBe(200);
    // Sign in again: the earlier sessions have expired.
    const booking = await (await app.admin()).must('getBooking', { bookingId: buying.booking.id });
    expect(booking).toMatchObject({ status: 'confirmed', version, payment: { refundedAmount: 0 } });
    expect(books.refunds.size).toBe(0);
  });

  test('find their booking by its key before the answer that opens the checkout', async (t) => {
    const app = await stripeApp(t);
    const { books, plan, requests } = app.stripe;
    const buying = await holdSeats(app);
    const gate = Promise.withResolvers<void>();
    plan(CREATE, { kind: 'late', until: gate.promise });
    const going = buying.buyer.send('checkout', { bookingId: buying.booking.id });
    await expect.poll(() => books.sessions.size, PATIENT).toBe(1);
    const confirmed = bookingPushed(buying, isConfirmed);
    books.pay([...books.sessions.keys()][0] ?? '');
    expect((await confirmed).payment).toMatchObject({ status: 'succeeded' });
    gate.resolve();
    await going;
    expect(books.sessions.size).toBe(1);
    expect(requests.filter(({ route }) => route === CREATE).length).toBeGreaterThan(1);
  });

  test('change nothing with a wrong or an old signature', async (t) => {
    const app = await stripeApp(t);
    const { webhooks, requests } = app.stripe;
    const { buying, event } = await payUnheard(app);
    const asked = requests.length;
    expect(await webhooks.deliver(event, { secret: 'whsec_wrong' })).toBe(400);
    expect(await webhooks.deliver(event, { signedAt: new Date(Date.now() - 6 * MINUTE_MS) })).toBe(400);
    const altered = { ...event, body: event.body.replace('4000', '1') };
    expect(altered.body).not.toBe(event.body);
    expect(await webhooks.deliver(altered, { signatureOf: event })).toBe(400);
    expect(requests).toHaveLength(asked);
    const confirmed = bookingPushed(buying, isConfirmed);
    expect(await webhooks.deliver(event)).toBe(200);
    await confirmed;
  });

  test('are replaced by a look-up within a minute if they never arrive', async (t) => {
    const app = await stripeApp(t);
    app.stripe.webhooks.sendTo(null);
    const buying = await holdSeats(app);
    const { id } = await goToStripe(app, buying);
    const confirmed = bookingPushed(buying, isConfirmed);
    app.stripe.books.pay(id);
    app.later(MINUTE_MS);
    expect((await confirmed).payment).toMatchObject({ status: 'succeeded' });
  });

  test('are acknowledged only once settled: a failed look-up makes Stripe deliver again', async (t) => {
    const app = await stripeApp(t);
    const { webhooks, plan } = app.stripe;
    const { buying, event } = await payUnheard(app);
    plan(LOOK_UP, { kind: 'error', done: false }, 2);
    expect(await webhooks.deliver(event)).toBeGreaterThanOrEqual(500);
    const confirmed = bookingPushed(buying, isConfirmed);
    expect(await webhooks.deliver(event)).toBe(200);
    await confirmed;
  });
});

describe('[F15] a failing Stripe', () => {
  test('costs a payment attempt, not the hold, with an error of its own', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    app.stripe.plan(CREATE, { kind: 'error', done: true });
    const failed = await buying.buyer.send('checkout', { bookingId: buying.booking.id });
    expect(failed).toMatchObject({ ok: false, error: { code: 'INVALID_STATE' } });
    const confirmed = bookingPushed(buying, isConfirmed);
    app.stripe.books.pay((await goToStripe(app, buying)).id);
    await confirmed;
    expect([...app.stripe.books.payments.values()]).toHaveLength(1);
  });

  test.for([
    ['too many requests', { kind: 'tooMany' }, 1],
    ['lost answers', { kind: 'reset', reached: true }, 2],
    // The provider gives up before the SDK retries by itself.
    ['no answer', { kind: 'silence', reached: true }, 1],
    ['lost requests', { kind: 'reset', reached: false }, 2],
  ] as const)('(%s) gives the retry the same checkout', async ([, fault, times], t) => {
    const app = await stripeApp(t, fault.kind === 'silence' ? { timeoutMs: 2_500 } : {});
    const buying = await holdSeats(app);
    app.stripe.plan(CREATE, fault, times);
    const failed = await buying.buyer.send('checkout', { bookingId: buying.booking.id });
    expect(failed).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE', retryAfterMs: expect.any(Number) } });
    await goToStripe(app, buying);
    expect(app.stripe.books.sessions.size).toBe(1);
  });
});
