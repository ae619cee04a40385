import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fourTypes, tickets } from '../../support/payments/typed-event.ts';
import { eventInput } from '../../support/test-app.ts';
import {
  bookingPushed,
  goToStripe,
  holdSeats,
  isConfirmed,
  paymentIs,
  stripeApp,
} from '../../support/stripe/stripe-app.ts';

const DINARS = { amount: 10_000, currency: 'KWD' };

describe('refunds at Stripe in a currency with a step', () => {
  test('give back what each ticket cost, in whole steps, and the rest at the end', async (t) => {
    const app = await stripeApp(t);
    const buying = await holdSeats(app, { price: DINARS });
    const { organiser, buyer, booking } = buying;
    const bookingId = booking.id;
    await buyer.must('changeHold', { bookingId, seats: 3 });
    const { id: sessionId } = await goToStripe(app, buying);
    const confirmed = bookingPushed(buying, isConfirmed);
    app.stripe.books.pay(sessionId);
    await confirmed;
    const refund = (amount: number) =>
      organiser.send('refundBooking', { requestId: randomUUID(), bookingId, amount, reason: 'Sorry' });

    expect(await refund(105)).toMatchObject({ error: { code: 'INVALID_STATE', details: { step: 10 } } });
    const part = bookingPushed(buying, ({ payment }) => payment?.refundedAmount === 100);
    expect(await refund(100)).toMatchObject({ ok: true });
    await part;
    const share = bookingPushed(buying, ({ payment }) => payment?.refundedAmount === 100 + 10_000);
    await buyer.must('cancelBooking', { bookingId, seats: 1 });
    expect(await share).toMatchObject({ seats: 2, payment: { status: 'succeeded' } });
    const whole = bookingPushed(buying, paymentIs('refunded'));
    await buyer.must('cancelBooking', { bookingId });
    expect(await whole).toMatchObject({ payment: { amount: 30_000, refundedAmount: 30_000 } });
    expect((await organiser.must('listPaymentTroubles', {})).total).toBe(0);
  });
});

describe('a voucher in a currency with a step', () => {
  test('makes prices that Stripe can charge, which are shown, paid and refunded to the fils', async (t) => {
    const app = await stripeApp(t);
    const [organiser, buyer] = [await app.admin(), await app.register('buyer')];
    const ticketTypes = fourTypes([5_120, 3_250, 12_990, 750], 'KWD');
    const event = await organiser.must('createEvent', eventInput({ ticketTypes }));
    const made = { requestId: randomUUID(), eventId: event.id, count: 1, percentOff: 15 };
    const [voucher] = (await organiser.must('createVouchers', made)).vouchers;
    const code = voucher?.code ?? '';
    const checked = await buyer.must('checkVoucher', { eventId: event.id, code });
    expect(checked.ticketTypes.map(({ price }) => price.amount)).toEqual([4_350, 2_760, 11_040, 630]);
    const total = { amount: 4_350 + 2 * 2_760, currency: 'KWD' };
    const wanted = { tickets: tickets({ t1: 1, t2: 2 }), voucher: code, total };
    const booking = await buyer.must('book', { requestId: randomUUID(), eventId: event.id, ...wanted });
    expect(booking).toMatchObject({ status: 'held', total });
    const buying = { organiser, buyer, event, booking };
    const { id: sessionId } = await goToStripe(app, buying);
    const confirmed = bookingPushed(buying, isConfirmed);
    app.stripe.books.pay(sessionId);
    expect((await confirmed).payment).toMatchObject({ amount: total.amount, currency: 'KWD' });
    const back = bookingPushed(buying, ({ payment }) => payment?.refundedAmount === 2_760);
    await buyer.must('cancelBooking', { bookingId: booking.id, tickets: tickets({ t2: 1 }) });
    await back;
  });
});

describe('a price that Stripe never takes', () => {
  const prices = [
    ['EUR', 25, 50],
    ['JPY', 30, 50],
    ['HUF', 17_400, 17_500],
    ['GBP', 29, 30],
  ] as const;

  test.for(prices)(
    '%s %d is refused for an event and its edit, and %d is taken',
    async ([currency, amount, minimum], t) => {
      const app = await stripeApp(t);
      const organiser = await app.admin();
      const refused = { ok: false, error: { code: 'INVALID_STATE', details: { payments: 'stripe', minimum } } };
      const tooLow = { amount, currency };
      expect(await organiser.send('createEvent', eventInput({ price: tooLow }))).toMatchObject(refused);
      const { id: eventId } = await organiser.must('createEvent', eventInput({ price: { amount: minimum, currency } }));
      const edit = { eventId, revision: 1, changes: { price: tooLow } };
      expect(await organiser.send('updateEvent', edit)).toMatchObject(refused);
      expect(await organiser.must('getEvent', { eventId })).toMatchObject({ price: { amount: minimum } });
    },
  );

  test('of an older event is refused before it takes seats', async (t) => {
    const app = await stripeApp(t);
    const [organiser, buyer] = [await app.admin(), await app.register('buyer')];
    const { id: eventId } = await organiser.must(
      'createEvent',
      eventInput({ price: { amount: 100, currency: 'EUR' } }),
    );
    await app.app.models.events.updateOne({ _id: eventId }, { $set: { 'ticketTypes.0.price.amount': 25 } });
    const request = { requestId: randomUUID(), eventId, seats: 1 };
    expect(await buyer.send('book', request)).toMatchObject({
      error: { code: 'INVALID_STATE', details: { minimum: 50 } },
    });
    expect(await organiser.must('getEvent', { eventId })).toMatchObject({ heldSeats: 0 });
  });
});

describe('a price that Stripe refuses as too small by the rate of the day', () => {
  test('gives the hold back at the checkout, and is an issue for organisers until the price is another', async (t) => {
    const app = await stripeApp(t);
    // Stripe names no minimum for the lira.
    const buying = await holdSeats(app, { price: { amount: 20, currency: 'TRY' } });
    const { organiser, buyer, booking, event } = buying;
    const released = bookingPushed(buying, ({ status }) => status === 'cancelled');
    expect(await buyer.send('checkout', { bookingId: booking.id, locale: 'de' })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { payment: 'failed', reason: 'amount_too_small' } },
    });
    const reason = 'Der Preis ist zu klein für eine Kartenzahlung.';
    expect(await released).toMatchObject({ ended: { by: 'organiser', reason }, payment: { status: 'failed' } });
    expect(await organiser.must('getEvent', { eventId: event.id })).toMatchObject({ heldSeats: 0 });
    const issues = async () => (await organiser.must('listPaymentTroubles', {})).troubles;
    expect(await issues()).toMatchObject([{ kind: 'price', eventId: event.id, amount: 40, currency: 'TRY' }]);
    const changes = { price: { amount: 5_000, currency: 'TRY' } };
    await organiser.must('updateEvent', { eventId: event.id, revision: 1, changes });
    expect(await issues()).toEqual([]);
  });
});
