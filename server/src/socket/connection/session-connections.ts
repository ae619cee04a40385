import type { Role } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import type { Log } from '#server/log.ts';
import { isTransient } from '#server/mongo/transient.ts';
import type { ConnectionIndex } from '../connection-index.ts';
import type { SessionRecord } from './session-review.ts';
import { createRecentEnds, endsForGood, reasonToEnd } from './session-review.ts';
import type { LiveNamespace, LiveSocket } from '../types.ts';

/** Most sessions in one read of the database. */
const SESSIONS_PER_READ = 1_000;

export interface SessionConnectionsDeps {
  booking: LiveNamespace;
  connections: Pick<ConnectionIndex, 'ofUser' | 'ofSession'>;
  /** The records of these sessions; deleted ones are left out. */
  readSessions(sessionIds: readonly string[]): Promise<SessionRecord[]>;
  now: () => Date;
  monotonic: () => number;
  log: Log;
}

/**
 * The connections of sessions and users: the port of `live/sessions.ts`, over the sockets of this process. Ends
 * connections whose session is over; `sessionEnded` gives each the reason first.
 */
export function createSessionConnections(deps: SessionConnectionsDeps) {
  const { booking, connections, readSessions, now, monotonic, log } = deps;
  const recent = createRecentEnds(monotonic);
  let sweeping = false;

  async function review(sockets: readonly LiveSocket[]): Promise<void> {
    for (let start = 0; start < sockets.length; start += SESSIONS_PER_READ) {
      await reviewChunk(sockets.slice(start, start + SESSIONS_PER_READ));
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
      // An outage cuts no connection: commands fail by themselves meanwhile, and the next review reads again.
      if (isTransient(error)) log.debug({ err: error }, 'Sessions could not be read');
      else log.error({ err: error }, 'Sessions could not be reviewed');
    }
  }

  return {
    endSession(sessionId: string, reason: SessionEndReason): void {
      recent.rememberSession(sessionId, reason);
      for (const socket of connections.ofSession(sessionId)) endConnection(socket, reason);
    },
    endUser(userId: string, reason: SessionEndReason): void {
      recent.rememberUser(userId, reason, null);
      for (const socket of connections.ofUser(userId)) endConnection(socket, reason);
    },
    changeRole(userId: string, role: Role): void {
      recent.rememberUser(userId, 'role_changed', role);
      for (const socket of connections.ofUser(userId)) {
        if (roleOf(socket.data.connection.caller) !== role) endConnection(socket, 'role_changed');
      }
    },
    setExpiry(sessionId: string, expiresAtMs: number): void {
      for (const socket of connections.ofSession(sessionId)) socket.data.connection.expiresAtMs = expiresAtMs;
    },
    /** Ends a new connection whose session ended during its handshake; returns whether it did. */
    endIfOvertaken(socket: LiveSocket): boolean {
      const reason = recent.reasonFor(socket.data.connection);
      if (reason) endConnection(socket, reason);
      return reason !== null;
    },
    /** Reads the session of one connection again and ends the connection where it is over; returns whether it stays. */
    async reviewOne(connectionId: string): Promise<boolean> {
      const socket = booking.sockets.get(connectionId);
      if (!socket) return false;
      await review([socket]);
      return !socket.data.connection.hasEnded;
    },
    reviewAll: () => reviewQuietly([...booking.sockets.values()]),
    /** Reviews the sessions that should have expired by now. While one sweep is reading, another does nothing. */
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

/** Pushes the reason, then disconnects `/booking` for good, or closes the transport where clients should reconnect. */
function endConnection(socket: LiveSocket, reason: SessionEndReason): void {
  const { connection } = socket.data;
  if (connection.hasEnded) return;
  connection.hasEnded = true;
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
