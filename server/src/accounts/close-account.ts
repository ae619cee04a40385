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

/** A command that was sent before the account was closed is answered within ten seconds. */
const LAST_COMMAND_MS = 30_000;

/** What an account has to do with events. */
export interface AccountBookings {
  /** Coming bookings, and those with a refund under way: with one of these the account stays. */
  bindingBookings(userId: string, session?: ClientSession): Promise<string[]>;
  /** Takes the address out of the records of payments; answers how many still need it. */
  forgetPayer(userId: string, session?: ClientSession): Promise<number>;
  /** Gives holds and places on waiting lists back; a refusal where it could not be done just now. */
  giveBack(userId: string): Promise<Result<null>>;
}

export interface CloseAccountDeps {
  models: Models;
  passwords: Passwords;
  sessions: Sessions;
  guessLimits: GuessLimits;
  accountBookings: AccountBookings;
  withTransaction: WithTransaction;
  now: Now;
}

/** The job that looks for what a closed account has booked in its very last moment. */
export const CLOSED_ACCOUNT = 'closed-account';

export type CloseAccount = ReturnType<typeof createCloseAccount>;

/** Deletes one's own account. What was booked in the past stays, under an id that belongs to nobody any more. */
export function createCloseAccount(deps: CloseAccountDeps) {
  return async function closeAccount({ user }: Identity, password: string, address: string): Promise<Result<null>> {
    const right = await deps.passwords.matches(user.passwordHash, password, deps.guessLimits(user.email, address));
    if (!right.ok) return right;
    if (!right.data) return refuse('FORBIDDEN', { message: 'The password is another one.' });
    const bound = await obstacles(deps, user._id);
    if (bound) return bound;
    const free = await deps.accountBookings.giveBack(user._id.toHexString());
    if (!free.ok) return free;
    const closed = await deps.withTransaction((session) => remove(deps, user._id, session));
    if (closed.ok) await deps.sessions.endAll(user._id, 'account_deleted');
    return closed;
  };
}

async function obstacles(
  { models, accountBookings }: CloseAccountDeps,
  userId: Types.ObjectId,
  session?: ClientSession,
) {
  const bookings = await accountBookings.bindingBookings(userId.toHexString(), session);
  if (bookings.length > 0) return refuse('INVALID_STATE', { details: { bookings } });
  return lastAdminRefusal(models, userId, session);
}

/** All that names the person goes in one commit; asked again in it, because people book while they delete. */
async function remove(deps: CloseAccountDeps, userId: Types.ObjectId, session: ClientSession): Promise<Result<null>> {
  const { models, sessions, accountBookings, now } = deps;
  const bound = await obstacles(deps, userId, session);
  if (bound) return bound;
  const { deletedCount } = await models.users.deleteOne({ _id: userId }, { session });
  if (deletedCount === 0) return refuse('UNAUTHENTICATED');
  await models.accountLinks.deleteMany({ userId }, { session });
  await accountBookings.forgetPayer(userId.toHexString(), session);
  await sessions.endAll(userId, 'account_deleted', { session });
  for (const [again, afterMs] of [0, LAST_COMMAND_MS].entries()) {
    const order = { key: `${CLOSED_ACCOUNT}:${userId.toHexString()}:${again}`, kind: CLOSED_ACCOUNT };
    const payload = { userId: userId.toHexString() };
    await insertJob(models, { ...order, payload }, new Date(now().getTime() + afterMs), session);
  }
  return ok(null);
}
