import type { ClientSession, Types } from 'mongoose';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import { insertJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import type { GuessLimits } from './guess-limits.ts';
import type { Passwords } from './passwords.ts';
import { lastAdminRefusal } from './roles.ts';
import type { Identity, Sessions } from './sessions.ts';

/** The second clean-up waits this long: commands sent before the account closed are answered within ten seconds. */
const SECOND_CLEANUP_MS = 30_000;

/** The bookings, payments and waitlist entries of an account, by user id (24 hex digits). */
export interface AccountBookings {
  /** Ids of upcoming confirmed bookings and of bookings with a refund under way: any of them keeps the account open. */
  bindingBookings(userId: string, session?: ClientSession): Promise<string[]>;
  /** Deletes the email address from the payments of the account; resolves with how many still need it. */
  forgetPayer(userId: string, session?: ClientSession): Promise<number>;
  /** Ends the holds and waitlist entries of the account, or refuses if that is not possible now. */
  giveBack(userId: string): Promise<Result<null>>;
}

interface CloseAccountDeps {
  models: Models;
  passwords: Passwords;
  sessions: Sessions;
  guessLimits: GuessLimits;
  accountBookings: AccountBookings;
  withTransaction: WithTransaction;
  now: Now;
}

/** The kind of the job that cancels what a closed account booked by its last commands. */
export const CLOSED_ACCOUNT = 'closed-account';

export type CloseAccount = ReturnType<typeof createCloseAccount>;

/** Deletes the requester's account. Past bookings stay, under a user id without an account. */
export function createCloseAccount(deps: CloseAccountDeps) {
  return async function closeAccount({ user }: Identity, password: string, address: string): Promise<Result<null>> {
    const matches = await deps.passwords.matches(user.passwordHash, password, deps.guessLimits(user.email, address));
    if (!matches.ok) return matches;
    if (!matches.data) return refuse('FORBIDDEN', { message: 'The password is wrong.' });
    const refusal = await closeRefusal(deps, user._id);
    if (refusal) return refusal;
    const givenBack = await deps.accountBookings.giveBack(user._id.toHexString());
    if (!givenBack.ok) return givenBack;
    const closed = await deps.withTransaction((session) => deleteAccount(deps, user._id, session));
    if (closed.ok) await deps.sessions.endAll(user._id, 'account_deleted');
    return closed;
  };
}

async function closeRefusal(
  { models, accountBookings }: CloseAccountDeps,
  userId: Types.ObjectId,
  session?: ClientSession,
) {
  const bookings = await accountBookings.bindingBookings(userId.toHexString(), session);
  if (bookings.length > 0) return refuse('INVALID_STATE', { details: { bookings } });
  return lastAdminRefusal(models, userId, session);
}

/** Deletes all personal data in one commit. Checks the bookings again: the account may have booked meanwhile. */
async function deleteAccount(
  deps: CloseAccountDeps,
  userId: Types.ObjectId,
  session: ClientSession,
): Promise<Result<null>> {
  const { models, sessions, accountBookings, now } = deps;
  const refusal = await closeRefusal(deps, userId, session);
  if (refusal) return refusal;
  const { deletedCount } = await models.users.deleteOne({ _id: userId }, { session });
  if (deletedCount === 0) return refuse('UNAUTHENTICATED');
  await models.accountLinks.deleteMany({ userId }, { session });
  await accountBookings.forgetPayer(userId.toHexString(), session);
  await sessions.endAll(userId, 'account_deleted', { session });
  for (const [run, afterMs] of [0, SECOND_CLEANUP_MS].entries()) {
    const id = userId.toHexString();
    const job = { key: `${CLOSED_ACCOUNT}:${id}:${run}`, kind: CLOSED_ACCOUNT, payload: { userId: id } };
    await insertJob(models, job, new Date(now().getTime() + afterMs), session);
  }
  return ok(null);
}
