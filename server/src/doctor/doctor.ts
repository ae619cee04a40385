import type { Db } from 'mongodb';
import type { Connection } from 'mongoose';
import { readBuild } from '#server/build.ts';
import type { Config } from '#server/config.ts';
import { examineMailServer } from '#server/mail/sending/mailer.ts';
import { mostFiles } from '#server/metrics/process-metrics.ts';
import { createDatabaseClock, readDatabaseTime } from '#server/mongo/database-clock.ts';
import { examineStripe } from '#server/payments/stripe/examine.ts';
import { judgeDatabase, readFacts } from '#server/process/database-facts.ts';
import { localAddress } from '#server/process/listen.ts';
import { redacted } from '#server/process/redact.ts';
import { settingsWarnings } from '#server/process/start-warnings.ts';
import { judgeClock, judgeRoom, judgeSchema, judgeVersion, readLocalRoom, readRemoteRoom } from './database.ts';
import type { Finding } from './finding.ts';
import { look } from './finding.ts';
import { judgeMail } from './mail.ts';
import { judgePayments } from './payments.ts';
import {
  judgeMembers,
  judgeOplog,
  judgeWriteConcern,
  MONITOR_ADVICE,
  readMembers,
  readOplog,
  readWriteConcern,
} from './replica-set.ts';
import { judgeFiles, judgeMetrics, judgeServer, readServer } from './running-server.ts';
import { judgeMode, judgeWarnings } from './settings.ts';
import { judgeWallets } from './wallets.ts';

const DEFAULT_PORT = 5_000;

/** Examines the settings, and what they name beside the database: mail server, payment provider, the running server. */
export async function examineSurroundings(config: Config): Promise<Finding[]> {
  const port = config.port ?? DEFAULT_PORT;
  const server = await readServer(localAddress(config.host, port), config.metricsToken);
  return [
    judgeMode(config),
    ...judgeWarnings('settings', settingsWarnings(config), 'nothing unsafe'),
    ...(await tried('mail', async () => [
      judgeMail(config, config.smtpUrl === null ? null : await examineMailServer(config.smtpUrl)),
    ])),
    ...(await tried('payments', async () =>
      judgePayments(config, config.stripe === null ? null : await examineStripe(config.stripe)),
    )),
    ...judgeWallets(config, new Date()),
    judgeServer(server, readBuild()),
    ...judgeMetrics(server),
    judgeFiles(server, mostFiles()),
  ];
}

/** Examines the database; changes nothing. `changes`: what a start would change of its collections. */
export async function examineDatabase(
  config: Config,
  connection: Connection,
  changes: () => Promise<readonly string[]>,
): Promise<Finding[]> {
  const database = connection.getClient().db(connection.name);
  return [
    ...(await tried('MongoDB', async () => [judgeVersion(await readVersion(database))])),
    ...(await tried('database', async () =>
      judgeWarnings(
        'database',
        judgeDatabase(config, await readFacts(database)),
        'its user has the rights of an update',
      ),
    )),
    ...(await tried('clock', async () => [judgeClock(await readSkewMs(database))])),
    ...(await examineSet(database)),
    ...(await tried('disk', async () => [
      judgeRoom(config.mongoUri === null ? await readLocalRoom(config.dataDir) : await readRemoteRoom(database)),
    ])),
    ...(await tried('schema', async () => judgeSchema(await changes()))),
  ];
}

async function examineSet(database: Db): Promise<Finding[]> {
  const { msg } = await database.command({ hello: 1 });
  if (msg === 'isdbgrid')
    return [look('replica set', 'a mongos, which hides the sets behind it', 'Frontrow is not tested with one.')];
  return [
    ...(await tried('replica set', async () => judgeMembers(await readMembers(database)), MONITOR_ADVICE)),
    ...(await tried('oplog', async () => [judgeOplog(await readOplog(database))], MONITOR_ADVICE)),
    ...(await tried(
      'write concern',
      async () => [judgeWriteConcern(await readWriteConcern(database))],
      MONITOR_ADVICE,
    )),
  ];
}

/** A check that fails to read its subject gives a finding `look`; the other checks still run. */
async function tried(
  check: string,
  examine: () => Promise<Finding[]>,
  advice = 'Run the check again; if it fails again, read this reason.',
): Promise<Finding[]> {
  try {
    return await examine();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [look(check, `could not be read: ${redacted(reason)}`, advice)];
  }
}

async function readVersion(database: Db): Promise<string> {
  return String((await database.command({ buildInfo: 1 }))['version']);
}

async function readSkewMs(database: Db): Promise<number> {
  const clock = await createDatabaseClock({
    readTime: () => readDatabaseTime(database),
    monotonic: () => performance.now(),
    systemNow: () => new Date(),
    log: { warn: () => undefined, info: () => undefined },
  });
  return clock.skewMs;
}
