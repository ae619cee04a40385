import type { Role } from '#shared/account.ts';
import type { SessionDoc, UserDoc } from '#server/models/accounts/account.ts';
import { endReasonOf } from '#server/models/accounts/account.ts';
import type { ProvisionalAccountDoc } from '#server/models/accounts/provisional-account.ts';
import type { Models } from '#server/models/models.ts';
import type { Caller } from './command-definition.ts';
import type { SessionRecord } from './connection/session-review.ts';

/** What the sockets read of users and sessions: the present role, and whether a session is still open. */
export function createAccountReads(models: Pick<Models, 'sessions' | 'users' | 'provisionalAccounts'>) {
  /** The role in the database now; `null` when the account is gone. */
  async function readRole(userId: string): Promise<Role | null> {
    const user = await models.users.findById(userId, { role: 1 }).lean<Pick<UserDoc, 'role'>>();
    return user ? user.role : null;
  }

  /** Whether the caller is an admin now. Only a caller who connected as one costs a read: a promotion reconnects. */
  async function isAdmin(caller: Caller): Promise<boolean> {
    return caller.kind === 'user' && caller.role === 'admin' && (await readRole(caller.userId)) === 'admin';
  }

  /** The records of these sessions, in two reads however many there are; deleted ones are left out. */
  async function readSessions(sessionIds: readonly string[]): Promise<SessionRecord[]> {
    const found = await models.sessions.find({ _id: { $in: sessionIds } }).lean<SessionDoc[]>();
    const ownerIds = found.map((doc) => doc.userId);
    const owners = await models.users
      .find({ _id: { $in: ownerIds } }, { role: 1 })
      .lean<Pick<UserDoc, '_id' | 'role'>[]>();
    const roles = new Map(owners.map((owner) => [owner._id.toHexString(), owner.role]));
    for (const id of await readProvisional(found)) roles.set(id, 'user');
    return found.map((doc) => ({
      sessionId: doc._id.toHexString(),
      expiresAtMs: doc.expiresAt.getTime(),
      ended: endReasonOf(doc.ended),
      role: roles.get(doc.userId.toHexString()) ?? null,
    }));
  }

  /** The provisional accounts among the owners of these sessions. */
  async function readProvisional(sessions: readonly SessionDoc[]): Promise<string[]> {
    const ids = sessions.flatMap(({ userId, provisional }) => (provisional ? [userId] : []));
    if (ids.length === 0) return [];
    const found = await models.provisionalAccounts
      .find({ _id: { $in: ids } }, { _id: 1 })
      .lean<ProvisionalAccountDoc[]>();
    return found.map(({ _id }) => _id.toHexString());
  }

  return { readRole, isAdmin, readSessions };
}
