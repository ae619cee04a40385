import { expect, test } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { BookingStore } from './booking-store.svelte.ts';
import { aBooking, anEvent, failure, FakeConnection } from '../fixtures.ts';

const pageOf = (bookings: Booking[], total = bookings.length) => ({
  ok: true as const,
  data: { bookings, page: 1, limit: 50, total },
});

test('bookings are sorted newest first and follow bookingChanged', async () => {
  const connection = new FakeConnection();
  const store = new BookingStore(connection);
  const old = aBooking({ id: '1'.repeat(24), createdAt: '2026-01-01T00:00:00.000Z' });
  const recent = aBooking({ id: '2'.repeat(24), createdAt: '2026-02-01T00:00:00.000Z' });
  connection.answer = () => pageOf([old, recent]);
  await store.load();
  connection.push('bookingChanged', { ...recent, version: 2, status: 'cancelled' });
  expect(store.all.map((booking) => booking.status)).toEqual(['cancelled', 'held']);
});

test('a loaded booking of an older version does not replace a pushed one', async () => {
  const connection = new FakeConnection();
  const store = new BookingStore(connection);
  connection.push('bookingChanged', aBooking({ version: 3, status: 'expired' }));
  connection.answer = () => pageOf([aBooking({ version: 2 })]);
  await store.load();
  expect(store.byId(aBooking().id)?.status).toBe('expired');
});

test('a failed first load of bookings sets the state, a failed later load keeps the bookings', async () => {
  const connection = new FakeConnection();
  const store = new BookingStore(connection);
  await store.load();
  expect(store.state).toBe('failed');
  connection.answer = () => pageOf([aBooking()]);
  await store.load();
  connection.answer = () => failure('UNAVAILABLE');
  await store.load();
  expect(store.state).toBe('ready');
  expect(store.all).toHaveLength(1);
});

test('bookings loaded for a user who has signed out are dropped', async () => {
  const connection = new FakeConnection();
  const store = new BookingStore(connection);
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof pageOf>>();
  connection.answer = () => promise;
  const loading = store.load();
  store.clear();
  resolve(pageOf([aBooking()]));
  await loading;
  expect(store.all).toEqual([]);
});

test('older bookings are loaded page by page up to the total', async () => {
  const connection = new FakeConnection();
  const store = new BookingStore(connection);
  connection.answer = () => pageOf([aBooking()], 51);
  await store.load();
  expect(store.hasMore).toBe(true);
  await store.loadMore();
  expect(connection.sent.at(-1)?.input).toMatchObject({ page: 2 });
  expect(store.hasMore).toBe(false);
});

test('a moved or cancelled event is updated on its bookings at once', () => {
  const connection = new FakeConnection();
  const heard: Booking[] = [];
  const store = new BookingStore(connection, (bookings) => heard.push(...bookings));
  connection.push('bookingChanged', aBooking({ status: 'confirmed' }));
  connection.push('eventChanged', anEvent({ startsAt: '2026-10-21T18:00:00.000Z', status: 'cancelled' }));
  expect(store.byId(aBooking().id)?.event).toMatchObject({ startsAt: '2026-10-21T18:00:00.000Z', status: 'cancelled' });
  expect(heard).toHaveLength(2);
  connection.push('eventChanged', anEvent({ id: 'f'.repeat(24), startsAt: '2027-01-01T00:00:00.000Z' }));
  expect(heard).toHaveLength(2);
});

test('a booking is cancelled in part or as a whole, and the store keeps the reply', async () => {
  const connection = new FakeConnection();
  const store = new BookingStore(connection);
  connection.answer = () => ({ ok: true, data: aBooking({ version: 2, status: 'confirmed', seats: 1 }) });
  await store.cancel({ bookingId: aBooking().id, requestId: 'one', seats: 1 });
  await store.cancel({ bookingId: aBooking().id });
  expect(connection.sent.map(({ input }) => input)).toEqual([
    { bookingId: aBooking().id, requestId: 'one', seats: 1 },
    { bookingId: aBooking().id },
  ]);
  expect(store.byId(aBooking().id)?.seats).toBe(1);
});

test('the tickets among older bookings are loaded with the newest bookings', async () => {
  const connection = new FakeConnection();
  const arrived: string[] = [];
  const store = new BookingStore(connection, (bookings) => arrived.push(...bookings.map(({ id }) => id)));
  const [recent, ticket] = [aBooking({ id: '1'.repeat(24) }), aBooking({ id: '2'.repeat(24), status: 'confirmed' })];
  connection.answer = ({ input }) =>
    (input as { status?: string }).status === 'confirmed' ? pageOf([ticket], 1) : pageOf([recent], 51);
  await store.load();
  expect(arrived).toEqual([recent.id, ticket.id]);
  expect(store.byId(ticket.id)).toEqual(ticket);
});

test('all pages of tickets arrive at once, newest first', async () => {
  const connection = new FakeConnection();
  const batches: string[][] = [];
  const store = new BookingStore(connection, (bookings) => batches.push(bookings.map(({ id }) => id)));
  const tickets = Array.from({ length: 230 }, (_, index) => aBooking({ id: `t${index}`, status: 'confirmed' }));
  connection.answer = ({ input }) => {
    const { page, limit, status } = input as { page: number; limit: number; status?: string };
    return pageOf(status === undefined ? [] : tickets.slice((page - 1) * limit, page * limit), tickets.length);
  };
  await store.load();
  expect(batches).toEqual([[], tickets.map(({ id }) => id)]);
});
