// The process of `npm run restore`: writes a backup into an empty database, and recounts it.
import { parseArgs } from 'node:util';
import { openBackup } from '#server/backup/read-backup.ts';
import { restoreBackup } from '#server/backup/restore-backup.ts';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import { prepareDatabase, versionOf } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { countsText } from './backup-text.ts';
import { CliError, runProgram, withConnection } from './cli.ts';
import { reconcileAll, reconcileSummary } from './reconcile-report.ts';

const COMMAND = 'npm run restore';
const USAGE = `Usage: ${COMMAND} -- FILE

Writes a backup into the database of MONGO_URI or DATA_DIR, which must be empty, and compares counters, bookings, ledger
and payments of every event. The file is checked first: nothing is written from one that is altered or not whole. Start
servers on the database only after it has come to its end.`;

function readFileArgument(args: string[]): string {
  const [file, ...more] = positionalsOf(args);
  if (!file || more.length > 0) throw new CliError(USAGE);
  return file;
}

function positionalsOf(args: string[]): string[] {
  try {
    return parseArgs({ args, allowPositionals: true, options: {} }).positionals;
  } catch (cause) {
    throw new CliError(USAGE, { cause });
  }
}

await runProgram(async (args) => {
  const backup = await openBackup(readFileArgument(args));
  const announced = await backup.check();
  const { createdAt } = backup.header;
  console.log(`The backup of ${createdAt} is as it was written: ${countsText(announced)}.`);
  return withConnection(COMMAND, async (connection, { retention }) => {
    const counts = await restoreBackup({
      connection,
      prepare: () => prepareDatabase({ connection, models: createModels(connection), retention }),
      version: versionOf(MIGRATIONS),
      backup,
      now: () => new Date(),
    });
    console.log(`Restored: ${countsText(counts)}. Leases, server turns and counts of wrong passwords begin anew.`);
    const client = connection.getClient();
    const reconcile = createReconcile({ client, database: client.db(connection.name) });
    const totals = await reconcileAll(reconcile, () => Promise.resolve(null));
    console.log(reconcileSummary(totals));
    return totals.left + totals.missingReceipts === 0 ? 0 : 1;
  });
});
