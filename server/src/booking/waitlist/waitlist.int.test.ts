import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineWorld } from '../../../test/support/engine-world.ts';
import { bookCommand, engineWorld, joinCommand, userId } from '../../../test/support/engine-world.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import { bookingOf, codeOf, entryOf } from '../../../test/support/outcomes.ts';

let world: EngineWorld;

beforeEach(async (t) => {
  world = await engineWorld(t);
});

function entries(eventId: string) {
  return world.models.waitlist.find({ eventId }).sort({ place: 1 }).lean<WaitlistEntryDoc[]>();
}

/** A sold-out event, with one booking of each party size. */
async function soldOut(sizes: number[], more: Parameters<EngineWorld['createEvent']>[0] = {}) {
  const totalSeats = sizes.reduce((sum, seats) => sum + seats, 0);
  const eventId = await world.createEvent({ totalSeats, ...more });
  const sold = await Promise.all(sizes.map((seats) => world.engine.submit(eventId, bookCommand(userId(), seats))));
  return { eventId, bookings: sold.map(bookingOf) };
}

function giveBack(eventId: string, { id, userId: actor }: { id: string; userId: string }, seats: number | null = null) {
  const command = { type: 'cancel', bookingId: id, actor, by: 'buyer', requestId: null, seats, reason: null } as const;
  return world.engine.submit(eventId, command);
}

/** Inserts waiting entries of these party sizes directly, with the event's count. Resolves with their users' ids. */
async function fillWaitlist(eventId: string, sizes: readonly number[]) {
  const at = world.clock.now();
  const _id = new Types.ObjectId(eventId);
  const docs = sizes.map((seats, index) => ({
    _id: new Types.ObjectId(),
    version: 1,
    eventId: _id,
    userId: new Types.ObjectId(),
    seats,
    place: index + 1,
    status: 'waiting' as const,
    active: true,
    bookingId: null,
    offerExpiresAt: null,
    requests: [{ requestId: randomUUID(), seats }],
    createdAt: at,
    updatedAt: at,
  }));
  await world.models.waitlist.collection.insertMany(docs);
  await world.models.events.collection.updateOne({ _id }, { $set: { waitingCount: docs.length } });
  return docs.map((doc) => doc.userId.toHexString());
}

describe('a waitlist entry', () => {
  it('keeps its position when its party size shrinks, and goes to the end when it grows', async () => {
    const { eventId } = await soldOut([3]);
    const [alice, bob] = [userId(), userId()];
    await world.engine.submit(eventId, joinCommand(alice, 2));
    await world.engine.submit(eventId, joinCommand(bob, 2));
    await world.engine.submit(eventId, joinCommand(bob, 1));
    expect((await entries(eventId)).map((entry) => [entry.userId.toHexString(), entry.seats])).toEqual([
      [alice, 2],
      [bob, 1],
    ]);
    await world.engine.submit(eventId, joinCommand(alice, 3));
    await world.engine.submit(eventId, joinCommand(bob, 2));
    const list = await entries(eventId);
    expect(list.map((entry) => [entry.userId.toHexString(), entry.seats, entry.version])).toEqual([
      [alice, 3, 2],
      [bob, 2, 3],
    ]);
    expect((await world.storedEvent(eventId)).waitingCount).toBe(2);
  });

  it('can be left and joined again in one batch', async () => {
    const { eventId } = await soldOut([2]);
    const alice = userId();
    await world.engine.submit(eventId, joinCommand(alice, 1));
    const settled = await Promise.all([
      world.engine.submit(eventId, joinCommand(userId(), 1)),
      world.engine.submit(eventId, { type: 'leave', userId: alice }),
      world.engine.submit(eventId, joinCommand(alice, 2)),
    ]);
    expect(settled.map(codeOf)).toEqual(['ok', 'ok', 'ok']);
    expect((await entries(eventId)).map(({ status, seats }) => [status, seats])).toEqual([
      ['left', 1],
      ['waiting', 1],
      ['waiting', 2],
    ]);
    expect(world.engine.metrics.halvings).toBe(0);
  });

  it('[I3] [F8] is made once by concurrent copies of a request, which another event then refuses', async () => {
    const [first, second] = [await soldOut([2]), await soldOut([2])];
    const [alice, requestId] = [userId(), randomUUID()];
    const join = (eventId: string, seats = 2) => world.engine.submit(eventId, joinCommand(alice, seats, requestId));
    const same = await Promise.all(Array.from({ length: 10 }, () => join(first.eventId)));
    expect(new Set(same.map((settled) => entryOf(settled).id)).size).toBe(1);
    expect(codeOf(await join(first.eventId, 1))).toBe('REQUEST_ID_REUSED');
    expect(codeOf(await join(second.eventId))).toBe('REQUEST_ID_REUSED');
    for (let round = 0; round < 5; round += 1) {
      const request = joinCommand(userId(), 2);
      const racing = [first, second].map(({ eventId }) => world.engine.submit(eventId, request));
      expect((await Promise.all(racing)).map(codeOf).sort()).toEqual(['REQUEST_ID_REUSED', 'ok']);
    }
  });
});

describe('[I7] returned seats', () => {
  it('are offered in the ledger document of the batch that returned them', async () => {
    const { eventId, bookings } = await soldOut([2, 3]);
    const bob = entryOf(await world.engine.submit(eventId, joinCommand(userId(), 2)));
    await giveBack(eventId, bookings[0]!);
    const last = await world.models.ledger.findOne({ eventId }).sort({ seq: -1 }).orFail().lean();
    expect(last.entries.map(({ kind, held, sold }) => [kind, held, sold])).toEqual([
      ['cancelled', 0, -2],
      ['offered', 2, 0],
    ]);
    expect(last.availability).toMatchObject({ availableSeats: 0, heldSeats: 2, waitingCount: 0 });
    const offered = (await entries(eventId))[0];
    expect(offered).toMatchObject({ status: 'offered', version: bob.version + 1 });
    expect(offered?.bookingId).toEqual(last.entries[1]?.booking?._id);
    expect((await world.storedEvent(eventId)).holdsUntil).toEqual(offered?.offerExpiresAt);
  });

  it('are offered to 1,200 entries in batches of 500 before a later booking is decided', async () => {
    const { eventId } = await soldOut([1]);
    const people = await fillWaitlist(
      eventId,
      Array.from({ length: 1_200 }, () => 1),
    );
    const more = world.eventEditing.update({ eventId, revision: 1, changes: { totalSeats: 1_201 } }, world.admin);
    const racing = Array.from({ length: 20 }, () => world.engine.submit(eventId, bookCommand(userId(), 1)));
    expect((await more).ok).toBe(true);
    expect(new Set((await Promise.all(racing)).map(codeOf))).toEqual(new Set(['SOLD_OUT']));
    const list = await entries(eventId);
    expect(new Set(list.map(({ status }) => status))).toEqual(new Set(['offered']));
    expect(new Set(list.map((entry) => entry.userId.toHexString()))).toEqual(new Set(people));
    expect(await world.storedEvent(eventId)).toMatchObject({ availableSeats: 0, heldSeats: 1_200, waitingCount: 0 });
    const ledger = await world.models.ledger.find({ eventId }).sort({ seq: 1 }).lean();
    const offers = ledger.map((doc) => doc.entries.filter(({ kind }) => kind === 'offered').length);
    expect(offers.reduce((sum, count) => sum + count, 0)).toBe(1_200);
    expect(Math.max(...offers)).toBeLessThanOrEqual(500);
  });

  it('cost no more with 10,000 waiting entries than with ten', async () => {
    const costs = [];
    for (const waiting of [10, 10_000]) {
      const { eventId, bookings } = await soldOut([2, 6]);
      const people = await fillWaitlist(eventId, [...Array.from({ length: waiting - 1 }, (_, i) => 3 + (i % 7)), 2]);
      const { keys, docs } = await examined(() => giveBack(eventId, bookings[0]!));
      const [head] = await world.models.waitlist.find({ eventId, status: 'offered' }).lean<WaitlistEntryDoc[]>();
      expect(head?.userId.toHexString()).toBe(people.at(-1));
      costs.push(keys, docs);
    }
    const [keysOfTen = 0, docsOfTen = 0, keysOfMany = Infinity, docsOfMany = Infinity] = costs;
    expect(keysOfTen).toBeGreaterThan(0);
    expect(keysOfMany).toBeLessThanOrEqual(keysOfTen);
    expect(docsOfMany).toBeLessThanOrEqual(docsOfTen);
  });

  it('cost no more if all 10,000 entries fit: only possible receivers of an offer are read', async () => {
    const { eventId, bookings } = await soldOut([2, 6]);
    await fillWaitlist(
      eventId,
      Array.from({ length: 10_000 }, () => 1),
    );
    const { keys } = await examined(() => giveBack(eventId, bookings[0]!));
    expect(keys).toBeGreaterThan(0);
    expect(keys).toBeLessThan(100);
    expect((await world.storedEvent(eventId)).waitingCount).toBe(9_998);
  });

  /** The index keys and documents of the waiting list that the database read during an act. */
  async function examined(act: () => Promise<unknown>): Promise<{ keys: number; docs: number }> {
    const { database } = world;
    await database.command({ profile: 2 });
    await act();
    await database.command({ profile: 0 });
    const operations = await database
      .collection('system.profile')
      .find({ ns: /\.waitlist$/ })
      .toArray();
    await database.collection('system.profile').drop();
    const sum = (field: string) => operations.reduce((total, operation) => total + Number(operation[field] ?? 0), 0);
    return { keys: sum('keysExamined'), docs: sum('docsExamined') };
  }
});

describe('an edit of limits with a waiting list', () => {
  it('applies a limit of seats per user to offers of the seats that the same edit adds', async () => {
    const alice = userId();
    const eventId = await world.createEvent({ totalSeats: 2 });
    await world.engine.submit(eventId, bookCommand(alice, 2));
    await world.engine.submit(eventId, joinCommand(alice, 2));
    const bob = entryOf(await world.engine.submit(eventId, joinCommand(userId(), 2)));
    const changes = { totalSeats: 4, maxSeatsPerUser: 3 };
    expect((await world.eventEditing.update({ eventId, revision: 1, changes }, world.admin)).ok).toBe(true);
    await world.engine.drained();
    expect((await entries(eventId)).map(({ status }) => status)).toEqual(['waiting', 'offered']);
    const more = await world.engine.submit(eventId, bookCommand(bob.userId, 2));
    expect(more.outcome).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { limit: 3 } } });
    const raise = { eventId, revision: 2, changes: { totalSeats: 6, maxSeatsPerUser: 4 } };
    expect((await world.eventEditing.update(raise, world.admin)).ok).toBe(true);
    expect((await entries(eventId)).map(({ status }) => status)).toEqual(['offered', 'offered']);
  });

  it('passes over an entry for more seats than the new limit per booking, which keeps its position', async () => {
    const { eventId, bookings } = await soldOut([4, 4]);
    await world.engine.submit(eventId, joinCommand(userId(), 4));
    await world.engine.submit(eventId, joinCommand(userId(), 2));
    await world.eventEditing.update({ eventId, revision: 1, changes: { maxSeatsPerBooking: 2 } }, world.admin);
    await giveBack(eventId, bookings[0]!);
    expect((await entries(eventId)).map(({ seats, status }) => [seats, status])).toEqual([
      [4, 'waiting'],
      [2, 'offered'],
    ]);
    await world.eventEditing.update(
      { eventId, revision: 2, changes: { maxSeatsPerBooking: 4, totalSeats: 10 } },
      world.admin,
    );
    expect((await entries(eventId)).map(({ status }) => status)).toEqual(['offered', 'offered']);
  });
});

describe('a waiting list that fails while it is served', () => {
  it('keeps the commits that were answered, and is served by the next batch', async () => {
    const { eventId, bookings } = await soldOut([800, 8], { maxSeatsPerBooking: 800 });
    const sizes = Array.from({ length: 700 }, () => 1);
    const people = await fillWaitlist(eventId, sizes);
    const { database } = world;
    // The first batch of 500 offers can be committed; the next batch meets the invalid entry.
    const poison = { userId: { $ne: new Types.ObjectId(people[550]) } };
    await database.command({ collMod: 'bookings', validator: poison });
    const settled = await Promise.all([
      world.engine.submit(eventId, joinCommand(userId(), 800)),
      giveBack(eventId, bookings[0]!, 600),
      giveBack(eventId, bookings[1]!, 1),
    ]);
    expect(settled.slice(1).map((each) => bookingOf(each).seats)).toEqual([200, 7]);
    expect(await world.storedEvent(eventId)).toMatchObject({ availableSeats: 101, heldSeats: 500, soldSeats: 207 });
    await database.command({ collMod: 'bookings', validator: {} });
    await world.engine.submit(eventId, { type: 'offer', after: 0 });
    expect(await world.storedEvent(eventId)).toMatchObject({ availableSeats: 0, heldSeats: 601, soldSeats: 207 });
  });
});
