import { randomUUID } from 'node:crypto';
import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { testDatabaseUri, withDatabase } from '../support/database/test-database.ts';
import { handClock } from '../support/hand-clock.ts';
import type { Stored } from '../support/old-data/kept-data.ts';
import { insertStored, readKept, readStored } from '../support/old-data/kept-data.ts';
import { docsOf, killedAt, migrated, prepare } from '../support/old-data/migrated.ts';
import { serverOn } from '../support/old-data/old-server.ts';
import { shown } from '../support/payments/demo-payments.ts';
import { tickets } from '../support/payments/typed-event.ts';
import type { Person } from '../support/test-app.ts';
import { eventInput, pushed } from '../support/test-app.ts';

const TIMEOUT_MS = 120_000;
const MINUTE_MS = 60_000;
/** The holds and offers of the kept data are shorter. */
const [HOLD_MS, OFFER_MS] = [61 * MINUTE_MS, 1_400 * MINUTE_MS];

const priceOf = ({ tickets: lines }: Document) =>
  (lines as Booking['tickets']).reduce((sum, { count, price }) => sum + count * price.amount, 0);

describe('the data of version 1', { timeout: TIMEOUT_MS }, () => {
  it('get a ticket type for each event, a line item for each booking, and tickets for each waitlist entry', async () => {
    const before = await readKept(1);
    const after = await migrated(before);
    const events = docsOf(after, 'events');
    expect(events.some(({ heldSeats, soldSeats }) => heldSeats > 0 && soldSeats > 0)).toBe(true);
    for (const event of events) {
      const { price, heldSeats: held, soldSeats: sold } = event;
      const type = { id: 't1', name: 'Ticket', price, seats: 1, limit: null, access: 'public', held, sold };
      expect(event).toMatchObject({ ticketTypes: [type], ticketOrder: ['t1'], ticketTypesMade: 1 });
    }
    const bookings = docsOf(after, 'bookings');
    const old = new Map(docsOf(before, 'bookings').map((doc) => [String(doc['_id']), doc]));
    expect(bookings).toHaveLength(old.size);
    // `cancelledParts` are of a later version.
    for (const { cancelledParts: _parts, ...booking } of bookings) {
      const { price, ...rest } = old.get(String(booking['_id'])) ?? expect.fail(String(booking['_id']));
      expect(booking).toEqual({ ...rest, tickets: [{ type: 't1', count: rest['seats'] as number, price, seats: 1 }] });
      expect(priceOf(booking)).toBe(rest['seats'] * price.amount);
    }
    const entries = docsOf(after, 'waitlist');
    expect(entries.length).toBeGreaterThan(3);
    for (const { tickets: wanted, seats } of entries) expect(wanted).toEqual([{ type: 't1', count: seats }]);
  });

  it('keep ledger, payments, jobs and accounts as they are', async () => {
    const before = await readKept(1);
    const after = await migrated(before);
    for (const name of ['ledger', 'payments', 'jobs', 'users', 'sessions', 'demoCheckouts', 'demoRefunds', 'sentMails'])
      expect(docsOf(after, name), name).toEqual(docsOf(before, name));
  });

  it('are the same after kills at several writes of the migration as after one that nothing interrupts', async () => {
    const before = await readKept(1);
    const whole = await migrated(before);
    const uri = testDatabaseUri();
    await withDatabase(uri, (database) => insertStored(database, before));
    const ends: unknown[] = [];
    const changed: number[] = [];
    for (const packets of [8, 12, 16]) {
      ends.push(await killedAt(packets, uri));
      const filter = { tickets: { $exists: true } };
      changed.push(await withDatabase(uri, (database) => database.collection('bookings').countDocuments(filter)));
    }
    expect(ends).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL']);
    expect(changed.at(-1), changed.join()).toBeLessThan(docsOf(before, 'bookings').length);
    await prepare(uri);
    const content = (stored: readonly Stored[]) => stored.filter(({ collection }) => collection !== 'meta');
    expect(content(await withDatabase(uri, readStored))).toEqual(content(whole));
  });

  it('end as they would have: a hold and an offer lapse, the next entry is offered, a refund under way is done', async (t) => {
    const { app, person } = await serverOn(t, await readKept(1), { clock: handClock() });
    const [holder, payer, refunded] = [await person('holder'), await person('payer'), await person('refunding')];
    const paidBack = async () => (await refunded.must('listBookings', {})).bookings.map(({ payment }) => payment);
    // The provider had failed just before, so the job waits for its next try.
    app.clock.pass(15 * MINUTE_MS);
    await expect.poll(paidBack, { timeout: 20_000 }).toMatchObject([{ status: 'refunded', refundedAmount: 2_000 }]);

    const admin = await app.admin();
    const [held] = (await holder.must('listBookings', { status: 'held' })).bookings;
    const [open] = (await payer.must('listBookings', { status: 'held' })).bookings;
    const { eventId } = held ?? expect.fail('no hold');
    const before = await admin.must('getEvent', { eventId });
    expect([held?.eventId, before.ticketTypes[0]?.held]).toEqual([open?.eventId, before.heldSeats]);
    const ends = [
      shown(holder, held?.id ?? '', ({ status }) => status === 'expired'),
      shown(payer, open?.id ?? '', ({ status }) => status === 'expired'),
    ];
    app.clock.pass(HOLD_MS);
    await Promise.all(ends);
    await expect.poll(async () => (await admin.must('getEvent', { eventId })).heldSeats).toBe(0);
    const after = await admin.must('getEvent', { eventId });
    expect(after.ticketTypes).toMatchObject([{ held: 0, sold: after.soldSeats }]);
    expect(after.availableSeats).toBe(before.availableSeats + before.heldSeats);

    const fay = await person('fay');
    const entryOf = async ({ must }: Person) => (await must('listWaitlist', {})).entries[0];
    expect(await entryOf(fay)).toMatchObject({ status: 'waiting', tickets: [{ type: 't1', count: 2 }] });
    const offered = pushed(fay.socket, 'waitlistChanged', ({ status }) => status === 'offered');
    app.clock.pass(OFFER_MS);
    const { bookingId } = await offered;
    // Their sessions have ended by then.
    expect(await entryOf(await person('emil'))).toMatchObject({ status: 'missed' });
    const confirmed = await (await person('fay')).must('confirmBooking', { bookingId: bookingId ?? '' });
    expect(confirmed).toMatchObject({ status: 'confirmed', tickets: [{ type: 't1', count: 2 }] });
    const entered = await (await app.admin()).must('checkIn', { ticket: confirmed.ticket ?? '' });
    expect(entered).toMatchObject({ booking: { checkedInSeats: 2 } });
  });

  it('are sold on: by seats and by types, with refunds to the cent, and with old tickets at the entrance', async (t) => {
    // Refunds take a moment at the demo provider.
    const server = await serverOn(t, await readKept(1), { clock: handClock() });
    const [admin, buyer, part] = [await server.app.admin(), await server.person('buyer'), await server.person('part')];
    const [bought] = (await buyer.must('listBookings', { status: 'confirmed' })).bookings;
    const { id: bookingId, eventId, ticket } = bought ?? expect.fail('no booking');
    expect(bought).toMatchObject({ seats: 3, tickets: [{ type: 't1', name: 'Ticket', count: 3, seats: 1 }] });

    const one = shown(buyer, bookingId, ({ payment }) => payment?.refundedAmount === 2_000);
    await buyer.must('cancelBooking', { bookingId, requestId: randomUUID(), seats: 1 });
    await one;
    const two = shown(buyer, bookingId, ({ payment }) => payment?.refundedAmount === 4_000);
    await buyer.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets({ t1: 1 }) });
    expect(await two).toMatchObject({ seats: 1, total: { amount: 2_000 }, status: 'confirmed' });
    expect(await admin.must('checkIn', { ticket: ticket ?? '' })).toMatchObject({ booking: { checkedInSeats: 1 } });

    // 5.00 of this one were refunded by version 1.
    const [refunded] = (await part.must('listBookings', { status: 'confirmed' })).bookings;
    const whole = shown(part, refunded?.id ?? '', ({ payment }) => payment?.refundedAmount === 4_000);
    await part.must('cancelBooking', { bookingId: refunded?.id ?? '' });
    expect(await whole).toMatchObject({ status: 'cancelled', payment: { status: 'refunded' } });

    const { revision, price } = await admin.must('getEvent', { eventId });
    const child = { name: 'Child', price: { amount: 1_000, currency: 'EUR' } };
    const changes = { ticketTypes: [{ id: 't1', name: 'Ticket', price }, child] };
    const edited = await admin.must('updateEvent', { eventId, revision, changes });
    expect(edited.ticketTypes.map((type) => type.id)).toEqual(['t1', 't2']);
    const mixed = { requestId: randomUUID(), eventId, tickets: tickets({ t1: 1, t2: 1 }) };
    expect(await part.must('book', mixed)).toMatchObject({ status: 'held', total: { amount: 3_000 } });
    await admin.must('createEvent', eventInput());
  });
});
