import type { FastifyBaseLogger } from 'fastify';
import type { PasswordCost } from '#server/accounts/passwords.ts';
import type { Build } from '#shared/text/build.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { PageHandler } from '#server/http/pages/page-handler.ts';
import type { MetricsPeers } from '#server/metrics/merge-metrics.ts';
import type { Migration } from '#server/migrations/migration.ts';
import type { NewerDatabase } from '#server/migrations/schema-state.ts';
import type { PushSenderOptions } from '#server/push/sender.ts';
import type { SleepOrAbort } from '#server/sleep.ts';
import type { SocketLimits } from '#server/socket/server.ts';
import type { WalletTestOptions } from '#server/wallet/wallets.ts';
import type { PaymentTestOptions } from './payments.ts';

export interface AppOptions {
  config: Config;
  build: Build;
  mongoUri: string;
  /** The built web app, or null if there is none. */
  pages: PageHandler | null;
  log: FastifyBaseLogger;
  /** The log lines that this process has lost. */
  logCounts?: { lost: number };
  /** Called every few seconds while the database answers. */
  databaseAnswers?: () => void;
  /** Called when a newer Frontrow has changed the database so that this process must not go on: it has to end. */
  outgrown?: (reason: NewerDatabase) => void;
  /** By the database's clock if absent. */
  now?: Now;
  /** Makes the ids of transports, which begin with the worker's number if there are several workers. */
  transportId?: (() => string) | undefined;
  /** The metrics of the other workers, if there are several. */
  metricsPeers?: MetricsPeers | undefined;
  test?: AppTestOptions;
}

/** What tests replace: waits that are too long for a test, and what lies outside of this process. */
interface AppTestOptions {
  /** Waits between two runs of a sweep or a job runner, so that a test ends them itself. Default: by timers. */
  sleepOrAbort?: SleepOrAbort;
  /** What lies between the server and its payment providers. */
  payments?: PaymentTestOptions | undefined;
  /** Agent for requests to the push services of browsers. Default: one that reaches public addresses only. */
  pushAgent?: PushSenderOptions['agent'];
  /** Servers that stand in for those of Apple and Google, which keep passes up to date. */
  wallets?: WalletTestOptions | undefined;
  /** What hashing a password costs, where tests need accounts and no safe passwords. Default: as passwords.ts says. */
  passwordCost?: PasswordCost | undefined;
  /** Limits of transports and waits of the socket server's shutdown, to be met sooner. */
  socketLimits?: Partial<SocketLimits> | undefined;
  /** The migrations of another version, by which a test plays a neighbouring version. Default: those of this version. */
  migrations?: readonly Migration[] | undefined;
  /** How long a migration waits for the end of servers of earlier versions. */
  serversEndWithinMs?: number | undefined;
  /** Milliseconds between two reviews of the sessions while the change feed is down. */
  reviewMs?: number | undefined;
}
