import type { Role } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import type { Connection } from './connection.ts';

/** A session as the database has it now. */
export interface SessionRecord {
  sessionId: string;
  /** Milliseconds since 1970. */
  expiresAtMs: number;
  ended: SessionEndReason | null;
  /** The user's role; `null` when the account is gone. */
  role: Role | null;
}

/** Why a connection has to end, by its session's record (`undefined`: there is none); `null` when it may stay. */
export function reasonToEnd(
  { caller }: Connection,
  record: SessionRecord | undefined,
  nowMs: number,
): SessionEndReason | null {
  if (caller.kind === 'visitor') return null;
  if (!record) return 'expired';
  if (record.ended) return record.ended;
  if (record.role === null) return 'account_deleted';
  if (record.expiresAtMs <= nowMs) return 'expired';
  return record.role === caller.role ? null : 'role_changed';
}

/** Reasons after which a client must sign in again; after the others it reconnects (PROTOCOL.md, "Namespaces"). */
const FOR_GOOD: ReadonlySet<SessionEndReason> = new Set([
  'expired',
  'logged_out',
  'password_changed',
  'account_deleted',
]);

/** Whether this reason disconnects `/booking` for good, rather than closing the transport for a reconnection. */
export function endsForGood(reason: SessionEndReason): boolean {
  return FOR_GOOD.has(reason);
}

/** How long an end is remembered: longer than any handshake takes. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 20_000;

/**
 * Ends of sessions that may overtake a handshake: the token was checked before the session ended, and the connection
 * opened after that end was handled. Each new connection is checked against them.
 */
export function createRecentEnds(monotonic: () => number) {
  const ends = new Map<string, { reason: SessionEndReason; role: Role | null; atMs: number }>();

  function remember(key: string, reason: SessionEndReason, role: Role | null): void {
    ends.delete(key);
    ends.set(key, { reason, role, atMs: monotonic() });
  }

  return {
    rememberSession: (sessionId: string, reason: SessionEndReason) => remember(`session:${sessionId}`, reason, null),
    /** `role` is the user's new role where the role changed: connections that have it already may stay. */
    rememberUser: (userId: string, reason: SessionEndReason, role: Role | null) =>
      remember(`user:${userId}`, reason, role),
    /** Why a new connection has to end; `null` when it may stay. */
    reasonFor({ caller }: Connection): SessionEndReason | null {
      if (caller.kind === 'visitor') return null;
      const session = ends.get(`session:${caller.sessionId}`);
      if (session) return session.reason;
      const user = ends.get(`user:${caller.userId}`);
      return user && user.role !== caller.role ? user.reason : null;
    },
    prune(): void {
      const oldestMs = monotonic() - REMEMBERED_MS;
      for (const [key, { atMs }] of ends) {
        if (atMs > oldestMs && ends.size <= MOST_REMEMBERED) return;
        ends.delete(key);
      }
    },
  };
}
