import { Types } from 'mongoose';
import { describe, expect, it, type TestContext } from 'vitest';
import { createHoldSweep } from '#server/booking/hold-sweep.ts';
import { createLease } from '#server/jobs/lease.ts';
import { startSweep } from '#server/jobs/sweep.ts';
import type { Lease } from '#server/jobs/lease.ts';
import { createWaitlistSweep } from '#server/booking/waitlist/sweep.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { bookCommand, engineWorld, joinCommand, userId } from '../support/engine-world.ts';
import { quiet } from '../support/quiet.ts';
import { startServer } from '../support/server-process.ts';
import type { TestApp } from '../support/test-app.ts';
import { book, eventInput, pushed, storedEvent, testApp } from '../support/test-app.ts';
import { testDatabaseUri } from '../support/database/test-database.ts';
import { PRICE } from '../support/payments/demo-payments.ts';

/** A lease lasts five seconds and a sweep tries it every second; the rest is a margin for a busy machine. */
const TAKEN_OVER_WITHIN_MS = 9_000;

async function holdSetting(t: Pick<TestContext, 'onTestFinished'>, more: Parameters<typeof eventInput>[0] = {}) {
  const app = await testApp(t);
  const [admin, alice, bob] = await Promise.all([app.admin(), app.register('alice'), app.register('bob')]);
  const { id: eventId } = await admin.must('createEvent', eventInput({ price: PRICE, ...more }));
  return { app, admin, alice, bob, eventId };
}

describe('a hold', () => {
  it('changes its party size and keeps its end, for its owner alone', async (t) => {
    const { app, admin, alice, bob, eventId } = await holdSetting(t);
    const hold = await book(alice, eventId, 2);
    const shown = pushed(alice.socket, 'bookingChanged', ({ seats }) => seats === 5);
    const larger = await alice.must('changeHold', { bookingId: hold.id, seats: 5 });
    expect(larger).toMatchObject({
      id: hold.id,
      version: 2,
      total: { amount: 10_000 },
      holdExpiresAt: hold.holdExpiresAt,
    });
    expect(await shown).toEqual(larger);
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 5, heldSeats: 5 });
    expect(await alice.must('changeHold', { bookingId: hold.id, seats: 1 })).toMatchObject({ seats: 1, version: 3 });
    expect(await alice.must('changeHold', { bookingId: hold.id, seats: 1 })).toMatchObject({ seats: 1, version: 3 });
    for (const person of [bob, admin]) {
      const reply = await person.send('changeHold', { bookingId: hold.id, seats: 3 });
      expect(reply).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 9, heldSeats: 1 });
  });

  it('does not change if seats are missing or a limit is exceeded', async (t) => {
    const { alice, bob, eventId } = await holdSetting(t, { maxSeatsPerBooking: 6, maxSeatsPerUser: 5 });
    const hold = await book(alice, eventId, 2);
    await book(bob, eventId, 5);
    const ask = (seats: number) => alice.send('changeHold', { bookingId: hold.id, seats });
    expect(await ask(7)).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { limit: 6 } } });
    expect(await ask(6)).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { limit: 5 } } });
    expect(await alice.must('getBooking', { bookingId: hold.id })).toEqual(hold);
    expect(await alice.must('changeHold', { bookingId: hold.id, seats: 5 })).toMatchObject({ seats: 5, version: 2 });
  });

  it('does not change if others have the seats: SOLD_OUT states how many are left', async (t) => {
    const { app, alice, bob, eventId } = await holdSetting(t);
    const hold = await book(alice, eventId, 4);
    await book(bob, eventId, 5);
    expect(await alice.send('changeHold', { bookingId: hold.id, seats: 6 })).toMatchObject({
      error: { code: 'SOLD_OUT', details: { availableSeats: 1 } },
    });
    expect(await alice.must('getBooking', { bookingId: hold.id })).toEqual(hold);
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 1, heldSeats: 9 });
  });

  it('with a price is not confirmed without payment, and is final after its end', async (t) => {
    const { app, alice, eventId } = await holdSetting(t, { holdMinutes: 1 });
    const { id: bookingId } = await book(alice, eventId, 2);
    expect(await alice.send('confirmBooking', { bookingId })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { status: 'held', owes: { amount: 4_000 } } },
    });
    const over = pushed(alice.socket, 'bookingChanged', ({ status }) => status === 'expired');
    app.clock.offsetMs = 60_001;
    await over;
    for (const reply of [
      await alice.send('changeHold', { bookingId, seats: 1 }),
      await alice.send('confirmBooking', { bookingId }),
    ]) {
      expect(reply).toMatchObject({ error: { code: 'INVALID_STATE', details: { status: 'expired' } } });
    }
    expect((await alice.must('listBookings', { status: 'expired' })).total).toBe(1);
  });

  it('expires within a second of its end', async (t) => {
    const { app, alice, eventId } = await holdSetting(t);
    const hold = await book(alice, eventId, 2);
    const over = pushed(alice.socket, 'bookingChanged', ({ status }) => status === 'expired');
    const end = new Date(Date.now() + 1_700);
    await endAt(app, hold.id, end);
    const { ended } = await over;
    expect(Date.now() - end.getTime()).toBeLessThan(1_000);
    expect(Date.parse(ended?.at ?? '')).toBeGreaterThanOrEqual(end.getTime());
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 10, holdsUntil: null });
  });

  it('expires by the sweep alone: no index of bookings or ledger deletes documents by age', async (t) => {
    const { bookings, ledger, payments, waitlist } = (await testApp(t)).app.models;
    for (const { collection } of [bookings, ledger, payments, waitlist]) {
      const ageing = (await collection.indexes()).filter((index) => index.expireAfterSeconds !== undefined);
      expect(ageing, collection.name).toEqual([]);
    }
  });
});

/** Moves the end of a hold: the shortest hold that an organiser can set lasts a minute, which is long for a test. */
async function endAt({ app }: TestApp, bookingId: string, holdExpiresAt: Date): Promise<void> {
  await app.models.bookings.collection.updateOne({ _id: new Types.ObjectId(bookingId) }, { $set: { holdExpiresAt } });
}

describe('[F16] the server that sweeps holds', () => {
  it('is replaced within the duration of the lease when killed', async (t) => {
    const mongoUri = testDatabaseUri();
    const killed = await startServer({ MONGO_URI: mongoUri });
    t.onTestFinished(async () => void (await killed.end('SIGKILL')));
    const app = await testApp(t, { mongoUri });
    const holder = async () => (await app.app.models.leases.findById('holds').lean())?.holder;
    const [admin, alice, dead] = await Promise.all([app.admin(), app.register('alice'), holder()]);
    expect(dead).toEqual(expect.any(String));
    const { id: eventId } = await admin.must('createEvent', eventInput({ price: PRICE }));
    const { id } = await book(alice, eventId, 2);
    const over = pushed(alice.socket, 'bookingChanged', ({ status }) => status === 'expired');
    await killed.end('SIGKILL');
    const killedAt = Date.now();
    await endAt(app, id, new Date());
    await over;
    expect(Date.now() - killedAt).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 10, heldSeats: 0 });
    expect(await holder()).not.toBe(dead);
  });

  it('is replaced at once when it shuts down', async (t) => {
    const { world, other } = await twoEngines(t);
    const eventId = await heldEvent(world, 1);
    const [first, second] = [leaseOf(world, 'first'), leaseOf(other, 'second')];
    expect([await first.hold(), await second.hold(), await first.hold()]).toEqual([true, false, true]);
    const sweep = sweepBy(t, other, second);
    await first.release();
    world.clock.pass(61_000);
    await expect.poll(() => heldSeats(world, eventId), { timeout: 5_000 }).toBe(0);
    // Read the stored lease: the second server may have taken it before the clock moved, and see it as expired by now.
    expect((await world.models.leases.findById('holds').lean())?.holder).toBe('second');
    await sweep.close();
    await second.release();
    expect(await first.hold()).toBe(true);
  });

  it('releases each hold once, also while a second server sweeps at the same time', async (t) => {
    const { world, other } = await twoEngines(t);
    const eventId = await heldEvent(world, 60);
    const always: Lease = { hold: async () => true, release: async () => undefined };
    world.clock.pass(61_000);
    const sweeps = [sweepBy(t, world, always), sweepBy(t, other, always)];
    await expect.poll(() => heldSeats(world, eventId), { timeout: 10_000 }).toBe(0);
    await Promise.all(sweeps.map((sweep) => sweep.close()));
    const ledger = await world.models.ledger.find({ eventId }).lean();
    const expired = ledger.flatMap(({ entries }) => entries.filter(({ kind }) => kind === 'expired'));
    expect(expired).toHaveLength(60);
    expect(new Set(expired.map(({ booking }) => booking?._id.toHexString())).size).toBe(60);
  });
});

describe('[I7] free seats beside a waiting list', () => {
  it('are offered by the waiting list sweep once the sale opens again', async (t) => {
    const { world } = await twoEngines(t);
    const eventId = await world.createEvent({ totalSeats: 4 });
    const sold = await Promise.all([3, 1].map((seats) => world.engine.submit(eventId, bookCommand(userId(), seats))));
    await world.engine.submit(eventId, joinCommand(userId(), 2));
    const salesOpenAt = new Date(world.clock.now().getTime() + 3_600_000).toISOString();
    await world.eventEditing.update({ eventId, revision: 1, changes: { salesOpenAt } }, world.admin);
    const [first] = sold;
    if (!first?.outcome.ok || !('booking' in first.outcome)) throw new Error('Not booked');
    const { id: bookingId, userId: actor } = first.outcome.booking;
    await world.engine.submit(eventId, {
      type: 'cancel',
      bookingId,
      actor,
      by: 'buyer',
      requestId: null,
      seats: null,
      reason: null,
    });
    const task = createWaitlistSweep({ models: world.models, engine: world.engine, now: world.clock.now });
    const lists = startSweep(task, { lease: leaseOf(world, 'lists'), log: quiet });
    t.onTestFinished(() => lists.close());
    const statusOf = async () => (await world.models.waitlist.findOne({ eventId }).lean<WaitlistEntryDoc>())?.status;
    expect(await statusOf()).toBe('waiting');
    world.clock.pass(3_600_000);
    await expect.poll(statusOf, { timeout: 5_000 }).toBe('offered');
    expect(await world.models.events.findById(eventId).lean()).toMatchObject({ availableSeats: 1, heldSeats: 2 });
  });
});

/** Two engines on one database, which play two processes. */
async function twoEngines(t: Pick<TestContext, 'onTestFinished'>) {
  const world = await engineWorld(t);
  return { world, other: await world.again() };
}

/** An event with this many holds of one seat that last a minute. */
async function heldEvent(world: EngineWorld, holds: number): Promise<string> {
  const eventId = await world.createEvent({ totalSeats: 100, price: PRICE, holdMinutes: 1 });
  await Promise.all(Array.from({ length: holds }, () => world.engine.submit(eventId, bookCommand(userId(), 1))));
  return eventId;
}

async function heldSeats({ models }: EngineWorld, eventId: string): Promise<number> {
  return (await models.events.findById(eventId).orFail().lean()).heldSeats;
}

function leaseOf({ models, clock }: EngineWorld, holder: string): Lease {
  return createLease({ models, name: 'holds', holder, now: clock.now });
}

function sweepBy(t: Pick<TestContext, 'onTestFinished'>, { models, engine, clock }: EngineWorld, lease: Lease) {
  const task = createHoldSweep({ models, engine, now: clock.now });
  const sweep = startSweep(task, { lease, log: quiet });
  t.onTestFinished(() => sweep.close());
  return sweep;
}
