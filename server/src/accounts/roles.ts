import type { ClientSession, Types } from 'mongoose';
import type { Role } from '#shared/account.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { Models } from '#server/models/models.ts';
import { runTransaction } from '#server/mongo/transaction.ts';

const DEADLINE_MS = 5_000;
const PAUSE_MS = 10;

/** The account with this address, in whatever case it is written. */
export async function findAccount(models: Models, email: string): Promise<UserDoc | null> {
  return models.users.findOne({ email: email.toLowerCase() }).lean<UserDoc>();
}

/**
 * Gives an account its role. The last admin cannot be demoted, also where two admins demote each other at the same
 * moment. The change feed makes the user's clients reconnect.
 */
export async function setRole(models: Models, user: Pick<UserDoc, '_id'>, role: Role): Promise<Result<UserDoc>> {
  const monotonic = () => performance.now();
  const pauseBeforeReplay = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));
  const run = {
    client: models.users.db.getClient(),
    monotonic,
    pauseBeforeReplay,
    deadlineMs: monotonic() + DEADLINE_MS,
  };
  return runTransaction(run, async (session) => {
    const known = await models.users.findById(user._id, {}, { session }).lean<UserDoc>();
    if (!known) return refuse('NOT_FOUND');
    if (known.role === role) return ok(known);
    const kept = role === 'user' ? await lastAdminRefusal(models, known._id, session) : null;
    if (kept) return kept;
    await models.users.updateOne({ _id: known._id }, { $set: { role } }, { session });
    return ok({ ...known, role });
  });
}

/**
 * A refusal where this is the last admin. In a transaction the other admin is written to: of two admins who leave at the
 * same moment, one meets the other's write and is asked again.
 */
export async function lastAdminRefusal(
  { users }: Models,
  userId: Types.ObjectId,
  session?: ClientSession,
): Promise<{ ok: false; error: Refusal } | null> {
  if (!(await users.exists({ _id: userId, role: 'admin' }).session(session ?? null))) return null;
  const other = { role: 'admin' as const, _id: { $ne: userId } };
  if (!session) return (await users.exists(other)) ? null : lastAdmin();
  const { matchedCount } = await users.collection.updateOne(other, { $inc: { othersLeft: 1 } }, { session });
  return matchedCount === 1 ? null : lastAdmin();
}

function lastAdmin() {
  return refuse('INVALID_STATE', { message: 'This is the last admin.', details: { lastAdmin: true } });
}
