import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from 'mongodb';
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { testDatabaseUri, withDatabase } from '../database/test-database.ts';
import { programEnv } from '../program-env.ts';
import type { Stored } from './kept-data.ts';
import { insertStored, readStored } from './kept-data.ts';

const MIGRATING = join(import.meta.dirname, '../../upgrades/this-version.fixture.ts');

/** The documents of one collection. */
export function docsOf(stored: readonly Stored[], name: string): Document[] {
  return stored.filter(({ collection }) => collection === name).map(({ doc }) => doc);
}

/** Brings the documents of an older version, in a database, to this version; resolves with what is stored then. */
export async function migrated(stored: readonly Stored[], mongoUri = testDatabaseUri()): Promise<Stored[]> {
  await withDatabase(mongoUri, (database) => insertStored(database, stored));
  await prepare(mongoUri);
  return withDatabase(mongoUri, readStored);
}

/** Brings a database to this version. */
export async function prepare(mongoUri: string): Promise<void> {
  const connection = await connectMongo(mongoUri);
  try {
    await prepareDatabase({ connection, models: createModels(connection), serversEndWithinMs: 0 });
  } finally {
    await connection.close();
  }
}

/** Runs a process that does the same, and kills itself before it sends that packet; resolves with its end. */
export async function killedAt(packets: number, mongoUri: string): Promise<unknown> {
  const args = ['--disable-warning=ExperimentalWarning', MIGRATING, mongoUri, String(packets)];
  const child = spawn(process.execPath, args, { cwd: tmpdir(), env: programEnv({}), stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal ?? code;
}
