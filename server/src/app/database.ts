import { bookingStore } from '#server/booking/store/collections.ts';
import { createImageStore } from '#server/images/image-store.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import { startSweep } from '#server/jobs/sweep.ts';
import type { Models } from '#server/models/models.ts';
import { createModels } from '#server/models/models.ts';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import { prepareDatabase, versionOf } from '#server/migrations/prepare-database.ts';
import { isNewerButCompatible, NewerDatabase, readSchemaState } from '#server/migrations/schema-state.ts';
import { assertNotHalfRestored } from '#server/models/restore-marker.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import type { DatabaseClock } from '#server/mongo/database-clock.ts';
import { createDatabaseClock, readDatabaseTime } from '#server/mongo/database-clock.ts';
import type { SleepOrAbort } from '#server/sleep.ts';
import type { AppOptions } from './app-options.ts';

interface DatabaseOptions {
  app: Pick<AppOptions, 'config' | 'mongoUri' | 'databaseAnswers' | 'outgrown' | 'now' | 'log' | 'test'>;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  sleepOrAbort: SleepOrAbort;
}

/** How often the database's clock is compared with this process's: it changes when another member becomes primary. */
const CLOCK_MS = 5_000;
/** How often a running server looks whether the database still allows its version. */
const VERSION_MS = 3_000;
/** Connections for what anybody may read: however much is asked for, bookings have theirs. */
const READ_POOL_SIZE = 10;

/**
 * Three connections, of which one is for the change feed alone and one for what anybody may read, to a database of this
 * version; the database's clock; and the files of images, which the database has.
 */
export async function composeDatabase({ app, monotonic, sleepOrAbort }: DatabaseOptions) {
  const { config, mongoUri, databaseAnswers, log, test } = app;
  const { migrations = MIGRATIONS, serversEndWithinMs } = test ?? {};
  const { outgrown = (reason: NewerDatabase) => log.fatal(reason.message) } = app;
  const connection = await connectMongo(mongoUri);
  const feedConnection = await connectMongo(mongoUri);
  const readConnection = await connectMongo(mongoUri, { poolSize: READ_POOL_SIZE });
  const models: Models = createModels(connection);
  const client = connection.getClient();
  const database = client.db(connection.name);
  await assertNotHalfRestored(database);
  await prepareDatabase({
    connection,
    models,
    migrations,
    retention: config.retention,
    log,
    ...(serversEndWithinMs !== undefined && { serversEndWithinMs }),
  });
  const readTime = async () => {
    const time = await readDatabaseTime(database);
    databaseAnswers?.();
    return time;
  };
  const clock = await createDatabaseClock({ readTime, monotonic, systemNow: () => new Date(), log });
  const comparing = startSweep(compareClocks(clock), { sleepOrAbort, log });
  const watching = startSweep(watchVersion({ models, version: versionOf(migrations), outgrown }), {
    sleepOrAbort,
    log,
  });
  const readModels = createModels(readConnection);
  return {
    models,
    client,
    database,
    clock,
    store: bookingStore({ client, database }),
    readModels,
    imageStore: createImageStore({ database, models, readModels, now: app.now ?? clock.now }),
    feedDatabase: feedConnection.getClient().db(feedConnection.name),
    async close(): Promise<void> {
      await Promise.all([comparing.close(), watching.close()]);
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

interface VersionWatch {
  outgrown: (reason: NewerDatabase) => void;
  models: Models;
  version: number;
}

/** A newer server that starts may change the database so that this one must not use it any more. */
function watchVersion({ models, version, outgrown }: VersionWatch): SweepTask {
  return {
    everyMs: VERSION_MS,
    firstMs: VERSION_MS,
    failure: 'The version of the database could not be read and will be read again',
    async sweep(): Promise<number> {
      try {
        isNewerButCompatible(await readSchemaState(models), version);
      } catch (error) {
        if (!(error instanceof NewerDatabase)) throw error;
        outgrown(error);
      }
      return VERSION_MS;
    },
  };
}
