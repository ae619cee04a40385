import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { connected, eventInput, pushed, testApp } from '../support/test-app.ts';

const DAY_MS = 86_400_000;

it('a move is shown on the bookings made before it, on every device, until their owner has acknowledged it', async (t) => {
  const app = await testApp(t);
  const [admin, alice, bob] = await Promise.all([app.admin(), app.register('alice'), app.register('bob')]);
  const event = await admin.must('createEvent', eventInput({ venue: 'Alte Schlosserei' }));
  const { id: bookingId } = await alice.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const other = await connected(app.open('/booking', alice.token));
  const { startsAt, endsAt, timeZone } = event;
  const heardMove = pushed(other, 'bookingChanged', ({ moved }) => moved !== null);
  await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: { venue: 'Stadthalle' } });
  const before = { startsAt, endsAt, timeZone, venue: 'Alte Schlosserei' };
  expect((await heardMove).moved).toMatchObject(before);
  // A device that was disconnected during the move reads the booking.
  const { moved, version } = await alice.must('getBooking', { bookingId });
  expect(moved).toMatchObject(before);
  expect((await alice.must('listBookings', {})).bookings[0]?.moved).toEqual(moved);

  await admin.must('updateEvent', { eventId: event.id, revision: 2, changes: { venue: 'Stadtpark' } });
  const seen = await alice.must('acknowledgeMove', { bookingId, at: moved?.at ?? '' });
  expect(seen).toMatchObject({ moved: { venue: 'Stadthalle' }, event: { venue: 'Stadtpark' } });
  expect(seen.version).toBeGreaterThan(version);
  const over = pushed(other, 'bookingChanged', (booking) => booking.moved === null);
  await alice.must('acknowledgeMove', { bookingId, at: seen.moved?.at ?? '' });
  expect((await over).id).toBe(bookingId);
  expect((await alice.must('getBooking', { bookingId })).moved).toBeNull();

  const late = await bob.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
  expect(late.moved).toBeNull();
});

it('a move is still shown after another change of the booking, and no longer once the event is moved back', async (t) => {
  const app = await testApp(t);
  const [admin, alice] = await Promise.all([app.admin(), app.register('alice')]);
  const { id: eventId, endsAt, startsAt } = await admin.must('createEvent', eventInput());
  const { id: bookingId } = await alice.must('book', { requestId: randomUUID(), eventId, seats: 2 });
  const later = new Date(Date.parse(startsAt) + 2 * 3_600_000).toISOString();
  await admin.must('updateEvent', { eventId, revision: 1, changes: { endsAt: later } });
  const heardMove = pushed(alice.socket, 'bookingChanged', ({ seats }) => seats === 1);
  const fewer = await alice.must('cancelBooking', { bookingId, seats: 1, requestId: randomUUID() });
  expect(fewer.moved).toMatchObject({ endsAt });
  expect((await heardMove).moved).toEqual(fewer.moved);
  await admin.must('updateEvent', { eventId, revision: 2, changes: { endsAt } });
  expect((await alice.must('getBooking', { bookingId })).moved).toBeNull();
});

it('an event’s move is pushed to all connections of its buyers alone, with a later cancelUntil', async (t) => {
  const app = await testApp(t);
  const [admin, alice, bob] = await Promise.all([app.admin(), app.register('alice'), app.register('bob')]);
  const event = await admin.must('createEvent', eventInput({ cancelBeforeHours: 24 }));
  const book = () => alice.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const [kept, given] = [await book(), await book()];
  await alice.must('cancelBooking', { bookingId: given.id });
  const [second, heard] = [await connected(app.open('/booking', alice.token)), [] as Booking[]];
  bob.socket.on('bookingChanged', (booking) => heard.push(booking));

  const later = new Date(Date.parse(event.startsAt) + 30 * DAY_MS).toISOString();
  const isMoved = ({ event: { startsAt, venue } }: Booking) => startsAt === later && venue === 'Neue Schlosserei';
  const seen = [alice.socket, second].map((socket) => pushed(socket, 'bookingChanged', isMoved));
  const known = pushed(bob.socket, 'eventChanged');
  const changes = { startsAt: later, venue: 'Neue Schlosserei' };
  await admin.must('updateEvent', { eventId: event.id, revision: event.revision, changes });

  const now = await alice.must('getBooking', { bookingId: kept.id });
  for (const booking of await Promise.all(seen)) expect(booking).toEqual(now);
  expect(now).toMatchObject({ version: kept.version, status: 'confirmed' });
  expect(Date.parse(now.cancelUntil ?? '')).toBe(Date.parse(later) - DAY_MS);

  // A second move directly after the first: the last push has the final venue.
  const back = pushed(alice.socket, 'bookingChanged', (booking) => booking.event.venue === event.venue);
  const again = { eventId: event.id, revision: event.revision + 1, changes: { venue: event.venue } };
  await admin.must('updateEvent', again);
  expect((await back).id).toBe(kept.id);
  expect(await known).toMatchObject({ startsAt: later });
  // Barrier: pushes keep their order, so a push about bob's own booking arrives after any earlier one.
  const own = pushed(bob.socket, 'bookingChanged');
  const mine = await bob.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
  await own;
  expect(heard.map(({ id }) => id)).toEqual([mine.id]);
});
