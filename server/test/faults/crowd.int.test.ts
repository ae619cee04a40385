import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sleepOrAbort } from '#server/sleep.ts';
import { connectBuyer, sendWithRetries } from '../../../scripts/crowd/buyers/connection.ts';
import { createLiveEvents } from '../../../scripts/crowd/buyers/live-events.ts';
import { runCrowd } from '../../../scripts/crowd/crowd.ts';
import { CrowdError } from '../../../scripts/crowd/crowd-error.ts';
import type { CrowdOptions } from '../../../scripts/crowd/options.ts';
import { createTally } from '../../../scripts/crowd/report/tally.ts';
import { eventInput, storedEvent, testApp } from '../support/test-app.ts';
import { PRICE } from '../support/payments/demo-payments.ts';

const SUMS = { _id: null, sum: { $sum: '$amount' } };

function options(url: string, more: Partial<CrowdOptions> = {}): CrowdOptions {
  return {
    url,
    buyers: 6,
    watchers: 0,
    seconds: 1,
    target: { kind: 'freest' },
    mix: { book: 60, look: 20, cancel: 20 },
    partySize: { min: 1, max: 3 },
    thinkMs: { min: 20, max: 60 },
    seed: 'test',
    payments: null,
    bookings: null,
    json: false,
    ...more,
  };
}

type CrowdDeps = Parameters<typeof runCrowd>[1];

function deps(more: Partial<CrowdDeps> = {}): CrowdDeps {
  return {
    signal: new AbortController().signal,
    screen: { write: () => true },
    newRequestId: randomUUID,
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    sleepOrAbort,
    ...more,
  };
}

describe('the simulated crowd', () => {
  test('has watchers that end with the counts that are stored', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    const { id } = await admin.must('createEvent', eventInput({ totalSeats: 1_000 }));
    const { bookings, watched } = await runCrowd(options(app.url, { watchers: 30 }), deps());
    expect(bookings).toBeGreaterThan(0);
    expect(watched).toMatchObject({ watchers: 30, behind: 0 });
    expect(watched?.changes).toBeGreaterThanOrEqual(30);
    expect((await storedEvent(app, id)).availableSeats).toBeLessThan(1_000);
  });

  test('reports the seats that it has sold, and a second run signs the same buyers in', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    await admin.must('createEvent', eventInput({ totalSeats: 5 }));
    const { id } = await admin.must('createEvent', eventInput({ totalSeats: 100_000 }));
    const first = await runCrowd(options(app.url), deps());
    const second = await runCrowd(options(app.url, { mix: { book: 1, look: 0, cancel: 0 } }), deps());
    const { bookings } = app.app.models;
    expect(first.bookings).toBeGreaterThan(0);
    expect(await bookings.countDocuments()).toBe(first.bookings + second.bookings);
    expect(await bookings.distinct('userId')).toHaveLength(6);
    expect(await bookings.countDocuments({ status: 'cancelled' })).toBe(first.latencyMs.cancel.count);
    expect(first.latencyMs.book).toMatchObject({ count: first.bookings });
    expect(first.latencyMs.cancel.count).toBeGreaterThan(0);
    expect(first.latencyMs.look.count).toBeGreaterThan(0);
    expect(first.pushes).toMatchObject({ welcome: 6 });
    expect(first.pushes['availabilityChanged']).toBeGreaterThan(0);
    expect([first.refused, first.unanswered, first.stopped]).toEqual([{}, 0, {}]);
    const stored = await storedEvent(app, id);
    expect(stored.soldSeats).toBeGreaterThanOrEqual(second.seats);
  });

  test('counts refusals by code, and never gets more seats than there are', async (t) => {
    const app = await testApp(t);
    const { id } = await (await app.admin()).must('createEvent', eventInput({ totalSeats: 4 }));
    const buying = { mix: { book: 1, look: 0, cancel: 0 }, partySize: { min: 1, max: 1 } };
    const figures = await runCrowd(options(app.url, buying), deps());
    expect(figures.bookings).toBe(4);
    expect(figures.refused['SOLD_OUT']).toBeGreaterThan(0);
    expect(await storedEvent(app, id)).toMatchObject({ availableSeats: 0, soldSeats: 4 });
  });

  test('holds seats of a priced event, and releases them in the given proportion', async (t) => {
    const app = await testApp(t);
    const { id } = await (await app.admin()).must('createEvent', eventInput({ totalSeats: 100, price: PRICE }));
    const figures = await runCrowd(options(app.url, { target: { kind: 'event', id } }), deps());
    const { heldSeats, soldSeats } = await storedEvent(app, id);
    expect(soldSeats).toBe(0);
    expect(figures.bookings).toBeGreaterThan(0);
    const released = await app.app.models.bookings.countDocuments({ status: 'cancelled' });
    expect(released).toBeGreaterThan(0);
    expect(released).toBe(figures.latencyMs.cancel.count);
    expect(await app.app.models.bookings.countDocuments({ status: 'held' })).toBe(figures.bookings - released);
    expect(heldSeats).toBeGreaterThanOrEqual(figures.bookings - released);
    expect(figures.refused).toEqual({});
  });

  test('[I5] pays, is declined, leaves, pays late and cancels: every cent is settled, every seat sold or free', async (t) => {
    const app = await testApp(t);
    const sale = { totalSeats: 12, price: PRICE, holdMinutes: 1 };
    const { id } = await (await app.admin()).must('createEvent', eventInput(sale));
    const payments = { pay: 5, decline: 3, abandon: 2, late: 2 };
    const crowd = { payments, bookings: 40, seconds: 6, buyers: 12, partySize: { min: 1, max: 2 } };
    const figures = await runCrowd(options(app.url, { target: { kind: 'event', id }, ...crowd }), deps());
    expect(Object.keys(figures.payments)).toEqual(expect.arrayContaining(['pay', 'decline']));
    // The end of the last holds, the minute in which they wait for the provider, and then the late payments.
    for (const afterMs of [61_000, 130_000, 160_000]) {
      app.clock.offsetMs = afterMs;
      const waits = { lookAt: { $lte: new Date(Date.now() + afterMs) } };
      await expect.poll(() => app.app.models.payments.countDocuments(waits), { timeout: 20_000 }).toBe(0);
    }
    await expect.poll(async () => (await storedEvent(app, id)).heldSeats, { timeout: 20_000 }).toBe(0);
    const { models } = app.app;
    const moving = { 'refunds.status': { $in: ['ordered', 'pending'] } };
    await expect.poll(() => models.payments.collection.countDocuments(moving), { timeout: 20_000 }).toBe(0);
    const sum = async (collection: string, of: object) =>
      (
        await models.payments.db
          .collection(collection)
          .aggregate([of, { $group: SUMS }])
          .toArray()
      )[0]?.['sum'] ?? 0;
    const kept = { $project: { amount: { $subtract: [{ $ifNull: ['$paid.amount', 0] }, '$refunded'] } } };
    // A late payment may just have arrived: it is settled once the provider has reported it.
    const unmatched = async () =>
      (await sum('demoCheckouts', kept)) - (await storedEvent(app, id)).soldSeats * PRICE.amount;
    await expect.poll(unmatched, { timeout: 20_000 }).toBe(0);
  });

  test('stops early when its signal aborts', async (t) => {
    const app = await testApp(t);
    await (await app.admin()).must('createEvent', eventInput({ totalSeats: 100_000 }));
    const early = new AbortController();
    const newRequestId = () => {
      early.abort();
      return randomUUID();
    };
    const figures = await runCrowd(options(app.url, { seconds: 600 }), deps({ signal: early.signal, newRequestId }));
    expect(figures.bookings).toBeGreaterThan(0);
    expect(figures.seconds).toBeLessThan(60);
  });

  test('reports that nothing is on sale', async (t) => {
    const { url } = await testApp(t);
    await expect(runCrowd(options(url), deps())).rejects.toThrow(CrowdError);
    const event = { kind: 'event', id: '0'.repeat(24) } as const;
    await expect(runCrowd(options(url, { target: event }), deps())).rejects.toThrow(/NOT_FOUND/);
  });
});

describe('a simulated buyer', () => {
  test('retries a command after a lost connection, and has one booking', async (t) => {
    const app = await testApp(t);
    const event = await (await app.admin()).must('createEvent', eventInput({ totalSeats: 100 }));
    const { token } = await app.register('alice');
    const tally = createTally();
    const socket = await connectBuyer(app.url, token, createLiveEvents([event]), tally);
    const retryDeps = { tally, sleep: () => Promise.resolve(), signal: new AbortController().signal };
    const input = { requestId: randomUUID(), eventId: event.id, seats: 2 };
    // Cut the connection as soon as the command is sent, so before its answer can arrive.
    const cut = () => {
      socket.offAnyOutgoing(cut);
      setImmediate(() => socket.io.engine.close());
    };
    socket.onAnyOutgoing(cut);
    const reply = await sendWithRetries(socket, 'book', input, retryDeps);
    socket.disconnect();
    expect(reply).toMatchObject({ ok: true, data: { seats: 2, requestId: input.requestId } });
    expect(tally.figures(1)).toMatchObject({ lostConnections: 1, retries: 1, unanswered: 0 });
    expect(await app.app.models.bookings.countDocuments()).toBe(1);
  });

  test('is refused without a session', async (t) => {
    const { url } = await testApp(t);
    await expect(connectBuyer(url, 'no token', createLiveEvents([]), createTally())).rejects.toThrow('UNAUTHENTICATED');
  });
});
