// The process of `npm run doctor`: examines settings, database, mail, payments and the running server.
import { parseArgs } from 'node:util';
import { readConfig, readEnvironment } from '#server/config.ts';
import type { Config } from '#server/config.ts';
import { examineDatabase, examineSurroundings } from '#server/doctor/doctor.ts';
import type { Finding } from '#server/doctor/finding.ts';
import { wrong } from '#server/doctor/finding.ts';
import { jsonOf, tableOf } from '#server/doctor/report.ts';
import { previewMigrations } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { CliError, runProgram, withConnection } from './cli.ts';
import { startupErrorMessage } from './startup-error-message.ts';

const COMMAND = 'npm run doctor';
const USAGE = `Usage: ${COMMAND} [-- --json]

Examines the settings, the database, the mail server, the payment provider and the running server, and changes nothing.
Each finding is good, to look at, or wrong, with what to do. Exits with 0 if nothing is wrong, otherwise with 1.
--json prints the findings as JSON.`;

function wantsJson(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { json: { type: 'boolean', default: false } } }).values.json;
  } catch (cause) {
    throw new CliError(USAGE, { cause });
  }
}

/** A database that cannot be opened is a finding, beside those of everything else. */
async function databaseFindings(config: Config): Promise<Finding[]> {
  try {
    return await withConnection(COMMAND, (connection) => {
      const models = createModels(connection);
      const changes = () => previewMigrations({ connection, models, retention: config.retention });
      return examineDatabase(config, connection, changes);
    });
  } catch (error) {
    const reason = error instanceof CliError ? error.message : startupErrorMessage(error);
    if (reason === null) throw error;
    return [wrong('database', reason, 'Start the database, or correct MONGO_URI.')];
  }
}

await runProgram(async (args) => {
  const json = wantsJson(args);
  const config = readConfig(readEnvironment(process.cwd()));
  const findings = [...(await examineSurroundings(config)), ...(await databaseFindings(config))];
  console.log(json ? jsonOf(findings) : tableOf(findings));
  return findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
});
