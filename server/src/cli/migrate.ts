// The process of `npm run migrate`: brings the database to this version, or says what that would change.
import { parseArgs } from 'node:util';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import { prepareDatabase, previewMigrations, versionOf } from '#server/migrations/prepare-database.ts';
import type { MigrationLog } from '#server/migrations/migration.ts';
import { createModels } from '#server/models/models.ts';
import { assertNotHalfRestored } from '#server/models/restore-marker.ts';
import { runProgram, CliError, withConnection } from './cli.ts';

const COMMAND = 'npm run migrate';
const USAGE = `Usage: ${COMMAND} [-- --dry-run]

Brings the database to the version of this Frontrow, as each start of a server does. It can be interrupted and run again,
also beside a server that starts. --dry-run says what would be changed, and changes nothing.`;

function wantsDryRun(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { 'dry-run': { type: 'boolean', default: false } } }).values['dry-run'];
  } catch (cause) {
    throw new CliError(USAGE, { cause });
  }
}

/** The lines of a log as a person at a terminal reads them. */
const terminal: MigrationLog = { info: print, warn: print };

function print(fields: unknown, message?: string): void {
  const details = typeof fields === 'object' ? ` ${JSON.stringify(fields)}` : '';
  console.log(message === undefined ? String(fields) : `${message}${details}`);
}

await runProgram(async (args) => {
  const isDryRun = wantsDryRun(args);
  return withConnection(COMMAND, async (connection, { retention }) => {
    await assertNotHalfRestored(connection.getClient().db(connection.name));
    const options = { connection, models: createModels(connection), retention };
    const version = versionOf(MIGRATIONS);
    const lines = await previewMigrations(options);
    if (lines.length === 0) console.log(`Nothing to do: the database fits version ${version} already.`);
    else if (isDryRun) console.log(['This would be done:', ...lines].join('\n'));
    else {
      await prepareDatabase({ ...options, log: terminal });
      console.log(`The database is of version ${version} now.`);
    }
    return 0;
  });
});
