import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { describe, expect, it, vi } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import type { Cancellation } from '#shared/event.ts';
import type { JobDoc } from '#server/models/job.ts';
import { engineWorld, fillEvent, userId } from '../support/engine-world.ts';
import { jobsDone } from '../support/jobs-done.ts';
import { payHold } from '../support/payments/pay-hold.ts';
import { startServer } from '../support/server-process.ts';
import type { Person, TestApp } from '../support/test-app.ts';
import { book, commandsOf, connected, eventInput, pushed, testApp } from '../support/test-app.ts';
import { testDatabaseUri } from '../support/database/test-database.ts';
import { PRICE } from '../support/payments/demo-payments.ts';

const REASON = 'The singer has lost her voice.';

async function paidBooking(app: TestApp, person: Person, eventId: string, seats: number): Promise<Booking> {
  const booking = await book(person, eventId, seats);
  await payHold(app.app.engine, eventId, booking.id);
  return booking;
}

async function joinWaitlist({ app }: TestApp, eventId: string, count: number): Promise<void> {
  const joins = Array.from({ length: count }, () => {
    const ids = { requestId: randomUUID(), entryId: userId() };
    return app.engine.submit(eventId, { type: 'join', userId: userId(), seats: 1, ...ids });
  });
  expect((await Promise.all(joins)).every(({ outcome }) => outcome.ok)).toBe(true);
}

async function jobsOf({ app }: TestApp): Promise<JobDoc[]> {
  return app.models.jobs.find({ kind: 'cancel-event' }).lean<JobDoc[]>();
}

async function jobDone(app: TestApp): Promise<JobDoc> {
  return vi.waitUntil(async () => (await jobsOf(app)).find((job) => job.state === 'done'), { timeout: 20_000 });
}

/** Two buyers with a hold and a paid booking on a full event, and one waitlist entry. */
async function fullHouse(t: Parameters<typeof testApp>[0]) {
  const app = await testApp(t);
  const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
  const { id } = await admin.must('createEvent', eventInput({ totalSeats: 5, price: PRICE }));
  const held = await book(alice, id, 2);
  const confirmed = await paidBooking(app, bob, id, 3);
  await joinWaitlist(app, id, 1);
  return { app, admin, alice, bob, id, held, confirmed };
}

const COUNTS: Cancellation = {
  bookings: 2,
  seats: 5,
  refunds: { count: 1, amount: 6_000, currency: 'EUR' },
  waiting: 1,
};

describe('cancelEvent', () => {
  it('counts with dryRun, and changes nothing', async (t) => {
    const { app, admin, id } = await fullHouse(t);
    // Wait for the jobs of the fixture's own bookings, which would change data between the two compared reads.
    await jobsDone(app);
    const stored = async () => {
      const { events, bookings, ledger, waitlist, jobs } = app.app.models;
      return Promise.all([events, bookings, ledger, waitlist, jobs].map((model) => model.collection.find().toArray()));
    };
    const before = await stored();
    expect(await admin.must('cancelEvent', { eventId: id, reason: REASON, dryRun: true })).toEqual(COUNTS);
    expect(await stored()).toEqual(before);
  });

  it('cancels the event at once, then its bookings and its waiting list, and notifies all buyers', async (t) => {
    const { app, admin, alice, bob, id, held, confirmed } = await fullHouse(t);
    const signedOut = await connected(app.open('/public'));
    const ended = { by: 'event', reason: REASON, at: expect.any(String) };
    const notified = [
      pushed(alice.socket, 'bookingChanged', (booking) => booking.status === 'cancelled'),
      pushed(bob.socket, 'bookingChanged', (booking) => booking.status === 'cancelled'),
    ];
    const changed = pushed(signedOut, 'eventChanged');
    const freed = pushed(signedOut, 'availabilityChanged', ({ changes }) => changes[0]?.availableSeats === 5);
    expect(await admin.must('cancelEvent', { eventId: id, reason: REASON })).toEqual(COUNTS);
    expect(await changed).toMatchObject({ id, status: 'cancelled', cancelReason: REASON });
    expect(await Promise.all(notified)).toMatchObject([
      { id: held.id, ended, event: { status: 'cancelled', cancelReason: REASON } },
      { id: confirmed.id, ended, ticket: null, cancelUntil: null },
    ]);
    await freed;
    await jobDone(app);
    const event = await admin.must('getEvent', { eventId: id });
    expect(event).toMatchObject({ availableSeats: 5, heldSeats: 0, soldSeats: 0, waitingCount: 0, holdsUntil: null });
    expect(await app.app.models.waitlist.distinct('status')).toEqual(['closed']);
  });

  it('answers repeats alike, and adds one job', async (t) => {
    const { app, admin, id } = await fullHouse(t);
    const cancel = (reason: string) => admin.must('cancelEvent', { eventId: id, reason });
    expect(await Promise.all([cancel(REASON), cancel(REASON), cancel(REASON)])).toEqual([COUNTS, COUNTS, COUNTS]);
    const { progress } = await jobDone(app);
    expect(progress).toEqual({ done: 3, total: 3 });
    expect(await cancel('Another reason')).toEqual(COUNTS);
    expect(await jobsOf(app)).toHaveLength(1);
    expect(await admin.must('getEvent', { eventId: id })).toMatchObject({ cancelReason: REASON });
    const gone = { bookings: 0, seats: 0, refunds: { count: 0, amount: 0, currency: 'EUR' }, waiting: 0 };
    expect(await admin.must('cancelEvent', { eventId: id, reason: REASON, dryRun: true })).toEqual(gone);
  });

  it('restarts a job that has failed', async (t) => {
    const { app, admin, id } = await fullHouse(t);
    await admin.must('cancelEvent', { eventId: id, reason: REASON });
    const { key } = await jobDone(app);
    await app.app.models.jobs.updateOne({ key }, { $set: { state: 'failed', attempts: 20, lastError: 'Error: no' } });
    expect(await admin.must('cancelEvent', { eventId: id, reason: REASON })).toEqual(COUNTS);
    expect(await jobDone(app)).toMatchObject({ key, attempts: 1, lastError: null });
  });

  it('makes later bookings and edits be refused', async (t) => {
    const { admin, alice, id } = await fullHouse(t);
    await admin.must('cancelEvent', { eventId: id, reason: REASON });
    const refused = await alice.send('book', { requestId: randomUUID(), eventId: id, seats: 1 });
    expect(refused).toMatchObject({ error: { code: 'SALES_CLOSED', details: { reason: 'cancelled' } } });
    const edited = await admin.send('updateEvent', { eventId: id, revision: 2, changes: { title: 'Back again' } });
    expect(edited).toMatchObject({ error: { code: 'INVALID_STATE', details: { status: 'cancelled' } } });
  });

  it('cancels a draft', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    const { id } = await admin.must('createEvent', eventInput({ status: 'draft' }));
    const none = { bookings: 0, seats: 0, refunds: { count: 0, amount: 0, currency: 'EUR' }, waiting: 0 };
    expect(await admin.must('cancelEvent', { eventId: id, reason: REASON })).toEqual(none);
    expect(await admin.must('getEvent', { eventId: id })).toMatchObject({ status: 'cancelled', revision: 2 });
    await jobDone(app);
  });

  it('cancels bookings that are already checked in', async (t) => {
    const { app, admin, id, confirmed } = await fullHouse(t);
    await app.app.models.bookings.updateOne({ _id: confirmed.id }, { $set: { checkedInSeats: 2 } });
    await admin.must('cancelEvent', { eventId: id, reason: REASON });
    await jobDone(app);
    expect(await admin.must('getBooking', { bookingId: confirmed.id })).toMatchObject({ status: 'cancelled' });
  });

  it('closes a waiting list longer than a batch', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    const { id } = await admin.must('createEvent', eventInput({ totalSeats: 1 }));
    await fillEvent(app.app, id, 1);
    await joinWaitlist(app, id, 1_100);
    const counts = await admin.must('cancelEvent', { eventId: id, reason: REASON });
    expect(counts).toMatchObject({ bookings: 1, waiting: 1_100 });
    expect((await jobDone(app)).progress).toEqual({ done: 1_101, total: 1_101 });
    expect(await app.app.models.waitlist.countDocuments({ status: { $ne: 'closed' } })).toBe(0);
  });

  it('is refused to non-admins, for an unknown event, and with a reason of several lines', async (t) => {
    const { admin, alice, id } = await fullHouse(t);
    const codeOf = async (person: Person, eventId: string, reason: string, dryRun?: boolean) => {
      const reply = await person.send('cancelEvent', { eventId, reason, ...(dryRun === undefined ? {} : { dryRun }) });
      return reply.ok ? 'ok' : reply.error.code;
    };
    expect(await codeOf(alice, id, REASON)).toBe('FORBIDDEN');
    expect(await codeOf(admin, userId(), REASON)).toBe('NOT_FOUND');
    expect(await codeOf(admin, userId(), REASON, true)).toBe('NOT_FOUND');
    for (const reason of ['', ' ', 'two\nlines', 'x'.repeat(501)]) {
      expect(await codeOf(admin, id, reason)).toBe('INVALID_INPUT');
    }
    expect(await admin.must('getEvent', { eventId: id })).toMatchObject({ status: 'published' });
  });
});

describe('the job that cancels an event', () => {
  it('continues on another server after a kill -9 amid 1,200 bookings', { timeout: 60_000 }, async (t) => {
    const mongoUri = testDatabaseUri();
    const { database, models, engine, createEvent } = await engineWorld(t, { mongoUri });
    const id = await createEvent({ totalSeats: 2_000 });
    await fillEvent({ engine }, id, 1_200);
    const { bookings, jobs } = models;
    // The job cancels the oldest booking last. That booking is unwritable, so the job cannot finish before the kill.
    const last = await bookings.findOne().sort({ _id: 1 }).orFail().lean();
    const stuck = { $or: [{ _id: { $ne: last._id } }, { status: 'confirmed' }] };
    await database.command({ collMod: 'bookings', validator: stuck });
    const progress = jobs.collection.watch([{ $match: { 'updateDescription.updatedFields.progress.done': 500 } }]);
    t.onTestFinished(() => progress.close());
    await progress.tryNext();

    const settings = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'correct horse' };
    const killed = await startServer({ MONGO_URI: mongoUri, ...settings });
    t.onTestFinished(async () => void (await killed.end('SIGKILL')));
    const cancelled = await cancelAt(killed.url, id);
    expect(cancelled).toMatchObject({ bookings: 1_200, seats: 1_200 });
    await progress.next();
    await killed.end('SIGKILL');
    const left = await bookings.countDocuments({ status: 'confirmed' });
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(700);

    await database.command({ collMod: 'bookings', validator: {} });
    const second = await testApp(t, { mongoUri });
    // Move the clock past the end of the dead runner's job lock.
    second.clock.offsetMs = 30_000;
    const job = await jobDone(second);
    expect(job.progress).toEqual({ done: 1_200, total: 1_200 });
    expect(job.attempts).toBeGreaterThan(1);
    const ended = { 'ended.by': 'event' as const, 'ended.reason': REASON };
    expect(await bookings.countDocuments({ status: 'cancelled', version: 2, ...ended })).toBe(1_200);
    const again = await second.admin();
    expect(await again.must('cancelEvent', { eventId: id, reason: REASON })).toEqual(cancelled);
    expect(await again.must('getEvent', { eventId: id })).toMatchObject({ availableSeats: 2_000, soldSeats: 0 });
  });
});

/** Sends `cancelEvent` to a server in another process. */
async function cancelAt(url: string, eventId: string): Promise<Cancellation> {
  const response = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@example.org', password: 'correct horse' }),
  });
  const { token } = (await response.json()) as { token: string };
  const socket = await connected(io(`${url}/booking`, { transports: ['websocket'], forceNew: true, auth: { token } }));
  try {
    return await commandsOf(socket).must('cancelEvent', { eventId, reason: REASON });
  } finally {
    socket.disconnect();
  }
}
