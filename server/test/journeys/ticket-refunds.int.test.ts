import { randomUUID } from 'node:crypto';
import { describe, expect, test, type TestContext } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { CARD, shown, useCard } from '../support/payments/demo-payments.ts';
import { bookTickets, fourTypes, tickets, voucherOf } from '../support/payments/typed-event.ts';
import { deliverWebhooks, stripeApp } from '../support/stripe/stripe-app.ts';
import type { Person } from '../support/test-app.ts';
import { eventInput, testApp } from '../support/test-app.ts';

/** Two adults, two children, a family and parking: 40.00 + 25.00 + 55.55 + 5.00. */
const TICKETS = { t1: 2, t2: 2, t3: 1, t4: 1 };

/** A way to pay, and to see what arrived at the provider and went back, in the provider's own unit. */
interface Paying {
  organiser: Person;
  buyer: Person;
  pay(bookingId: string): Promise<Booking>;
  atProvider(): Promise<{ paid: number; refunded: number }>;
}

async function atDemo(t: TestContext): Promise<Paying> {
  const app = await testApp(t);
  const buyer = await app.register('buyer');
  return {
    organiser: await app.admin(),
    buyer,
    async pay(bookingId) {
      const confirmed = shown(buyer, bookingId, ({ status }) => status === 'confirmed');
      await useCard(await buyer.must('checkout', { bookingId }), CARD.pays);
      return confirmed;
    },
    async atProvider() {
      const checkout = await app.app.models.demoCheckouts.findOne({ status: 'paid' }).orFail().lean();
      return { paid: checkout.paid?.amount ?? 0, refunded: checkout.refunded };
    },
  };
}

async function atStripe(t: TestContext): Promise<Paying> {
  const app = await stripeApp(t);
  deliverWebhooks(app.stripe, app);
  const buyer = await app.register('buyer');
  const { books } = app.stripe;
  return {
    organiser: await app.admin(),
    buyer,
    async pay(bookingId) {
      const confirmed = shown(buyer, bookingId, ({ status }) => status === 'confirmed');
      const { url } = await buyer.must('checkout', { bookingId });
      const session = [...books.sessions.values()].find((one) => one.url === url) ?? expect.fail(url);
      books.pay(session.id);
      return confirmed;
    },
    atProvider() {
      const [payment] = [...books.payments.values()];
      const refunded = books.refundedOf(payment?.id ?? '');
      return Promise.resolve({ paid: payment?.amount_received ?? 0, refunded });
    },
  };
}

/** A paid booking of these tickets, with a voucher if a percentage is given, and the acts on it; each waits until the provider has refunded that much altogether. */
async function paidBooking({ organiser, buyer, pay }: Paying, types: ReturnType<typeof fourTypes>, percentOff = 0) {
  const input = { ticketTypes: types, maxSeatsPerBooking: 20, totalSeats: 50 };
  const event = await organiser.must('createEvent', eventInput(input));
  const voucher = percentOff > 0 ? await voucherOf(organiser, event.id, { percentOff }) : undefined;
  const { id: bookingId, total } = await bookTickets(buyer, event.id, TICKETS, voucher?.code);
  const paid = await pay(bookingId);
  const refunded = (amount: number) => shown(buyer, bookingId, ({ payment }) => payment?.refundedAmount === amount);
  return {
    event,
    total,
    paid,
    async giveBack(counts: Readonly<Record<string, number>>, sum: number): Promise<Booking> {
      const back = refunded(sum);
      await buyer.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets(counts) });
      return back;
    },
    async refund(amount: number, sum: number): Promise<Booking> {
      const back = refunded(sum);
      await organiser.must('refundBooking', { requestId: randomUUID(), bookingId, amount, reason: 'Rain' });
      return back;
    },
    async cancel(sum: number): Promise<Booking> {
      const back = refunded(sum);
      await buyer.must('cancelBooking', { bookingId });
      return back;
    },
  };
}

describe.for([
  ['the demo provider', atDemo],
  ['Stripe', atStripe],
] as const)('a booking of several prices at %s', ([, open]) => {
  test('is paid to the cent, and each ticket that is given back is refunded at what it cost', async (t) => {
    const paying = await open(t);
    const { total, paid, giveBack, cancel } = await paidBooking(paying, fourTypes());
    expect([total.amount, paid.payment?.amount]).toEqual([12_555, 12_555]);
    expect(await paying.atProvider()).toEqual({ paid: 12_555, refunded: 0 });

    const withoutChild = await giveBack({ t2: 1 }, 1_250);
    expect(withoutChild).toMatchObject({ seats: 7, total: { amount: 11_305 }, payment: { status: 'succeeded' } });
    expect(withoutChild.tickets.map(({ type, count }) => [type, count])).toEqual([
      ['t1', 2],
      ['t2', 1],
      ['t3', 1],
      ['t4', 1],
    ]);
    const withoutFamily = await giveBack({ t3: 1, t4: 1 }, 1_250 + 5_555 + 500);
    expect(withoutFamily).toMatchObject({ seats: 3, total: { amount: 5_250 } });
    expect(await paying.atProvider()).toEqual({ paid: 12_555, refunded: 7_305 });

    expect(await cancel(12_555)).toMatchObject({ status: 'cancelled', payment: { status: 'refunded' } });
    expect(await paying.atProvider()).toEqual({ paid: 12_555, refunded: 12_555 });
  });

  test('with a percentage off is paid and given back by parts that add up to its total', async (t) => {
    const paying = await open(t);
    const { total, paid, giveBack } = await paidBooking(paying, fourTypes(), 33);
    // A discount is rounded for each ticket, half up: 33 % of 12.50 are 4.125, which are 4.13.
    const each = { t1: 1_340, t2: 837, t3: 3_722, t4: 335 };
    expect(paid.tickets.map(({ type, count, price }) => [type, count, price.amount])).toEqual([
      ['t1', 2, each.t1],
      ['t2', 2, each.t2],
      ['t3', 1, each.t3],
      ['t4', 1, each.t4],
    ]);
    expect([total.amount, paid.payment?.amount]).toEqual([8_411, 8_411]);
    let sum = 0;
    for (const type of ['t4', 't3', 't2', 't2', 't1', 't1'] as const) {
      sum += each[type];
      await giveBack({ [type]: 1 }, sum);
    }
    expect(await paying.atProvider()).toEqual({ paid: 8_411, refunded: 8_411 });
  });

  test('gives back no more than was paid, with refunds by the organiser before and after a part', async (t) => {
    const paying = await open(t);
    const { giveBack, refund, cancel } = await paidBooking(paying, fourTypes());
    await refund(3_333, 3_333);
    expect(await giveBack({ t1: 1 }, 5_333)).toMatchObject({ total: { amount: 10_555 } });
    // What the family ticket cost is still there in full.
    await giveBack({ t3: 1 }, 10_888);
    await refund(1_000, 11_888);
    // Of 25.00 for two children 6.67 are left.
    await giveBack({ t2: 2 }, 12_555);
    expect(await cancel(12_555)).toMatchObject({ status: 'cancelled', payment: { status: 'refunded' } });
    expect(await paying.atProvider()).toEqual({ paid: 12_555, refunded: 12_555 });
  });

  test('is exact in a currency of three decimals, whose amounts Stripe moves in tens', async (t) => {
    const paying = await open(t);
    const { total, giveBack, cancel } = await paidBooking(paying, fourTypes([5_120, 3_250, 12_990, 750], 'KWD'));
    expect(total).toEqual({ amount: 30_480, currency: 'KWD' });
    await giveBack({ t2: 1, t4: 1 }, 4_000);
    await giveBack({ t1: 2 }, 14_240);
    expect(await cancel(30_480)).toMatchObject({ status: 'cancelled', payment: { status: 'refunded' } });
    expect(await paying.atProvider()).toEqual({ paid: 30_480, refunded: 30_480 });
  });

  test('brings the type sales that the event shows: revenues of all types add up to that of the event', async (t) => {
    const paying = await open(t);
    const { event, giveBack, refund } = await paidBooking(paying, fourTypes());
    await giveBack({ t1: 1 }, 2_000);
    await refund(1_000, 3_000);
    const { revenue, byTicketType } = await paying.organiser.must('eventStats', { eventId: event.id });
    expect(revenue.amount).toBe(9_555);
    expect(byTicketType.map(({ name, tickets: sold, seats }) => [name, sold, seats])).toEqual([
      ['Adult', 1, 1],
      ['Child', 2, 2],
      ['Family of 4', 1, 4],
      ['Parking', 1, 0],
    ]);
    expect(byTicketType.reduce((sum, type) => sum + type.revenue.amount, 0)).toBe(9_555);
  });
});
