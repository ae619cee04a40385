import { connectMongo } from '#server/mongo/connect.ts';
import type { JudgedConfig } from './database-facts.ts';
import { judgeDatabase, readFacts } from './database-facts.ts';
import type { StartWarnings } from './start-warnings.ts';

/** Connects once to find what the database has that a start in production must warn of. */
export async function databaseWarnings(config: JudgedConfig, mongoUri: string): Promise<StartWarnings> {
  const connection = await connectMongo(mongoUri, { poolSize: 1 });
  try {
    return judgeDatabase(config, await readFacts(connection.getClient().db(connection.name)));
  } finally {
    await connection.close();
  }
}
