import type { Db } from 'mongodb';
import { createReconcile } from '#server/booking/reconcile.ts';
import type { BookingDoc } from '#server/models/booking.ts';

/** Every event whose records differ from each other, and every request with more than one booking: must be empty. */
export async function disagreements(database: Db): Promise<unknown[]> {
  const differing: unknown[] = [];
  for await (const report of createReconcile({ client: database.client, database }).check()) {
    if (report.differences.length > 0) differing.push(report);
  }
  return [...differing, ...(await repeatedRequests(database))];
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
