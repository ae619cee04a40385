import { Types } from 'mongoose';
import { expect, it } from 'vitest';
import { bookCommand, engineWorld, userId } from '../../test/support/engine-world.ts';
import { ofOneType } from '../../test/support/database/of-one-type.ts';

it('[F6] a server ends the abandoned transaction of another server within seconds, which then writes nothing', async (t) => {
  const world = await engineWorld(t);
  const other = await world.again();
  const eventId = await world.createEvent({ totalSeats: 10 });
  const frozen = other.database.client.startSession();
  frozen.startTransaction();
  const events = other.database.collection('events');
  const _id = new Types.ObjectId(eventId);
  await events.updateOne({ _id }, ofOneType({ $inc: { availableSeats: -9, soldSeats: 9, version: 1 } }), {
    session: frozen,
  });

  const { outcome } = await world.engine.submit(eventId, bookCommand(userId(), 2));
  expect(outcome).toMatchObject({ ok: true, booking: { status: 'confirmed' } });
  await expect(frozen.commitTransaction()).rejects.toMatchObject({ code: 251 });
  await frozen.endSession();
  expect(await world.models.events.findById(eventId).lean()).toMatchObject({ availableSeats: 8, soldSeats: 2 });
});
