import { describe, expect, it } from 'vitest';
import { ticketFilesOf } from '../support/ticket-files.ts';
import { textOfPdf } from '../support/read-ticket.ts';
import { book, eventInput, refusalOf, testApp } from '../support/test-app.ts';

const START = '2030-07-01T18:00:00.000Z';

async function linkWorld(t: Parameters<typeof testApp>[0], env: Record<string, string> = {}) {
  const app = await testApp(t, { env });
  const [admin, alice] = [await app.admin(), await app.register('alice')];
  const event = await admin.must('createEvent', eventInput({ startsAt: START, timeZone: 'Europe/Berlin' }));
  const { value } = await app.app.models.keys.findById('ticket-secret').orFail().lean();
  const { keyOf } = ticketFilesOf(value);
  const show = (key: string) => app.post('/api/ticket-links', { key });
  return { app, admin, alice, event, keyOf, show };
}

async function shown(answer: Response) {
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

describe('the link of a ticket', () => {
  it('shows its booking without a session, and nothing that concerns the buyer alone', async (t) => {
    const { alice, event, keyOf, show } = await linkWorld(t);
    const booking = await book(alice, event.id, 3);
    const ticket = await shown(await show(keyOf(booking.id)));
    expect(ticket).toMatchObject({
      id: booking.id,
      code: booking.code,
      seats: 3,
      status: 'confirmed',
      ticket: booking.ticket,
      event: { title: event.title },
      moved: null,
      asOf: expect.any(String),
    });
    expect(JSON.stringify(ticket)).not.toContain(alice.user.email);
    for (const name of ['requestId', 'voucher', 'payment', 'holdExpiresAt', 'cancelUntil', 'reasons'])
      expect(ticket).not.toHaveProperty(name);
  });

  it('follows the booking: cancelled, or at another time and place, which it says', async (t) => {
    const { app, admin, alice, event, keyOf, show } = await linkWorld(t);
    const booking = await book(alice, event.id);
    const changes = { startsAt: '2030-07-02T18:00:00.000Z', venue: 'New hall' };
    await admin.must('updateEvent', { eventId: event.id, revision: event.revision, changes });
    const moved = {
      event: { startsAt: changes.startsAt, venue: 'New hall' },
      moved: { startsAt: START, venue: event.venue },
    };
    expect(await shown(await show(keyOf(booking.id)))).toMatchObject(moved);
    const { moved: move } = await alice.must('getBooking', { bookingId: booking.id });
    await alice.must('acknowledgeMove', { bookingId: booking.id, at: move?.at ?? '' });
    // The buyer knows of the move now, another reader of the link may not.
    expect(await shown(await show(keyOf(booking.id)))).toMatchObject(moved);
    await alice.must('cancelBooking', { bookingId: booking.id });
    expect(await shown(await show(keyOf(booking.id)))).toMatchObject({ status: 'cancelled', ticket: null });
    const pdf = await app.get(`/api/ticket-links/${keyOf(booking.id)}/ticket.pdf`);
    expect(await refusalOf(pdf)).toMatchObject({ status: 409, code: 'INVALID_STATE' });
  });

  it('gives the PDF and the calendar file in the language of the page, under the same key', async (t) => {
    const { app, alice, event, keyOf } = await linkWorld(t);
    const booking = await book(alice, event.id);
    const path = `/api/ticket-links/${keyOf(booking.id)}`;
    const pdf = await app.get(`${path}/ticket.pdf?locale=de`);
    expect(pdf.status).toBe(200);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.headers.get('content-disposition')).toBe(`attachment; filename="ticket-${booking.code}.pdf"`);
    expect(pdf.headers.get('x-robots-tag')).toBe('noindex');
    expect(pdf.headers.get('referrer-policy')).toBe('no-referrer');
    expect(pdf.headers.get('cache-control')).toBe('no-store');
    const { text } = await textOfPdf(Buffer.from(await pdf.arrayBuffer()));
    expect(text).toContain('Montag, 1. Juli 2030 um 20:00 MESZ');
    const calendar = await app.get(`${path}/event.ics`);
    expect(await calendar.text()).toContain('DTSTART:20300701T180000Z');
    const owner = { authorization: `Bearer ${alice.token}` };
    const own = await app.get(`/api/bookings/${booking.id}/ticket.pdf`, owner);
    expect((await textOfPdf(Buffer.from(await own.arrayBuffer()))).text).toContain('Monday, 1 July 2030');
    expect((await refusalOf(await app.get(`/api/bookings/${booking.id}/ticket.pdf`))).code).toBe('UNAUTHENTICATED');
  });

  it('altered in any sign answers like an unknown one', async (t) => {
    const { app, alice, event, keyOf, show } = await linkWorld(t, { RATE_LIMITS: 'off' });
    const key = keyOf((await book(alice, event.id)).id);
    const unknown = await refusalOf(await show(keyOf('0'.repeat(24))));
    expect(unknown).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    for (let at = 0; at < key.length; at += 1) {
      const altered = key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1);
      expect(await refusalOf(await show(altered)), altered).toEqual(unknown);
    }
    for (const file of ['ticket.pdf', 'event.ics'])
      expect(await refusalOf(await app.get(`/api/ticket-links/${key}A/${file}`))).toMatchObject({ status: 404 });
    expect((await refusalOf(await show(''))).code).toBe('INVALID_INPUT');
  });

  it('is answered after many wrong ones, which have to wait', async (t) => {
    const { alice, event, keyOf, show } = await linkWorld(t, { RATE_LIMITS: 'on' });
    const key = keyOf((await book(alice, event.id)).id);
    const codes = await Promise.all(
      Array.from({ length: 61 }, async () => (await refusalOf(await show(`${key}A`))).code),
    );
    expect(codes.filter((code) => code === 'NOT_FOUND')).toHaveLength(60);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(1);
    expect((await show(key)).status).toBe(200);
  });
});
