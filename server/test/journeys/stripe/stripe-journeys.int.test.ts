import { describe, expect, test } from 'vitest';
import { storedEvent } from '../../support/test-app.ts';
import {
  goToStripe,
  holdSeats,
  isConfirmed,
  listen,
  paymentIs,
  stripeApp,
  toldOf,
} from '../../support/stripe/stripe-app.ts';

const CREATE = 'POST /v1/checkout/sessions';
const LOOK_UP = 'GET /v1/checkout/sessions/:id';
const MINUTE_MS = 60_000;
const PATIENT = { timeout: 20_000 };

describe('a hold is paid at Stripe', () => {
  test('and is confirmed as soon as Stripe says so', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    const session = await goToStripe(app, buying);
    expect(session).toMatchObject({ amount_total: 4000, currency: 'eur', metadata: { bookingId: buying.booking.id } });
    expect(session.expires_at).toBe(
      Math.floor((Date.parse(buying.booking.holdExpiresAt ?? '') + 31 * MINUTE_MS) / 1000),
    );
    const confirmed = toldOf(buying, isConfirmed);
    app.stripe.books.pay(session.id);
    expect(await confirmed).toMatchObject({
      ticket: expect.any(String),
      payment: { status: 'succeeded', provider: 'stripe', amount: 4000, refundedAmount: 0, currency: 'EUR' },
    });
    expect(await storedEvent(app, buying.event.id)).toMatchObject({ soldSeats: 2, heldSeats: 0 });
  });

  test('in yen and in crowns as well, to the last one', async (t) => {
    const app = await stripeApp(t);
    for (const [currency, amount, total] of [
      ['JPY', 4900, 9800],
      ['ISK', 6000, 1_200_000],
    ] as const) {
      const buying = await holdSeats(app, { price: { amount, currency } });
      const session = await goToStripe(app, buying);
      expect(session.amount_total).toBe(total);
      const confirmed = toldOf(buying, isConfirmed);
      app.stripe.books.pay(session.id);
      expect((await confirmed).payment).toMatchObject({ amount: amount * 2, currency });
    }
  });

  test('at the same checkout, however often the way there is taken', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    const session = await goToStripe(app, buying);
    expect((await goToStripe(app, buying)).id).toBe(session.id);
    expect(app.stripe.books.sessions.size).toBe(1);
  });

  test('with a second card when the first is declined', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    const session = await goToStripe(app, buying);
    const declined = toldOf(buying, paymentIs('failed'));
    app.stripe.books.decline(session.id);
    expect(await declined).toMatchObject({ status: 'held' });
    const confirmed = toldOf(buying, isConfirmed);
    app.stripe.books.pay(session.id);
    expect((await confirmed).payment).toMatchObject({ status: 'succeeded' });
  });

  test('not at all when another amount comes, which a person has to look at', async (t) => {
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
    const refunded = toldOf(buying, paymentIs('refunded'));
    await buying.organiser.must('retryPayment', { paymentId: troubles[0]?.paymentId ?? '', refundKey: null });
    expect(await refunded).toMatchObject({ payment: { amount: 400, refundedAmount: 400 } });
  });
});

describe('[F15] webhooks', () => {
  test('that come twice, late and in any order have one effect', async (t) => {
    const app = await stripeApp(t);
    const { webhooks, books } = app.stripe;
    webhooks.sendTo(null);
    const buying = await holdSeats(app);
    const session = await goToStripe(app, buying);
    books.decline(session.id);
    books.pay(session.id);
    const told = [...webhooks.told].reverse();
    listen(app.stripe, app);
    const confirmed = toldOf(buying, isConfirmed);
    for (const event of [...told, ...told]) expect(await webhooks.deliver(event)).toBe(200);
    const { version } = await confirmed;
    app.later(3 * 24 * 60 * MINUTE_MS);
    for (const event of told) expect(await webhooks.deliver(event)).toBe(200);
    // Everybody's session is over by then.
    const booking = await (await app.admin()).must('getBooking', { bookingId: buying.booking.id });
    expect(booking).toMatchObject({ status: 'confirmed', version, payment: { refundedAmount: 0 } });
    expect(books.refunds.size).toBe(0);
  });

  test('that come before the answer that opens the checkout find their booking by its key', async (t) => {
    const app = await stripeApp(t);
    const { books, plan, requests } = app.stripe;
    const buying = await holdSeats(app);
    const gate = Promise.withResolvers<void>();
    plan(CREATE, { kind: 'late', until: gate.promise });
    const going = buying.buyer.send('checkout', { bookingId: buying.booking.id });
    await expect.poll(() => books.sessions.size, PATIENT).toBe(1);
    const confirmed = toldOf(buying, isConfirmed);
    books.pay([...books.sessions.keys()][0] ?? '');
    expect((await confirmed).payment).toMatchObject({ status: 'succeeded' });
    gate.resolve();
    await going;
    expect(books.sessions.size).toBe(1);
    expect(requests.filter(({ route }) => route === CREATE).length).toBeGreaterThan(1);
  });

  test('with a wrong or an old signature change nothing', async (t) => {
    const app = await stripeApp(t);
    const { webhooks, books, requests } = app.stripe;
    webhooks.sendTo(null);
    const buying = await holdSeats(app);
    books.pay((await goToStripe(app, buying)).id);
    const [event] = webhooks.of('checkout.session.completed');
    if (event === undefined) expect.fail('Nothing was told');
    listen(app.stripe, app);
    const asked = requests.length;
    expect(await webhooks.deliver(event, { secret: 'whsec_wrong' })).toBe(400);
    expect(await webhooks.deliver(event, { signedAt: new Date(Date.now() - 6 * MINUTE_MS) })).toBe(400);
    expect(await webhooks.deliver({ ...event, body: event.body.replace('4000', '1') }, { secret: 'whsec_x' })).toBe(
      400,
    );
    expect(requests).toHaveLength(asked);
    const confirmed = toldOf(buying, isConfirmed);
    expect(await webhooks.deliver(event)).toBe(200);
    await confirmed;
  });

  test('that never come are made up for within a minute', async (t) => {
    const app = await stripeApp(t);
    app.stripe.webhooks.sendTo(null);
    const buying = await holdSeats(app);
    const { id } = await goToStripe(app, buying);
    const confirmed = toldOf(buying, isConfirmed);
    app.stripe.books.pay(id);
    app.later(MINUTE_MS);
    expect((await confirmed).payment).toMatchObject({ status: 'succeeded' });
  });

  test('are answered only once their effect is stored: an unanswered look-up asks Stripe to send again', async (t) => {
    const app = await stripeApp(t);
    const { webhooks, books, plan } = app.stripe;
    webhooks.sendTo(null);
    const buying = await holdSeats(app);
    books.pay((await goToStripe(app, buying)).id);
    const [event] = webhooks.of('checkout.session.completed');
    if (event === undefined) expect.fail('Nothing was told');
    listen(app.stripe, app);
    plan(LOOK_UP, { kind: 'error', done: false }, 2);
    expect(await webhooks.deliver(event)).toBeGreaterThanOrEqual(500);
    const confirmed = toldOf(buying, isConfirmed);
    expect(await webhooks.deliver(event)).toBe(200);
    await confirmed;
  });
});

describe('[F15] Stripe in trouble', () => {
  test('with a fault of its own costs an attempt, not the hold', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app);
    app.stripe.plan(CREATE, { kind: 'error', done: true });
    const failed = await buying.buyer.send('checkout', { bookingId: buying.booking.id });
    expect(failed).toMatchObject({ ok: false, error: { code: 'INVALID_STATE' } });
    const confirmed = toldOf(buying, isConfirmed);
    app.stripe.books.pay((await goToStripe(app, buying)).id);
    await confirmed;
    expect([...app.stripe.books.payments.values()]).toHaveLength(1);
  });

  test.for([
    ['too many requests', { kind: 'tooMany' }, 1],
    ['lost answers', { kind: 'reset', reached: true }, 2],
    // Given up on before the SDK asks again by itself.
    ['no answer', { kind: 'silence', reached: true }, 1],
    ['no line', { kind: 'reset', reached: false }, 2],
  ] as const)('%s: the same click again goes on with the same checkout', async ([, fault, times], t) => {
    const app = await stripeApp(t, fault.kind === 'silence' ? { timeoutMs: 2_500 } : {});
    const buying = await holdSeats(app);
    app.stripe.plan(CREATE, fault, times);
    const failed = await buying.buyer.send('checkout', { bookingId: buying.booking.id });
    expect(failed).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE', retryAfterMs: expect.any(Number) } });
    await goToStripe(app, buying);
    expect(app.stripe.books.sessions.size).toBe(1);
  });
});
