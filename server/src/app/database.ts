import { bookingStore } from '#server/booking/store/collections.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import { startSweep } from '#server/jobs/sweep.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import { createModels, prepareDatabase } from '#server/models/models.ts';
import { assertNotHalfRestored } from '#server/models/restore-marker.ts';
import { rewriteSearchTexts } from '#server/models/rewrite-search-texts.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import type { DatabaseClock } from '#server/mongo/database-clock.ts';
import { createDatabaseClock, readDatabaseTime } from '#server/mongo/database-clock.ts';
import type { SleepOrAbort } from '#server/sleep.ts';

interface DatabaseOptions {
  mongoUri: string;
  /** Called every few seconds while the database answers. */
  databaseAnswers: (() => void) | undefined;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  sleepOrAbort: SleepOrAbort;
  log: Log;
}

/** How often the database's clock is compared with this process's: it changes when another member becomes primary. */
const CLOCK_MS = 5_000;
/** Connections for what anybody may read: however much is asked for, bookings have theirs. */
const READ_POOL_SIZE = 10;

/**
 * Three connections, of which one is for the change feed alone and one for what anybody may read, with collections,
 * validators, indexes and search texts prepared; and the database's clock.
 */
export async function composeDatabase({ mongoUri, databaseAnswers, monotonic, sleepOrAbort, log }: DatabaseOptions) {
  const connection = await connectMongo(mongoUri);
  const feedConnection = await connectMongo(mongoUri);
  const readConnection = await connectMongo(mongoUri, { poolSize: READ_POOL_SIZE });
  const models: Models = createModels(connection);
  const client = connection.getClient();
  const database = client.db(connection.name);
  await assertNotHalfRestored(database);
  await prepareDatabase(connection, models);
  await rewriteSearchTexts(models);
  const readTime = async () => {
    const time = await readDatabaseTime(database);
    databaseAnswers?.();
    return time;
  };
  const clock = await createDatabaseClock({ readTime, monotonic, systemNow: () => new Date(), log });
  const comparing = startSweep(compareClocks(clock), { sleepOrAbort, log });
  return {
    models,
    client,
    database,
    clock,
    store: bookingStore({ client, database }),
    readModels: createModels(readConnection),
    feedDatabase: feedConnection.getClient().db(feedConnection.name),
    async close(): Promise<void> {
      await comparing.close();
      await Promise.all([connection, feedConnection, readConnection].map((one) => one.close()));
    },
  };
}

function compareClocks(clock: DatabaseClock): SweepTask {
  return {
    everyMs: CLOCK_MS,
    firstMs: CLOCK_MS,
    failure: "The database's clock could not be read and will be read again",
    async sweep(): Promise<number> {
      await clock.compare();
      return CLOCK_MS;
    },
  };
}
