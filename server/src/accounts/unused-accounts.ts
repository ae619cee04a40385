import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { Log } from '#server/log.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { insertJob, restartFailedJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { CloseUnused, UnusedAccount } from './close-account.ts';

/** The kind of the job that announces by mail that an account will be closed. */
export const UNUSED_ACCOUNT_MAIL = 'mail-unused';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FIRST_MS = 900_000;
const YEAR_MS = 365.25 * DAY_MS;
/** From the mail that announces it to the closing. */
export const NOTICE_MS = 30 * DAY_MS;
/** Accounts of one run: the mails of years are sent over days. */
const MOST_PER_RUN = 500;

/**
 * Stores that the closing of an account was announced, unless it was used meanwhile. The month begins with the first
 * mail: a job that runs again does not put the closing off.
 */
export async function noteNotice({ users }: Pick<Models, 'users'>, user: UserDoc, at: Date): Promise<void> {
  const unused = { _id: user._id, lastUsedAt: user.lastUsedAt ?? null, unusedNoticeAt: { $exists: false } };
  await users.collection.updateOne(unused as object, { $set: { unusedNoticeAt: at } });
}

interface UnusedAccountsOptions {
  models: Models;
  closeUnused: CloseUnused;
  /** After so many years without a use; null: never. */
  years: number | null;
  now: Now;
  log: Pick<Log, 'info'>;
  /** Wakes the notifications after a mail job was added. */
  wake(): void;
}

/**
 * Closes the accounts of users that were not used for years, a month after a mail has announced it. Accounts of admins
 * stay, and those with bookings of coming events or money on its way. An account whose use was never noted counts as
 * used when this first looks.
 */
export function createUnusedAccounts(options: UnusedAccountsOptions): SweepTask {
  const { models, closeUnused, years, now, log, wake } = options;
  const { users } = models;

  async function announce(unusedSince: Date): Promise<void> {
    const found = await users
      .find({ role: 'user', lastUsedAt: { $lte: unusedSince }, unusedNoticeAt: { $exists: false } })
      .limit(MOST_PER_RUN)
      .lean<UserDoc[]>();
    for (const user of found) await announceTo(user);
    if (found.length > 0) wake();
  }

  async function announceTo({ _id, lastUsedAt }: UserDoc): Promise<void> {
    const userId = _id.toHexString();
    const key = `${UNUSED_ACCOUNT_MAIL}:${userId}:${lastUsedAt?.getTime()}`;
    try {
      await insertJob(models, { key, kind: UNUSED_ACCOUNT_MAIL, payload: { userId, lastUsedAt } }, now());
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Announced by an earlier run, whose mail could not be sent yet.
      await restartFailedJob(models, key, now());
    }
  }

  async function closeAnnounced(unusedSince: Date): Promise<void> {
    const announcedBefore = new Date(now().getTime() - NOTICE_MS);
    const due = { role: 'user' as const, lastUsedAt: { $lte: unusedSince }, unusedNoticeAt: { $lte: announcedBefore } };
    let closed = 0;
    for (const account of await users.find(due).limit(MOST_PER_RUN).lean<UnusedAccount[]>()) {
      const outcome = await closeUnused(account);
      if (outcome.ok) closed += 1;
    }
    if (closed > 0) log.info({ accounts: closed }, 'Accounts were closed that were not used for years');
  }

  return {
    everyMs: HOUR_MS,
    firstMs: FIRST_MS,
    failure: 'Unused accounts could not be looked for and will be looked for again',
    async sweep(): Promise<number> {
      if (years === null) return HOUR_MS;
      await users.collection.updateMany({ lastUsedAt: { $exists: false } }, { $set: { lastUsedAt: now() } });
      const unusedSince = new Date(now().getTime() - years * YEAR_MS + NOTICE_MS);
      await announce(unusedSince);
      await closeAnnounced(unusedSince);
      return HOUR_MS;
    },
  };
}
