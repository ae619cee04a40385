// A part of app.ts: the database and its connections.
import type { Models } from '#server/models/models.ts';
import { createModels, prepareDatabase } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';

/** Two connections, one of them the feed's own, and the collections with their validators and indexes. */
export async function openDatabase(mongoUri: string) {
  const connection = await connectMongo(mongoUri);
  const feedConnection = await connectMongo(mongoUri);
  const models: Models = createModels(connection);
  await prepareDatabase(connection, models);
  const client = connection.getClient();
  return {
    models,
    client,
    database: client.db(connection.name),
    feedDatabase: feedConnection.getClient().db(feedConnection.name),
    close: () => Promise.all([connection.close(), feedConnection.close()]),
  };
}
