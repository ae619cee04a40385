import { describe, expect, it } from 'vitest';
import { sequenceOf, uidOf } from '../support/calendar-fields.ts';
import { bookTickets, fourTypes } from '../support/payments/typed-event.ts';
import { book, eventInput, refusalOf, testApp, type Person, type TestApp } from '../support/test-app.ts';

async function ticketSetting(t: Parameters<typeof testApp>[0]) {
  const app = await testApp(t, { env: { PUBLIC_URL: 'https://tickets.example.org' } });
  const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
  return { app, admin, alice, bob };
}

function get(app: TestApp, path: string, who?: Person) {
  return app.get(path, who ? { authorization: `Bearer ${who.token}` } : {});
}

describe('GET /api/bookings/:id/ticket.svg', () => {
  it('returns the ticket black on white, to its owner by token or cookie and to admins', async (t) => {
    const { app, admin, alice } = await ticketSetting(t);
    const event = await admin.must('createEvent', eventInput());
    const booking = await book(alice, event.id);
    const path = `/api/bookings/${booking.id}/ticket.svg`;
    const response = await get(app, path, alice);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    const svg = await response.text();
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 (\d+) \1"/);
    // The first path is the background, the second the QR code, after a quiet zone of four modules.
    expect(svg).toContain('fill="#ffffff"');
    expect(svg).toMatch(/stroke="#000000" d="M4 4\.5/);
    expect(await (await app.get(path, { cookie: `session=${alice.token}` })).text()).toBe(svg);
    expect(await (await get(app, path, admin)).text()).toBe(svg);
  });

  it('answers 409 unless the booking is confirmed', async (t) => {
    const { app, admin, alice } = await ticketSetting(t);
    const price = { amount: 2_000, currency: 'EUR' };
    const event = await admin.must('createEvent', eventInput({ price }));
    const held = await book(alice, event.id);
    expect(await refusalOf(await get(app, `/api/bookings/${held.id}/ticket.svg`, alice))).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
    });
    await alice.must('cancelBooking', { bookingId: held.id });
    expect(await refusalOf(await get(app, `/api/bookings/${held.id}/ticket.svg`, alice))).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
    });
  });

  it.for(['ticket.svg', 'event.ics'])('%s answers 404 to another account', async (name, t) => {
    const { app, admin, alice, bob } = await ticketSetting(t);
    const event = await admin.must('createEvent', eventInput());
    const booking = await book(alice, event.id);
    const path = `/api/bookings/${booking.id}/${name}`;
    expect(await refusalOf(await get(app, path, bob))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await refusalOf(await get(app, path))).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await refusalOf(await get(app, `/api/bookings/${'0'.repeat(24)}/${name}`, alice))).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
    expect(await refusalOf(await get(app, `/api/bookings/$ne/${name}`, alice))).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
  });
});

describe('GET /api/bookings/:id/event.ics', () => {
  it('names the tickets of a booking of several types', async (t) => {
    const { app, admin, alice } = await ticketSetting(t);
    const { id: eventId } = await admin.must('createEvent', eventInput({ ticketTypes: fourTypes([0, 0, 0, 0]) }));
    const { id, code } = await bookTickets(alice, eventId, { t1: 2, t4: 1 });
    const file = await (await get(app, `/api/bookings/${id}/event.ics`, alice)).text();
    expect(file.replaceAll(/\r\n /g, '')).toContain(`2 × Adult\\, 1 × Parking\\, ${code}`);
  });

  it('follows the event with the same UID and a higher SEQUENCE, and is CANCELLED with it', async (t) => {
    const { app, admin, alice } = await ticketSetting(t);
    const event = await admin.must(
      'createEvent',
      eventInput({ timeZone: 'Europe/Berlin', startsAt: '2030-07-01T18:00:00.000Z' }),
    );
    const booking = await book(alice, event.id);
    const path = `/api/bookings/${booking.id}/event.ics`;
    const response = await get(app, path, alice);
    expect(response.headers.get('content-type')).toContain('text/calendar');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${booking.code}.ics"`);
    const first = await response.text();
    expect(first).toContain('DTSTART:20300701T180000Z\r\n');
    expect(first).toContain(`URL;VALUE=URI:https://tickets.example.org/events/${event.id}`);
    const changes = { startsAt: '2030-07-02T18:00:00.000Z' };
    await admin.must('updateEvent', { eventId: event.id, revision: event.revision, changes });
    const moved = await (await get(app, path, alice)).text();
    expect(moved).toContain('DTSTART:20300702T180000Z\r\n');
    await alice.must('cancelBooking', { bookingId: booking.id });
    const cancelled = await (await get(app, path, alice)).text();
    expect(cancelled).toContain('STATUS:CANCELLED');
    expect(new Set([first, moved, cancelled].map(uidOf)).size).toBe(1);
    expect(sequenceOf(moved)).toBeGreaterThan(sequenceOf(first));
    expect(sequenceOf(cancelled)).toBeGreaterThan(sequenceOf(moved));
  });
});
