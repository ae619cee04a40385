import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EventBooking } from '#shared/organiser.ts';
import type { Person, TestApp } from '../support/test-app.ts';
import { bookTickets, fourTypes, voucherOf } from '../support/payments/typed-event.ts';
import { book, commandsOf, connected, eventInput, pushed, testApp } from '../support/test-app.ts';

const ALICE = 'Zoë Müller-Groß';

async function attendeesSetting(t: Parameters<typeof testApp>[0], more: Parameters<typeof eventInput>[0] = {}) {
  const app = await testApp(t);
  const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
  await app.app.models.users.updateOne({ _id: alice.user.id }, { $set: { name: ALICE } });
  const { id: eventId } = await admin.must('createEvent', eventInput({ totalSeats: 100, ...more }));
  return { app, admin, alice, bob, eventId };
}

const ids = (bookings: EventBooking[]) => bookings.map(({ id }) => id);

describe('listEventBookings', () => {
  it('returns bookings newest first with their owners, by page and status', async (t) => {
    const { app, admin, alice, bob, eventId } = await attendeesSetting(t);
    const made = [await book(alice, eventId, 1), await book(bob, eventId, 2), await book(alice, eventId, 3)];
    await bob.must('cancelBooking', { bookingId: made[1]?.id ?? '' });
    await app.app.models.users.updateOne({ _id: alice.user.id }, { $set: { verified: true } });
    const other = await admin.must('createEvent', eventInput());
    await book(alice, other.id, 4);
    const first = await admin.must('listEventBookings', { eventId, limit: 2 });
    expect(first).toMatchObject({ page: 1, limit: 2, total: 3 });
    expect(first.bookings.map(({ seats }) => seats)).toEqual([3, 2]);
    expect(first.bookings.map(({ attendee }) => attendee)).toEqual([
      { name: ALICE, email: alice.user.email, verified: true },
      { name: bob.user.name, email: bob.user.email, verified: false },
    ]);
    const { attendee: _, ...booking } = first.bookings[0] as EventBooking;
    expect(booking).toEqual(await alice.must('getBooking', { bookingId: booking.id }));
    expect((await admin.must('listEventBookings', { eventId, limit: 2, page: 2 })).bookings).toHaveLength(1);
    const cancelled = await admin.must('listEventBookings', { eventId, status: 'cancelled' });
    expect([cancelled.total, ids(cancelled.bookings)]).toEqual([1, [made[1]?.id]]);
  });

  it('returns the bookings with tickets of one type', async (t) => {
    const price = { amount: 0, currency: 'EUR' };
    const ticketTypes = [
      { name: 'Adult', price },
      { name: 'Child', price },
    ];
    const { admin, alice, bob, eventId } = await attendeesSetting(t, { ticketTypes });
    const bookTypes = (who: Person, ...types: string[]) => {
      const tickets = types.map((type) => ({ type, count: 1 }));
      return who.must('book', { requestId: randomUUID(), eventId, tickets });
    };
    const [family, single] = [await bookTypes(alice, 't1', 't2'), await bookTypes(bob, 't1')];
    const find = async (more: { ticketType: string; query?: string }) => {
      const { bookings, total } = await admin.must('listEventBookings', { eventId, ...more });
      return [ids(bookings), total];
    };
    expect(await find({ ticketType: 't1' })).toEqual([[single.id, family.id], 2]);
    expect(await find({ ticketType: 't2' })).toEqual([[family.id], 1]);
    expect(await find({ ticketType: 't1', query: 'zoe' })).toEqual([[family.id], 1]);
    expect(await find({ ticketType: 't3' })).toEqual([[], 0]);
  });

  it('returns a booking with an extra once: an extra is no attendee, takes no seat, and is not checked in', async (t) => {
    const free = fourTypes([0, 0, 0, 0]);
    const { app, admin, alice, eventId } = await attendeesSetting(t, { ticketTypes: free });
    const { code } = await bookTickets(alice, eventId, { t1: 2, t4: 3 });
    const { bookings, total } = await admin.must('listEventBookings', { eventId });
    expect([total, bookings.map(({ seats }) => seats)]).toEqual([1, [2]]);
    const csv = await app.get(`/api/events/${eventId}/bookings.csv`, { authorization: `Bearer ${admin.token}` });
    expect((await csv.text()).trimEnd().split('\r\n')).toHaveLength(2);
    expect(await admin.must('checkIn', { ticket: code })).toMatchObject({ booking: { seats: 2, checkedInSeats: 2 } });
    expect(await admin.must('eventStats', { eventId })).toMatchObject({
      confirmed: 1,
      checkedIn: 2,
      availability: { soldSeats: 2, availableSeats: 98 },
    });
  });

  it('searches names, addresses and codes as text, ignoring case and accents', async (t) => {
    const { admin, alice, bob, eventId } = await attendeesSetting(t);
    const [hers, his] = [await book(alice, eventId, 1), await book(bob, eventId, 2)];
    const find = async (query: string, more: { status?: 'cancelled'; limit?: number; page?: number } = {}) => {
      const { bookings, total } = await admin.must('listEventBookings', { eventId, query, ...more });
      expect(total).toBeGreaterThanOrEqual(bookings.length);
      return ids(bookings);
    };
    const { code } = his;
    for (const query of ['zoe', 'MULLER', 'müller-gross', 'ë M', 'groß', 'Müller-Groß Zoë'])
      expect(await find(query), query).toEqual([hers.id]);
    expect(await find(code.slice(0, 3)), 'too little of a code').toEqual([]);
    for (const query of [bob.user.email, 'BOB-', code, code.toLowerCase(), `${code.slice(0, 4)} ${code.slice(4)}`]) {
      expect(await find(query), query).toEqual([his.id]);
    }
    for (const query of ['.*', '(', '[a', '\\', '$where', 'a'.repeat(200), 'nobody'])
      expect(await find(query), query).toEqual([]);
    expect(await find('example.org')).toEqual([his.id, hers.id]);
    expect(await find('example.org', { limit: 1, page: 2 })).toEqual([hers.id]);
    expect(await find('bob', { status: 'cancelled' })).toEqual([]);
    expect(await find('  ')).toEqual([his.id, hers.id]);
  });

  it('finds names whatever the script, word order and punctuation of the query', async (t) => {
    const { app, admin, alice, bob, eventId } = await attendeesSetting(t);
    const [hers, his] = [await book(alice, eventId, 1), await book(bob, eventId, 2)];
    const found = async (name: string, query: string) => {
      await app.app.models.users.updateOne({ _id: alice.user.id }, { $set: { name } });
      return ids((await admin.must('listEventBookings', { eventId, query })).bookings);
    };
    for (const [name, query] of [
      ['Naruto Uzumaki', 'Uzumaki Naruto'],
      ['Łukasz Żółć', 'LUKASZ zolc'],
      ['Ægir Þórðarson', 'aegir thordarson'],
      ['Conan O’Brien', "o'brien"],
      ['ＴＡＲＯ　ヤマダ', 'taro'],
      ['김한솔', '한솔'],
    ] as const)
      expect(await found(name, query), `${query} for ${name}`).toEqual([hers.id]);
    expect(await found('Alice', 'alice bob')).toEqual([]);
    expect(await found('Alice', "-'")).toEqual([his.id, hers.id]);
  });

  it('pages and counts by an index, however many bookings the event has', async (t) => {
    const { app, eventId } = await attendeesSetting(t);
    const status = { $in: ['held', 'confirmed', 'cancelled', 'expired'] as const };
    for (const filter of [
      { eventId, status },
      { eventId, status: 'held' as const },
    ]) {
      const plan = await app.app.models.bookings
        .find(filter as never)
        .sort({ _id: -1 })
        .limit(20)
        .explain('queryPlanner');
      const text = JSON.stringify(
        (plan as unknown as { queryPlanner: { winningPlan: object } }).queryPlanner.winningPlan,
      );
      expect(text).toContain('"eventId_1_status_1__id_-1"');
      expect(text).not.toContain('"stage":"SORT"');
    }
  });

  it('includes bookings of a closed account', async (t) => {
    const { app, admin, bob, eventId } = await attendeesSetting(t);
    await book(bob, eventId, 1);
    await app.app.models.users.deleteOne({ _id: bob.user.id });
    const { bookings } = await admin.must('listEventBookings', { eventId });
    expect(bookings).toMatchObject([{ seats: 1, attendee: { name: '', email: '', verified: false } }]);
  });

  it('answers NOT_FOUND for an unknown event', async (t) => {
    const { admin } = await attendeesSetting(t);
    const eventId = 'f'.repeat(24);
    expect(await admin.send('listEventBookings', { eventId })).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});

describe('the CSV export of attendees', () => {
  const get = (app: TestApp, person: Person, eventId: string) =>
    app.get(`/api/events/${eventId}/bookings.csv`, { authorization: `Bearer ${person.token}` });

  it('has a row for each booking, in UTF-8, without spreadsheet formulas', async (t) => {
    const { app, admin, alice, bob, eventId } = await attendeesSetting(t, {
      price: { amount: 1_250, currency: 'EUR' },
    });
    const [hers, his] = [await book(alice, eventId, 2), await book(bob, eventId, 1)];
    await app.app.models.users.updateOne({ _id: bob.user.id }, { $set: { name: '=HYPERLINK("http://x","y")' } });
    const response = await get(app, admin, eventId);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toContain(`bookings-${eventId}.csv`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [head, first, second, end] = new TextDecoder().decode(bytes).split('\r\n');
    expect(head).toMatch(/^"code","status","seats"/);
    expect(first).toContain(
      `"${his.code}","held","1","0","'=HYPERLINK(""http://x"",""y"")","${bob.user.email}","no","12.50"`,
    );
    expect(second).toContain(`"${hers.code}","held","2","0","Zoë Müller-Groß","${alice.user.email}","no","25.00"`);
    expect(end).toBe('');
  });

  it('has the reasons of organisers, whatever they cancelled', async (t) => {
    const { app, admin, alice, bob, eventId } = await attendeesSetting(t);
    const [hers, his] = [await book(alice, eventId, 2), await book(bob, eventId, 1)];
    await admin.must('cancelBooking', { bookingId: hers.id, seats: 1, reason: 'Too few chairs' });
    await admin.must('cancelBooking', { bookingId: his.id, reason: 'Double booking' });
    const [, first, second] = (await (await get(app, admin, eventId)).text()).split('\r\n');
    expect(first).toMatch(/"organiser","Double booking","","1 × Ticket","","0","","","1"$/);
    expect(second).toMatch(
      /"","","","Too few chairs","2 × Ticket","20\d\d-[\d-]+T[\d:.]+Z: 1 × Ticket","0","","","1"$/,
    );
  });

  it('has a column for each ticket type with the number of tickets, the voucher, and what it took off', async (t) => {
    const { app, admin, alice, bob } = await attendeesSetting(t);
    const { id: eventId } = await admin.must('createEvent', eventInput({ ticketTypes: fourTypes() }));
    await voucherOf(admin, eventId, { code: 'FRIENDS', percentOff: 33, ticketTypes: ['t1'] });
    await bookTickets(alice, eventId, { t1: 2, t3: 1, t4: 1 }, 'FRIENDS');
    await bookTickets(bob, eventId, { t2: 1 });
    const [head, first, second] = (await (await get(app, admin, eventId)).text()).split('\r\n');
    expect(head).toMatch(/"voucher","discount","Adult","Child","Family of 4","Parking"$/);
    expect(first).toMatch(/"no","12\.50","0\.00","EUR",.*"","","0","1","0","0"$/);
    expect(second).toMatch(/"no","87\.35","0\.00","EUR",.*"FRIENDS","13\.20","2","0","1","1"$/);
  });

  it('is complete, however long it is', async (t) => {
    const { app, admin, alice, eventId } = await attendeesSetting(t, { totalSeats: 5_000 });
    // A queue that the machine cannot empty within two seconds refuses what comes.
    for (let first = 0; first < 1_200; first += 100)
      await Promise.all(Array.from({ length: 100 }, (_, n) => bookPast(app, alice, eventId, first + n)));
    await bookPast(app, alice, eventId, 1_200);
    const lines = (await (await get(app, admin, eventId)).text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(1_202);
    expect(new Set(lines).size).toBe(1_202);
  });

  it('answers 404 for an unknown event and 400 for a malformed id', async (t) => {
    const { app, admin } = await attendeesSetting(t);
    expect((await get(app, admin, 'f'.repeat(24))).status).toBe(404);
    expect((await get(app, admin, 'x')).status).toBe(400);
  });
});

/** Books through the engine, without the rate limits of sockets. */
async function bookPast({ app }: TestApp, { user }: Person, eventId: string, n: number): Promise<void> {
  const ids = { userId: user.id, requestId: randomUUID(), bookingId: randomUUID().replaceAll('-', '').slice(0, 24) };
  const command = { type: 'book', ...ids, seats: 1, price: null, code: `CODE${n}` } as const;
  expect((await app.engine.submit(eventId, command)).outcome).toMatchObject({ ok: true });
}

describe('checking in', () => {
  it('checks a booking in by ticket or code, once, and notifies the owner', async (t) => {
    const { admin, alice, bob, eventId } = await attendeesSetting(t);
    const [hers, his] = [await book(alice, eventId, 2), await book(bob, eventId, 3)];
    const notified = pushed(alice.socket, 'bookingChanged', ({ checkedInSeats }) => checkedInSeats === 2);
    const ticket = hers.ticket ?? '';
    const reply = await admin.must('checkIn', { ticket });
    expect(reply).toMatchObject({ repeated: false, booking: { id: hers.id, checkedInSeats: 2, version: 2 } });
    expect(await notified).toEqual(reply.booking);
    expect(await admin.must('checkIn', { ticket })).toEqual({ ...reply, repeated: true });
    const typed = ` ${his.code.slice(0, 4)} ${his.code.slice(4).toLowerCase()} `;
    expect(await admin.must('checkIn', { ticket: typed, seats: 1 })).toMatchObject({ booking: { checkedInSeats: 1 } });
    expect(await admin.send('checkIn', { ticket: typed, seats: 3 })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { seats: 3, checkedInSeats: 1 } },
    });
    expect(await admin.must('checkIn', { ticket: typed })).toMatchObject({
      repeated: false,
      booking: { checkedInSeats: 3 },
    });
    expect(await admin.must('eventStats', { eventId })).toMatchObject({ checkedIn: 5, confirmed: 2 });
  });

  it('refuses forged tickets, codes of other events and malformed input', async (t) => {
    const { app, admin, alice, eventId } = await attendeesSetting(t);
    const { ticket, id } = await book(alice, eventId, 1);
    const parts = (ticket ?? '').split('.');
    const other = await testApp(t);
    const [theirs] = [await other.admin()];
    expect(await theirs.send('checkIn', { ticket: ticket ?? '' })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    for (const forged of [
      id,
      parts.slice(0, 4).join('.'),
      [...parts.slice(0, 4), 'A'.repeat(22)].join('.'),
      'AAAA BBBB CCCC',
      '$ne',
    ]) {
      expect(await admin.send('checkIn', { ticket: forged }), forged).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
    for (const ticket of ['', 'x'.repeat(301), { $ne: null }, 1]) {
      expect(await admin.send('checkIn', { ticket } as never)).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    }
    for (const seats of [0, -1, 1.5]) {
      expect(await admin.send('checkIn', { ticket: ticket ?? '', seats })).toMatchObject({
        error: { code: 'INVALID_INPUT' },
      });
    }
    expect(await app.app.models.bookings.findById(id)).toMatchObject({ checkedInSeats: 0, version: 1 });
  });

  it('[I1] admits each seat once at two simultaneous check-ins, and blocks a cancellation afterwards', async (t) => {
    const { app, admin, alice, eventId } = await attendeesSetting(t);
    const second = await testApp(t, { mongoUri: app.mongoUri });
    const there = commandsOf(await connected(second.open('/booking', admin.token)));
    for (let round = 0; round < 10; round += 1) {
      const { ticket, id: bookingId } = await book(alice, eventId, 2);
      const input = { ticket: ticket ?? '' };
      const [here, elsewhere, cancelled] = await Promise.all([
        admin.send('checkIn', input),
        there.send('checkIn', input),
        alice.send('cancelBooking', { bookingId }),
      ]);
      const after = await alice.must('getBooking', { bookingId });
      const entered = [here, elsewhere].filter((reply) => reply.ok && !reply.data.repeated);
      expect(entered).toHaveLength(cancelled.ok ? 0 : 1);
      expect(after).toMatchObject(
        cancelled.ok ? { status: 'cancelled', checkedInSeats: 0 } : { status: 'confirmed', checkedInSeats: 2 },
      );
    }
  });
});
