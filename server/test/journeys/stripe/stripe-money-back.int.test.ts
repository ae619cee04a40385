import { describe, expect, test, type TestContext } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { storedEvent } from '../../support/test-app.ts';
import type { Buying, StripeApp } from '../../support/stripe/stripe-app.ts';
import {
  goToStripe,
  holdSeats,
  isConfirmed,
  paidAtStripe,
  paymentIs,
  stripeApp,
  bookingPushed,
} from '../../support/stripe/stripe-app.ts';

const EXPIRE = 'POST /v1/checkout/sessions/:id/expire';
const REFUND = 'POST /v1/refunds';
const MINUTE_MS = 60_000;
const PATIENT = { timeout: 20_000 };

const isExpired = ({ status }: Booking) => status === 'expired';

/** A hold with an open Stripe checkout. */
async function paying(t: TestContext): Promise<{ app: StripeApp; buying: Buying; sessionId: string }> {
  const app = await stripeApp(t);
  const buying = await holdSeats(app, { totalSeats: 2 });
  return { app, buying, sessionId: (await goToStripe(app, buying)).id };
}

/** Lets a hold expire while Stripe does not confirm that its checkout has ended. */
async function expireUnconfirmed(app: StripeApp, buying: Buying): Promise<void> {
  app.stripe.plan(EXPIRE, { kind: 'tooMany' }, 1000);
  const expired = bookingPushed(buying, isExpired);
  app.later(11 * MINUTE_MS);
  await expect.poll(() => app.stripe.requests.some(({ route }) => route === EXPIRE), PATIENT).toBe(true);
  app.later(2 * MINUTE_MS);
  await expired;
}

describe('[F14] a hold that ends at Stripe', () => {
  test('ends its checkout, so freed seats cannot be paid for', async (t) => {
    const { app, buying, sessionId } = await paying(t);
    const expired = bookingPushed(buying, isExpired);
    app.later(11 * MINUTE_MS);
    await expired;
    expect(app.stripe.books.session(sessionId)).toMatchObject({ status: 'expired', url: null });
    expect(await storedEvent(app, buying.event.id)).toMatchObject({ availableSeats: 2 });
    expect(app.stripe.books.payments.size).toBe(0);
  });

  test('is confirmed if the payment came first', async (t) => {
    const { app, buying, sessionId } = await paying(t);
    app.stripe.webhooks.sendTo(null);
    app.stripe.books.pay(sessionId);
    const confirmed = bookingPushed(buying, isConfirmed);
    app.later(11 * MINUTE_MS);
    expect((await confirmed).payment).toMatchObject({ status: 'succeeded', refundedAmount: 0 });
  });

  test('frees its seats after a minute without an answer, and a late payment buys them if they are free', async (t) => {
    const { app, buying, sessionId } = await paying(t);
    await expireUnconfirmed(app, buying);
    const confirmed = bookingPushed(buying, isConfirmed);
    app.stripe.books.pay(sessionId);
    expect((await confirmed).payment).toMatchObject({ status: 'succeeded', refundedAmount: 0 });
  });

  test('is refunded automatically if its seats are sold when the payment arrives', async (t) => {
    const { app, buying, sessionId } = await paying(t);
    await expireUnconfirmed(app, buying);
    const other = await app.register('other');
    await other.must('book', { requestId: crypto.randomUUID(), eventId: buying.event.id, seats: 2 });
    const refunded = bookingPushed(buying, paymentIs('refunded'));
    app.stripe.books.pay(sessionId);
    expect(await refunded).toMatchObject({ status: 'expired', payment: { refundedAmount: 4000 } });
    const charge = app.stripe.books.session(sessionId).payment_intent ?? '';
    expect(app.stripe.books.refundedOf(charge)).toBe(4000);
  });
});

describe('a refund at Stripe', () => {
  test('is sent once when the buyer cancels', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const refunded = bookingPushed(buying, paymentIs('refunded'));
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    expect(await refunded).toMatchObject({ status: 'cancelled', payment: { refundedAmount: 4000 } });
    expect(app.stripe.books.refundsOf(charge)).toMatchObject([{ amount: 4000, status: 'succeeded' }]);
  });

  test('covers the share of some cancelled seats', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const back = bookingPushed(buying, ({ payment }) => payment?.refundedAmount === 2000);
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id, seats: 1 });
    expect(await back).toMatchObject({ status: 'confirmed', seats: 1 });
    expect(app.stripe.books.refundedOf(charge)).toBe(2000);
  });

  test('covers a part of the price that the organiser chooses', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const back = bookingPushed(buying, ({ payment }) => payment?.refundedAmount === 500);
    const request = { requestId: crypto.randomUUID(), bookingId: buying.booking.id, amount: 500, reason: 'Bad view' };
    for (const _ of [1, 2]) await buying.organiser.must('refundBooking', request);
    await back;
    expect(app.stripe.books.refundedOf(charge)).toBe(500);
  });

  test('is shown as refunding until the bank confirms it', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    app.stripe.books.plan.refunds = 'pending';
    const refunding = bookingPushed(buying, paymentIs('refunding'));
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    await refunding;
    await expect.poll(() => app.stripe.books.refundsOf(charge).length, PATIENT).toBe(1);
    const refunded = bookingPushed(buying, paymentIs('refunded'));
    app.stripe.books.finishRefund(app.stripe.books.refundsOf(charge)[0]?.id ?? '', 'succeeded');
    // The refund's webhook may arrive before the answer to the request; then the poller looks up the refund.
    app.later(MINUTE_MS);
    expect(await refunded).toMatchObject({ payment: { refundedAmount: 4000 } });
  });

  test('[F15] is sent once, even if Stripe fails after carrying it out', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    app.stripe.plan(REFUND, { kind: 'error', done: true });
    const refunded = bookingPushed(buying, paymentIs('refunded'));
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    await refunded;
    expect(app.stripe.books.refundsOf(charge)).toHaveLength(1);
  });

  test('returned by the bank becomes a payment issue', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    app.stripe.books.plan.refunds = 'failed';
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    const paymentIssues = async () => (await buying.organiser.must('listPaymentTroubles', {})).troubles;
    await expect
      .poll(paymentIssues, PATIENT)
      .toMatchObject([{ kind: 'refund', bookingId: buying.booking.id, amount: 4000 }]);
    const [issue] = await paymentIssues();
    if (issue === undefined) expect.fail('There is no payment issue');
    app.stripe.books.plan.refunds = 'succeeded';
    const refunded = bookingPushed(buying, paymentIs('refunded'));
    await buying.organiser.must('retryPayment', { paymentId: issue.paymentId, refundKey: issue.refundKey });
    await refunded;
    expect(app.stripe.books.refundedOf(charge)).toBe(4000);
  });
});
