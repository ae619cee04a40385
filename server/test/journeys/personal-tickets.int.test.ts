import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import type { LinkedPersonalTicket } from '#shared/tickets/linked-ticket.ts';
import type { PersonalTicketKeys } from '#shared/tickets/personal-ticket.ts';
import { bookTickets, fourTypes } from '../support/payments/typed-event.ts';
import { textOfPdf } from '../support/read-ticket.ts';
import type { Person, TestApp } from '../support/test-app.ts';
import { book, commandsOf, connected, eventInput, pushed, refusalOf, testApp } from '../support/test-app.ts';

async function personalWorld(t: Parameters<typeof testApp>[0]) {
  const app = await testApp(t);
  const [admin, alice] = [await app.admin(), await app.register('alice')];
  const event = await admin.must('createEvent', eventInput({ startsAt: '2030-07-01T18:00:00.000Z', totalSeats: 100 }));
  return { app, admin, alice, event };
}

async function keysOf(app: TestApp, who: Person, bookingId: string): Promise<PersonalTicketKeys['tickets']> {
  const path = `/api/bookings/${bookingId}/personal-tickets`;
  const answer = await app.get(path, { authorization: `Bearer ${who.token}` });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as PersonalTicketKeys).tickets;
}

async function opened(app: TestApp, key: string | undefined): Promise<LinkedPersonalTicket> {
  const answer = await app.post('/api/ticket-links', { key });
  expect(answer.status).toBe(200);
  return (await answer.json()) as LinkedPersonalTicket;
}

/** The texts of the QR codes of all seats, in their order. */
async function textsOf(app: TestApp, who: Person, bookingId: string): Promise<string[]> {
  const keys = await keysOf(app, who, bookingId);
  return Promise.all(keys.map(async ({ key }) => (await opened(app, key)).ticket ?? ''));
}

const seat = ({ id: bookingId }: Booking, number: number, issue = 0) => ({ bookingId, type: 't1', number, issue });

describe('a ticket for one person of a booking', () => {
  it('is opened by its link without a session, and shows nothing of the booking', async (t) => {
    const { app, admin, alice } = await personalWorld(t);
    const { id: eventId } = await admin.must('createEvent', eventInput({ ticketTypes: fourTypes([0, 0, 0, 0]) }));
    const booking = await bookTickets(alice, eventId, { t1: 2, t2: 1, t4: 1 });
    const keys = await keysOf(app, alice, booking.id);
    expect(keys.map(({ type, number, issue }) => [type, number, issue])).toEqual([
      ['t1', 1, 0],
      ['t1', 2, 0],
      ['t2', 1, 0],
    ]);
    const ticket = await opened(app, keys[1]?.key);
    expect(ticket).toMatchObject({
      personal: { type: 't1', name: 'Adult', number: 2, of: 2, isInside: false, checkedInAt: null },
      status: 'valid',
      ended: null,
      event: { title: booking.event.title },
      ticket: expect.stringMatching(/^FR2\./),
    });
    const shown = JSON.stringify(ticket);
    for (const secret of [booking.code, alice.user.email, alice.user.name, 'total', 'price', 'cancelUntil'])
      expect(shown).not.toContain(secret);
  });

  it('has a PDF and a calendar file without the booking code, under the same key', async (t) => {
    const { app, alice, event } = await personalWorld(t);
    const booking = await book(alice, event.id, 3);
    const [, second] = await keysOf(app, alice, booking.id);
    const pdf = await app.get(`/api/ticket-links/${second?.key}/ticket.pdf?locale=de`);
    expect([pdf.status, pdf.headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename="ticket-2-3.pdf"',
    ]);
    const { text } = await textOfPdf(Buffer.from(await pdf.arrayBuffer()));
    expect(text).toContain('Ticket 2 von 3');
    const calendar = await (await app.get(`/api/ticket-links/${second?.key}/event.ics`)).text();
    expect(calendar).toContain('Ticket 2 of 3');
    for (const file of [text.replaceAll(/\s/g, ''), calendar]) expect(file).not.toContain(booking.code);
  });

  it('opens nothing with a key that was altered in any sign', async (t) => {
    const { app, alice, event } = await personalWorld(t);
    const booking = await book(alice, event.id, 2);
    const [first] = await keysOf(app, alice, booking.id);
    const key = first?.key ?? '';
    const unknown = await refusalOf(
      await app.post('/api/ticket-links', { key: `2${'A'.repeat(16)}.t1.1.0.${'A'.repeat(24)}` }),
    );
    expect(unknown).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    for (let at = 0; at < key.length; at += 3) {
      const altered = key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1);
      expect(await refusalOf(await app.post('/api/ticket-links', { key: altered })), altered).toEqual(unknown);
    }
  });

  it('is noted as sent on all devices of its buyer, and for no one else', async (t) => {
    const { app, admin, alice, event } = await personalWorld(t);
    const booking = await book(alice, event.id, 3);
    expect(booking).not.toHaveProperty('personalTickets');
    const heard = pushed(alice.socket, 'bookingChanged', ({ version }) => version === 2);
    const shared = await alice.must('shareTicket', seat(booking, 2));
    expect(shared).toMatchObject({
      version: 2,
      personalTickets: [{ type: 't1', number: 2, issue: 0, checkedInAt: null }],
    });
    expect(shared.personalTickets?.[0]?.sharedAt).toEqual(expect.any(String));
    expect(await heard).toEqual(shared);
    expect(await alice.must('shareTicket', seat(booking, 2))).toEqual(shared);
    const bob = await app.register('bob');
    for (const command of ['shareTicket', 'revokeTicket'] as const) {
      for (const who of [bob, admin])
        expect(await who.send(command, seat(booking, 1))).toMatchObject({ error: { code: 'NOT_FOUND' } });
      expect(await alice.send(command, seat(booking, 4))).toMatchObject({
        error: { code: 'INVALID_STATE', details: { ticket: 'cancelled' } },
      });
      expect(await alice.send(command, { ...seat(booking, 1), type: 'x' })).toMatchObject({
        error: { code: 'INVALID_INPUT' },
      });
    }
    const file = await app.get(`/api/events/${event.id}/bookings.csv`, { authorization: `Bearer ${admin.token}` });
    const [header, line] = (await file.text()).trim().split('\r\n');
    const column = header?.split(',').findIndex((name) => name.includes('own tickets sent')) ?? -1;
    expect(line?.split(',')[column]?.replaceAll('"', '')).toBe('1');
  });

  it('that was taken back says so, admits no one, and is replaced by another link', async (t) => {
    const { app, admin, alice, event } = await personalWorld(t);
    const booking = await book(alice, event.id, 2);
    const [, before] = await keysOf(app, alice, booking.id);
    const { ticket } = await opened(app, before?.key);
    await alice.must('shareTicket', seat(booking, 2));
    const revoked = await alice.must('revokeTicket', seat(booking, 2));
    expect(revoked.personalTickets).toMatchObject([{ number: 2, issue: 1, sharedAt: null }]);
    expect(await alice.must('revokeTicket', seat(booking, 2))).toEqual(revoked);
    expect(await opened(app, before?.key)).toMatchObject({ status: 'revoked', ticket: null });
    expect(await refusalOf(await app.get(`/api/ticket-links/${before?.key}/ticket.pdf`))).toMatchObject({
      code: 'INVALID_STATE',
    });
    expect(await admin.send('checkIn', { ticket: ticket ?? '' })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { ticket: 'revoked' } },
    });
    const [, after] = await keysOf(app, alice, booking.id);
    expect(after?.key).not.toBe(before?.key);
    const valid = await opened(app, after?.key);
    expect(valid.status).toBe('valid');
    expect(await admin.must('checkIn', { ticket: valid.ticket ?? '' })).toMatchObject({
      booking: { checkedInSeats: 1 },
    });
  });

  it('says after a partial cancellation, and after that of the booking or event, that it ended', async (t) => {
    const { app, admin, alice, event } = await personalWorld(t);
    const booking = await book(alice, event.id, 3);
    const [first, , third] = await keysOf(app, alice, booking.id);
    await alice.must('shareTicket', seat(booking, 3));
    const part = await alice.must('cancelBooking', { bookingId: booking.id, requestId: randomUUID(), seats: 1 });
    expect(part).not.toHaveProperty('personalTickets');
    expect(await app.app.models.bookings.findById(booking.id).lean()).not.toHaveProperty('personalTickets');
    expect(await opened(app, third?.key)).toMatchObject({ status: 'cancelled', ticket: null });
    expect(await opened(app, first?.key)).toMatchObject({ status: 'valid', personal: { number: 1, of: 2 } });
    await admin.must('cancelBooking', { bookingId: booking.id, reason: 'Storm' });
    expect(await opened(app, first?.key)).toMatchObject({
      status: 'cancelled',
      ticket: null,
      ended: { by: 'organiser', reason: 'Storm' },
    });
    expect(await keysOf(app, alice, booking.id)).toEqual([]);
    const ics = await (await app.get(`/api/ticket-links/${first?.key}/event.ics`)).text();
    expect(ics).toContain('STATUS:CANCELLED');
  });
});

describe('checking in one person of a booking', () => {
  it('admits each once, says since when one is inside, and leaves the others to the whole booking', async (t) => {
    const { app, admin, alice, event } = await personalWorld(t);
    const booking = await book(alice, event.id, 3);
    const [one, two, three] = await textsOf(app, alice, booking.id);
    const first = await admin.must('checkIn', { ticket: two ?? '' });
    expect(first).toMatchObject({
      repeated: false,
      booking: { checkedInSeats: 1, checkedInAt: expect.any(String) },
      personal: { type: 't1', number: 2, of: 3, checkedInAt: first.booking.checkedInAt },
    });
    expect(await admin.must('checkIn', { ticket: two ?? '' })).toEqual({ ...first, repeated: true });
    const whole = await admin.must('checkIn', { ticket: booking.ticket ?? '' });
    expect(whole).toMatchObject({ repeated: false, booking: { checkedInSeats: 3 } });
    expect(whole).not.toHaveProperty('personal');
    for (const ticket of [one, two, three]) {
      expect(await admin.must('checkIn', { ticket: ticket ?? '' })).toMatchObject({
        repeated: true,
        booking: { checkedInSeats: 3 },
        personal: { checkedInAt: expect.any(String) },
      });
    }
    expect(await admin.must('eventStats', { eventId: event.id })).toMatchObject({ checkedIn: 3 });
  });

  it('repeats the answer of a repeated request, and refuses its id for another seat', async (t) => {
    const { app, admin, alice, event } = await personalWorld(t);
    const booking = await book(alice, event.id, 2);
    const [one = '', two = ''] = await textsOf(app, alice, booking.id);
    const requestId = randomUUID();
    const first = await admin.must('checkIn', { ticket: one, requestId });
    expect(await admin.must('checkIn', { ticket: one, requestId })).toEqual(first);
    for (const ticket of [two, booking.code])
      expect(await admin.send('checkIn', { ticket, requestId })).toMatchObject({
        error: { code: 'REQUEST_ID_REUSED' },
      });
    expect(await alice.must('getBooking', { bookingId: booking.id })).toMatchObject({ checkedInSeats: 1 });
  });

  it('[I1] admits each person once at two scanners on two servers, beside scans of the whole booking', async (t) => {
    const { app, admin, alice, event } = await personalWorld(t);
    const second = await testApp(t, { mongoUri: app.mongoUri });
    const there = commandsOf(await connected(second.open('/booking', admin.token)));
    for (let round = 0; round < 8; round += 1) {
      const booking = await book(alice, event.id, 3);
      const texts = await textsOf(app, alice, booking.id);
      const scans = [...texts, ...(round % 2 === 0 ? [booking.ticket ?? ''] : [])];
      const replies = await Promise.all(
        scans.flatMap((ticket) => [admin.send('checkIn', { ticket }), there.send('checkIn', { ticket })]),
      );
      expect(replies.every(({ ok }) => ok)).toBe(true);
      const admitting = replies.filter((reply) => reply.ok && !reply.data.repeated);
      const { checkedInSeats, personalTickets = [] } = await alice.must('getBooking', { bookingId: booking.id });
      expect(checkedInSeats).toBe(3);
      expect(personalTickets.length).toBeLessThanOrEqual(3);
      if (round % 2 === 1) expect(admitting).toHaveLength(3);
      else expect(admitting.length).toBeLessThanOrEqual(3);
    }
  });
});
