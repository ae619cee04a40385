import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import type { Availability } from '#shared/event.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { databaseOf } from '../support/database/test-database.ts';
import type { Client, Person } from '../support/test-app.ts';
import {
  commandsOf,
  connected,
  eventInput,
  publicEvent,
  pushed,
  pushesOf,
  storedEvent,
  testApp,
} from '../support/test-app.ts';
import { PRICE } from '../support/payments/demo-payments.ts';

function seats(socket: Client, eventId: string, available: number): Promise<Availability | undefined> {
  const fits = (change: Availability) => change.eventId === eventId && change.availableSeats === available;
  return pushed(socket, 'availabilityChanged', ({ changes }) => changes.some(fits)).then(({ changes }) =>
    changes.find(fits),
  );
}

async function bookingSetting(t: Parameters<typeof testApp>[0], more: Parameters<typeof eventInput>[0] = {}) {
  const app = await testApp(t);
  const [admin, alice, bob] = await Promise.all([app.admin(), app.register('alice'), app.register('bob')]);
  const event = await admin.must('createEvent', eventInput(more));
  return { app, admin, alice, bob, event, eventId: event.id };
}

describe('a booking', () => {
  it('is acknowledged, stored, and pushed to its owner, other members and signed-out clients', async (t) => {
    const { app, alice, bob, eventId } = await bookingSetting(t);
    const signedOut = await connected(app.open('/public'));
    const seen = [alice.socket, bob.socket, signedOut].map((socket) => seats(socket, eventId, 8));
    const mine = pushed(alice.socket, 'bookingChanged');
    const booking = await alice.must('book', { requestId: randomUUID(), eventId, seats: 2 });
    expect(booking).toMatchObject({ eventId, seats: 2, status: 'confirmed', source: 'direct', total: { amount: 0 } });
    expect(booking.ticket).toMatch(/^FR1\./);
    expect(booking.event.title).toBe('Jazz im Hinterhof');
    for (const change of await Promise.all(seen)) expect(change).toMatchObject({ soldSeats: 2, version: 2 });
    expect(await mine).toEqual(booking);
    expect(await alice.must('getBooking', { bookingId: booking.id })).toEqual(booking);
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 8, soldSeats: 2, version: 2 });
  });

  it('is pushed to its owner alone', async (t) => {
    const { alice, bob, admin, eventId } = await bookingSetting(t);
    const heard = pushesOf(bob.socket, 'bookingChanged');
    const { id } = await alice.must('book', { requestId: randomUUID(), eventId, seats: 1 });
    expect(await bob.send('getBooking', { bookingId: id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await bob.send('cancelBooking', { bookingId: id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    const { name, email } = alice.user;
    expect(await admin.must('getBooking', { bookingId: id })).toMatchObject({ id, attendee: { name, email } });
    // Barrier: pushes keep the order of the commits, so bob's own arrives after any of alice's.
    const own = pushed(bob.socket, 'bookingChanged', ({ seats: count }) => count === 3);
    const mine = await bob.must('book', { requestId: randomUUID(), eventId, seats: 3 });
    await own;
    expect(heard.map((booking) => booking.id)).toEqual([mine.id]);
    expect((await bob.must('listBookings', {})).bookings.map((booking) => booking.seats)).toEqual([3]);
  });

  it('of a priced event is a hold at the price the buyer saw, and returns its seats when it expires', async (t) => {
    const { app, alice, bob, eventId } = await bookingSetting(t, { price: PRICE, holdMinutes: 1 });
    const before = Date.now();
    const wrong = { requestId: randomUUID(), eventId, seats: 1, price: { ...PRICE, amount: 1 } };
    expect(await alice.send('book', wrong)).toMatchObject({
      error: { code: 'PRICE_CHANGED', details: { price: PRICE } },
    });
    const held = await alice.must('book', { ...wrong, seats: 2, price: PRICE });
    expect(held).toMatchObject({ status: 'held', ticket: null, total: { amount: 4000, currency: 'EUR' } });
    expect(Date.parse(held.holdExpiresAt ?? '') - before).toBeGreaterThanOrEqual(60_000);
    expect(await alice.send('book', { ...wrong, requestId: randomUUID(), price: PRICE })).toMatchObject({
      error: { code: 'LIMIT_EXCEEDED', details: { bookingId: held.id } },
    });
    expect(await storedEvent(app, eventId)).toMatchObject({ heldSeats: 2, holdsUntil: held.holdExpiresAt });
    const back = seats(bob.socket, eventId, 10);
    const notified = pushed(alice.socket, 'bookingChanged', ({ status }) => status === 'expired');
    app.clock.offsetMs = 61_000;
    expect(await back).toMatchObject({ heldSeats: 0, holdsUntil: null });
    expect(await notified).toMatchObject({ id: held.id, ended: { by: 'time' }, version: 2 });
    expect(await alice.send('cancelBooking', { bookingId: held.id })).toMatchObject({
      error: { code: 'INVALID_STATE' },
    });
  });

  it('is cancelled once, however often the command is repeated, and its seats are free at once', async (t) => {
    const { alice, bob, eventId } = await bookingSetting(t);
    const { id } = await alice.must('book', { requestId: randomUUID(), eventId, seats: 4 });
    const free = seats(bob.socket, eventId, 10);
    const cancelled = await alice.must('cancelBooking', { bookingId: id });
    expect(cancelled).toMatchObject({ status: 'cancelled', ended: { by: 'buyer' }, ticket: null });
    await free;
    expect(await alice.must('cancelBooking', { bookingId: id })).toEqual(cancelled);
  });

  it('can be cancelled by an organiser, and names the organiser as the reason', async (t) => {
    const { alice, admin, eventId } = await bookingSetting(t, {
      startsAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const { id } = await alice.must('book', { requestId: randomUUID(), eventId, seats: 1 });
    const notified = pushed(alice.socket, 'bookingChanged', ({ status }) => status === 'cancelled');
    expect(await alice.send('cancelBooking', { bookingId: id })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { cancelUntil: expect.any(String) } },
    });
    await admin.must('cancelBooking', { bookingId: id });
    expect(await notified).toMatchObject({ ended: { by: 'organiser' } });
  });

  it('is listed newest first, by page and by status', async (t) => {
    const { alice, eventId } = await bookingSetting(t);
    const made = [];
    for (let count = 1; count <= 3; count += 1) {
      made.push(await alice.must('book', { requestId: randomUUID(), eventId, seats: count }));
    }
    await alice.must('cancelBooking', { bookingId: made[1]?.id ?? '' });
    const page = await alice.must('listBookings', { limit: 2 });
    expect(page).toMatchObject({ total: 3, page: 1, limit: 2 });
    expect(page.bookings.map((booking) => booking.seats)).toEqual([3, 2]);
    expect((await alice.must('listBookings', { page: 2, limit: 2 })).bookings.map((b) => b.seats)).toEqual([1]);
    expect(await alice.must('listBookings', { status: 'cancelled' })).toMatchObject({ total: 1 });
  });
});

describe('a crowd of buyers', () => {
  it('[I1] [I3] gets exactly 100 bookings for 300 requests for 100 seats, each sent twice on two connections', async (t) => {
    const { app, admin } = await bookingSetting(t);
    const event = await admin.must('createEvent', eventInput({ totalSeats: 100 }));
    const people = await Promise.all(Array.from({ length: 30 }, (_, i) => app.register(`buyer${i}`)));
    const crowd = await Promise.all(
      people.flatMap((one) =>
        Array.from({ length: 10 }, async () => [one, await twin(app, one), await twin(app, one)] as const),
      ),
    );
    const replies = await Promise.all(
      crowd.map(async ([, first, second], i) => {
        const input = { requestId: randomUUID(), eventId: event.id, seats: 1 + (i % 3) };
        return Promise.all([first.send('book', input), second.send('book', input)]);
      }),
    );
    const sold = new Map<string, number>();
    for (const [a, b] of replies) {
      for (const reply of [a, b]) {
        if (reply.ok) sold.set(reply.data.id, reply.data.seats);
        else expect(reply.error.code).toBe('SOLD_OUT');
      }
      expect(b.ok).toBe(a.ok);
      if (a.ok && b.ok) expect(b.data.id).toBe(a.data.id);
    }
    expect([...sold.values()].reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(await storedEvent(app, event.id)).toMatchObject({ availableSeats: 0, soldSeats: 100, heldSeats: 0 });
  });
});

async function twin(app: Awaited<ReturnType<typeof testApp>>, { token }: Person) {
  return commandsOf(await connected(app.open('/booking', token)));
}

describe('a change that another program makes', () => {
  it('is pushed when made by another server, whose session tokens are valid here too', async (t) => {
    const { app, alice, bob, eventId } = await bookingSetting(t);
    const other = await testApp(t, { mongoUri: app.mongoUri });
    const there = commandsOf(await connected(other.open('/booking', alice.token)));
    const seen = seats(bob.socket, eventId, 7);
    const mine = pushed(alice.socket, 'bookingChanged');
    const requestId = randomUUID();
    const booking = await there.must('book', { requestId, eventId, seats: 3 });
    expect(await seen).toMatchObject({ soldSeats: 3 });
    expect((await mine).id).toBe(booking.id);
    expect(await alice.must('book', { requestId, eventId, seats: 3 })).toEqual(booking);
  });

  it('is pushed within a second when made in the database directly', async (t) => {
    const { app, alice, eventId } = await bookingSetting(t);
    const connection = await connectMongo(app.mongoUri);
    const seen = seats(alice.socket, eventId, 4);
    const began = Date.now();
    const _id = new Types.ObjectId(eventId);
    await databaseOf(connection)
      .collection('events')
      .updateOne({ _id }, { $set: { totalSeats: 4, availableSeats: 4 } });
    expect(await seen).toMatchObject({ totalSeats: 4, version: 1 });
    expect(Date.now() - began).toBeLessThan(1_000);
    const back = seats(alice.socket, eventId, 10);
    await databaseOf(connection)
      .collection('events')
      .updateOne({ _id }, { $set: { totalSeats: 10, availableSeats: 10 } });
    await back;
    await connection.close();
  });
});

describe('an organiser', () => {
  it('creates and edits events, which are pushed to all clients unless drafts', async (t) => {
    const { app, admin, alice, event } = await bookingSetting(t);
    const signedOut = await connected(app.open('/public'));
    const edits = [alice.socket, signedOut].map((socket) =>
      pushed(socket, 'eventChanged', ({ title }) => title === 'Blues'),
    );
    const edited = await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: { title: 'Blues' } });
    expect(edited).toMatchObject({ title: 'Blues', revision: 2, price: event.price, status: 'published' });
    for (const push of await Promise.all(edits)) expect(push).toEqual(publicEvent(edited));

    const heard = pushesOf(signedOut, 'eventChanged');
    const own = pushed(admin.socket, 'eventChanged', ({ title }) => title === 'Secret');
    const draft = await admin.must('createEvent', eventInput({ title: 'Secret', status: 'draft' }));
    expect((await own).id).toBe(draft.id);
    expect(await alice.send('getEvent', { eventId: draft.id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect((await alice.must('listEvents', {})).events.map(({ title }) => title)).not.toContain('Secret');
    expect((await admin.must('listEvents', {})).events.map(({ title }) => title)).toContain('Secret');
    expect(await alice.send('book', { requestId: randomUUID(), eventId: draft.id, seats: 1 })).toMatchObject({
      ok: false,
    });

    const published = pushed(signedOut, 'eventChanged', ({ id }) => id === draft.id);
    await admin.must('updateEvent', { eventId: draft.id, revision: 1, changes: { status: 'published' } });
    expect(await published).toMatchObject({ status: 'published' });
    expect(heard.map(({ title }) => title)).toEqual(['Secret']);
    const withdrawn = pushed(signedOut, 'eventChanged', ({ status }) => status === 'draft');
    await admin.must('updateEvent', { eventId: draft.id, revision: 2, changes: { status: 'draft' } });
    expect((await withdrawn).id).toBe(draft.id);
  });

  it('changes a title without changing price, status or another field with a default', async (t) => {
    const { admin } = await bookingSetting(t);
    const more = {
      price: PRICE,
      status: 'draft' as const,
      holdMinutes: 3,
      timeZone: 'Europe/Berlin',
      maxSeatsPerUser: 4,
    };
    const event = await admin.must('createEvent', eventInput(more));
    const after = await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: { title: 'New' } });
    expect(after).toEqual({ ...event, title: 'New', revision: 2, updatedAt: after.updatedAt });
  });

  it('has the role checked at every command: a demoted admin is refused', async (t) => {
    const { app, admin } = await bookingSetting(t);
    await app.app.models.users.updateOne({ email: admin.user.email }, { $set: { role: 'user' } });
    const again = commandsOf(await connected(app.open('/booking', admin.token)));
    expect(await again.send('createEvent', eventInput())).toMatchObject({ error: { code: 'FORBIDDEN' } });
  });

  it('creates one event per request id, and is refused a reused one', async (t) => {
    const { admin } = await bookingSetting(t);
    const input = eventInput();
    const [a, b] = await Promise.all([admin.must('createEvent', input), admin.must('createEvent', input)]);
    expect(a.id).toBe(b.id);
    expect(await admin.send('createEvent', { ...input, title: 'Other' })).toMatchObject({
      error: { code: 'REQUEST_ID_REUSED' },
    });
  });

  it('is refused a capacity below the held and sold seats', async (t) => {
    const { admin, alice, eventId } = await bookingSetting(t);
    await alice.must('book', { requestId: randomUUID(), eventId, seats: 3 });
    expect(await admin.send('updateEvent', { eventId, revision: 1, changes: { totalSeats: 2 } })).toMatchObject({
      error: { code: 'SEATS_IN_USE', details: { minimum: 3 } },
    });
  });
});

describe('malformed input', () => {
  const eventId = '0'.repeat(24);
  const requestId = randomUUID();
  const bad: [string, unknown][] = [
    ['not an object', 'book'],
    ['null', null],
    ['an array', [{ requestId, eventId, seats: 1 }]],
    ['a number as a string', { requestId, eventId, seats: '2' }],
    ['a negative count', { requestId, eventId, seats: -1 }],
    ['a fraction', { requestId, eventId, seats: 1.5 }],
    ['too large a number', { requestId, eventId, seats: 2 ** 53 }],
    ['an operator', { requestId, eventId: { $ne: null }, seats: 1 }],
    ['an unknown property', { requestId, eventId, seats: 1, userId: eventId }],
    ['a smuggled status', { requestId, eventId, seats: 1, status: 'confirmed' }],
    ['a prototype key', JSON.parse(`{"requestId":"${requestId}","eventId":"${eventId}","seats":1,"__proto__":{}}`)],
    ['no request id', { eventId, seats: 1 }],
    ['a request id that is not a UUID', { requestId: 'x', eventId, seats: 1 }],
  ];

  it('is refused as INVALID_INPUT with its issues, and nothing is stored', async (t) => {
    const app = await testApp(t);
    const alice = await app.register('alice');
    const issues = expect.arrayContaining([expect.objectContaining({ path: expect.any(Array) })]);
    for (const [what, input] of bad) {
      const reply = await alice.send('book', input as never);
      expect(reply, what).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT', issues } });
    }
    expect(await app.app.models.bookings.countDocuments()).toBe(0);
  });
});
