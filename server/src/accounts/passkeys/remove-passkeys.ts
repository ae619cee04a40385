import type { ClientSession, Types } from 'mongoose';
import type { Models } from '#server/models/models.ts';

/**
 * Removes all passkeys of an account that somebody else may have registered or used. End its sessions before: who adds a
 * passkey must still have one when it is stored.
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
