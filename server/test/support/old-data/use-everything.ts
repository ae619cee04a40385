import { createHash, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { BookingPage } from '#shared/booking.ts';
import type { EventPage } from '#shared/event.ts';
import { CARD, PRICE, shown, useCard } from '../payments/demo-payments.ts';
import type { Person, TestApp } from '../test-app.ts';
import { book, eventInput } from '../test-app.ts';

/** The accounts of `writeEverything` that have bookings or waitlist entries. */
const BUYERS = ['ben', 'cleo', 'owner', 'dora', 'emil', 'fay', 'gus', 'late', 'holder', 'payer', 'declined', 'buyer'];
const REFUNDED = ['part', 'whole', 'refunding'];

interface OldServer {
  app: TestApp;
  person(name: string): Promise<Person>;
}

/** Every answer that this server gives about the data of `writeEverything`, by what was asked. */
export async function readEverything({ app, person }: OldServer): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  const admin = await app.admin();
  const headers = { authorization: `Bearer ${admin.token}` };
  for (const path of ['/api/events', '/api/events?query=konzert', '/api/events?when=past'])
    answers[path] = await textOf(await app.get(path));
  for (const status of ['draft', 'published', 'cancelled'] as const) {
    const page: EventPage = await admin.must('listEvents', { status });
    answers[`events ${status}`] = page;
    for (const { id: eventId } of page.events) {
      answers[`event ${eventId}`] = await textOf(await app.get(`/api/events/${eventId}`, headers));
      answers[`stats ${eventId}`] = await admin.must('eventStats', { eventId });
      answers[`bookings ${eventId}`] = await admin.must('listEventBookings', { eventId });
      answers[`csv ${eventId}`] = await textOf(await app.get(`/api/events/${eventId}/bookings.csv`, headers));
    }
  }
  answers['payment issues'] = await admin.must('listPaymentTroubles', {});
  for (const name of [...BUYERS, ...REFUNDED]) answers[name] = await readOwn(app, await person(name));
  return answers;
}

async function readOwn({ get }: TestApp, { must, token, user }: Person): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}` };
  const page: BookingPage = await must('listBookings', {});
  const files: Record<string, string> = {};
  for (const { id, status } of page.bookings) {
    if (status !== 'confirmed') continue;
    for (const file of ['ticket.svg', 'event.ics']) {
      const path = `/api/bookings/${id}/${file}`;
      files[path] = digestOf(await textOf(await get(path, headers)));
    }
  }
  const exported = await get('/api/auth/me/export', headers);
  expect(exported.status).toBe(200);
  // The sign-in itself is a session.
  const { sessions, ...personal } = (await exported.json()) as Record<string, unknown>;
  expect(sessions).not.toEqual([]);
  return { user, page, waitlist: await must('listWaitlist', {}), files, personal };
}

/** Of a file that is long, and of no use in a comparison that fails. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The body of a successful answer. The times of calendar files at which they were made are left out. */
async function textOf(response: Response): Promise<string> {
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return text.replaceAll(/^DTSTAMP:.*$/gm, '');
}

/** Sends every kind of command about the data of `writeEverything`; each must succeed. */
export async function useEverything({ app, person }: OldServer): Promise<void> {
  const admin = await app.admin();
  const events = (await admin.must('listEvents', { status: 'published' })).events;
  const titled = (title: string) => events.find((event) => event.title === title) ?? expect.fail(title);
  await useFreeEvent(admin, titled('Konzert').id, await person('ben'), await person('cleo'));
  await useWaitlist(titled('Ausverkauft').id, await person('emil'), await person('fay'));
  await usePaidEvent({ app, person }, admin, titled('Oper').id);
  const draft = (await admin.must('listEvents', { status: 'draft' })).events[0] ?? expect.fail('no draft');
  await admin.must('updateEvent', { eventId: draft.id, revision: draft.revision, changes: { status: 'published' } });
  await admin.must('createEvent', eventInput({ price: PRICE }));
}

async function useFreeEvent(admin: Person, eventId: string, ben: Person, cleo: Person): Promise<void> {
  await book(cleo, eventId, 2);
  const { bookings } = await ben.must('listBookings', { status: 'confirmed' });
  const [fewer, kept] = bookings.filter((booking) => booking.eventId === eventId);
  await ben.must('cancelBooking', { bookingId: fewer?.id ?? '', seats: 1, requestId: randomUUID() });
  await admin.must('checkIn', { ticket: kept?.ticket ?? '', requestId: randomUUID() });
  const { revision } = await admin.must('getEvent', { eventId });
  await admin.must('updateEvent', { eventId, revision, changes: { venue: 'Stadtpark' } });
  const { moved } = await ben.must('getBooking', { bookingId: kept?.id ?? '' });
  expect(moved).toMatchObject({ venue: 'Stadthalle' });
  await ben.must('acknowledgeMove', { bookingId: kept?.id ?? '', at: moved?.at ?? '' });
  await admin.must('cancelEvent', { eventId, reason: 'Storm' });
}

async function useWaitlist(eventId: string, emil: Person, fay: Person): Promise<void> {
  const offer = (await emil.must('listWaitlist', {})).entries.find(({ status }) => status === 'offered');
  await emil.must('confirmBooking', { bookingId: offer?.bookingId ?? '' });
  await fay.must('leaveWaitlist', { eventId });
  await fay.must('joinWaitlist', { requestId: randomUUID(), eventId, seats: 1 });
}

async function usePaidEvent({ app, person }: OldServer, admin: Person, eventId: string): Promise<void> {
  const heldBy = async (buyer: Person) => (await buyer.must('listBookings', { status: 'held' })).bookings[0]?.id ?? '';
  for (const name of ['holder', 'payer', 'declined']) {
    const buyer = await person(name);
    const bookingId = await heldBy(buyer);
    const confirmed = shown(buyer, bookingId, ({ status }) => status === 'confirmed');
    const { url } = await buyer.must('checkout', { bookingId });
    // The payment page of a checkout that is open already has the address of the earlier server.
    await useCard({ url: new URL(new URL(url).pathname, app.url).href }, CARD.pays);
    await confirmed;
  }
  const part = await person('part');
  const bookingId = (await part.must('listBookings', {})).bookings[0]?.id ?? '';
  await admin.must('refundBooking', { requestId: randomUUID(), bookingId, amount: 100, reason: 'Cold' });
  await book(part, eventId, 1);
  const cancelled = shown(await person('buyer'), await boughtBy(person), ({ status }) => status === 'cancelled');
  await admin.must('cancelEvent', { eventId, reason: 'Storm' });
  await cancelled;
}

async function boughtBy(person: OldServer['person']): Promise<string> {
  const { bookings } = await (await person('buyer')).must('listBookings', { status: 'confirmed' });
  return bookings[0]?.id ?? '';
}
