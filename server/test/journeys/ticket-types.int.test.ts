import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { Booking } from '#shared/booking.ts';
import type { Event } from '#shared/event.ts';
import { buy, CARD, shown, useCard } from '../support/payments/demo-payments.ts';
import type { Person, TestApp } from '../support/test-app.ts';
import {
  commandsOf,
  connected,
  eventInput,
  inMinutes,
  publicEvent,
  pushed,
  storedEvent,
  testApp,
} from '../support/test-app.ts';

const euros = (amount: number) => ({ amount: amount * 100, currency: 'EUR' });
const ADULT = { name: 'Adult', price: euros(20) };
const CHILD = { name: 'Child', price: euros(12), limit: 3 };
const FAMILY = { name: 'Family', price: euros(50), seats: 4 };
const PARKING = { name: 'Parking', price: euros(5), seats: 0, limit: 2 };
const TYPES = [ADULT, CHILD, FAMILY, PARKING];

async function typesSetting(
  t: Parameters<typeof testApp>[0],
  ticketTypes: NonNullable<CommandRequest<'createEvent'>['ticketTypes']>,
  more: Parameters<typeof eventInput>[0] = {},
) {
  const app = await testApp(t);
  const [admin, alice, bob] = await Promise.all([app.admin(), app.register('alice'), app.register('bob')]);
  const event = await admin.must('createEvent', eventInput({ totalSeats: 12, ticketTypes, ...more }));
  return { app, admin, alice, bob, event, eventId: event.id };
}

type Tickets = Record<string, number>;

function ticketsOf(counts: Tickets) {
  return Object.entries(counts).map(([type, count]) => ({ type, count }));
}

function order(person: Person, eventId: string, counts: Tickets, more: { total?: Booking['total'] } = {}) {
  return person.send('book', { requestId: randomUUID(), eventId, tickets: ticketsOf(counts), ...more });
}

async function ordered(person: Person, eventId: string, counts: Tickets): Promise<Booking> {
  const reply = await order(person, eventId, counts);
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  return reply.data;
}

/** Pays for a hold on the demo page. */
async function paid(person: Person, { id }: Booking): Promise<Booking> {
  const confirmed = shown(person, id, ({ status }) => status === 'confirmed');
  await useCard(await person.must('checkout', { bookingId: id }), CARD.pays);
  return confirmed;
}

function leftOf(socket: Person['socket'], eventId: string, type: string, available: number) {
  return pushed(socket, 'availabilityChanged', ({ changes }) =>
    changes.some(
      (change) =>
        change.eventId === eventId &&
        change.ticketsLeft?.some((left) => left.type === type && left.available === available),
    ),
  );
}

describe('an event with ticket types', () => {
  it('shows everybody what can be booked of each, and organisers what is held and sold', async (t) => {
    const { alice, admin, event, eventId } = await typesSetting(t, [
      ...TYPES,
      { name: 'Crew', price: euros(0), access: 'voucher' },
    ]);
    expect(event).toMatchObject({ price: euros(12) });
    expect(event.ticketTypes.map(({ id, name }) => `${id} ${name}`)).toEqual([
      't1 Adult',
      't2 Child',
      't3 Family',
      't4 Parking',
      't5 Crew',
    ]);
    expect(event.ticketTypes[0]).toMatchObject({
      seats: 1,
      limit: null,
      minPerBooking: 0,
      access: 'public',
      held: 0,
      sold: 0,
      archived: false,
    });
    const seen = await alice.must('getEvent', { eventId });
    expect(seen).toEqual(publicEvent(event));
    expect(seen.ticketTypes.map(({ available }) => available)).toEqual([12, 3, 3, 2]);
    expect(JSON.stringify((await alice.must('listEvents', {})).events)).not.toContain('Crew');
    const left = Promise.all([alice, admin].map(({ socket }) => leftOf(socket, eventId, 't2', 1)));
    await ordered(alice, eventId, { t1: 1, t2: 2, t3: 1, t4: 1 });
    const [push] = await left;
    expect(push?.changes[0]?.ticketsLeft).toEqual([
      { type: 't1', available: 5 },
      { type: 't2', available: 1 },
      { type: 't3', available: 1 },
      { type: 't4', available: 1 },
    ]);
    expect((await admin.must('getEvent', { eventId })).ticketTypes.map(({ held }) => held)).toEqual([1, 2, 1, 1, 0]);
    expect((await alice.must('getEvent', { eventId })).ticketsLeft).toEqual(push?.changes[0]?.ticketsLeft);
  });

  it('is sold by line items, whose parts come back at what each cost', async (t) => {
    const { app, admin, alice, eventId } = await typesSetting(t, TYPES);
    const held = await ordered(alice, eventId, { t1: 2, t2: 2, t4: 1 });
    expect(held).toMatchObject({ seats: 4, total: euros(69), status: 'held', voucher: null });
    expect(held.tickets).toEqual([
      { type: 't1', name: 'Adult', count: 2, price: euros(20), seats: 1 },
      { type: 't2', name: 'Child', count: 2, price: euros(12), seats: 1 },
      { type: 't4', name: 'Parking', count: 1, price: euros(5), seats: 0 },
    ]);
    const changed = await alice.must('changeHold', { bookingId: held.id, tickets: ticketsOf({ t1: 1, t2: 3, t4: 1 }) });
    expect(changed).toMatchObject({ seats: 4, total: euros(61), holdExpiresAt: held.holdExpiresAt });
    const { id: bookingId } = await paid(alice, changed);
    const part = { bookingId, requestId: randomUUID(), tickets: ticketsOf({ t2: 1 }) };
    for (const _ of [1, 2])
      expect(await alice.must('cancelBooking', part)).toMatchObject({ seats: 3, total: euros(49) });
    expect(await alice.send('cancelBooking', { bookingId, seats: 1 })).toMatchObject({
      error: { code: 'INVALID_INPUT' },
    });
    expect(await alice.send('cancelBooking', { bookingId, tickets: ticketsOf({ t1: 1, t2: 2 }) })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { reason: 'extra_alone' } },
    });
    expect(await alice.send('cancelBooking', { bookingId, tickets: ticketsOf({ t1: 2 }) })).toMatchObject({
      error: { code: 'INVALID_STATE' },
    });
    const refunds = await app.app.models.payments.find({ bookingId }).lean();
    expect(refunds.flatMap((payment) => payment.refunds.map(({ amount }) => amount))).toEqual([1_200]);
    expect((await admin.must('eventStats', { eventId })).byTicketType).toMatchObject([
      { id: 't1', tickets: 1 },
      { id: 't2', tickets: 2, revenue: euros(24) },
      { id: 't3', tickets: 0 },
      { id: 't4', tickets: 1, seats: 0 },
    ]);
    expect(await alice.must('cancelBooking', { bookingId })).toMatchObject({ status: 'cancelled' });
    const { heldSeats, soldSeats } = await storedEvent(app, eventId);
    expect([heldSeats, soldSeats]).toEqual([0, 0]);
  });

  it('refuses by the rule that is broken, and says which type', async (t) => {
    const early = { name: 'Early', price: euros(8), salesUntil: inMinutes(-1) };
    const later = { name: 'Later', price: euros(25), salesFrom: inMinutes(60), minPerBooking: 2, maxPerBooking: 3 };
    const { alice, bob, eventId } = await typesSetting(t, [
      ADULT,
      CHILD,
      PARKING,
      early,
      { ...later, salesFrom: null },
      { ...later, name: 'Last' },
    ]);
    const refusal = async (counts: Tickets, total?: Booking['total']) => {
      const reply = await order(alice, eventId, counts, total ? { total } : {});
      return reply.ok
        ? reply.data
        : { code: reply.error.code, ...reply.error.details, path: reply.error.issues?.[0]?.path };
    };
    expect(await refusal({ t1: 1, t9: 1 })).toMatchObject({ code: 'INVALID_INPUT', path: ['tickets', 1, 'type'] });
    expect(await refusal({ t3: 1 })).toMatchObject({ code: 'INVALID_INPUT', path: ['tickets'] });
    expect(await refusal({ t4: 1 })).toMatchObject({ code: 'SALES_CLOSED', reason: 'closed', ticketType: 't4' });
    expect(await refusal({ t6: 2 })).toMatchObject({ code: 'SALES_CLOSED', reason: 'not_open', ticketType: 't6' });
    expect(await refusal({ t5: 1 })).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 2, ticketType: 't5' });
    expect(await refusal({ t5: 4 })).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 3, ticketType: 't5' });
    expect(await refusal({ t1: 11 })).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 10 });
    expect(await refusal({ t2: 4 })).toMatchObject({
      code: 'SOLD_OUT',
      availableSeats: 12,
      ticketType: 't2',
      available: 3,
    });
    const prices = [
      { id: 't1', price: euros(20) },
      { id: 't3', price: euros(5) },
    ];
    expect(await refusal({ t1: 2, t3: 1 }, euros(44))).toMatchObject({
      code: 'PRICE_CHANGED',
      price: euros(20),
      total: euros(45),
      ticketTypes: prices,
    });
    expect(await refusal({ t1: 2, t3: 1 }, euros(45))).toMatchObject({ total: euros(45) });
    const old = { requestId: randomUUID(), eventId, seats: 1 };
    expect(await bob.send('book', old)).toMatchObject({
      error: { code: 'INVALID_INPUT', issues: [{ path: ['seats'] }] },
    });
    const both = { ...old, tickets: ticketsOf({ t1: 1 }) };
    expect(await bob.send('book', both)).toMatchObject({ error: { code: 'INVALID_INPUT' } });
  });

  it('has no maximum that was not set: of a type as many as a booking has seats, of an extra a hundred', async (t) => {
    const types = [
      { name: 'Visitor', price: euros(0) },
      { name: 'Programme', price: euros(0), seats: 0 },
    ];
    const { alice, event, eventId } = await typesSetting(t, types, { totalSeats: 400, maxSeatsPerBooking: 300 });
    expect(event.ticketTypes).toMatchObject([
      { maxPerBooking: null, limit: null },
      { maxPerBooking: null, limit: null },
    ]);
    expect(await ordered(alice, eventId, { t1: 300, t2: 100 })).toMatchObject({ status: 'confirmed', seats: 300 });
    expect((await alice.must('getEvent', { eventId })).ticketTypes.map(({ available }) => available)[0]).toBe(100);
  });

  it('takes an old client as before while it has one public type of one seat, whatever its extras', async (t) => {
    const { alice, eventId } = await typesSetting(t, [ADULT, PARKING]);
    const input = { requestId: randomUUID(), eventId, seats: 2, price: euros(20) };
    const booking = await alice.must('book', input);
    expect(booking).toMatchObject({ seats: 2, total: euros(40), tickets: [{ type: 't1', count: 2 }] });
    expect(await alice.must('book', input)).toEqual(booking);
    expect(await alice.must('changeHold', { bookingId: booking.id, seats: 3 })).toMatchObject({
      seats: 3,
      total: euros(60),
    });
  });

  it('gives a lapsed early bird back at once', async (t) => {
    const { app, alice, bob, eventId } = await typesSetting(t, [ADULT, { name: 'Early', price: euros(8), limit: 1 }], {
      holdMinutes: 1,
    });
    const { id } = await ordered(alice, eventId, { t2: 1 });
    expect(await order(bob, eventId, { t2: 1 })).toMatchObject({
      error: { code: 'SOLD_OUT', details: { ticketType: 't2', available: 0 } },
    });
    const back = leftOf(bob.socket, eventId, 't2', 1);
    const expired = shown(alice, id, ({ status }) => status === 'expired');
    app.clock.offsetMs = 61_000;
    await Promise.all([back, expired]);
    expect(await ordered(bob, eventId, { t2: 1 })).toMatchObject({ total: euros(8) });
  });

  it('offers returned tickets to the waiting list by type', async (t) => {
    const { alice, bob, app, eventId } = await typesSetting(t, [ADULT, CHILD], { totalSeats: 5 });
    const carol = await app.register('carol');
    const { id } = await ordered(alice, eventId, { t1: 2, t2: 3 });
    const join = (person: Person, counts: Tickets) =>
      person.must('joinWaitlist', { requestId: randomUUID(), eventId, tickets: ticketsOf(counts) });
    expect(await join(bob, { t2: 1 })).toMatchObject({ seats: 1, tickets: [{ type: 't2', count: 1 }], position: 1 });
    await join(carol, { t1: 1 });
    const offered = pushed(carol.socket, 'waitlistChanged', ({ status }) => status === 'offered');
    await alice.must('changeHold', { bookingId: id, tickets: ticketsOf({ t1: 1, t2: 3 }) });
    const { bookingId } = await offered;
    expect(await carol.must('getBooking', { bookingId: bookingId ?? '' })).toMatchObject({
      tickets: [{ type: 't1', count: 1 }],
      source: 'waitlist',
    });
    expect((await bob.must('listWaitlist', {})).entries).toMatchObject([{ status: 'waiting', position: 1 }]);
  });
});

describe('an edit of ticket types', () => {
  it('archives what was booked, removes what was not, and never uses an id again', async (t) => {
    const { admin, alice, eventId } = await typesSetting(t, [ADULT, CHILD, FAMILY]);
    await ordered(alice, eventId, { t2: 2 });
    const edit = (revision: number, ticketTypes: object[]) =>
      admin.send('updateEvent', { eventId, revision, changes: { ticketTypes: ticketTypes as never } });
    const idsAfter = (reply: Result<Event>) =>
      reply.ok ? reply.data.ticketTypes.map(({ id, archived }) => `${id}${archived ? ' archived' : ''}`) : reply.error;
    const pushes = pushed(alice.socket, 'eventChanged', ({ revision }) => revision === 2);
    expect(
      idsAfter(
        await edit(1, [
          { name: 'Senior', price: euros(15) },
          { id: 't1', ...ADULT },
        ]),
      ),
    ).toEqual(['t4', 't1', 't2 archived']);
    expect(
      (await pushes).ticketTypes.map(({ name, archived, available }) => `${name} ${archived} ${available}`),
    ).toEqual(['Senior false 10', 'Adult false 10', 'Child true 0']);
    expect(await order(alice, eventId, { t3: 1 })).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    expect(await order(alice, eventId, { t2: 1 })).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    expect(
      idsAfter(
        await edit(2, [
          { id: 't1', ...ADULT },
          { id: 't2', ...CHILD },
          { name: 'New', price: euros(1) },
        ]),
      ),
    ).toEqual(['t1', 't2', 't5']);
    expect(await edit(3, [{ id: 't2', ...CHILD, limit: 1 }])).toMatchObject({
      error: { code: 'SEATS_IN_USE', details: { minimum: 2, ticketType: 't2' } },
    });
    expect(await edit(3, [{ id: 't2', ...CHILD, seats: 2 }])).toMatchObject({
      error: { code: 'INVALID_STATE', details: { ticketType: 't2' } },
    });
    expect(
      await edit(3, [
        { id: 't2', ...CHILD },
        { name: 'Franc', price: { amount: 1, currency: 'CHF' } },
      ]),
    ).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    expect(await edit(3, [{ id: 't9', ...CHILD }])).toMatchObject({
      error: { code: 'INVALID_INPUT', issues: [{ path: ['changes', 'ticketTypes', 0, 'id'] }] },
    });
    expect(await admin.send('updateEvent', { eventId, revision: 3, changes: { price: euros(3) } })).toMatchObject({
      error: { code: 'INVALID_INPUT', issues: [{ path: ['changes', 'price'] }] },
    });
  });

  it('by the price alone changes the one type, and leaves bookings as they are', async (t) => {
    const { admin, alice, bob } = await typesSetting(t, [ADULT]);
    const { id: eventId } = await admin.must('createEvent', eventInput({ price: euros(10) }));
    const booking = await buy(alice, eventId, 1);
    const edited = await admin.must('updateEvent', { eventId, revision: 1, changes: { price: euros(11) } });
    expect(edited).toMatchObject({
      price: euros(11),
      ticketTypes: [{ id: 't1', name: 'Ticket', price: euros(11), sold: 1 }],
    });
    expect(await alice.must('getBooking', { bookingId: booking.id })).toMatchObject({ total: euros(10) });
    expect(await ordered(bob, eventId, { t1: 1 })).toMatchObject({ total: euros(11) });
    expect((await admin.must('getEvent', { eventId })).ticketTypes).toMatchObject([{ held: 1, sold: 1 }]);
  });
});

describe('two hundred sockets', () => {
  it('[I1] buy 25 seats of types limited to 10, 10 and none: all are sold, no limit is passed, each refusal says why', async (t) => {
    const limited = (name: string) => ({ name, price: euros(0), limit: 10 });
    const { app, admin, eventId } = await typesSetting(
      t,
      [limited('A'), limited('B'), { name: 'C', price: euros(0) }],
      {
        totalSeats: 25,
      },
    );
    const people = await Promise.all(Array.from({ length: 20 }, (_, i) => app.register(`buyer${i}`)));
    const crowd = await Promise.all(
      people.flatMap((person) => Array.from({ length: 10 }, () => socketOf(app, person))),
    );
    const replies = await Promise.all(
      crowd.map(async (send, i) => {
        const type = `t${1 + (i % 3)}`;
        const first = await send(eventId, type);
        return [type, first] as const;
      }),
    );
    const sold = replies.filter(([, reply]) => reply.ok);
    expect(sold).toHaveLength(25);
    for (const [type, reply] of replies) {
      if (reply.ok) continue;
      const { code, details = {} } = reply.error;
      expect(code).toBe('SOLD_OUT');
      if (Number(details['availableSeats']) > 0)
        expect(details).toEqual({ availableSeats: expect.any(Number), ticketType: type, available: 0 });
      else expect(details).toEqual({ availableSeats: 0 });
    }
    const stored = await admin.must('getEvent', { eventId });
    expect(stored).toMatchObject({ availableSeats: 0, soldSeats: 25 });
    const byType = stored.ticketTypes.map(({ sold: tickets = 0 }) => tickets);
    expect(byType.reduce((a, b) => a + b, 0)).toBe(25);
    expect(Math.max(byType[0] ?? 0, byType[1] ?? 0)).toBeLessThanOrEqual(10);
  }, 60_000);
});

/** Another connection of a buyer. */
async function socketOf(app: TestApp, { token }: Person) {
  const { send } = commandsOf(await connected(app.open('/booking', token)));
  return (eventId: string, type: string) =>
    send('book', { requestId: randomUUID(), eventId, tickets: [{ type, count: 1 }] });
}
