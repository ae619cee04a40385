// Shared by the programs beside the server: `npm run admin` and `npm run reconcile`.
import type { Connection } from 'mongoose';
import type { Config } from '#server/config.ts';
import { readConfig, readEnvironment } from '#server/config.ts';
import { startupErrorMessage } from './startup-error-message.ts';
import { createModels, prepareDatabase } from '#server/models/models.ts';
import type { Models } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { DataDirInUseError } from '#server/mongo/embedded/owner.ts';
import { findRunningDatabase, startEmbedded } from '#server/mongo/embedded/embedded.ts';

/** Ends the program. The message is printed without a stack trace. */
export class CliError extends Error {}

/** Connects `use` to the server's database, and disconnects after it. `command` is what the person has typed. */
export async function withDatabase<T>(
  command: string,
  use: (connection: Connection, models: Models) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(command, readConfig(readEnvironment(process.cwd())));
  try {
    const connection = await connectMongo(database.uri);
    try {
      const models = createModels(connection);
      await prepareDatabase(connection, models);
      return await use(connection, models);
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
