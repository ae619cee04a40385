import type { Db } from 'mongodb';
import mongoose from 'mongoose';
import type { Connection } from 'mongoose';
import { assertNotHalfRestored, markRestored, markRestoring } from '#server/models/restore-marker.ts';
import { SCHEMA_STATE } from '#server/models/servers/schema-state.ts';
import type { DocumentCounts } from './format.ts';
import { BackupError } from './format.ts';
import type { Backup, StoredDocument } from './read-backup.ts';

const { BSON } = mongoose.mongo;

/** Documents of one insert, and its bytes: whichever comes first. */
const BATCH_SIZE = 1_000;
const BATCH_BYTES = 4 * 1_048_576;
/** Keeps every number in the type that it had: 1 and 1.0 are different in BSON, and one in JavaScript. */
const AS_STORED = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const;

interface RestoreOptions {
  connection: Connection;
  /** This program's version of the database. */
  version: number;
  /** Brings a database to that version, with validators and indexes; an empty one as well. */
  prepare(): Promise<void>;
  /** Checked before. */
  backup: Backup;
  now: () => Date;
}

/**
 * Writes a backup into an empty database, with validators and indexes, and brings it to this program's version. Resolves
 * with the number of documents written. Throws a BackupError, and writes nothing, if the database holds a document or the
 * backup is of a newer version. If it fails later, or is killed, the database stays marked as half restored, and no server
 * starts on it.
 */
export async function restoreBackup(options: RestoreOptions): Promise<DocumentCounts> {
  const { connection, version, prepare, backup, now } = options;
  const { createdAt, schemaVersion } = backup.header;
  const database = connection.getClient().db(connection.name);
  assertKnown(schemaVersion, version);
  await assertNotHalfRestored(database);
  await assertEmpty(database);
  await markRestoring(database, { backupCreatedAt: new Date(createdAt), startedAt: now() });
  // Validators come with the creation of a collection: to add them later takes more rights. But documents of an earlier
  // version need not pass today's validators and indexes before they are migrated.
  if (schemaVersion === version) await prepare();
  await database.collection(SCHEMA_STATE.collection).deleteMany({});
  const counts: DocumentCounts = {};
  for await (const batch of batchesOf(backup.documents())) {
    await insert(database, batch);
    counts[batch.collection] = (counts[batch.collection] ?? 0) + batch.documents.length;
  }
  await prepare();
  await markRestored(database);
  return counts;
}

/**
 * A database that is newer but says that this program may use it is refused as well: this program would create none of
 * its indexes.
 */
function assertKnown(schemaVersion: number, version: number): void {
  if (schemaVersion <= version) return;
  throw new BackupError(
    `The backup is of version ${schemaVersion} of the database, and this Frontrow knows version ${version}. Restore it ` +
      'by the Frontrow that wrote it, or a newer one.',
  );
}

async function assertEmpty(database: Db): Promise<void> {
  const stored = await database.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  for (const { name } of stored) {
    if (
      name.startsWith('system.') ||
      name === SCHEMA_STATE.collection ||
      (await database.collection(name).findOne({}, { projection: { _id: 1 } })) === null
    )
      continue;
    throw new BackupError(
      `The database ${database.databaseName} is not empty: its collection ${name} has documents. A backup is only ` +
        'restored into an empty database: name another one in MONGO_URI or DATA_DIR.',
    );
  }
}

/** Documents of one collection, in BSON. */
interface DocumentBatch {
  collection: string;
  documents: Uint8Array[];
}

async function* batchesOf(documents: AsyncIterable<StoredDocument>): AsyncGenerator<DocumentBatch> {
  let batch: DocumentBatch | null = null;
  let bytes = 0;
  for await (const document of documents) {
    if (
      batch &&
      (batch.collection !== document.collection || batch.documents.length === BATCH_SIZE || bytes > BATCH_BYTES)
    ) {
      yield batch;
      batch = null;
    }
    if (!batch) bytes = 0;
    batch ??= { collection: document.collection, documents: [] };
    batch.documents.push(document.bytes);
    bytes += document.bytes.length;
  }
  if (batch) yield batch;
}

async function insert(database: Db, { collection, documents }: DocumentBatch): Promise<void> {
  const stored = documents.map((bytes) => BSON.deserialize(bytes, AS_STORED));
  await database.collection(collection).insertMany(stored, { ordered: false, writeConcern: { w: 'majority' } });
}
