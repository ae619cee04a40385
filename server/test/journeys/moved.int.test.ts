import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { connected, eventInput, pushed, testApp } from '../support/test-app.ts';

const DAY_MS = 86_400_000;

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

  // Again, at once: the last word is where it is in the end.
  const back = pushed(alice.socket, 'bookingChanged', (booking) => booking.event.venue === event.venue);
  const again = { eventId: event.id, revision: event.revision + 1, changes: { venue: event.venue } };
  await admin.must('updateEvent', again);
  expect((await back).id).toBe(kept.id);
  expect(await known).toMatchObject({ startsAt: later });
  // A push of bob's own comes behind whatever he might have heard before.
  const own = pushed(bob.socket, 'bookingChanged');
  const mine = await bob.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
  await own;
  expect(heard.map(({ id }) => id)).toEqual([mine.id]);
});
