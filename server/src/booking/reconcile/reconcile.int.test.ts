import { Types } from 'mongoose';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineWorld } from '../../../test/support/engine-world.ts';
import { bookCommand, engineWorld, userId } from '../../../test/support/engine-world.ts';
import { bookingOf } from '../../../test/support/outcomes.ts';
import { quiet } from '../../../test/support/quiet.ts';
import { payHold } from '../../../test/support/payments/pay-hold.ts';
import { CLOSED_ACCOUNT, closedAccountKey } from '#server/models/accounts/closed-account.ts';
import { insertJob } from '#server/models/job.ts';
import { sleepOrAbort } from '#server/sleep.ts';
import type { EventReport, Reconcile, Repair } from './reconcile.ts';
import { createReconcile } from './reconcile.ts';
import { createReconcileTimer } from './reconcile-timer.ts';
import { PRICE } from '../../../test/support/payments/demo-payments.ts';

let world: EngineWorld;
let reconcile: Reconcile;
let eventId: string;
let heldId: string;
let soldId: string;
let _id: Types.ObjectId;

/** An event with one hold of 2 seats, one confirmed booking of 3, 5 available seats, and a limit for each user. */
beforeEach(async (t) => {
  world = await engineWorld(t, { expectsAgreement: false });
  reconcile = createReconcile({ client: world.database.client, database: world.database });
  eventId = await world.createEvent({ price: PRICE, maxSeatsPerUser: 6 });
  _id = Types.ObjectId.createFromHexString(eventId);
  heldId = bookingOf(await world.engine.submit(eventId, bookCommand(userId(), 2))).id;
  soldId = bookingOf(await world.engine.submit(eventId, bookCommand(userId(), 3))).id;
  await payHold(world.engine, eventId, soldId);
  expect(await differences()).toEqual([]);
});

async function reports(): Promise<EventReport[]> {
  const all: EventReport[] = [];
  for await (const report of reconcile.check()) all.push(report);
  return all;
}

async function differences(): Promise<string[]> {
  return (await reports()).flatMap((report) => report.differences.map(describeDifference));
}

function describeDifference({ kind, what }: EventReport['differences'][number]): string {
  return `${kind}: ${what}`;
}

const repair = (): Promise<Repair> => reconcile.repair(world.engine, eventId);
const collections = () => world.models;
const byId = (id: string) => ({ _id: Types.ObjectId.createFromHexString(id) });

/** Wrong counters that the validator takes: of seats and of the ticket type alike. */
const soldMore = (seats: number) => ({
  $inc: { soldSeats: seats, availableSeats: -seats, 'ticketTypes.0.sold': seats },
});

async function breakEvent(change: object): Promise<void> {
  await collections().events.collection.updateOne({ _id }, change);
}

/** Expects no difference, neither now nor after another booking. */
async function expectSound(): Promise<void> {
  expect(await differences()).toEqual([]);
  const { outcome } = await world.engine.submit(eventId, bookCommand(userId(), 1));
  expect(outcome.ok).toBe(true);
  expect(await differences()).toEqual([]);
}

describe('a repair of counters', () => {
  it('takes seat counters from the ledger, by a commit that is pushed', async () => {
    await breakEvent(soldMore(2));
    expect(await differences()).toEqual([
      'counters: availableSeats of the event is 3, the ledger says 5',
      'counters: soldSeats of the event is 5, the ledger says 3',
      'tickets: sold of the ticket type t1 is 5, the bookings says 3',
    ]);
    expect(await repair()).toEqual({ repaired: true, left: [] });
    const last = await collections().ledger.findOne({ eventId }).sort({ seq: -1 }).orFail().lean();
    expect(last).toMatchObject({
      seq: 6,
      availability: { availableSeats: 5, soldSeats: 3 },
      entries: [
        { kind: 'recounted', actor: 'system', reason: 'availableSeats 3 -> 5, soldSeats 5 -> 3, sold t1 5 -> 3' },
      ],
    });
    await expectSound();
  });

  it('raises a version behind the ledger, with which every booking would fail', async () => {
    await breakEvent({ $set: { version: 2 } });
    expect(await differences()).toEqual(['version: the version of the event is 2, the ledger says 5']);
    expect(await repair()).toEqual({ repaired: true, left: [] });
    await expectSound();
  });

  it('accepts a version one ahead of the ledger: its own commit fills the gap', async () => {
    await breakEvent({ $set: { version: 6 } });
    expect(await repair()).toEqual({ repaired: true, left: [] });
    await expectSound();
  });

  it('rewrites waitingCount and holdsUntil', async () => {
    await breakEvent({ $set: { waitingCount: 7, holdsUntil: null } });
    expect(await differences()).toEqual([
      'waiting: waitingCount of the event is 7, the waiting list says 0',
      expect.stringMatching(/^holds: holdsUntil of the event is null, the bookings says 2026-11-23T12:10/),
    ]);
    expect(await repair()).toEqual({ repaired: true, left: [] });
    await expectSound();
  });

  it('offers seats that it frees to the waiting list', async () => {
    await world.engine.submit(eventId, bookCommand(userId(), 5));
    const joined = { type: 'join', userId: userId(), requestId: 'r', seats: 2, entryId: userId() } as const;
    await world.engine.submit(eventId, joined);
    // Cancels the hold in booking and ledger only; counters and waiting list stay as they are.
    const hold = {
      type: 'cancel',
      requestId: null,
      bookingId: heldId,
      actor: userId(),
      by: 'buyer',
      seats: null,
      reason: null,
    } as const;
    await collections().waitlist.updateOne({}, { $set: { status: 'left' } });
    await breakEvent({ $set: { waitingCount: 0 } });
    await world.engine.submit(eventId, hold);
    await collections().waitlist.updateOne({}, { $set: { status: 'waiting' } });
    await breakEvent({ $set: { heldSeats: 7, availableSeats: 0, 'ticketTypes.0.held': 7 } });
    expect(await differences()).toEqual([
      'counters: availableSeats of the event is 0, the ledger says 2',
      'counters: heldSeats of the event is 7, the ledger says 5',
      'tickets: held of the ticket type t1 is 7, the bookings says 5',
      'waiting: waitingCount of the event is 0, the waiting list says 1',
    ]);
    expect(await repair()).toEqual({ repaired: true, left: [] });
    expect(await collections().waitlist.findOne({}).lean()).toMatchObject({ status: 'offered' });
    expect(await differences()).toEqual([]);
  });

  it('works after later bookings have carried wrong counters into the ledger', async () => {
    await breakEvent(soldMore(1));
    await world.engine.submit(eventId, bookCommand(userId(), 1));
    expect(await differences()).toContain('ledger: document 6 of the ledger shows other seats than the sum up to it');
    expect(await repair()).toEqual({ repaired: true, left: [] });
    await expectSound();
  });

  it('loses no seat and counts none twice while two servers sell', async () => {
    const other = await world.again();
    await breakEvent(soldMore(1));
    const sales = [world, other].flatMap(({ engine }) =>
      [1, 2].map(() => engine.submit(eventId, bookCommand(userId(), 1))),
    );
    const [repaired, ...sold] = await Promise.all([repair(), ...sales]);
    expect(repaired.repaired).toBe(true);
    expect(sold.filter(({ outcome }) => outcome.ok).length).toBe(4);
    expect(await differences()).toEqual([]);
  });
});

describe('a check of bookings', () => {
  it('names each booking that differs from the ledger, and leaves the counters as they are', async () => {
    await collections().bookings.collection.updateOne(byId(soldId), { $set: { seats: 4 } });
    const found = [
      'bookings: the sum of confirmed seats in bookings is 4, the ledger says 3',
      `bookings: booking ${soldId} is confirmed with 4 seats (3 t1), the ledger says confirmed with 3 seats (3 t1)`,
    ];
    expect(await differences()).toEqual(expect.arrayContaining(found));
    const { repaired, left } = await repair();
    expect(repaired).toBe(false);
    expect(left.map(describeDifference)).toEqual(expect.arrayContaining(found));
    expect(await collections().ledger.countDocuments({ eventId })).toBe(5);
  });

  it('finds a wrong status', async () => {
    await collections().bookings.collection.updateOne(byId(heldId), { $set: { status: 'confirmed' } });
    const what = `booking ${heldId} is confirmed with 2 seats (2 t1), the ledger says held with 2 seats (2 t1)`;
    expect(await differences()).toContain(`bookings: ${what}`);
  });

  it('finds a deleted booking that no longer had any seats', async () => {
    const bookingId = heldId;
    const cancel = {
      type: 'cancel',
      bookingId,
      actor: userId(),
      by: 'buyer',
      requestId: null,
      seats: null,
      reason: null,
    } as const;
    await world.engine.submit(eventId, cancel);
    await collections().bookings.collection.deleteOne(byId(heldId));
    expect(await differences()).toEqual([
      'bookings: the number of bookings is 1, the ledger says 2',
      `bookings: booking ${heldId} is missing, the ledger says cancelled with 2 seats (2 t1)`,
    ]);
  });

  it('finds a booking that was inserted without the event queue', async () => {
    const made = await collections().bookings.findById(soldId).orFail().lean();
    const copy = { ...made, _id: new Types.ObjectId(), code: 'STRAY', requestId: null };
    await collections().bookings.collection.insertOne(copy);
    const what = `booking ${copy._id.toHexString()} is confirmed with 3 seats (3 t1), the ledger says nothing of it`;
    expect(await differences()).toContain(`bookings: ${what}`);
  });
});

describe('a check of ticket types', () => {
  const THREE = { ticketTypes: [{ name: 'Adult' }, { name: 'Child', limit: 4 }, { name: 'Family', seats: 4 }] };

  /** An event with three types; a booking of two adults and a child, and a family that holds. */
  async function typedEvent(): Promise<{ id: string; bookingId: string; typed: Types.ObjectId }> {
    const types = THREE.ticketTypes.map((type) => ({ ...type, price: { amount: 0, currency: 'EUR' } }));
    const id = await world.createEvent({ ticketTypes: types, totalSeats: 20 });
    const book = (tickets: { type: string; count: number }[]) => {
      const { seats: _, price: __, ...command } = bookCommand(userId(), 1);
      return world.engine.submit(id, { ...command, tickets, voucher: null, total: null });
    };
    const { id: bookingId } = bookingOf(
      await book([
        { type: 't1', count: 2 },
        { type: 't2', count: 1 },
      ]),
    );
    await book([{ type: 't3', count: 1 }]);
    return { id, bookingId, typed: Types.ObjectId.createFromHexString(id) };
  }

  it('names types whose counters the bookings contradict, and a repair takes them from the ledger', async () => {
    const { id, typed } = await typedEvent();
    expect(await differences()).toEqual([]);
    const swapped = { 'ticketTypes.0.sold': 1, 'ticketTypes.1.sold': 2 };
    await collections().events.collection.updateOne({ _id: typed }, { $set: swapped });
    expect(await differences()).toEqual([
      'tickets: sold of the ticket type t1 is 1, the bookings says 2',
      'tickets: sold of the ticket type t2 is 2, the bookings says 1',
    ]);
    expect(await reconcile.repair(world.engine, id)).toEqual({ repaired: true, left: [] });
    expect(await differences()).toEqual([]);
  });

  it('names a booking whose tickets the ledger contradicts, and refuses to repair', async () => {
    const { id, bookingId } = await typedEvent();
    const line = { type: 't1', count: 3, price: { amount: 0, currency: 'EUR' }, seats: 1 };
    await collections().bookings.collection.updateOne(byId(bookingId), { $set: { tickets: [line] } });
    expect(await differences()).toEqual([
      'tickets: sold of the ticket type t1 is 2, the bookings says 3',
      'tickets: sold of the ticket type t2 is 1, the bookings says 0',
      `bookings: booking ${bookingId} is confirmed with 3 seats (3 t1), the ledger says confirmed with 3 seats (2 t1, 1 t2)`,
    ]);
    expect((await reconcile.repair(world.engine, id)).repaired).toBe(false);
  });
});

describe('a check of payments', () => {
  it('[F26] finds money that bought a booking for a closed account, a few minutes after it was closed', async () => {
    const { userId: owner } = await collections().bookings.findById(soldId).orFail().lean();
    const { _id: paymentId } = await collections().payments.findOne({ bookingId: soldId }).orFail().lean();
    const job = { key: closedAccountKey(owner.toHexString(), 0), kind: CLOSED_ACCOUNT, payload: {} };
    // The database compares with its own clock, which is not the clock of the world.
    await breakEvent({ $set: { startsAt: new Date(Date.now() + 3_600_000) } });
    await insertJob(collections(), job, new Date());
    expect(await differences()).toEqual([]);
    await collections().jobs.updateOne({ key: job.key }, { $set: { createdAt: new Date(Date.now() - 300_000) } });
    const what = `payment ${paymentId.toHexString()} bought booking ${soldId} for a closed account`;
    expect(await differences()).toEqual([`payments: ${what}`]);
    const [difference] = (await reports()).flatMap((report) => report.differences);
    expect(difference).toMatchObject({ paymentId: paymentId.toHexString() });
    await breakEvent({ $set: { startsAt: new Date(Date.now() - 3_600_000) } });
    expect(await differences()).toEqual([]);
  });
});

describe('a check of the ledger', () => {
  it.each([
    [2, 'ledger: the ledger of 4 documents has no number 2'],
    [1, 'ledger: the ledger of 4 documents has no number 1'],
  ])('finds the missing document %i, and refuses to repair from this ledger', async (seq, found) => {
    await collections().ledger.collection.deleteOne({ eventId: _id, seq });
    expect(await differences()).toContain(found);
    await breakEvent(soldMore(1));
    expect((await repair()).repaired).toBe(false);
  });

  it('finds a missing last document, and refuses to repair from this ledger', async () => {
    await collections().ledger.collection.deleteOne({ eventId: _id, seq: 5 });
    expect(await differences()).toContain('version: the version of the event is 5, the ledger says 4');
    expect((await repair()).repaired).toBe(false);
  });

  it('finds an entry with wrong seats, and refuses to repair from this ledger', async () => {
    const wrongEntry = { $inc: { 'entries.0.sold': 1, 'entries.0.available': -1 } };
    await collections().ledger.collection.updateOne({ eventId: _id, seq: 5 }, wrongEntry);
    expect(await differences()).toContain('ledger: document 5 of the ledger shows other seats than the sum up to it');
    expect((await repair()).repaired).toBe(false);
  });

  it('finds and repairs a wrong availability in an earlier document', async () => {
    const shown = { $set: { 'availability.availableSeats': 1 } };
    await collections().ledger.collection.updateOne({ eventId: _id, seq: 2 }, shown);
    expect(await differences()).toEqual(['ledger: document 2 of the ledger shows other seats than the sum up to it']);
    expect(await repair()).toEqual({ repaired: true, left: [] });
  });
});

describe('receipts', () => {
  const receipts = () => collections().receipts;

  it('that were issued agree, and their numbers are complete', async () => {
    await world.issueReceipts();
    expect(await receipts().countDocuments()).toBe(1);
    expect([await differences(), await reconcile.missingReceipts()]).toEqual([[], []]);
  });

  it('that state another amount than what is kept are found', async () => {
    await world.issueReceipts();
    const payment = await collections().payments.findOne({ bookingId: soldId }).orFail().lean();
    const id = payment._id.toHexString();
    await receipts().collection.updateOne({}, { $set: { gross: 5_000 } });
    expect(await differences()).toEqual([`receipts: the receipts of payment ${id} state 5000, 6000 of it is kept`]);
    await receipts().collection.updateOne({}, { $set: { gross: 6_000 } });
    // A refund on its way was stated before the bank returned it.
    const refund = { key: 'x.1', amount: 1_000, cause: 'organiser', status: 'done' };
    await collections().payments.collection.updateOne({ _id: payment._id }, { $set: { refunds: [refund] } } as object);
    expect(await differences()).toContainEqual(
      `receipts: the receipts of payment ${id} state 6000, 5000 of it is kept`,
    );
  });

  it('that are missing are found, by their payment after ten minutes and by their number', async () => {
    await world.issueReceipts();
    const sold = bookingOf(await world.engine.submit(eventId, bookCommand(userId(), 1))).id;
    await payHold(world.engine, eventId, sold);
    expect(await differences()).toEqual([]);
    await world.issueReceipts();
    const [first] = await receipts().find().sort({ number: 1 }).lean();
    await receipts().collection.deleteOne({ _id: first?._id } as object);
    expect(await reconcile.missingReceipts()).toEqual(['receipt 1 of the series R- is missing']);
    expect(await differences()).toEqual([
      `receipts: the receipts of payment ${String(first?.paymentId)} state 0, 6000 of it is kept`,
    ]);
    await receipts().collection.deleteMany({});
    expect(await reconcile.missingReceipts()).toEqual([1, 2].map((n) => `receipt ${n} of the series R- is missing`));
  });
});

describe('a check', () => {
  it('reads each event in one snapshot while its seats are sold', async () => {
    const busy = await world.createEvent({ totalSeats: 3_000 });
    const sales = Array.from({ length: 3_000 }, () => world.engine.submit(busy, bookCommand(userId(), 1)));
    const sold = Promise.all(sales);
    let selling = true;
    void sold.then(() => (selling = false));
    let checks = 0;
    do {
      expect(await differences()).toEqual([]);
      checks += 1;
    } while (selling);
    await sold;
    expect(checks).toBeGreaterThan(1);
  });

  it('reports every event, and no differences of events that agree', async () => {
    await world.createEvent({ title: 'Blues' });
    expect(await reports()).toEqual([
      { eventId, title: 'Jazz', differences: [] },
      { eventId: expect.any(String), title: 'Blues', differences: [] },
    ]);
  });
});

describe('the reconcile timer', () => {
  function createTimer(more: { leads?: boolean; random?: number } = {}) {
    const error = vi.fn();
    const waits: { ms: number; pass: () => void }[] = [];
    const sleepOrAbort = (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        waits.push({ ms, pass: resolve });
      });
    const timer = createReconcileTimer({
      reconcile,
      lease: { hold: async () => more.leads ?? true },
      now: world.clock.now,
      random: () => more.random ?? 0.5,
      sleepOrAbort,
      log: { ...quiet, error },
    });
    return { timer, error, waits };
  }

  it('checks every five minutes, logs an event that differs, and keeps the result for metrics', async () => {
    await breakEvent(soldMore(2));
    const { timer, error, waits } = createTimer();
    const running = timer.start();
    expect(waits.map(({ ms }) => ms)).toEqual([300_000]);
    expect(timer.last).toBeNull();
    waits[0]?.pass();
    await vi.waitUntil(() => waits.length === 2);
    expect(timer.last).toMatchObject({
      at: world.clock.now(),
      events: 1,
      differences: { counters: 2, tickets: 1, bookings: 0 },
    });
    const logged = { eventId, differences: Array.from({ length: 3 }, () => expect.any(String) as string) };
    expect(error.mock.calls).toEqual([[logged, expect.stringContaining('npm run reconcile')]]);
    await running.close();
  });

  it('waits between half and one and a half times its interval', async () => {
    const [shortest, longest] = [createTimer({ random: 0 }), createTimer({ random: 1 })];
    const running = [shortest, longest].map(({ timer }) => timer.start());
    expect([shortest.waits[0]?.ms, longest.waits[0]?.ms]).toEqual([150_000, 450_000]);
    await Promise.all(running.map((sweep) => sweep.close()));
  });

  it('checks nothing without the lease', async () => {
    await breakEvent(soldMore(2));
    const { timer, error } = createTimer({ leads: false });
    await timer.check();
    expect([timer.last, error.mock.calls]).toEqual([null, []]);
  });

  it('closes at once between two checks', async () => {
    const lease = { hold: async () => true };
    const more = { now: world.clock.now, random: () => 1, sleepOrAbort, log: quiet };
    await createReconcileTimer({ reconcile, lease, ...more })
      .start()
      .close();
  });
});
