import type { ClientSession, Db, MongoClient } from 'mongodb';
import { assertNotHalfRestored, RESTORE_MARKER_COLLECTION } from '#server/models/restore-marker.ts';
import type { SchemaStateDoc } from '#server/models/servers/schema-state.ts';
import { SCHEMA_STATE } from '#server/models/servers/schema-state.ts';
import type { BackupFrame, DocumentCounts } from './format.ts';
import { BackupError } from './format.ts';
import { documentsAt, openMoment } from './read-moment.ts';
import { writeBackup } from './write-backup.ts';

/**
 * Collections that are not backed up, because their content is only valid for the running servers: leases, server turns,
 * counts of wrong passwords, mailed codes, and the mark of an unfinished restore.
 */
const TRANSIENT = new Set([
  'leases',
  'turns',
  'rateCounts',
  'signInCodes',
  'usedChallenges',
  RESTORE_MARKER_COLLECTION,
]);

const PATIENCE_MS = 30_000;

interface TakeBackupOptions {
  client: MongoClient;
  database: Db;
  /** Must not exist. */
  file: string;
  now: () => Date;
  /** How long the database may not answer, in milliseconds. Default: 30 seconds. */
  patienceMs?: number;
  /** Ends the backup early; no file is left then. */
  signal: AbortSignal;
  /** Called after each message of the database with the number of documents so far. */
  onRead?: (documents: number) => void;
}

interface TakenBackup {
  counts: DocumentCounts;
  /** Size of the file in bytes. */
  bytes: number;
}

/**
 * Writes all collections as of one moment to a file, while servers go on selling. Throws a BackupError, and leaves no
 * file, if the database or the disk fails.
 */
export async function takeBackup(options: TakeBackupOptions): Promise<TakenBackup> {
  const { client, database, file, now, signal } = options;
  await assertNotHalfRestored(database);
  const createdAt = now().toISOString();
  const collections = await storedCollections(database);
  if (collections.length === 0)
    throw new BackupError(`The database ${database.databaseName} is empty: there is nothing to back up.`);
  const { version: mongodb } = (await database.admin().buildInfo()) as { version: string };
  const counts: DocumentCounts = {};
  const session = await openMoment(client, database, collections);
  try {
    const frames = framesOf({ options, session, collections, counts });
    const header = { createdAt, mongodb, schemaVersion: await schemaVersionOf(database, session), collections };
    const bytes = await writeBackup({ file, header, frames, signal });
    return { counts, bytes };
  } finally {
    await session.endSession();
  }
}

async function storedCollections(database: Db): Promise<string[]> {
  const stored = await database.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  const names = stored.map(({ name }) => name);
  return names.filter((name) => !name.startsWith('system.') && !TRANSIENT.has(name)).sort();
}

/** The schema's version at the session's moment. */
async function schemaVersionOf(database: Db, session: ClientSession): Promise<number> {
  const states = database.collection<SchemaStateDoc>(SCHEMA_STATE.collection);
  const schema = await states.findOne({ _id: SCHEMA_STATE.id }, { session });
  return schema?.version ?? 0;
}

interface FramesOptions {
  options: TakeBackupOptions;
  session: ClientSession;
  collections: readonly string[];
  /** Gets the number of documents of each collection. */
  counts: DocumentCounts;
}

async function* framesOf({ options, session, collections, counts }: FramesOptions): AsyncGenerator<BackupFrame[]> {
  const { database, patienceMs = PATIENCE_MS, signal, onRead } = options;
  let documents = 0;
  for (const name of collections) {
    const before = documents;
    yield [{ kind: 'collection', name }];
    for await (const read of documentsAt(database.collection(name), { session, patienceMs, signal })) {
      documents += read.length;
      onRead?.(documents);
      yield read.map((bytes) => ({ kind: 'document', bytes }));
    }
    counts[name] = documents - before;
  }
  yield [{ kind: 'end', counts }];
}
