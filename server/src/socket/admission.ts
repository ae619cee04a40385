import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Log } from '../log.ts';
import type { SessionDoc, UserDoc } from '#server/models/accounts/account.ts';
import { toUser } from '../models/views.ts';
import { guestConnection } from './connection/connection.ts';
import { isTransient } from './transient.ts';
import { tokenOf } from './connection/handshake.ts';
import type { SocketRateLimits } from './rate-limit.ts';
import type { LiveSocket } from './types.ts';

export interface AdmissionDeps {
  /** Whose token this is, read from the database; `null` where its session does not count. */
  sessions: { verify(token: string): Promise<{ user: UserDoc; session: SessionDoc } | null> };
  /** Whether a page of this origin may connect. */
  originAllowed(headers: { origin?: string | undefined; host?: string | undefined }): boolean;
  addressOf(request: IncomingMessage): string;
  limits: SocketRateLimits;
  log: Log;
}

type Next = (error?: Error & { data?: { code: ErrorCode } }) => void;

export type Admission = ReturnType<typeof createAdmission>;

/** Who is let in: origin and flood at the transport, the session at `/booking`. */
export function createAdmission({ sessions, originAllowed, addressOf, limits, log }: AdmissionDeps) {
  // A request's peer address is gone once its socket has closed: it is noted while the request is new.
  const addresses = new WeakMap<IncomingMessage, string>();
  let open = true;

  /** Why a new transport is refused; `null` where it may come. */
  function transportRefusal(request: IncomingMessage): string | null {
    if (!open) return 'closing';
    if (!originAllowed(request.headers)) return 'origin';
    const address = addressOf(request);
    addresses.set(request, address);
    return limits.admitHandshake(address) > 0 ? 'rate' : null;
  }

  function admitGuest(socket: LiveSocket, next: Next): void {
    socket.data = { connection: guestConnection(socket.id, addresses.get(socket.request) ?? ''), user: null };
    next();
  }

  async function signIn(socket: LiveSocket): Promise<boolean> {
    const token = tokenOf(socket.handshake);
    const identity = token === null ? null : await sessions.verify(token);
    if (!identity) return false;
    const { user, session } = identity;
    const userId = user._id.toHexString();
    const caller = { kind: 'user', userId, sessionId: session._id.toHexString(), role: user.role } as const;
    const connection = { ...guestConnection(socket.id, addresses.get(socket.request) ?? ''), userId, caller };
    socket.data = { connection: { ...connection, expiresAtMs: session.expiresAt.getTime() }, user: toUser(user) };
    return true;
  }

  /** A refused namespace makes clients give up; a database that cannot answer only ends the transport: they come back. */
  function admitUser(socket: LiveSocket, next: Next): void {
    signIn(socket).then(
      (known) => next(known ? undefined : refusal('UNAUTHENTICATED')),
      (error: unknown) => {
        if (isTransient(error)) log.warn({ err: error }, 'A session could not be read: the client will come back');
        else log.error({ err: error }, 'A handshake failed');
        socket.conn.close();
        // On a closed transport this sends nothing: it only lets go of the socket.
        next(refusal('UNAVAILABLE'));
      },
    );
  }

  return {
    transportRefusal,
    admitGuest,
    admitUser,
    /** Lets nobody else in. */
    close(): void {
      open = false;
    },
  };
}

function refusal(code: ErrorCode) {
  return Object.assign(new Error(code), { data: { code, message: refuse(code).error.message } });
}
