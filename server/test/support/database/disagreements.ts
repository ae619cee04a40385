import type { Db } from 'mongodb';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { PaymentDoc } from '#server/models/payment.ts';

/**
 * Every event whose documents disagree, every missing receipt, and every request with more than one booking; must be empty. A payment of a
 * wrong amount that is flagged for an organiser is a known difference and does not count.
 */
export async function disagreements(database: Db): Promise<unknown[]> {
  const reconcile = createReconcile({ client: database.client, database });
  const differing: unknown[] = await reconcile.missingReceipts();
  const flagged = await flaggedPayments(database);
  for await (const report of reconcile.check()) {
    const unknown = report.differences.filter(({ paymentId }) => !paymentId || !flagged.has(paymentId));
    if (unknown.length > 0) differing.push({ ...report, differences: unknown });
  }
  return [...differing, ...(await repeatedRequests(database))];
}

async function flaggedPayments(database: Db): Promise<ReadonlySet<string>> {
  const open = { mismatch: true, refunds: { $size: 0 } };
  const payments = await database.collection<PaymentDoc>('payments').find(open).toArray();
  return new Set(payments.map(({ _id }) => _id.toHexString()));
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
