import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientSession, Collection, Db, Document, MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import { isMomentGone } from '#server/mongo/at-one-moment.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import { BackupError } from './format.ts';

const { BSON, MongoServerError } = mongoose.mongo;

const MAX_TRIES = 5;
/** Most documents of one message, and its bytes, about: a ledger document of a hot sale has as many as a thousand bookings. */
const MOST_DOCUMENTS = 1_000;
const MESSAGE_BYTES = 1_048_576;
const RETRY_MS = 250;
/** Whatever MONGO_URI says: a secondary may not have yet what was acknowledged. */
const PRIMARY = 'primary';
/** CursorNotFound: the member that had the cursor was started again. */
const CURSOR_NOT_FOUND = 43;
/** SnapshotTooOld. */
const TOO_OLD = 239;

/**
 * A session whose later reads all return the state of the database at the first read. The first read goes to the
 * primary, so the state contains every write that was acknowledged before. It reads each collection once, because a
 * collection that was created after that state cannot be read in the session.
 */
export async function openMoment(client: MongoClient, database: Db, names: readonly string[]): Promise<ClientSession> {
  for (let tries = 1; ; tries += 1) {
    const session = client.startSession({ snapshot: true });
    try {
      for (const name of names)
        await database.collection(name).findOne({}, { session, readPreference: PRIMARY, projection: { _id: 1 } });
      return session;
    } catch (error) {
      await session.endSession();
      if (!isMomentGone(error) || tries === MAX_TRIES) throw error;
    }
  }
}

interface ReadOptions {
  session: ClientSession;
  /** How long the database may not answer, in milliseconds, before the reading fails. */
  patienceMs: number;
  signal: AbortSignal;
}

/**
 * All documents of a collection at the session's moment, as BSON, in the order of their ids, as many at a time as a
 * message holds: a step of a generator for each would make more garbage than the documents are. Goes on behind the last one
 * on another member when the one that it reads from is lost. Throws a BackupError if that takes too long, or if the
 * moment cannot be read any more.
 */
export async function* documentsAt(collection: Collection, options: ReadOptions): AsyncGenerator<Uint8Array[]> {
  const { session, patienceMs, signal } = options;
  let batchSize: number | null = null;
  let last: Uint8Array | null = null;
  let readAtMs = performance.now();
  for (;;) {
    try {
      batchSize ??= await batchSizeOf(collection);
      for await (const documents of messagesBehind(collection, { session, batchSize, last })) {
        last = documents.at(-1) ?? last;
        readAtMs = performance.now();
        yield documents;
      }
      return;
    } catch (error) {
      if (!mayGoOn(error) || signal.aborted || performance.now() - readAtMs > patienceMs) throw toBackupError(error);
      await sleep(RETRY_MS);
    }
  }
}

/** How many documents of a collection one message may hold, by their average size. */
async function batchSizeOf(collection: Collection): Promise<number> {
  const size = { averageBytes: '$storageStats.avgObjSize' };
  const stages = [{ $collStats: { storageStats: {} } }, { $project: size }];
  const [stats] = await collection.aggregate<{ averageBytes?: number }>(stages).toArray();
  return Math.ceil(Math.min(MOST_DOCUMENTS, MESSAGE_BYTES / (stats?.averageBytes ?? 1)));
}

interface CursorOptions {
  session: ClientSession;
  batchSize: number;
  /** The document behind which the cursor begins; null: at the first one. */
  last: Uint8Array | null;
}

async function* messagesBehind(
  collection: Collection,
  { session, batchSize, last }: CursorOptions,
): AsyncGenerator<Uint8Array[]> {
  const byId = { _id: 1 } as const;
  const by = { session, readPreference: PRIMARY, raw: true, batchSize } as const;
  const cursor = collection.find<Document>({}, by).sort(byId).hint(byId);
  // `min` compares ids of every type, which `$gt` does not. It includes the last document, which still is there.
  if (last) cursor.min({ _id: idOf(last) });
  try {
    for (let known = last ? 1 : 0; await cursor.hasNext(); known = 0) {
      // With `raw` the driver hands out bytes, which its types do not say.
      yield cursor.readBufferedDocuments().slice(known) as unknown[] as Uint8Array[];
    }
  } finally {
    await cursor.close();
  }
}

function idOf(document: Uint8Array): unknown {
  return BSON.deserialize(document, { promoteValues: false })['_id'];
}

function mayGoOn(error: unknown): boolean {
  return isUnavailable(error) || (error instanceof MongoServerError && error.code === CURSOR_NOT_FOUND);
}

/** Translates a known error of the database into a BackupError that names the remedy; returns any other error unchanged. */
function toBackupError(cause: unknown): unknown {
  if (isMomentGone(cause)) return new BackupError(cause.code === TOO_OLD ? TOO_LONG : CHANGED, { cause });
  if (!mayGoOn(cause)) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new BackupError(`The database stopped answering while it was read (${message}); no file was written.`, {
    cause,
  });
}

const TOO_LONG =
  'Reading took longer than the database keeps its past, so no file was written. Let it keep more (300 seconds by ' +
  'default): db.adminCommand({ setParameter: 1, minSnapshotHistoryWindowInSeconds: 3600 })';
const CHANGED =
  'An index or a validator was changed while the database was read, so no file was written. Start the backup again.';
