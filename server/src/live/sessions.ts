import type { Role } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import { endReasonOf } from '#server/models/accounts/account.ts';
import type { SessionChange, UserChange } from './changes.ts';

/** The connections of sessions and users in this process: what the feed's changes of accounts do to them. */
export interface SessionConnections {
  /** Ends the connections of a session. */
  endSession(sessionId: string, reason: SessionEndReason): void;
  /** Ends the connections of a user. */
  endUser(userId: string, reason: SessionEndReason): void;
  /** Ends the user's connections that were opened with another role; their clients reconnect with the new one. */
  changeRole(userId: string, role: Role): void;
  /** Sets when a session expires (milliseconds since 1970): it was renewed, or shortened by another program. */
  setExpiry(sessionId: string, expiresAtMs: number): void;
  /** Reads the sessions of all connections again and ends those that are over. Never rejects. */
  reviewAll(): Promise<void>;
}

/** Ends or updates the connections of a session whose record was changed. */
export function applySessionChange(
  connections: SessionConnections,
  sessionId: string,
  { deleted, ended, expiresAt }: SessionChange,
): void {
  const reason = deleted ? 'expired' : endReasonOf(ended);
  if (reason) connections.endSession(sessionId, reason);
  else if (expiresAt) connections.setExpiry(sessionId, expiresAt.getTime());
}

/** Ends the connections of a user whose account was deleted or whose role was changed. */
export function applyUserChange(connections: SessionConnections, userId: string, { deleted, role }: UserChange): void {
  if (deleted) connections.endUser(userId, 'account_deleted');
  else if (role) connections.changeRole(userId, role);
}

const REVIEW_MS = 2_000;

/**
 * Reviews the connected sessions every two seconds while the feed is down and no change of them arrives, so that an
 * ended session is cut within five seconds. Returns a function that stops it.
 */
export function reviewWhileDown(
  connections: SessionConnections,
  isFeedLive: () => boolean,
  everyMs = REVIEW_MS,
): () => void {
  let reviewing = false;
  const timer = setInterval(() => {
    if (isFeedLive() || reviewing) return;
    reviewing = true;
    void connections.reviewAll().finally(() => (reviewing = false));
  }, everyMs).unref();
  return () => clearInterval(timer);
}
