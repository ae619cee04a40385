import { randomUUID } from 'node:crypto';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { book, eventInput, testApp } from '../support/test-app.ts';

const UNKNOWN = 'f'.repeat(24);
const FREE = { amount: 0, currency: 'EUR' };
const REUSED = { ok: false, error: { code: 'REQUEST_ID_REUSED' } };

describe('[I3] a requestId', () => {
  it('of a booking is refused for another input, whatever differs, and belongs to one account', async (t) => {
    const app = await testApp(t);
    const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
    const [event, other] = [
      await admin.must('createEvent', eventInput()),
      await admin.must('createEvent', eventInput()),
    ];
    const input = { requestId: randomUUID(), eventId: event.id, seats: 2 };
    const booking = await alice.must('book', input);
    for (const differs of [{ seats: 3 }, { eventId: other.id }, { eventId: UNKNOWN }, { price: FREE }]) {
      expect(await alice.send('book', { ...input, ...differs })).toMatchObject(REUSED);
    }
    expect(await alice.must('book', input)).toEqual(booking);
    expect((await bob.must('book', input)).id).not.toBe(booking.id);
    expect(await bob.send('book', { ...input, requestId: randomUUID(), eventId: UNKNOWN })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
  });

  it('of a waitlist entry is refused for another input, and may be used for a booking as well', async (t) => {
    const app = await testApp(t);
    const [admin, alice] = [await app.admin(), await app.register('alice')];
    const [event, other] = [
      await admin.must('createEvent', eventInput({ totalSeats: 2 })),
      await admin.must('createEvent', eventInput({ totalSeats: 2 })),
    ];
    const input = { requestId: randomUUID(), eventId: event.id, seats: 3 };
    const entry = await alice.must('joinWaitlist', input);
    for (const differs of [{ seats: 4 }, { eventId: other.id }, { eventId: UNKNOWN }]) {
      expect(await alice.send('joinWaitlist', { ...input, ...differs })).toMatchObject(REUSED);
    }
    expect(await alice.must('joinWaitlist', input)).toEqual(entry);
    // Request ids of different commands are independent.
    expect(await alice.must('book', { ...input, seats: 1 })).toMatchObject({ status: 'confirmed', seats: 1 });
  });

  it('of a cancellation is refused for another input, whatever differs, and belongs to one account', async (t) => {
    const { admin, alice, mine, here, there } = await bookedTwice(t);
    const input = { requestId: randomUUID(), bookingId: mine.id, seats: 1, reason: 'The row is broken' };
    expect(await admin.must('cancelBooking', input)).toMatchObject({ seats: 4, status: 'confirmed' });
    const { seats: _, ...whole } = input;
    const others = [{ seats: 2 }, { reason: 'Another' }, { bookingId: here.id }, { bookingId: there.id }];
    for (const differs of [...others, { bookingId: UNKNOWN }])
      expect(await admin.send('cancelBooking', { ...input, ...differs })).toMatchObject(REUSED);
    expect(await admin.send('cancelBooking', whole)).toMatchObject(REUSED);
    expect(
      await alice.must('cancelBooking', { requestId: input.requestId, bookingId: mine.id, seats: 1 }),
    ).toMatchObject({ seats: 3 });
    // A repeat returns the current booking; request ids of different commands are independent.
    expect(await admin.must('cancelBooking', input)).toMatchObject({ seats: 3, version: 3 });
    const checkIn = { requestId: input.requestId, ticket: mine.code, seats: 1 };
    expect(await admin.must('checkIn', checkIn)).toMatchObject({ booking: { checkedInSeats: 1 } });
  });

  it('of a check-in is refused for another input, and repeats its first answer by code and by ticket', async (t) => {
    const { admin, mine, here, there } = await bookedTwice(t);
    const input = { requestId: randomUUID(), ticket: mine.code, seats: 2 };
    const first = await admin.must('checkIn', input);
    expect(first).toMatchObject({ repeated: false, booking: { checkedInSeats: 2 } });
    for (const differs of [{ seats: 1 }, { ticket: here.code }, { ticket: there.code }, { ticket: 'NO SUCH CODE' }])
      expect(await admin.send('checkIn', { ...input, ...differs })).toMatchObject(REUSED);
    expect(await admin.must('checkIn', { ...input, ticket: mine.ticket ?? '' })).toEqual(first);
    const rest = { requestId: randomUUID(), ticket: mine.code };
    expect(await admin.must('checkIn', rest)).toMatchObject({ repeated: false, booking: { checkedInSeats: 5 } });
    expect(await admin.must('checkIn', rest)).toMatchObject({ repeated: false });
    expect(await admin.must('checkIn', { ticket: mine.code })).toMatchObject({ repeated: true });
  });

  it('is looked up by an index, whatever the command', async (t) => {
    const { app, admin, alice, mine, here } = await bookedTwice(t);
    const { db } = app.app.models.bookings;
    await db.db?.command({ profile: 2 });
    await admin.must('checkIn', { requestId: randomUUID(), ticket: mine.code, seats: 1 });
    await alice.must('cancelBooking', { requestId: randomUUID(), bookingId: here.id, seats: 1 });
    for (const bookingId of [here.id, UNKNOWN]) {
      await admin.send('cancelBooking', { requestId: randomUUID(), bookingId });
      await admin.send('refundBooking', { requestId: randomUUID(), bookingId, amount: 1, reason: 'Sorry' });
    }
    await db.db?.command({ profile: 0 });
    const reads = await db.collection('system.profile').distinct('planSummary', { ns: /\.(bookings|payments)$/ });
    expect(reads).toContain('IXSCAN { changeRequests.key: 1 }');
    expect(reads).not.toContain('COLLSCAN');
  });

  it('of a refused command may be used again', async (t) => {
    const { admin, mine } = await bookedTwice(t);
    const input = { requestId: randomUUID(), ticket: mine.code, seats: 6 };
    expect(await admin.send('checkIn', input)).toMatchObject({ error: { code: 'INVALID_STATE' } });
    expect(await admin.must('checkIn', { ...input, seats: 5 })).toMatchObject({ booking: { checkedInSeats: 5 } });
  });
});

describe('the reason of a cancellation', () => {
  it('is refused from a buyer, and stored from an organiser', async (t) => {
    const { admin, alice, mine, here } = await bookedTwice(t);
    const reason = 'The row is broken';
    expect(await alice.send('cancelBooking', { bookingId: mine.id, reason })).toMatchObject({
      error: { code: 'INVALID_INPUT', issues: [{ path: ['reason'] }] },
    });
    expect(await admin.must('cancelBooking', { bookingId: mine.id, reason })).toMatchObject({
      ended: { by: 'organiser', reason },
    });
    expect(await alice.must('getBooking', { bookingId: mine.id })).toMatchObject({ ended: { reason } });
    expect(await alice.must('cancelBooking', { bookingId: here.id })).toMatchObject({ ended: { reason: null } });
  });
});

/** Bookings of five seats: two of Alice's on one event, and one on another. */
async function bookedTwice(t: TestContext) {
  const app = await testApp(t);
  const [admin, alice] = [await app.admin(), await app.register('alice')];
  const [event, other] = [await admin.must('createEvent', eventInput()), await admin.must('createEvent', eventInput())];
  const [mine, here, there] = [
    await book(alice, event.id, 5),
    await book(alice, event.id, 5),
    await book(alice, other.id, 5),
  ];
  return { app, admin, alice, mine, here, there };
}
