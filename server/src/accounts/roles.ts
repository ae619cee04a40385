import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientSession, Types } from 'mongoose';
import type { Role } from '#shared/account.ts';
import { canonicalEmail } from '#shared/text/email.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { Models } from '#server/models/models.ts';
import { runTransaction } from '#server/mongo/transaction.ts';
import { shortenSessions } from './sessions.ts';

const DEADLINE_MS = 5_000;
const REPLAY_DELAY_MS = 10;

/** The account with this email address, however it is typed; null if there is none. */
export async function findAccount(models: Models, typed: string): Promise<UserDoc | null> {
  const email = canonicalEmail(typed);
  return email === null ? null : models.users.findOne({ email }).lean<UserDoc>();
}

/**
 * Sets the role of an account. Refuses to demote the last admin, also if two admins demote each other at the same time,
 * and to promote an account whose address is not verified: a stranger may have registered it. `allowsUnverified` promotes
 * it nevertheless. The change feed makes the clients of the account reconnect. Sessions of an admin end within hours.
 */
export async function setRole(
  models: Models,
  user: Pick<UserDoc, '_id'>,
  role: Role,
  { at, allowsUnverified = false }: { at: Date; allowsUnverified?: boolean },
): Promise<Result<UserDoc>> {
  const monotonic = () => performance.now();
  const sleepBeforeReplay = () => sleep(REPLAY_DELAY_MS);
  const run = {
    client: models.users.db.getClient(),
    monotonic,
    sleepBeforeReplay,
    deadlineMs: monotonic() + DEADLINE_MS,
  };
  return runTransaction(run, async (session) => {
    const known = await models.users.findById(user._id, {}, { session }).lean<UserDoc>();
    if (!known) return refuse('NOT_FOUND');
    if (known.role === role) return ok(known);
    if (role === 'admin' && !known.verified && !allowsUnverified) return unverifiedError();
    const refusal = role === 'user' ? await lastAdminRefusal(models, known._id, session) : null;
    if (refusal) return refusal;
    await models.users.updateOne({ _id: known._id }, { $set: { role } }, { session });
    if (role === 'admin') await shortenSessions(models, known._id, at, session);
    return ok({ ...known, role });
  });
}

/**
 * A refusal if this is the last admin, else null. In a transaction it writes to another admin: of two admins that leave
 * at the same time, one meets a write conflict and is checked again.
 */
export async function lastAdminRefusal(
  { users }: Models,
  userId: Types.ObjectId,
  session?: ClientSession,
): Promise<{ ok: false; error: Refusal } | null> {
  if (!(await users.exists({ _id: userId, role: 'admin' }).session(session ?? null))) return null;
  const other = { role: 'admin' as const, _id: { $ne: userId } };
  if (!session) return (await users.exists(other)) ? null : lastAdminError();
  const { matchedCount } = await users.collection.updateOne(other, { $inc: { othersLeft: 1 } }, { session });
  return matchedCount === 1 ? null : lastAdminError();
}

function unverifiedError() {
  return refuse('INVALID_STATE', {
    message: 'The address of this account is not verified: its owner must confirm it by the mailed link first.',
    details: { verified: false },
  });
}

function lastAdminError() {
  return refuse('INVALID_STATE', { message: 'This is the last admin.', details: { lastAdmin: true } });
}
