import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { createReconcile } from '#server/booking/reconcile.ts';
import type { BookingDoc } from '#server/models/booking.ts';

/** [I1] [I2] [I3] The product's own reconciliation, on every event of a database: nothing differs from anything. */
export async function expectAgreement(database: Db): Promise<void> {
  const differing = [];
  for await (const report of createReconcile({ client: database.client, database }).check()) {
    if (report.differences.length > 0) differing.push(report);
  }
  expect(differing, 'counters, bookings and ledger agree').toEqual([]);
  expect(await repeatedRequests(database), 'one booking a request').toEqual([]);
}

async function repeatedRequests(database: Db): Promise<unknown[]> {
  return database
    .collection<BookingDoc>('bookings')
    .aggregate([
      { $match: { requestId: { $type: 'string' } } },
      { $group: { _id: { userId: '$userId', requestId: '$requestId' }, count: { $sum: 1 } } },
      { $match: { count: { $gt: 1 } } },
    ])
    .toArray();
}
