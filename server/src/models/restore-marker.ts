import type { Db } from 'mongodb';
import { UnsuitableDatabase } from '#server/mongo/connect.ts';

/**
 * Holds one document while a backup is being restored, written before all others and removed after them: what a killed
 * restore has left behind is told from a whole database by it.
 */
export const RESTORE_MARKER_COLLECTION = 'restoring';

const MAJORITY = { writeConcern: { w: 'majority' } } as const;

interface RestoreMarker {
  _id: 'restore';
  /** When the backup was taken that is being restored. */
  backupCreatedAt: Date;
  startedAt: Date;
}

function markers(database: Db) {
  return database.collection<RestoreMarker>(RESTORE_MARKER_COLLECTION);
}

/** Marks the database as half restored. Throws a duplicate key error if it is marked already. */
export async function markRestoring(database: Db, times: Omit<RestoreMarker, '_id'>): Promise<void> {
  await markers(database).insertOne({ _id: 'restore', ...times }, MAJORITY);
}

/** Removes the mark of a database that is restored to its end. */
export async function markRestored(database: Db): Promise<void> {
  await markers(database).deleteOne({ _id: 'restore' }, MAJORITY);
}

/** Throws an UnsuitableDatabase if a restore into this database was begun and not finished. */
export async function assertNotHalfRestored(database: Db): Promise<void> {
  // Asked for by its name first, because hardly any database has the collection, and a start names missing rights by this.
  const [stored] = await database.listCollections({ name: RESTORE_MARKER_COLLECTION }, { nameOnly: true }).toArray();
  const marker = stored && (await markers(database).findOne());
  if (!marker) return;
  throw new UnsuitableDatabase(
    `The database ${database.databaseName} is half restored: the restore that was begun at ` +
      `${marker.startedAt.toISOString()} has not come to its end. Wait for it if it still runs; else drop the database ` +
      '(for the embedded one: remove DATA_DIR) and restore again.',
  );
}
