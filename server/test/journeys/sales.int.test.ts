import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { pushes } from '#shared/protocol/pushes.ts';
import type { SalesFigures } from '#shared/organiser.ts';
import { payHold } from '../support/payments/pay-hold.ts';
import { bookTickets, fourTypes, tickets, voucherOf } from '../support/payments/typed-event.ts';
import type { Client } from '../support/test-app.ts';
import { book, eventInput, pushed, pushesOf, testApp } from '../support/test-app.ts';
import { PRICE } from '../support/payments/demo-payments.ts';

const PAYMENT = { attempt: 1, provider: 'demo', amount: 4_000, currency: 'EUR', status: 'paid' };
const REASON = 'The singer has lost her voice.';

async function salesSetting(t: Parameters<typeof testApp>[0], more: Parameters<typeof eventInput>[0] = {}) {
  const app = await testApp(t);
  const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
  const { id: eventId } = await admin.must('createEvent', eventInput(more));
  return { app, admin, alice, bob, eventId };
}

/** Resolves with the next `salesChanged` push of the event whose figures fit. */
function sales(socket: Client, eventId: string, fits: (figures: SalesFigures) => boolean): Promise<SalesFigures> {
  const find = (changes: SalesFigures[]) => changes.find((change) => change.eventId === eventId && fits(change));
  return pushed(socket, 'salesChanged', ({ changes }) => find(changes) !== undefined).then(
    (push) => find(pushes.salesChanged.parse(push).changes) as SalesFigures,
  );
}

describe('eventStats', () => {
  it('counts sold, held, cancelled and expired seats and the revenue', async (t) => {
    const { app, admin, alice, bob, eventId } = await salesSetting(t, { price: PRICE, totalSeats: 10 });
    const [first, second] = [await book(alice, eventId, 3), await book(bob, eventId, 2)];
    await payHold(app.app.engine, eventId, first.id);
    await payHold(app.app.engine, eventId, second.id);
    await alice.must('cancelBooking', { bookingId: first.id, seats: 1 });
    await bob.must('cancelBooking', { bookingId: second.id });
    await book(bob, eventId, 5);
    const stats = await admin.must('eventStats', { eventId });
    expect(stats).toEqual({
      availability: expect.objectContaining({ eventId, availableSeats: 3, heldSeats: 5, soldSeats: 2 }),
      confirmed: 1,
      cancelled: 1,
      expired: 0,
      checkedIn: 0,
      reminders: 0,
      waiting: 0,
      revenue: { amount: 4_000, currency: 'EUR' },
      refunds: expect.anything(),
      callingOff: null,
      salesByHour: [{ at: `${first.createdAt.slice(0, 13)}:00:00.000Z`, seats: 2, amount: 4_000 }],
      byTicketType: [{ id: 't1', name: 'Ticket', tickets: 2, seats: 2, revenue: { amount: 4_000, currency: 'EUR' } }],
      vouchers: { tickets: 0, discount: { amount: 0, currency: 'EUR' } },
    });
    const { pending, done, failed } = stats.refunds;
    expect(pending + done + failed).toBe(2);
    expect(await admin.send('eventStats', { eventId: 'f'.repeat(24) })).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('groups sales by the hour of booking, oldest first', async (t) => {
    const { app, admin, alice, eventId } = await salesSetting(t);
    await book(alice, eventId, 1);
    app.clock.offsetMs = 2 * 3_600_000;
    await book(alice, eventId, 2);
    const { salesByHour } = await admin.must('eventStats', { eventId });
    expect(salesByHour.map(({ seats }) => seats)).toEqual([1, 2]);
    const [earlier, later] = salesByHour.map(({ at }) => Date.parse(at));
    expect(Number(later) - Number(earlier)).toBeGreaterThanOrEqual(2 * 3_600_000);
  });

  it('counts partial refunds, and refunds by status', async (t) => {
    const { app, admin, alice, bob, eventId } = await salesSetting(t, { price: PRICE });
    const [first, second] = [await book(alice, eventId, 2), await book(bob, eventId, 1)];
    for (const { id } of [first, second]) await payHold(app.app.engine, eventId, id);
    const { bookings, payments } = app.app.models;
    const payment = {
      status: 'succeeded',
      provider: 'demo',
      amount: 4_000,
      refundedAmount: 500,
      currency: 'EUR',
    } as const;
    const before = await bookings.findById(first.id).orFail().lean();
    await bookings.updateOne({ _id: first.id }, { $set: { payment } });
    const refunds = ['ordered', 'pending', 'done', 'refused'].map((status) => ({ status, amount: 500 }));
    const made = await payments.collection.insertOne({
      eventId: new Types.ObjectId(eventId),
      bookingId: first.id,
      refunds,
      ...PAYMENT,
    } as never);
    expect(await admin.must('eventStats', { eventId })).toMatchObject({
      revenue: { amount: 3_500 + 2_000 },
      refunds: { pending: 2, done: 1, failed: 1 },
    });
    // Remove the inserted payment, because counters, bookings and ledger must agree at the test's end.
    await payments.deleteOne({ _id: made.insertedId });
    await bookings.updateOne({ _id: first.id }, { $set: { payment: before.payment } });
  });
});

describe('salesChanged', () => {
  it('has the sales of each ticket type, after every sale and cancellation', async (t) => {
    const { app, admin, alice, bob } = await salesSetting(t);
    const { id: eventId } = await admin.must('createEvent', eventInput({ ticketTypes: fourTypes() }));
    const soldOf = ({ byTicketType }: SalesFigures) => byTicketType.map(({ tickets: sold }) => sold);
    const revenueOf = ({ byTicketType }: SalesFigures) => byTicketType.map(({ revenue }) => revenue.amount);
    const [hers, his] = [
      await bookTickets(alice, eventId, { t1: 2, t3: 1, t4: 1 }),
      await bookTickets(bob, eventId, { t2: 3 }),
    ];
    const one = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 1);
    await payHold(app.app.engine, eventId, hers.id);
    expect(soldOf(await one)).toEqual([2, 0, 1, 1]);
    const two = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 2);
    await payHold(app.app.engine, eventId, his.id);
    expect(revenueOf(await two)).toEqual([4_000, 3_750, 5_555, 500]);
    const fewer = sales(admin.socket, eventId, (figures) => soldOf(figures)[1] === 1);
    await bob.must('cancelBooking', { bookingId: his.id, requestId: randomUUID(), tickets: tickets({ t2: 2 }) });
    expect((await fewer).revenue.amount).toBe(4_000 + 1_250 + 5_555 + 500);
  });

  it('has the tickets sold with vouchers and what was taken off them, as eventStats counts them', async (t) => {
    const { app, admin, alice, bob } = await salesSetting(t);
    const { id: eventId } = await admin.must('createEvent', eventInput({ ticketTypes: fourTypes() }));
    await voucherOf(admin, eventId, { code: 'HALF', percentOff: 50, ticketTypes: ['t1'] });
    await voucherOf(admin, eventId, { code: 'PRESS', percentOff: 100 });
    const used = (count: number, amount: number) => ({ tickets: count, discount: { amount, currency: 'EUR' } });
    const hers = await bookTickets(alice, eventId, { t1: 2, t2: 1 }, 'HALF');
    expect((await admin.must('eventStats', { eventId })).vouchers, 'a hold').toEqual(used(0, 0));
    const one = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 1);
    await payHold(app.app.engine, eventId, hers.id);
    expect((await one).vouchers).toEqual(used(2, 2_000));
    const two = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 2);
    const his = await bookTickets(bob, eventId, { t2: 1, t4: 1 }, 'PRESS');
    expect((await two).vouchers).toEqual(used(4, 2_000 + 1_250 + 500));
    expect((await admin.must('eventStats', { eventId })).vouchers).toEqual(used(4, 3_750));
    const fewer = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 1);
    await bob.must('cancelBooking', { bookingId: his.id });
    expect((await fewer).vouchers).toEqual(used(2, 2_000));
  });

  it('is pushed to organisers alone, after every sale, cancellation and waitlist entry', async (t) => {
    const { admin, alice, bob, eventId } = await salesSetting(t, { totalSeats: 3 });
    const overheard = [alice, bob].map(({ socket }) => pushesOf(socket, 'salesChanged'));
    const one = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 1);
    const { id: bookingId } = await book(alice, eventId, 2);
    expect(await one).toMatchObject({ waiting: 0, checkedIn: 0, revenue: { amount: 0, currency: 'EUR' } });
    const two = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 2);
    await book(bob, eventId, 1);
    await two;
    const waits = sales(admin.socket, eventId, ({ waiting }) => waiting === 1);
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId, seats: 3 });
    expect(await waits).toMatchObject({ confirmed: 2 });
    const fewer = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 1);
    await alice.must('cancelBooking', { bookingId });
    await fewer;
    // Barrier: a reply on the same connection arrives after any push that was sent before.
    for (const person of [alice, bob]) await person.must('listBookings', {});
    expect(overheard).toEqual([[], []]);
  });

  it('is pushed at most twice a second however fast an event sells, and ends on the right figures', async (t) => {
    const { admin, alice, bob, eventId } = await salesSetting(t, {
      totalSeats: 400,
      price: { amount: 0, currency: 'CHF' },
    });
    const atMs: number[] = [];
    admin.socket.on('salesChanged', () => atMs.push(performance.now()));
    const last = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 80);
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([alice, alice, bob, bob].map((person) => book(person, eventId, 1)));
    }
    await last;
    // The server sends pushes half a second apart; delays on the way can bring two arrivals closer together.
    const [first = 0, final = 0] = [atMs[0], atMs.at(-1)];
    expect(atMs.length).toBeLessThanOrEqual(Math.floor((final - first) / 500) + 2);
    expect(await admin.must('eventStats', { eventId })).toMatchObject({ confirmed: 80, revenue: { currency: 'CHF' } });
  });

  it('adds payments to the last figures, and triggers a recount after changes that adding cannot cover', async (t) => {
    const { app, admin, alice, bob, eventId } = await salesSetting(t, { price: PRICE });
    const [first, second] = [await book(alice, eventId, 2), await book(bob, eventId, 1)];
    const one = sales(admin.socket, eventId, ({ revenue }) => revenue.amount === 4_000);
    await payHold(app.app.engine, eventId, first.id);
    await one;
    const both = sales(admin.socket, eventId, ({ revenue }) => revenue.amount === 6_000);
    await payHold(app.app.engine, eventId, second.id);
    expect(await both).toMatchObject({ confirmed: 2 });
    const less = sales(admin.socket, eventId, ({ revenue }) => revenue.amount === 4_000);
    await alice.must('cancelBooking', { bookingId: first.id, seats: 1 });
    expect(await less).toMatchObject({ confirmed: 2 });
    const inside = sales(admin.socket, eventId, ({ checkedIn }) => checkedIn === 1);
    await admin.must('checkIn', { ticket: second.code });
    await inside;
  });

  it('shows the progress of an event’s cancellation to its end', async (t) => {
    const { admin, alice, bob, eventId } = await salesSetting(t);
    for (const person of [alice, bob]) await book(person, eventId, 2);
    const over = sales(admin.socket, eventId, ({ callingOff }) => callingOff?.done === 2);
    expect(await admin.must('cancelEvent', { eventId, reason: REASON, dryRun: true })).toMatchObject({
      bookings: 2,
      seats: 4,
    });
    expect(await admin.must('eventStats', { eventId })).toMatchObject({ callingOff: null });
    await admin.must('cancelEvent', { eventId, reason: REASON });
    expect(await over).toMatchObject({ confirmed: 0, callingOff: { total: 2 } });
    await expect
      .poll(async () => (await admin.must('eventStats', { eventId })).callingOff, { timeout: 15_000 })
      .toEqual({ state: 'done', done: 2, total: 2 });
  });

  it('is recounted when a job fails', async (t) => {
    const { app, admin, alice, eventId } = await salesSetting(t);
    const sold = sales(admin.socket, eventId, ({ confirmed }) => confirmed === 1);
    await book(alice, eventId, 1);
    await sold;
    const { jobs, payments } = app.app.models;
    const job = {
      key: 'a',
      kind: 'unknown',
      payload: { eventId },
      state: 'running',
      attempts: 20,
      nextAt: new Date(),
    } as const;
    await jobs.create({ ...job, createdAt: new Date() });
    const refunds = [{ status: 'refused', amount: 500 }];
    const made = await payments.collection.insertOne({
      eventId: new Types.ObjectId(eventId),
      bookingId: 'x',
      refunds,
      ...PAYMENT,
    } as never);
    const notified = sales(admin.socket, eventId, (figures) => figures.refunds.failed === 1);
    await jobs.updateOne({ key: job.key }, { $set: { state: 'failed' } });
    await notified;
    await payments.deleteOne({ _id: made.insertedId });
  });
});
