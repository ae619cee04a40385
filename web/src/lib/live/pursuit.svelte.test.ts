import { expect, test } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import type { Reply } from './connection/connection.svelte.ts';
import { BookingStore } from './buying/bookings.svelte.ts';
import { aBooking, anEvent, failure, FarEnd } from './fixtures.ts';
import { Intents } from './intents.ts';
import { Pursuit } from './pursuit.svelte.ts';

const price = { amount: 2000, currency: 'EUR' };
const USER = 'u'.repeat(24);
const EVENT = anEvent().id;

function memory() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** A buyer at one event. Pauses pass at once on a clock in the hand. */
function buyer(storage = memory(), clock = { nowMs: 0 }) {
  const far = new FarEnd();
  const bookings = new BookingStore(far);
  let made = 0;
  const purchase = new Pursuit<Booking>(EVENT, {
    send: ({ requestId, eventId, seats, price }) => far.call('book', { requestId, eventId, seats, price }),
    take: (booking) => bookings.take(booking),
    isOutcome: (booking, { requestId }) => booking.requestId === requestId,
    intents: new Intents(storage, 'book', USER),
    now: () => clock.nowMs,
    random: () => 0,
    newRequestId: () => `request-${(made += 1)}`,
    pause: async (ms) => {
      clock.nowMs += ms;
    },
  });
  const requests = () => far.sent.map(({ input }) => (input as { requestId: string }).requestId);
  return { far, bookings, purchase, storage, clock, requests };
}

const booked = (requestId: string): Reply<Booking> => ({ ok: true, data: aBooking({ requestId }) });

test('one press books once, and its booking is known at once', async () => {
  const { far, purchase, bookings, storage } = buyer();
  far.answer = () => booked('request-1');
  await purchase.start(2, price);
  expect(far.sent).toEqual([{ command: 'book', input: { requestId: 'request-1', eventId: EVENT, seats: 2, price } }]);
  expect(purchase.state).toEqual({ kind: 'done', id: aBooking().id });
  expect(bookings.all).toHaveLength(1);
  expect(storage.kept.size).toBe(0);
});

test('a double press sends nothing twice', async () => {
  const { far, purchase } = buyer();
  const { promise, resolve } = Promise.withResolvers<Reply<Booking>>();
  far.answer = () => promise;
  const first = purchase.start(2, price);
  await purchase.start(2, price);
  resolve(booked('request-1'));
  await first;
  expect(far.sent).toHaveLength(1);
});

test('what retrying can settle is sent again under the same name until there is an answer', async () => {
  const { far, purchase, requests } = buyer();
  const answers: Reply<unknown>[] = [
    failure('CONNECTION_LOST'),
    failure('BUSY', { retryAfterMs: 700 }),
    booked('request-1'),
  ];
  far.answer = () => answers.shift() ?? failure('INTERNAL');
  await purchase.start(2, price);
  expect(requests()).toEqual(['request-1', 'request-1', 'request-1']);
  expect(purchase.state.kind).toBe('done');
});

test('after two minutes it says that there was no answer, and keeps the intent', async () => {
  const { far, purchase, storage, clock } = buyer();
  far.answer = () => failure('UNAVAILABLE');
  await purchase.start(2, price);
  expect(purchase.state).toEqual({ kind: 'stopped', byBuyer: false });
  expect(clock.nowMs).toBeGreaterThan(100_000);
  expect(clock.nowMs).toBeLessThanOrEqual(120_000);
  expect(storage.kept.size).toBe(1);
});

test('a refusal is an answer: the intent is over and the next press is a new one', async () => {
  const { far, purchase, storage, requests } = buyer();
  far.answer = () => failure('SOLD_OUT', { details: { availableSeats: 1 } });
  await purchase.start(2, price);
  expect(purchase.state).toMatchObject({ kind: 'refused', seats: 2, because: { details: { availableSeats: 1 } } });
  expect(storage.kept.size).toBe(0);
  await purchase.start(1, price);
  expect(requests()).toEqual(['request-1', 'request-2']);
});

test('a reload in the middle goes on with the same intent', async () => {
  const storage = memory();
  const before = buyer(storage);
  before.far.answer = () => new Promise(() => undefined);
  void before.purchase.start(3, price);

  const after = buyer(storage, { nowMs: 5_000 });
  after.far.answer = () => booked('request-1');
  await after.purchase.resume();
  expect(after.far.sent[0]?.input).toEqual({ requestId: 'request-1', eventId: EVENT, seats: 3, price });
  expect(after.purchase.state.kind).toBe('done');
});

test('an intent of long ago is not sent by itself: its buyer may have left', async () => {
  const storage = memory();
  const before = buyer(storage);
  before.far.answer = () => new Promise(() => undefined);
  void before.purchase.start(3, price);

  const after = buyer(storage, { nowMs: 600_000 });
  await after.purchase.resume();
  expect(after.far.sent).toEqual([]);
  after.purchase.settleOld([aBooking({ requestId: 'another' })]);
  expect(after.purchase.state).toEqual({ kind: 'lapsed', seats: 3 });
  expect(storage.kept.size).toBe(0);
});

test('an intent of long ago that went through is found among one’s bookings', async () => {
  const storage = memory();
  const before = buyer(storage);
  before.far.answer = () => new Promise(() => undefined);
  void before.purchase.start(3, price);

  const after = buyer(storage, { nowMs: 600_000 });
  after.purchase.settleOld([
    aBooking({ requestId: 'another' }),
    aBooking({ id: 'c'.repeat(24), requestId: 'request-1' }),
  ]);
  expect(after.purchase.state).toEqual({ kind: 'done', id: 'c'.repeat(24) });
  expect(storage.kept.size).toBe(0);
});

test('what was stopped is not taken up by a reload, only by its buyer', async () => {
  const storage = memory();
  const before = buyer(storage);
  before.far.answer = () => new Promise(() => undefined);
  void before.purchase.start(3, price);
  before.purchase.stop();

  const after = buyer(storage, { nowMs: 5_000 });
  await after.purchase.resume();
  expect(after.purchase.state).toEqual({ kind: 'stopped', byBuyer: true });
  expect(after.far.sent).toEqual([]);
  after.far.answer = () => booked('request-1');
  await after.purchase.tryAgain();
  expect(after.requests()).toEqual(['request-1']);
});

test('someone else at the same browser does not go on with it', async () => {
  const storage = memory();
  const before = buyer(storage);
  before.far.answer = () => new Promise(() => undefined);
  void before.purchase.start(3, price);
  expect(new Intents(storage, 'book', 'somebody-else').find(EVENT)).toBeNull();
});

test('a push can be the answer that never came', async () => {
  const { far, purchase } = buyer();
  far.answer = () => new Promise(() => undefined);
  void purchase.start(2, price);
  purchase.noticed(aBooking({ requestId: 'another' }));
  expect(purchase.isUnderway).toBe(true);
  purchase.noticed(aBooking({ requestId: 'request-1' }));
  expect(purchase.state).toEqual({ kind: 'done', id: aBooking().id });
});

test('after Stop nothing more is sent, and trying again asks for the same intent', async () => {
  const { far, purchase, requests } = buyer();
  const { promise, resolve } = Promise.withResolvers<Reply<Booking>>();
  far.answer = () => promise;
  const underway = purchase.start(2, price);
  purchase.stop();
  resolve(booked('request-1'));
  await underway;
  expect(purchase.state).toEqual({ kind: 'stopped', byBuyer: true });
  far.answer = () => booked('request-1');
  await purchase.tryAgain();
  expect(requests()).toEqual(['request-1', 'request-1']);
  expect(purchase.state.kind).toBe('done');
});

test('what is not an intent in the storage is not sent', () => {
  const storage = memory();
  storage.setItem(`frontrow.intent.book.${USER}.${EVENT}`, '{"requestId":1}');
  expect(new Intents(storage, 'book', USER).find(EVENT)).toBeNull();
  storage.setItem(`frontrow.intent.book.${USER}.${EVENT}`, 'not even JSON');
  expect(new Intents(storage, 'book', USER).find(EVENT)).toBeNull();
});
