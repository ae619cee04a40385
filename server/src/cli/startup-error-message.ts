import { BackupError } from '#server/backup/format.ts';
import { ConfigError } from '#server/config.ts';
import { ListenError } from '#server/process/listen.ts';
import { UnsuitableDatabase } from '#server/mongo/connect.ts';
import { UnusableDataDir } from '#server/mongo/embedded/data-dir.ts';
import { EmbeddedStartError } from '#server/mongo/embedded/keep-running.ts';
import { MigrationTakenOver } from '#server/migrations/lock.ts';
import { NewerDatabase } from '#server/migrations/schema-state.ts';
import { databaseRightsMessage } from './database-rights.ts';
import { DataDirInUseError } from '#server/mongo/embedded/owner.ts';

const EXPECTED = [
  BackupError,
  ConfigError,
  ListenError,
  DataDirInUseError,
  UnusableDataDir,
  EmbeddedStartError,
  UnsuitableDatabase,
  NewerDatabase,
  MigrationTakenOver,
];

/** The sentence for the person who starts a program; null if the error is a defect, which keeps its stack trace. */
export function startupErrorMessage(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (EXPECTED.some((kind) => error instanceof kind)) return error.message;
  const rights = databaseRightsMessage(error);
  if (rights !== null) return rights;
  return error.name === 'MongooseServerSelectionError' ? `MONGO_URI cannot be reached: ${error.message}` : null;
}
