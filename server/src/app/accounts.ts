import type { JWT } from '@fastify/jwt';
import type { Accounts } from '#server/accounts/accounts.ts';
import { createAccounts } from '#server/accounts/accounts.ts';
import { createCodeSignIn } from '#server/accounts/code/code-sign-in.ts';
import type { SignInCodes } from '#server/accounts/code/sign-in-codes.ts';
import { ensureConfiguredAdmin } from '#server/accounts/ensure-admin.ts';
import type { GuessLimits } from '#server/accounts/guessing/guess-limits.ts';
import { createGuessLimits } from '#server/accounts/guessing/guess-limits.ts';
import type { KnownDevices } from '#server/accounts/guessing/known-devices.ts';
import { createKnownDevices } from '#server/accounts/guessing/known-devices.ts';
import type { SharedCounts } from '#server/accounts/guessing/shared-counts.ts';
import { createSharedCounts } from '#server/accounts/guessing/shared-counts.ts';
import { createVoucherGuesses } from '#server/accounts/guessing/voucher-guesses.ts';
import type { CloseAccount, AccountBookings } from '#server/accounts/close-account.ts';
import { createCloseAccount, createCloseUnused } from '#server/accounts/close-account.ts';
import { createUnusedAccounts } from '#server/accounts/unused-accounts.ts';
import type { ExportSources } from '#server/accounts/account-export.ts';
import { createAccountExport } from '#server/accounts/account-export.ts';
import { createPasskeyChallenges } from '#server/accounts/passkeys/challenges.ts';
import { createOwnPasskeys } from '#server/accounts/passkeys/own-passkeys.ts';
import type { PasskeyProof } from '#server/accounts/passkeys/passkey-proof.ts';
import { createPasskeyProof } from '#server/accounts/passkeys/passkey-proof.ts';
import { createPasskeySignIn } from '#server/accounts/passkeys/passkey-sign-in.ts';
import type { ProvisionalHolds } from '#server/accounts/provisional/provisional-accounts.ts';
import { createProvisionalAccounts } from '#server/accounts/provisional/provisional-accounts.ts';
import { createProvisionalSweep } from '#server/accounts/provisional/provisional-sweep.ts';
import type { PasswordCost, Passwords } from '#server/accounts/passwords.ts';
import { createPasswords } from '#server/accounts/passwords.ts';
import type { AccountLinks } from '#server/accounts/recovery/account-links.ts';
import type { Recovery } from '#server/accounts/recovery/recovery.ts';
import { createRecovery } from '#server/accounts/recovery/recovery.ts';
import type { Sessions } from '#server/accounts/sessions.ts';
import { createSessions } from '#server/accounts/sessions.ts';
import { createTokens } from '#server/accounts/tokens.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';

interface AccountsOptions {
  config: Config;
  models: Models;
  withTransaction: WithTransaction;
  jwt: JWT;
  links: AccountLinks;
  codes: SignInCodes;
  /** Signs the marks of known devices, and challenges for passkeys. */
  deviceSecret: string;
  /** Bookings of an account, which may prevent its closing, or are returned by it. */
  accountBookings: AccountBookings;
  /** Holds that visitors make before they sign in. */
  provisionalHolds: ProvisionalHolds;
  /** Bookings and waitlist entries of an account, for its export. */
  exportSources: Omit<ExportSources, 'receipts'>;
  /** Receipts of an account, likewise. */
  receiptsOf: ExportSources['receipts'];
  /** What hashing a password costs, in tests. */
  passwordCost: PasswordCost | undefined;
  now: Now;
  log: Log;
  /** Wakes the notifications after a mail job was added. */
  wake(): void;
}

/** Accounts, their sessions and their recovery. Ensures the admin of the settings before it resolves. */
export async function composeAccounts(options: AccountsOptions) {
  const { config, models, withTransaction, jwt, links, codes, deviceSecret, exportSources, receiptsOf, now, wake } =
    options;
  const sessions = createSessions({ models, tokens: createTokens(jwt, now), now });
  const passwords = createPasswords(options.passwordCost);
  const counts = createSharedCounts({ models, secret: deviceSecret, now });
  const guessLimits = createGuessLimits({ config, counts });
  const codeGuesses = createVoucherGuesses({ config, counts });
  const knownDevices = createKnownDevices({ secret: deviceSecret, now });
  const accounts: Accounts = createAccounts({
    models,
    passwords,
    sessions,
    guessLimits,
    knownDevices,
    links,
    counts,
    withTransaction,
    now,
    wake,
  });
  const { provisionalAccounts, provisionalSweep } = composeProvisional(options, { sessions, counts });
  const codeSignIn = createCodeSignIn({
    config,
    models,
    codes,
    sessions,
    links,
    guessLimits,
    knownDevices,
    counts,
    provisionalAccounts,
    withTransaction,
    now,
    wake,
  });
  const parts = { sessions, passwords, guessLimits, knownDevices, counts };
  const passkeys = composePasskeys(options, parts);
  const { closeAccount, unusedAccounts } = composeClosing(options, parts, passkeys.proof);
  await ensureConfiguredAdmin({ config, models, passwords, sessions, now });
  return {
    sessions,
    passwords,
    knownDevices,
    accounts,
    codeSignIn,
    passkeys,
    recovery: composeRecovery(options, parts),
    closeAccount,
    provisionalAccounts,
    sweeps: [unusedAccounts, provisionalSweep],
    unusedAccounts,
    exportOf: createAccountExport({ models, sources: { ...exportSources, receipts: receiptsOf }, now }),
    codeGuesses,
  };
}

/** What the ways into an account have in common. */
interface AccountParts {
  sessions: Sessions;
  passwords: Passwords;
  guessLimits: GuessLimits;
  knownDevices: KnownDevices;
  counts: SharedCounts;
}

/** Accounts of visitors who hold seats before they sign in. */
function composeProvisional(
  { config, models, provisionalHolds: holds, withTransaction, now, log }: AccountsOptions,
  { sessions, counts }: Pick<AccountParts, 'sessions' | 'counts'>,
) {
  const provisionalAccounts = createProvisionalAccounts({ config, models, sessions, counts, holds, now, log });
  const accounts = provisionalAccounts;
  const provisionalSweep = createProvisionalSweep({ models, accounts, sessions, withTransaction, now });
  return { provisionalAccounts, provisionalSweep };
}

function composeRecovery(
  { config, models, withTransaction, links, now, wake }: AccountsOptions,
  { sessions, passwords, guessLimits, counts }: AccountParts,
): Recovery {
  return createRecovery({
    config,
    models,
    passwords,
    sessions,
    links,
    guessLimits,
    counts,
    withTransaction,
    now,
    wake,
  });
}

function composePasskeys(
  { config, models, withTransaction, deviceSecret, now, log, wake }: AccountsOptions,
  { sessions, passwords, guessLimits, knownDevices, counts }: AccountParts,
) {
  const challenges = createPasskeyChallenges({ models, secret: deviceSecret, now });
  const proof: PasskeyProof = createPasskeyProof({ models, challenges, now, log });
  const own = createOwnPasskeys({
    config,
    models,
    challenges,
    proof,
    passwords,
    guessLimits,
    counts,
    withTransaction,
    now,
    log,
    wake,
  });
  const signIn = createPasskeySignIn({ models, proof, sessions, guessLimits, knownDevices });
  return { own, signIn, proof };
}

/** An account is closed by its owner, or after years without a use. */
function composeClosing(
  { config, models, withTransaction, codes, accountBookings, now, log, wake }: AccountsOptions,
  { sessions, passwords, guessLimits }: AccountParts,
  passkeyProof: PasskeyProof,
) {
  const closeAccount: CloseAccount = createCloseAccount({
    models,
    passwords,
    passkeyProof,
    sessions,
    codes,
    guessLimits,
    accountBookings,
    withTransaction,
    now,
  });
  const unusedAccounts = createUnusedAccounts({
    models,
    closeUnused: createCloseUnused({ models, sessions, codes, accountBookings, withTransaction, now }),
    years: config.retention.unusedAccountYears,
    now,
    log,
    wake,
  });
  return { closeAccount, unusedAccounts };
}
