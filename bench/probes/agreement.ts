import type { Db } from 'mongodb';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';

export interface StoredCounts {
  bookings: number;
  /** Ledger documents, of which each batch writes one. */
  batches: number;
}

/** The stored records are not what was acknowledged, so whatever was measured is void. */
export class RecordsDiffer extends Error {
  override readonly name = 'RecordsDiffer';
}

/**
 * Reconciles all events of a database. Throws RecordsDiffer if counters, bookings and ledger differ, or if the number of stored
 * bookings is not that of the acknowledged ones.
 */
export async function assertAgreement(database: Db, acknowledged: number): Promise<StoredCounts> {
  for await (const { differences } of createReconcile({ client: database.client, database }).check())
    if (differences.length > 0) throw new RecordsDiffer(`The stored records differ: ${JSON.stringify(differences)}`);
  const bookings = await database.collection('bookings').countDocuments();
  if (bookings !== acknowledged)
    throw new RecordsDiffer(`${acknowledged} bookings were acknowledged, and ${bookings} are stored.`);
  return { bookings, batches: await database.collection('ledger').countDocuments() };
}
