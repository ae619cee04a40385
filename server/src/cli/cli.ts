// Shared by the programs beside the server, such as `npm run admin` and `npm run backup`.
import type { Connection } from 'mongoose';
import type { Config } from '#server/config.ts';
import { readConfig, readEnvironment } from '#server/config.ts';
import { startupErrorMessage } from './startup-error-message.ts';
import { assertMigrated, prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import type { Models } from '#server/models/models.ts';
import { assertNotHalfRestored } from '#server/models/restore-marker.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { DataDirInUseError } from '#server/mongo/embedded/owner.ts';
import { findRunningDatabase, startEmbedded } from '#server/mongo/embedded/embedded.ts';

/** Ends the program. The message is printed without a stack trace. */
export class CliError extends Error {}

/**
 * Connects `use` to the server's database, prepared as a server prepares it, and disconnects after it. `command` is what
 * the person has typed. A database of another version is refused: only servers and `npm run migrate` run migrations.
 */
export function withDatabase<T>(
  command: string,
  use: (connection: Connection, models: Models) => Promise<T>,
): Promise<T> {
  return withConnection(command, async (connection, { retention }) => {
    const models = createModels(connection);
    await assertNotHalfRestored(connection.getClient().db(connection.name));
    await assertMigrated({ connection, models });
    await prepareDatabase({ connection, models, retention });
    return use(connection, models);
  });
}

/** Calls `use` with a connection to the server's database, which may be empty or of an older version; then disconnects. */
export async function withConnection<T>(
  command: string,
  use: (connection: Connection, config: Config) => Promise<T>,
): Promise<T> {
  const config = readConfig(readEnvironment(process.cwd()));
  const database = await openDatabase(command, config);
  try {
    const connection = await connectMongo(database.uri);
    try {
      return await use(connection, config);
    } finally {
      await connection.close();
    }
  } finally {
    await database.stop();
  }
}

/** The database of MONGO_URI, else the embedded one: that of a running server, or started until `stop`. */
async function openDatabase(command: string, config: Config): Promise<{ uri: string; stop(): Promise<void> }> {
  if (config.mongoUri) return { uri: config.mongoUri, stop: () => Promise.resolve() };
  if (!config.mongodBinary) throw new CliError(`Start this with "${command}", which finds the MongoDB to use.`);
  const log = { info: () => undefined, error: (message: string) => console.error(message) };
  try {
    return await startEmbedded({
      dataDir: config.dataDir,
      binary: config.mongodBinary,
      asksForPassword: config.production,
      log,
    });
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error;
    const uri = await findRunningDatabase(config.dataDir);
    if (!uri) throw new CliError('The server is still starting; try again in a moment.', { cause: error });
    return { uri, stop: () => Promise.resolve() };
  }
}

/** Runs a program and sets its exit code. Prints errors meant for the person at the terminal without a stack trace. */
export async function runProgram(program: (args: string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await program(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof CliError ? error.message : (startupErrorMessage(error) ?? error));
    process.exitCode = 1;
  }
}

/** Replaces control characters, by which a stranger's text could steer the terminal. */
export function toPrintable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
