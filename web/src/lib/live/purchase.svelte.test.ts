import { expect, test } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import type { Reply } from './connection/connection.svelte.ts';
import { BookingStore } from './buying/booking-store.svelte.ts';
import { aBooking, actionDependencies, anEvent, failure, FakeConnection, memoryStorage } from './fixtures.ts';
import { StoredSlot, type SeatsRequest } from './pending-request.ts';
import { RetryableAction } from './retryable-action.svelte.ts';

const price = { amount: 2000, currency: 'EUR' };
const userId = 'u'.repeat(24);
const eventId = anEvent().id;

/** One visit of a buyer to an event's page. */
function visit(storage = memoryStorage(), clock = { nowMs: 0 }) {
  const far = new FakeConnection();
  const bookings = new BookingStore(far);
  const purchase = new RetryableAction<SeatsRequest, Booking>(
    actionDependencies(clock),
    ({ seats, price }, requestId) => bookings.book({ requestId, eventId, seats, price }),
    {
      slot: new StoredSlot({ storage, kind: 'book', userId, eventId }),
      isOutcome: (booking, { requestId }) => booking.requestId === requestId,
    },
  );
  const requestIds = () => far.sent.map(({ input }) => (input as { requestId: string }).requestId);
  return { far, bookings, purchase, storage, clock, requestIds };
}

/** A storage with the request for 3 seats of a visit at time 0 that a reload interrupted, or its buyer stopped. */
function interrupted({ isStopped = false } = {}) {
  const { far, purchase, storage } = visit();
  far.answer = () => new Promise(() => undefined);
  void purchase.run({ seats: 3, price });
  if (isStopped) purchase.stop();
  return storage;
}

const booked = (requestId: string): Reply<Booking> => ({ ok: true, data: aBooking({ requestId }) });

test('one press books once, its booking is known at once, and nothing stays pending', async () => {
  const { far, purchase, bookings, storage } = visit();
  far.answer = () => booked('request-1');
  await purchase.run({ seats: 2, price });
  expect(far.sent).toEqual([{ command: 'book', input: { requestId: 'request-1', eventId, seats: 2, price } }]);
  expect(purchase.state).toMatchObject({ kind: 'done', data: { id: aBooking().id } });
  expect(bookings.all).toHaveLength(1);
  expect(storage.kept.size).toBe(0);
});

test('a request without an answer stays pending over the visit; a refused one does not', async () => {
  const { far, purchase, storage } = visit();
  far.answer = () => failure('UNAVAILABLE');
  await purchase.run({ seats: 2, price });
  expect(storage.kept.size).toBe(1);
  far.answer = () => failure('SOLD_OUT');
  await purchase.tryAgain();
  expect(storage.kept.size).toBe(0);
});

test('a reload continues a recent request under its request id', async () => {
  const { far, purchase } = visit(interrupted(), { nowMs: 5_000 });
  far.answer = () => booked('request-1');
  await purchase.resume();
  expect(far.sent[0]?.input).toEqual({ requestId: 'request-1', eventId, seats: 3, price });
  expect(purchase.state.kind).toBe('done');
});

test('a reload does not extend the two minutes of a request', async () => {
  const clock = { nowMs: 110_000 };
  const { far, purchase } = visit(interrupted(), clock);
  far.answer = () => failure('UNAVAILABLE');
  await purchase.resume();
  expect(purchase.state.kind).toBe('unanswered');
  expect(clock.nowMs).toBeLessThanOrEqual(120_000);
});

test('a reload does not send an old request: without a booking it has lapsed', async () => {
  const { far, purchase, storage } = visit(interrupted(), { nowMs: 600_000 });
  await purchase.resume();
  expect(far.sent).toEqual([]);
  purchase.concludeOld([aBooking({ requestId: 'another' })]);
  expect(purchase.state).toEqual({ kind: 'lapsed', input: { seats: 3, price } });
  expect(storage.kept.size).toBe(0);
});

test('an old request whose booking is listed is done', () => {
  const { purchase, storage } = visit(interrupted(), { nowMs: 600_000 });
  const outcome = aBooking({ id: 'c'.repeat(24), requestId: 'request-1' });
  purchase.concludeOld([aBooking({ requestId: 'another' }), outcome]);
  expect(purchase.state).toEqual({ kind: 'done', data: outcome });
  expect(storage.kept.size).toBe(0);
});

test('a reload does not send a stopped request, its buyer’s press does', async () => {
  const { far, purchase, requestIds } = visit(interrupted({ isStopped: true }), { nowMs: 5_000 });
  await purchase.resume();
  expect(purchase.state).toEqual({ kind: 'stopped' });
  expect(far.sent).toEqual([]);
  far.answer = () => booked('request-1');
  await purchase.tryAgain();
  expect(requestIds()).toEqual(['request-1']);
});

test('a reload does not send a request that a defect ended', async () => {
  const storage = memoryStorage();
  const before = visit(storage);
  before.far.answer = () => failure('INTERNAL');
  await before.purchase.run({ seats: 2, price });
  const after = visit(storage);
  await after.purchase.resume();
  expect(after.far.sent).toEqual([]);
  expect(after.purchase.state).toEqual({ kind: 'stopped' });
});

test('a pushed booking is the outcome of the request whose answer is missing', () => {
  const { far, purchase, storage } = visit();
  far.answer = () => new Promise(() => undefined);
  void purchase.run({ seats: 2, price });
  purchase.observe([aBooking({ requestId: 'another' })]);
  expect(purchase.isUnderway).toBe(true);
  purchase.observe([aBooking({ requestId: 'request-1' })]);
  expect(purchase.state).toMatchObject({ kind: 'done', data: { id: aBooking().id } });
  expect(storage.kept.size).toBe(0);
});

test('an answer to a visit that is over leaves a later request pending', async () => {
  const storage = memoryStorage();
  const { promise, resolve } = Promise.withResolvers<Reply<Booking>>();
  const before = visit(storage);
  before.far.answer = () => promise;
  const running = before.purchase.run({ seats: 2, price });
  before.purchase.leave();
  const later = { requestId: 'later', input: { seats: 1, price }, startedMs: 0, isStopped: false };
  const slot = new StoredSlot({ storage, kind: 'book', userId, eventId });
  slot.keep(later);
  resolve(failure('SOLD_OUT'));
  await running;
  expect(slot.read()).toEqual(later);
});
