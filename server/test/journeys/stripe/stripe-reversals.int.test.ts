import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createReversalSweep } from '#server/payments/reversal-sweep.ts';
import { createProviderGateway } from '#server/payments/provider-gateway.ts';
import { createSettlement } from '#server/booking/payments/settlement.ts';
import { findUnnoted } from '#server/payments/unnoted-reversals.ts';
import type { Booking } from '#shared/booking.ts';
import type { PaymentIssue } from '#shared/checkout.ts';
import { stripeAt } from '../../support/stripe/checkout-request.ts';
import type { Buying, StripeApp } from '../../support/stripe/stripe-app.ts';
import { bookingPushed, deliverWebhooks, paidAtStripe, paymentIs } from '../../support/stripe/stripe-app.ts';
import { quiet } from '../../support/quiet.ts';

const REFUND = 'POST /v1/refunds';
const PATIENT = { timeout: 20_000 };
const isDisputed = ({ payment }: Booking) => payment?.disputed === true;
const isUndisputed = ({ payment }: Booking) => payment?.disputed === undefined;
const hasBack = (amount: number) => (booking: Booking) => booking.payment?.refundedAmount === amount;

async function issuesOf({ organiser }: Buying): Promise<PaymentIssue[]> {
  return (await organiser.must('listPaymentTroubles', {})).troubles;
}

/** Refunds of the stored payment, as status and amount. */
async function storedRefunds({ app }: StripeApp): Promise<[string, number][]> {
  const payment = await app.models.payments.findOne({}).orFail().lean();
  return payment.refunds.map(({ status, amount }) => [status, amount]);
}

/** What `npm run reconcile` and the sweep ask Stripe, with the server's own gateway behind it. */
function sweepOf({ app, stripe, clock }: StripeApp) {
  const provider = stripeAt(stripe);
  const gateway = createProviderGateway({
    models: app.models,
    providers: { stripe: provider },
    settlement: createSettlement(app.engine),
    log: quiet,
  });
  const sweep = createReversalSweep({
    models: app.models,
    providers: { stripe: provider },
    gateway,
    now: clock.now,
    log: quiet,
  });
  const unnoted = async () => {
    const found = [];
    for await (const { reversal } of findUnnoted(app.models, provider, new Date(0))) found.push(reversal.reference);
    return found;
  };
  return { run: () => sweep.sweep(new AbortController().signal), unnoted };
}

describe('a refund by hand at Stripe', () => {
  test('is a fact of the payment, and an issue for organisers while its ticket admits', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const back = bookingPushed(buying, hasBack(1500));
    app.stripe.books.refundByHand(charge, 1500);
    expect(await back).toMatchObject({ status: 'confirmed', payment: { status: 'succeeded', amount: 4000 } });
    expect(await issuesOf(buying)).toMatchObject([{ kind: 'reversal', bookingId: buying.booking.id, amount: 1500 }]);
    const whole = bookingPushed(buying, paymentIs('refunded'));
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    expect(await whole).toMatchObject({ status: 'cancelled', payment: { refundedAmount: 4000 } });
    expect(app.stripe.books.refundsOf(charge).map(({ amount }) => amount)).toEqual([1500, 2500]);
    expect(await issuesOf(buying)).toEqual([]);
  });

  test('is no issue any more once an organiser keeps the booking', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const back = bookingPushed(buying, paymentIs('refunded'));
    app.stripe.books.refundByHand(charge);
    await back;
    const [issue] = await issuesOf(buying);
    const input = { paymentId: issue?.paymentId ?? '', refundKey: issue?.refundKey ?? '' };
    expect(await buying.organiser.send('keepBooking', { ...input, refundKey: 'unknown' })).toMatchObject({ ok: false });
    for (const _ of [1, 2]) expect(await buying.organiser.must('keepBooking', input)).toEqual({});
    expect(await issuesOf(buying)).toEqual([]);
    expect(await buying.buyer.must('getBooking', { bookingId: buying.booking.id })).toMatchObject({
      status: 'confirmed',
    });
  });

  test('that comes before a refund decided here leaves only the rest for it', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    app.stripe.webhooks.sendTo(null);
    app.stripe.books.refundByHand(charge, 1000);
    const whole = bookingPushed(buying, paymentIs('refunded'));
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    expect(await whole).toMatchObject({ payment: { refundedAmount: 4000 } });
    expect(app.stripe.books.refundsOf(charge).map(({ amount }) => amount)).toEqual([1000, 3000]);
    expect(await issuesOf(buying)).toEqual([]);
  });

  test('of everything makes a refund decided here void instead of refused', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    app.stripe.webhooks.sendTo(null);
    app.stripe.books.refundByHand(charge);
    const whole = bookingPushed(buying, paymentIs('refunded'));
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    expect(await whole).toMatchObject({ status: 'cancelled', payment: { refundedAmount: 4000 } });
    expect(app.stripe.books.refundedOf(charge)).toBe(4000);
    expect(await storedRefunds(app)).toEqual([
      ['void', 0],
      ['done', 4000],
    ]);
    expect(await issuesOf(buying)).toEqual([]);
  });

  test('while a refund decided here is on its way ends at what Stripe has given back', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    let goOn = () => {};
    const until = new Promise<void>((resolve) => (goOn = resolve));
    app.stripe.plan(REFUND, { kind: 'slow', until });
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    await expect.poll(() => app.stripe.requests.some(({ route }) => route === REFUND), PATIENT).toBe(true);
    app.stripe.books.refundByHand(charge, 700);
    const whole = bookingPushed(buying, paymentIs('refunded'));
    goOn();
    expect(await whole).toMatchObject({ payment: { refundedAmount: 4000 } });
    expect(app.stripe.books.refundedOf(charge)).toBe(4000);
    expect(await issuesOf(buying)).toEqual([]);
  });

  test('that the bank returns is refunded again if its booking was cancelled meanwhile', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    app.stripe.books.plan.refunds = 'pending';
    const refunding = bookingPushed(buying, paymentIs('refunding'));
    const { id } = app.stripe.books.refundByHand(charge);
    await refunding;
    app.stripe.books.plan.refunds = 'succeeded';
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    const whole = bookingPushed(buying, paymentIs('refunded'));
    app.stripe.books.finishRefund(id, 'failed');
    expect(await whole).toMatchObject({ payment: { refundedAmount: 4000 } });
    expect(app.stripe.books.refundedOf(charge)).toBe(4000);
  });

  test('whose webhook is lost is found by asking Stripe for recent refunds', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    app.stripe.webhooks.sendTo(null);
    const { id } = app.stripe.books.refundByHand(charge, 900);
    const { id: dispute } = app.stripe.books.dispute(charge, 'needs_response', 3100);
    const sweep = sweepOf(app);
    expect(await sweep.unnoted()).toEqual([id, dispute]);
    const back = bookingPushed(buying, hasBack(900));
    await sweep.run();
    await back;
    expect(await sweep.unnoted()).toEqual([]);
    expect((await issuesOf(buying)).map(({ kind, amount }) => [kind, amount])).toEqual([
      ['reversal', 900],
      ['dispute', 3100],
    ]);
  });
});

describe('a refund decided here', () => {
  test('that the bank returns after weeks becomes a payment issue', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const refunded = bookingPushed(buying, paymentIs('refunded'));
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    await refunded;
    const refunding = bookingPushed(buying, paymentIs('refunding'));
    app.stripe.books.finishRefund(app.stripe.books.refundsOf(charge)[0]?.id ?? '', 'failed');
    expect(await refunding).toMatchObject({ payment: { refundedAmount: 0 } });
    expect(await issuesOf(buying)).toMatchObject([{ kind: 'refund', amount: 4000 }]);
  });
});

describe('a dispute at Stripe', () => {
  test('shows on the booking and among the payment issues until the bank decides it', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const disputed = bookingPushed(buying, isDisputed);
    const { id } = app.stripe.books.dispute(charge);
    expect(await disputed).toMatchObject({ status: 'confirmed', payment: { status: 'succeeded', refundedAmount: 0 } });
    expect(await issuesOf(buying)).toMatchObject([{ kind: 'dispute', amount: 4000 }]);
    const won = bookingPushed(buying, isUndisputed);
    app.stripe.books.decide(id, 'won');
    expect(await won).toMatchObject({ status: 'confirmed', payment: { status: 'succeeded' } });
    expect(await issuesOf(buying)).toEqual([]);
  });

  test('that is lost counts as given back, and its money is not refunded again', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const { id } = app.stripe.books.dispute(charge);
    const lost = bookingPushed(buying, paymentIs('refunded'));
    app.stripe.books.decide(id, 'lost');
    expect(await lost).toMatchObject({ status: 'confirmed', payment: { refundedAmount: 4000 } });
    expect(await issuesOf(buying)).toMatchObject([{ kind: 'dispute', amount: 4000 }]);
    const cancelled = bookingPushed(buying, ({ status }) => status === 'cancelled');
    await buying.organiser.must('cancelBooking', { bookingId: buying.booking.id, reason: 'Disputed' });
    await cancelled;
    expect(app.stripe.books.refundsOf(charge)).toEqual([]);
    expect(await issuesOf(buying)).toEqual([]);
  });

  test('that is won after its booking was cancelled is refunded', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    app.stripe.webhooks.sendTo(null);
    const { id } = app.stripe.books.dispute(charge);
    const disputed = bookingPushed(buying, isDisputed);
    // Stripe refuses the refund, which shows the dispute.
    await buying.buyer.must('cancelBooking', { bookingId: buying.booking.id });
    await disputed;
    expect((await issuesOf(buying)).map(({ kind }) => kind)).toEqual(['dispute']);
    deliverWebhooks(app.stripe, app);
    const whole = bookingPushed(buying, paymentIs('refunded'));
    app.stripe.books.decide(id, 'won');
    expect(await whole).toMatchObject({ payment: { refundedAmount: 4000 } });
    expect(app.stripe.books.refundedOf(charge)).toBe(4000);
  });

  test('is no dispute while the bank only inquires', async (t) => {
    const { app, buying, charge } = await paidAtStripe(t);
    const { id } = app.stripe.books.dispute(charge, 'warning_needs_response');
    await app.stripe.webhooks.delivered();
    expect(await issuesOf(buying)).toEqual([]);
    const disputed = bookingPushed(buying, isDisputed);
    app.stripe.books.decide(id, 'needs_response');
    await disputed;
  });
});

test('a refund by hand of a charge of another shop is ignored', async (t) => {
  const { app, buying } = await paidAtStripe(t);
  const foreign = { id: 're_other', object: 'refund', payment_intent: `pi_${randomUUID()}`, metadata: {} };
  app.stripe.webhooks.emit('refund.created', foreign);
  const event = app.stripe.webhooks.of('refund.created').at(-1) ?? expect.fail('Nothing was sent');
  expect(await app.stripe.webhooks.deliver(event)).toBe(200);
  expect(await issuesOf(buying)).toEqual([]);
});
