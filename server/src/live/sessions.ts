import { Types } from 'mongoose';
import type { Role } from '#shared/account.ts';
import { sessionEndReason } from '#shared/protocol/pushes.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import type { SessionDoc, UserDoc } from '#server/models/accounts/account.ts';
import type { Models } from '../models/models.ts';

/** What the live modules need of the connections: to end those whose session does not stand any more. */
export interface SessionConnections {
  endSession(sessionId: string, reason: SessionEndReason): void;
  endUser(userId: string, reason: SessionEndReason): void;
  changeRole(userId: string, role: Role): void;
  /** The session's record has another end now: it was renewed, or somebody shortened it. */
  setExpiry(sessionId: string, expiresAtMs: number): void;
  /** Reads the sessions of all connections again; never rejects. */
  reviewAll(): Promise<void>;
}

/** The reason in a session's `ended`, as the feed carries it; `null` while it is open. */
export function endReasonOf(ended: unknown): SessionEndReason | null {
  if (ended === null || ended === undefined) return null;
  const reason = sessionEndReason.safeParse((ended as { reason?: unknown }).reason);
  // Somebody wrote a reason of their own into the record: ended it is all the same.
  return reason.success ? reason.data : 'logged_out';
}

const REVIEW_MS = 2_000;

/**
 * While the feed is down nobody tells when a session ends: the connected sessions' records are read every two seconds,
 * so that an ended one is cut within five. Gives the way to stop it.
 */
export function reviewWhileDown(
  connections: SessionConnections,
  feedLive: () => boolean,
  everyMs = REVIEW_MS,
): () => void {
  let reviewing = false;
  const timer = setInterval(() => {
    if (feedLive() || reviewing) return;
    reviewing = true;
    void connections.reviewAll().finally(() => (reviewing = false));
  }, everyMs).unref();
  return () => clearInterval(timer);
}

/** What the database says of these sessions now, in two reads however many they are; those that are gone are left out. */
export async function readSessions(
  { sessions, users }: Pick<Models, 'sessions' | 'users'>,
  sessionIds: readonly string[],
) {
  const ids = sessionIds.map((id) => Types.ObjectId.createFromHexString(id));
  const found = await sessions.find({ _id: { $in: ids } }).lean<SessionDoc[]>();
  const owners = await users.find({ _id: { $in: found.map(({ userId }) => userId) } }, { role: 1 }).lean<UserDoc[]>();
  const roles = new Map(owners.map(({ _id, role }) => [_id.toHexString(), role]));
  return found.map(({ _id, userId, expiresAt, ended }) => ({
    sessionId: _id.toHexString(),
    expiresAtMs: expiresAt.getTime(),
    ended: endReasonOf(ended),
    role: roles.get(userId.toHexString()) ?? null,
  }));
}
