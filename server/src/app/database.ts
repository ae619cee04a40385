import { bookingStore } from '#server/booking/store/collections.ts';
import type { Models } from '#server/models/models.ts';
import { createModels, prepareDatabase } from '#server/models/models.ts';
import { rewriteSearchTexts } from '#server/models/rewrite-search-texts.ts';
import { connectMongo } from '#server/mongo/connect.ts';

/** Two connections, one of them for the change feed alone, with collections, validators, indexes and search texts prepared. */
export async function composeDatabase(mongoUri: string) {
  const connection = await connectMongo(mongoUri);
  const feedConnection = await connectMongo(mongoUri);
  const models: Models = createModels(connection);
  await prepareDatabase(connection, models);
  await rewriteSearchTexts(models);
  const client = connection.getClient();
  const database = client.db(connection.name);
  return {
    models,
    client,
    database,
    store: bookingStore({ client, database }),
    feedDatabase: feedConnection.getClient().db(feedConnection.name),
    close: () => Promise.all([connection.close(), feedConnection.close()]),
  };
}
