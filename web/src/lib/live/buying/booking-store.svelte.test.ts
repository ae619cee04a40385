import { expect, test } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { BookingStore } from './booking-store.svelte.ts';
import { aBooking, anEvent, failure, FakeConnection } from '../fixtures.ts';

const pageOf = (bookings: Booking[], total = bookings.length) => ({
  ok: true as const,
  data: { bookings, page: 1, limit: 50, total },
});

test('bookings are newest first and follow what is pushed', async () => {
  const far = new FakeConnection();
  const store = new BookingStore(far);
  const old = aBooking({ id: '1'.repeat(24), createdAt: '2026-01-01T00:00:00.000Z' });
  const recent = aBooking({ id: '2'.repeat(24), createdAt: '2026-02-01T00:00:00.000Z' });
  far.answer = () => pageOf([old, recent]);
  await store.load();
  far.push('bookingChanged', { ...recent, version: 2, status: 'cancelled' });
  expect(store.all.map((booking) => booking.status)).toEqual(['cancelled', 'held']);
});

test('a list that was overtaken by a push does not undo it', async () => {
  const far = new FakeConnection();
  const store = new BookingStore(far);
  far.push('bookingChanged', aBooking({ version: 3, status: 'expired' }));
  far.answer = () => pageOf([aBooking({ version: 2 })]);
  await store.load();
  expect(store.byId(aBooking().id)?.status).toBe('expired');
});

test('a first load that fails says so; a later one keeps what is there', async () => {
  const far = new FakeConnection();
  const store = new BookingStore(far);
  await store.load();
  expect(store.state).toBe('failed');
  far.answer = () => pageOf([aBooking()]);
  await store.load();
  far.answer = () => failure('UNAVAILABLE');
  await store.load();
  expect(store.state).toBe('ready');
  expect(store.all).toHaveLength(1);
});

test('an answer for someone who has signed out since is dropped', async () => {
  const far = new FakeConnection();
  const store = new BookingStore(far);
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof pageOf>>();
  far.answer = () => promise;
  const loading = store.load();
  store.clear();
  resolve(pageOf([aBooking()]));
  await loading;
  expect(store.all).toEqual([]);
});

test('older bookings are a page further, as long as there are any', async () => {
  const far = new FakeConnection();
  const store = new BookingStore(far);
  far.answer = () => pageOf([aBooking()], 51);
  await store.load();
  expect(store.hasMore).toBe(true);
  await store.loadMore();
  expect(far.sent.at(-1)?.input).toMatchObject({ page: 2 });
  expect(store.hasMore).toBe(false);
});

test('an event that moves, or is called off, is so on its bookings at once', () => {
  const far = new FakeConnection();
  const heard: Booking[] = [];
  const store = new BookingStore(far, (booking) => heard.push(booking));
  far.push('bookingChanged', aBooking({ status: 'confirmed' }));
  far.push('eventChanged', anEvent({ startsAt: '2026-10-21T18:00:00.000Z', status: 'cancelled' }));
  expect(store.byId(aBooking().id)?.event).toMatchObject({ startsAt: '2026-10-21T18:00:00.000Z', status: 'cancelled' });
  expect(heard).toHaveLength(2);
  far.push('eventChanged', anEvent({ id: 'f'.repeat(24), startsAt: '2027-01-01T00:00:00.000Z' }));
  expect(heard).toHaveLength(2);
});

test('some seats of a booking can be cancelled, or all of them', async () => {
  const far = new FakeConnection();
  const store = new BookingStore(far);
  far.answer = () => ({ ok: true, data: aBooking({ version: 2, status: 'confirmed', seats: 1 }) });
  await store.cancel(aBooking().id, 1);
  await store.cancel(aBooking().id);
  expect(far.sent.map(({ input }) => input)).toEqual([
    { bookingId: aBooking().id, seats: 1 },
    { bookingId: aBooking().id },
  ]);
  expect(store.byId(aBooking().id)?.seats).toBe(1);
});
