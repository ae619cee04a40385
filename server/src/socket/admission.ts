import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Log } from '#server/log.ts';
import type { SessionDoc, UserDoc } from '#server/models/accounts/account.ts';
import { toUser } from '#server/models/views.ts';
import { callerOf } from './command-definition.ts';
import { visitorConnection } from './connection/connection.ts';
import { shortenRequest } from './connection/first-request.ts';
import { tokenOf } from './connection/handshake.ts';
import type { SocketRateLimits } from './rate-limit.ts';
import { isTransient } from '#server/mongo/transient.ts';
import type { LiveSocket, LiveTransport } from './types.ts';

export interface AdmissionDeps {
  /** Reads the session of a token; `null` where the token is forged or its session is over. */
  sessions: { verify(token: string): Promise<{ user: UserDoc; session: SessionDoc } | null> };
  /** Whether a page of this origin may connect. */
  originAllowed(headers: { origin?: string | undefined; host?: string | undefined }): boolean;
  addressOf(request: IncomingMessage): string;
  limits: SocketRateLimits;
  log: Log;
}

type Next = (error?: Error & { data?: { code: ErrorCode } }) => void;

/** Decides which clients may connect: origin and rate for a transport, a session for the namespace `/booking`. */
export function createAdmission({ sessions, originAllowed, addressOf, limits, log }: AdmissionDeps) {
  // A request's peer address is gone once its socket has closed: it is noted while the request is new.
  const addresses = new WeakMap<IncomingMessage | LiveTransport, string>();
  let isOpen = true;

  /** Why a new transport is refused, for Socket.IO's log; `null` where it may connect. */
  function transportRefusal(request: IncomingMessage): string | null {
    if (!isOpen) return 'closing';
    if (!originAllowed(request.headers)) return 'origin';
    const address = addressOf(request);
    addresses.set(request, address);
    return limits.admitHandshake(address) > 0 ? 'rate' : null;
  }

  /** Keeps of a new transport's request what is still needed, and its address. */
  function shorten(transport: LiveTransport): void {
    addresses.set(transport, addresses.get(transport.request) ?? '');
    shortenRequest(transport);
  }

  function newConnection(socket: LiveSocket) {
    return visitorConnection(socket.id, addresses.get(socket.conn) ?? '');
  }

  /** Middleware of `/public`: every client is a signed-out visitor there. */
  function admitVisitor(socket: LiveSocket, next: Next): void {
    socket.data = { connection: newConnection(socket), user: null, recipient: null };
    next();
  }

  /** Whether the handshake's token has an open session; if so, the socket becomes its user's. */
  async function signIn(socket: LiveSocket): Promise<boolean> {
    const token = tokenOf(socket.handshake);
    const identity = token === null ? null : await sessions.verify(token);
    if (!identity) return false;
    const { user, session } = identity;
    const visitor = newConnection(socket);
    const caller = callerOf(identity, visitor.address);
    const { userId } = caller;
    const expiresAtMs = session.expiresAt.getTime();
    socket.data = {
      connection: { ...visitor, userId, caller, expiresAtMs },
      user: toUser(user),
      recipient: null,
    };
    return true;
  }

  /**
   * Middleware of `/booking`. A refused namespace makes clients give up; while the database cannot answer, only the
   * transport ends, so that they reconnect.
   */
  function admitUser(socket: LiveSocket, next: Next): void {
    signIn(socket).then(
      (isSignedIn) => next(isSignedIn ? undefined : connectError('UNAUTHENTICATED')),
      (error: unknown) => {
        if (isTransient(error)) log.warn({ err: error }, 'A session could not be read: the client will reconnect');
        else log.error({ err: error }, 'A handshake failed');
        socket.conn.close();
        // On a closed transport this sends nothing: it only releases the socket.
        next(connectError('UNAVAILABLE'));
      },
    );
  }

  return {
    transportRefusal,
    shorten,
    admitVisitor,
    admitUser,
    /** Refuses every new transport from now on. */
    close(): void {
      isOpen = false;
    },
  };
}

/** The error of a refused namespace, as clients get it by `connect_error` (PROTOCOL.md, "Namespaces"). */
function connectError(code: ErrorCode) {
  return Object.assign(new Error(code), { data: { code, message: refuse(code).error.message } });
}
