import { expect, test } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import type { Reply } from './connection/connection.svelte.ts';
import { BookingStore } from './buying/booking-store.svelte.ts';
import { aBooking, actionDependencies, anEvent, failure, FakeConnection, memoryStorage } from './fixtures.ts';
import { bookInput, type SeatsRequest } from './buying/seats-request.ts';
import { StoredSlot } from './buying/stored-slot.ts';
import { RetryableAction } from './retryable-action.svelte.ts';

const price = { amount: 2000, currency: 'EUR' };
const userId = 'u'.repeat(24);
const eventId = anEvent().id;

/** The booking store and the purchase action of one visit to an event's page. */
function visit(storage = memoryStorage(), clock = { nowMs: 0 }) {
  const connection = new FakeConnection();
  const bookings = new BookingStore(connection);
  const purchase = new RetryableAction<SeatsRequest, Booking>(
    actionDependencies(clock),
    (request, requestId) => bookings.book(bookInput(eventId, requestId, request)),
    {
      slot: new StoredSlot({ storage, kind: 'book', userId, eventId }),
      isOutcome: (booking, { requestId }) => booking.requestId === requestId,
    },
  );
  const requestIds = () => connection.sent.map(({ input }) => (input as { requestId: string }).requestId);
  return { connection, bookings, purchase, storage, clock, requestIds };
}

/**
 * A storage with a pending request for 3 seats, begun at time 0 and interrupted by a reload or stopped by the buyer.
 */
function interrupted({ isStopped = false } = {}) {
  const { connection, purchase, storage } = visit();
  connection.answer = () => new Promise(() => undefined);
  void purchase.run({ seats: 3, price });
  if (isStopped) purchase.stop();
  return storage;
}

const booked = (requestId: string): Reply<Booking> => ({ ok: true, data: aBooking({ requestId }) });

test('one press books once, and its booking is in the store at once', async () => {
  const { connection, purchase, bookings, storage } = visit();
  connection.answer = () => booked('request-1');
  await purchase.run({ seats: 2, price });
  expect(connection.sent).toEqual([{ command: 'book', input: { requestId: 'request-1', eventId, seats: 2, price } }]);
  expect(purchase.state).toMatchObject({ kind: 'done', data: { id: aBooking().id } });
  expect(bookings.all).toHaveLength(1);
  expect(storage.kept.size).toBe(0);
});

test('a booking request without an answer stays pending, a refused one does not', async () => {
  const { connection, purchase, storage } = visit();
  connection.answer = () => failure('UNAVAILABLE');
  await purchase.run({ seats: 2, price });
  expect(storage.kept.size).toBe(1);
  connection.answer = () => failure('SOLD_OUT');
  await purchase.tryAgain();
  expect(storage.kept.size).toBe(0);
});

test('a reload continues a recent booking request with the same request id', async () => {
  const { connection, purchase } = visit(interrupted(), { nowMs: 5_000 });
  connection.answer = () => booked('request-1');
  await purchase.resume();
  expect(connection.sent[0]?.input).toEqual({ requestId: 'request-1', eventId, seats: 3, price });
  expect(purchase.state.kind).toBe('done');
});

test('a reload does not extend the two minutes of a booking request', async () => {
  const clock = { nowMs: 110_000 };
  const { connection, purchase } = visit(interrupted(), clock);
  connection.answer = () => failure('UNAVAILABLE');
  await purchase.resume();
  expect(purchase.state.kind).toBe('unanswered');
  expect(clock.nowMs).toBeGreaterThan(110_000);
  expect(clock.nowMs).toBeLessThanOrEqual(120_000);
});

test('a reload does not send an old booking request, which has lapsed if it has no booking', async () => {
  const { connection, purchase, storage } = visit(interrupted(), { nowMs: 600_000 });
  await purchase.resume();
  expect(connection.sent).toEqual([]);
  purchase.concludeOld([aBooking({ requestId: 'another' })]);
  expect(purchase.state).toEqual({ kind: 'lapsed', input: { seats: 3, price } });
  expect(storage.kept.size).toBe(0);
});

test('an old booking request whose booking is listed is done', () => {
  const { purchase, storage } = visit(interrupted(), { nowMs: 600_000 });
  const outcome = aBooking({ id: 'c'.repeat(24), requestId: 'request-1' });
  purchase.concludeOld([aBooking({ requestId: 'another' }), outcome]);
  expect(purchase.state).toEqual({ kind: 'done', data: outcome });
  expect(storage.kept.size).toBe(0);
});

test('a reload does not send a stopped booking request, a press does', async () => {
  const { connection, purchase, requestIds } = visit(interrupted({ isStopped: true }), { nowMs: 5_000 });
  await purchase.resume();
  expect(purchase.state).toEqual({ kind: 'stopped' });
  expect(connection.sent).toEqual([]);
  connection.answer = () => booked('request-1');
  await purchase.tryAgain();
  expect(requestIds()).toEqual(['request-1']);
});

test('a reload does not send a booking request that ended in INTERNAL', async () => {
  const storage = memoryStorage();
  const before = visit(storage);
  before.connection.answer = () => failure('INTERNAL');
  await before.purchase.run({ seats: 2, price });
  const after = visit(storage);
  await after.purchase.resume();
  expect(after.connection.sent).toEqual([]);
  expect(after.purchase.state).toEqual({ kind: 'stopped' });
});

test('a pushed booking is the outcome of its unanswered booking request', () => {
  const { connection, purchase, storage } = visit();
  connection.answer = () => new Promise(() => undefined);
  void purchase.run({ seats: 2, price });
  purchase.observe([aBooking({ requestId: 'another' })]);
  expect(purchase.isUnderway).toBe(true);
  purchase.observe([aBooking({ requestId: 'request-1' })]);
  expect(purchase.state).toMatchObject({ kind: 'done', data: { id: aBooking().id } });
  expect(storage.kept.size).toBe(0);
});

test('an answer for a removed component leaves a later booking request pending', async () => {
  const storage = memoryStorage();
  const { promise, resolve } = Promise.withResolvers<Reply<Booking>>();
  const before = visit(storage);
  before.connection.answer = () => promise;
  const running = before.purchase.run({ seats: 2, price });
  before.purchase.leave();
  const later = { requestId: 'later', input: { seats: 1, price }, startedMs: 0, isStopped: false };
  const slot = new StoredSlot({ storage, kind: 'book', userId, eventId });
  slot.keep(later);
  resolve(failure('SOLD_OUT'));
  await running;
  expect(slot.read()).toEqual(later);
});
