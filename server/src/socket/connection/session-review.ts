import type { Role } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import type { Connection } from './connection.ts';

/** What the database says now of the session that a connection rests on. */
export interface SessionRecord {
  sessionId: string;
  expiresAtMs: number;
  ended: SessionEndReason | null;
  /** `null` when the account is gone. */
  role: Role | null;
}

/** Why a connection may not go on, judged by its session's record; `null` when it may. */
export function reasonToEnd(
  { caller }: Connection,
  record: SessionRecord | undefined,
  nowMs: number,
): SessionEndReason | null {
  if (caller.kind === 'guest') return null;
  if (!record) return 'expired';
  if (record.ended) return record.ended;
  if (record.role === null) return 'account_deleted';
  if (record.expiresAtMs <= nowMs) return 'expired';
  return record.role === caller.role ? null : 'role_changed';
}

/** These end `/booking` for good; after the others clients come back by themselves. */
const FOR_GOOD: ReadonlySet<SessionEndReason> = new Set([
  'expired',
  'logged_out',
  'password_changed',
  'account_deleted',
]);

export function endsForGood(reason: SessionEndReason): boolean {
  return FOR_GOOD.has(reason);
}

/** How long an end is remembered for connections that were just being let in when it came. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 20_000;

export type RecentEnds = ReturnType<typeof createRecentEnds>;

/**
 * Ends of sessions that may overtake a handshake: its token was checked before the session ended, its connection
 * stands after the end was handled. Whoever is let in is checked against these.
 */
export function createRecentEnds(monotonic: () => number) {
  const ends = new Map<string, { reason: SessionEndReason; role: Role | null; atMs: number }>();

  function remember(key: string, reason: SessionEndReason, role: Role | null): void {
    ends.delete(key);
    ends.set(key, { reason, role, atMs: monotonic() });
  }

  return {
    /** A session's end; every connection of it is concerned. */
    rememberSession: (sessionId: string, reason: SessionEndReason) => remember(`session:${sessionId}`, reason, null),
    /** `role` is the new one where that is what changed. */
    rememberUser: (userId: string, reason: SessionEndReason, role: Role | null) =>
      remember(`user:${userId}`, reason, role),
    reasonFor({ caller }: Connection): SessionEndReason | null {
      if (caller.kind === 'guest') return null;
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
