import type { ClientSession, Types } from 'mongoose';
import type { Models } from '#server/models/models.ts';

/**
 * Removes all passkeys of an account that a stranger may have registered or used. The caller ends the account's sessions
 * first: a passkey is stored only with an open session, so none can be added in between.
 */
export async function removePasskeys(
  { users, passkeys }: Pick<Models, 'users' | 'passkeys'>,
  userId: Types.ObjectId,
  session?: ClientSession,
): Promise<void> {
  const options = session && { session };
  await users.updateOne({ _id: userId }, { $unset: { passkeyCount: 1 } }, options);
  await passkeys.deleteMany({ userId }, options);
}
