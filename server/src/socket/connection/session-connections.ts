import type { Role } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import type { Log } from '#server/log.ts';
import { isTransient } from '../transient.ts';
import { sessionRoom, userRoom } from '../rooms.ts';
import type { SessionRecord } from './session-review.ts';
import { createRecentEnds, endsForGood, reasonToEnd } from './session-review.ts';
import type { LiveNamespace, LiveSocket } from '../types.ts';

/** One read of the database asks for at most this many sessions. */
const REVIEW_CHUNK = 1_000;

export interface SessionConnectionsDeps {
  booking: LiveNamespace;
  /** The records of these sessions; those that are gone are left out. */
  readSessions(sessionIds: readonly string[]): Promise<SessionRecord[]>;
  now: () => Date;
  monotonic: () => number;
  log: Log;
}

export type Endings = ReturnType<typeof createSessionConnections>;

/** Ends connections whose session does not stand any more; each is told why first. */
export function createSessionConnections({ booking, readSessions, now, monotonic, log }: SessionConnectionsDeps) {
  const recent = createRecentEnds(monotonic);
  let sweeping = false;

  function endRoom(room: string, reason: SessionEndReason, keeps: (socket: LiveSocket) => boolean): void {
    for (const socket of socketsIn(room)) if (!keeps(socket)) endConnection(socket, reason);
  }

  function socketsIn(room: string): LiveSocket[] {
    const ids = [...(booking.adapter.rooms.get(room) ?? [])];
    return ids.map((id) => booking.sockets.get(id)).filter((socket) => socket !== undefined);
  }

  async function review(sockets: readonly LiveSocket[]): Promise<void> {
    for (let start = 0; start < sockets.length; start += REVIEW_CHUNK) {
      await reviewChunk(sockets.slice(start, start + REVIEW_CHUNK));
    }
  }

  async function reviewChunk(sockets: readonly LiveSocket[]): Promise<void> {
    const records = new Map(
      (await readSessions([...sessionIdsOf(sockets)])).map((record) => [record.sessionId, record]),
    );
    for (const socket of sockets) {
      const { connection } = socket.data;
      const record = connection.caller.kind === 'user' ? records.get(connection.caller.sessionId) : undefined;
      const reason = reasonToEnd(connection, record, now().getTime());
      if (reason) endConnection(socket, reason);
      else if (record) connection.expiresAtMs = record.expiresAtMs;
    }
  }

  async function reviewQuietly(sockets: readonly LiveSocket[]): Promise<void> {
    try {
      await review(sockets);
    } catch (error) {
      // Nobody is cut because the database cannot answer; their commands fail by themselves, the next round asks again.
      if (isTransient(error)) log.debug({ err: error }, 'Sessions could not be read');
      else log.error({ err: error }, 'Sessions could not be reviewed');
    }
  }

  return {
    endSession(sessionId: string, reason: SessionEndReason): void {
      recent.rememberSession(sessionId, reason);
      endRoom(sessionRoom(sessionId), reason, () => false);
    },
    endUser(userId: string, reason: SessionEndReason): void {
      recent.rememberUser(userId, reason, null);
      endRoom(userRoom(userId), reason, () => false);
    },
    /** Connections that know another role come back with the new one. */
    changeRole(userId: string, role: Role): void {
      recent.rememberUser(userId, 'role_changed', role);
      endRoom(userRoom(userId), 'role_changed', ({ data: { connection } }) => roleOf(connection.caller) === role);
    },
    /** The session's record has another end now: it was renewed, or somebody shortened it. */
    setExpiry(sessionId: string, expiresAtMs: number): void {
      for (const socket of socketsIn(sessionRoom(sessionId))) socket.data.connection.expiresAtMs = expiresAtMs;
    },
    /** Whether a connection that was just let in may stay: its session may have ended during the handshake. */
    admits(socket: LiveSocket): boolean {
      const reason = recent.reasonFor(socket.data.connection);
      if (reason) endConnection(socket, reason);
      return reason === null;
    },
    /** True when the session of a connection that seems to have expired was renewed. */
    async isRenewed(connectionId: string): Promise<boolean> {
      const socket = booking.sockets.get(connectionId);
      if (!socket) return false;
      await review([socket]);
      return !socket.data.connection.ended;
    },
    /** Reads the sessions of all connections again, for as long as nobody tells when one ends. */
    reviewAll: () => reviewQuietly([...booking.sockets.values()]),
    /** Reads those again that should have expired by now; a slow database is not asked twice at once. */
    async sweep(): Promise<void> {
      recent.prune();
      const nowMs = now().getTime();
      const due = [...booking.sockets.values()].filter(({ data }) => data.connection.expiresAtMs <= nowMs);
      if (sweeping || due.length === 0) return;
      sweeping = true;
      await reviewQuietly(due);
      sweeping = false;
    },
  };
}

/** Says why, then ends `/booking` for good, or the transport where clients are to come back by themselves. */
export function endConnection(socket: LiveSocket, reason: SessionEndReason): void {
  const { connection } = socket.data;
  if (connection.ended) return;
  connection.ended = true;
  socket.emit('sessionEnded', { reason });
  if (endsForGood(reason)) socket.disconnect();
  else socket.conn.close();
}

function sessionIdsOf(sockets: readonly LiveSocket[]): Set<string> {
  const ids = new Set<string>();
  for (const { data } of sockets) if (data.connection.caller.kind === 'user') ids.add(data.connection.caller.sessionId);
  return ids;
}

function roleOf(caller: LiveSocket['data']['connection']['caller']): Role | null {
  return caller.kind === 'user' ? caller.role : null;
}
