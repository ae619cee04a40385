import { Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { expect, it, vi } from 'vitest';
import { bookCommand, engineWorld, userId } from '../../test/support/engine-world.ts';
import { ticketFilesOf } from '../../test/support/ticket-files.ts';
import { createBookingSnapshots } from './booking-snapshots.ts';

const BOOKINGS = 40;

/** Bookings of one event, the snapshots of their mails on a clock of the test, and the number of reads. */
async function bookedWorld(t: TestContext) {
  const { models, engine, createEvent, clock } = await engineWorld(t);
  const eventId = await createEvent({ totalSeats: 100 });
  const commands = Array.from({ length: BOOKINGS }, () => bookCommand(userId(), 1));
  await Promise.all(commands.map((command) => engine.submit(eventId, command)));
  const ids = commands.map(({ bookingId }) => new Types.ObjectId(bookingId));
  const time = { ms: 0 };
  const tickets = ticketFilesOf('a secret');
  const origin = () => 'https://tickets.example.org';
  const options = { models, tickets, origin, now: clock.now, monotonic: () => time.ms };
  const reads = [vi.spyOn(models.bookings, 'find'), vi.spyOn(models.events, 'find')];
  return {
    models,
    ids,
    time,
    snapshotOf: createBookingSnapshots(options, [...ids, new Types.ObjectId('f'.repeat(24))]),
    reads: () => reads.reduce((sum, { mock }) => sum + mock.calls.length, 0),
  };
}

it('the bookings of a job and their event are read many at once', async (t) => {
  const { ids, snapshotOf, reads } = await bookedWorld(t);
  const snapshots = await Promise.all(ids.map((id) => snapshotOf(id)));
  expect(snapshots.map((snapshot) => String(snapshot?.booking._id))).toEqual(ids.map(String));
  expect(new Set(snapshots.map((snapshot) => snapshot?.event.title))).toEqual(new Set(['Jazz']));
  expect(new Set(snapshots.map((snapshot) => snapshot?.key)).size).toBe(BOOKINGS);
  expect(reads()).toBe(4);
  await snapshotOf(ids[0] as Types.ObjectId);
  expect(reads()).toBe(4);
});

it('a booking whose mail has waited for a while is read again', async (t) => {
  const { models, ids, time, snapshotOf } = await bookedWorld(t);
  const [id = new Types.ObjectId()] = ids;
  expect((await snapshotOf(id))?.booking.seats).toBe(1);
  await models.bookings.collection.updateOne({ _id: id }, { $set: { code: 'CHANGED' } });
  time.ms += 500;
  expect((await snapshotOf(id))?.booking.code).toBe('CHANGED');
});

it('a booking that does not exist has no snapshot, one that the job does not name is a mistake', async (t) => {
  const { snapshotOf } = await bookedWorld(t);
  expect(await snapshotOf(new Types.ObjectId('f'.repeat(24)))).toBeNull();
  await expect(snapshotOf(new Types.ObjectId())).rejects.toThrow('does not notify');
});

it('a read that has failed is repeated', async (t) => {
  const { models, ids, snapshotOf } = await bookedWorld(t);
  const [id = new Types.ObjectId()] = ids;
  vi.spyOn(models.bookings, 'find').mockImplementationOnce(() => {
    throw new Error('reset');
  });
  await expect(snapshotOf(id)).rejects.toThrow('reset');
  expect((await snapshotOf(id))?.booking._id).toEqual(id);
});
