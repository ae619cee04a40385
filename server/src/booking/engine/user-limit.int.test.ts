import { Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { bookCommand, engineWorld, userId } from '../../../test/support/engine-world.ts';
import { ofOneType } from '../../../test/support/database/of-one-type.ts';

const FEW = 10;
const MANY = 30_000;

/** An event without a limit per user, and this many buyers of two seats each, written without the engine. */
async function soldTo(t: Pick<TestContext, 'onTestFinished'>, buyers: number) {
  const world = await engineWorld(t, { expectsAgreement: false });
  const eventId = await world.createEvent({ totalSeats: 2 * buyers + 10 });
  const first = userId();
  const { bookingId } = bookCommand(first, 2);
  const made = await world.engine.submit(eventId, { ...bookCommand(first, 2), bookingId });
  expect(made.outcome.ok).toBe(true);
  const { _id, ...sold } = await world.models.bookings.findById(bookingId).orFail().lean();
  const users = Array.from({ length: buyers }, () => new Types.ObjectId());
  const docs = users.map((user, n) => ({ ...sold, userId: user, code: `CODE${n}`, requestId: `${String(_id)}${n}` }));
  await world.models.bookings.collection.insertMany(docs);
  const change = ofOneType({ $inc: { soldSeats: 2 * buyers, availableSeats: -2 * buyers } });
  await world.models.events.collection.updateOne({ _id: new Types.ObjectId(eventId) }, change);
  const setLimit = (maxSeatsPerUser: number, revision: number) =>
    world.eventEditing.update({ eventId, revision, changes: { maxSeatsPerUser } }, world.admin);
  return { world, eventId, users: users.map((user) => user.toHexString()), setLimit };
}

/** Documents that the database reads and writes while the limit is set and a buyer books, by its profiler. */
async function costOfLimit(t: Pick<TestContext, 'onTestFinished'>, buyers: number): Promise<number> {
  const { world, eventId, setLimit, users } = await soldTo(t, buyers);
  await world.database.command({ profile: 2 });
  expect(await setLimit(2, 1)).toMatchObject({ ok: true });
  await world.engine.submit(eventId, bookCommand(users[0] ?? '', 1));
  await world.database.command({ profile: 0 });
  const counts = ['$docsExamined', '$nreturned', '$ninserted', '$ndeleted'].map((field) => ({ $ifNull: [field, 0] }));
  const [cost] = await world.database
    .collection('system.profile')
    .aggregate<{ documents: number }>([
      { $match: { ns: { $not: /system\./ } } },
      { $group: { _id: null, documents: { $sum: { $add: counts } } } },
    ])
    .toArray();
  return cost?.documents ?? NaN;
}

describe('a limit of seats per user that is set on an event with buyers', () => {
  it('costs no more with thirty thousand buyers than with ten', async (t) => {
    const few = await costOfLimit(t, FEW);
    expect(few).toBeGreaterThan(2);
    expect(await costOfLimit(t, MANY)).toBeLessThanOrEqual(few + 10);
  });

  it('counts the seats that were bought before it from the next command on', async (t) => {
    const { world, eventId, users, setLimit } = await soldTo(t, FEW);
    const [edited, refused, other] = await Promise.all([
      setLimit(3, 1),
      world.engine.submit(eventId, bookCommand(users[0] ?? '', 2)),
      world.engine.submit(eventId, bookCommand(userId(), 2)),
    ]);
    expect(edited.ok).toBe(true);
    expect(refused.outcome).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { limit: 3 } } });
    expect(other.outcome.ok).toBe(true);
  });

  it('counts right after it was lifted and set again', async (t) => {
    const { world, eventId, users, setLimit } = await soldTo(t, FEW);
    const [buyer = ''] = users;
    await setLimit(2, 1);
    await world.eventEditing.update({ eventId, revision: 2, changes: { maxSeatsPerUser: null } }, world.admin);
    expect((await world.engine.submit(eventId, bookCommand(buyer, 1))).outcome.ok).toBe(true);
    await setLimit(4, 3);
    expect((await world.engine.submit(eventId, bookCommand(buyer, 1))).outcome.ok).toBe(true);
    const over = await world.engine.submit(eventId, bookCommand(buyer, 1));
    expect(over.outcome).toMatchObject({ error: { code: 'LIMIT_EXCEEDED' } });
  });
});
