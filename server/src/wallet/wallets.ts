import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { ConfigError } from '#server/config.ts';
import { UPDATE_PASSES } from '#server/booking/rules/tickets/pass-jobs.ts';
import type { Models } from '#server/models/models.ts';
import type { TicketPrinter } from '#server/tickets/printing/ticket-printer.ts';
import type { ApnsOptions } from './apple/apns.ts';
import { createApns } from './apple/apns.ts';
import type { AppleWalletConfig, PassKeys } from './apple/apple-keys.ts';
import { passKeysOf } from './apple/apple-keys.ts';
import { createAppleWallet } from './apple/apple-wallet.ts';
import type { GoogleApiOptions } from './google/google-api.ts';
import { googleKeyFault } from './google/google-keys.ts';
import { createGoogleWallet } from './google/google-wallet.ts';
import { createFollowCancellations } from './follow-cancellations.ts';
import { createPassTokens } from './pass-serials.ts';
import type { PassSubjects } from './pass-subjects.ts';
import { createStoredPasses } from './stored-passes.ts';
import { createUpdatePassesJob } from './update-passes.ts';

/** Servers that stand in for those of Apple and Google. */
export interface WalletTestOptions {
  apns?: ApnsOptions['test'];
  google?: GoogleApiOptions['test'];
}

interface WalletsOptions {
  config: Pick<Config, 'wallet' | 'siteName'>;
  models: Models;
  /** The tokens of passes are derived from it. */
  secret: string;
  subjects: PassSubjects;
  printer: Pick<TicketPrinter, 'printPass'>;
  readImage(name: string): Promise<Buffer | undefined>;
  /** The public address of the site. */
  origin: () => string;
  now: Now;
  test?: WalletTestOptions | undefined;
}

export type Wallets = ReturnType<typeof createWallets>;

/** Tickets in Apple Wallet and Google Wallet, each where the settings have its keys. Throws if a key cannot be read. */
export function createWallets(options: WalletsOptions) {
  const { config, models, secret, subjects, printer, readImage, origin, now, test = {} } = options;
  const { siteName } = config;
  const stored = createStoredPasses({ models, now });
  const keys = config.wallet.apple && readPassKeys(config.wallet.apple);
  const apple =
    config.wallet.apple && keys
      ? createAppleWallet({
          config: config.wallet.apple,
          keys,
          siteName,
          origin,
          subjects,
          stored,
          tokens: createPassTokens(secret),
          printer,
          readImage,
          now,
        })
      : null;
  const fault = config.wallet.google && googleKeyFault(config.wallet.google);
  if (fault) throw new ConfigError(`${fault}.`);
  const google =
    config.wallet.google &&
    createGoogleWallet({ config: config.wallet.google, siteName, origin, stored, now, test: test.google });
  const apns = apple && keys && createApns({ keys, passTypeId: apple.passTypeId, now, test: test.apns });

  return {
    apple,
    google,
    subjects,
    /** By their kinds. Without keys they do nothing, so that no job waits for keys. */
    jobs: { [UPDATE_PASSES]: createUpdatePassesJob({ models, subjects, stored, apns, google }) },
    /** Follows the jobs that notify of a batch; null where there can be no passes. */
    followCancellations: apple || google ? createFollowCancellations({ models, now }) : null,
  };
}

function readPassKeys(config: AppleWalletConfig): PassKeys {
  try {
    return passKeysOf(config);
  } catch {
    throw new ConfigError(
      'APPLE_PASS_KEY cannot be read with APPLE_PASS_KEY_PASSPHRASE, or without it if that is not set.',
    );
  }
}
