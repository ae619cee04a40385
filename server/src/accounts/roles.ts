import type { Role } from '#shared/account.ts';
import type { Result } from '#shared/errors.ts';
import { ok, refuse } from '#shared/errors.ts';
import type { UserDoc } from '#server/models/account.ts';
import type { Models } from '#server/models/models.ts';

/** The account with this address, in whatever case it is written. */
export async function findAccount(models: Models, email: string): Promise<UserDoc | null> {
  return models.users.findOne({ email: email.toLowerCase() }).lean<UserDoc>();
}

/** Gives an account its role. The last admin cannot be demoted. The change feed makes the user's clients reconnect. */
export async function setRole(models: Models, user: Pick<UserDoc, '_id'>, role: Role): Promise<Result<UserDoc>> {
  if (role === 'user' && !(await models.users.exists({ role: 'admin', _id: { $ne: user._id } }))) {
    return refuse('INVALID_STATE', { message: 'This is the last admin.', details: { lastAdmin: true } });
  }
  const changed = await models.users
    .findByIdAndUpdate(user._id, { $set: { role } }, { returnDocument: 'after' })
    .lean<UserDoc>();
  return changed ? ok(changed) : refuse('NOT_FOUND');
}
