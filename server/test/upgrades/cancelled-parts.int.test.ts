import { randomUUID } from 'node:crypto';
import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { previewMigrations } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { testDatabaseUri, withDatabase } from '../support/database/test-database.ts';
import { handClock } from '../support/hand-clock.ts';
import { insertStored, readKept, readStored } from '../support/old-data/kept-data.ts';
import { docsOf, killedAt, migrated, prepare } from '../support/old-data/migrated.ts';
import { serverOn } from '../support/old-data/old-server.ts';
import { shown } from '../support/payments/demo-payments.ts';
import { tickets } from '../support/payments/typed-event.ts';

const TIMEOUT_MS = 120_000;
const FREE = { amount: 0, currency: 'EUR' };

/** By the version that wrote them: what was cancelled of which bookings, in the order of their ids. */
const PARTS: Readonly<Record<number, object[][]>> = {
  1: [partsOfFree()],
  2: [
    partsOfFree(),
    [
      {
        by: 'buyer',
        tickets: [{ type: 't2', count: 1, price: { amount: 1_250, currency: 'EUR' }, seats: 1 }],
        amount: 1_250,
        reason: null,
      },
    ],
  ],
};

/** Of four seats of a free event its buyer cancelled one, and then an organiser another one. */
function partsOfFree(): object[] {
  const tickets = [{ type: 't1', count: 1, price: FREE, seats: 1 }];
  return [
    { by: 'buyer', tickets, amount: null, reason: null },
    { by: 'organiser', tickets, amount: null, reason: 'Too few chairs' },
  ];
}

const bookingsWithParts = (docs: Document[]) => docs.filter((doc) => doc['cancelledParts'] !== undefined);

describe.for([1, 2])('the bookings of version %i', { timeout: TIMEOUT_MS }, (version) => {
  it('say what was cancelled of them, by whom and when, as the ledger has it, and are the same otherwise', async () => {
    const before = await readKept(version);
    const after = await migrated(before);
    const bookings = bookingsWithParts(docsOf(after, 'bookings'));
    expect(bookings.map(({ cancelledParts }) => cancelledParts as object[])).toMatchObject(PARTS[version] ?? []);
    const batches = docsOf(before, 'ledger');
    for (const { _id, cancelledParts } of bookings) {
      const times = batches
        .filter(({ entries }) =>
          (entries as Document[]).some(
            ({ kind, booking }) =>
              kind === 'cancelled' && String(booking._id) === String(_id) && booking.status === 'confirmed',
          ),
        )
        .map(({ at }) => at as Date);
      expect((cancelledParts as { at: Date }[]).map(({ at }) => at)).toEqual(times);
    }
    const whole = docsOf(before, 'bookings').map(({ _id }) => String(_id));
    expect(docsOf(after, 'bookings').map(({ _id }) => String(_id))).toEqual(whole);
    expect(docsOf(after, 'ledger')).toEqual(batches);
  });

  it('are shown before the migration runs, and completed after kills at several of its writes', async () => {
    const before = await readKept(version);
    const whole = await migrated(before);
    const uri = testDatabaseUri();
    await withDatabase(uri, (database) => insertStored(database, before));
    const connection = await connectMongo(uri);
    const preview = await previewMigrations({ connection, models: createModels(connection) });
    await connection.close();
    const count = PARTS[version]?.length;
    expect(preview).toContain(`  Note in each booking what was cancelled of it: ${count} of the documents in bookings`);
    const ends: unknown[] = [];
    // From before its first write to behind its last one.
    for (const packets of version === 1 ? [20, 28, 36] : [5, 8, 11]) ends.push(await killedAt(packets, uri));
    expect(ends).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL']);
    await prepare(uri);
    const content = (stored: typeof whole) => stored.filter(({ collection }) => collection !== 'meta');
    expect(content(await withDatabase(uri, readStored))).toEqual(content(whole));
  });
});

it(
  'a booking of version 2 that is cancelled further shows what was booked, cancelled then, and cancelled now',
  async (t) => {
    // Refunds take a moment at the demo provider.
    const { person } = await serverOn(t, await readKept(2), { clock: handClock() });
    const buyer = await person('typed-paid');
    const [booked] = (await buyer.must('listBookings', {})).bookings;
    const { id: bookingId } = booked ?? expect.fail('no booking');
    expect(booked).toMatchObject({
      status: 'confirmed',
      cancelledParts: [{ by: 'buyer', seats: 1, tickets: [{ type: 't2', name: 'Child' }], amount: { amount: 1_250 } }],
    });
    const back = shown(buyer, bookingId, ({ payment }) => payment?.refundedAmount === 1_250 + 2_000);
    await buyer.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets({ t1: 1 }) });
    expect(await back).toMatchObject({
      cancelledParts: [{ amount: { amount: 1_250 } }, { amount: { amount: 2_000 } }],
    });
  },
  TIMEOUT_MS,
);
