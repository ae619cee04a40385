import type { ClientSession } from 'mongoose';
import { Types } from 'mongoose';
import type { Role } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import type { Now } from '#server/clock.ts';
import type { SessionDoc, SessionUser, UserDoc } from '#server/models/accounts/account.ts';
import { endReasonOf } from '#server/models/accounts/account.ts';
import type { ProvisionalAccountDoc } from '#server/models/accounts/provisional-account.ts';
import { toSessionUser } from '#server/models/accounts/provisional-account.ts';
import type { Models } from '#server/models/models.ts';
import { createJoinedReads } from '#server/models/reads/joined-reads.ts';
import type { Tokens } from './tokens.ts';

const HOUR_MS = 3_600_000;
/** Longer than the longest hold; renewed past its half as long as the page is open. */
const PROVISIONAL_LIFETIME_MS = 2 * HOUR_MS;
/** An admin's session opens more than bookings of one's own. */
const LIFETIME_MS: Record<Role, number> = { user: 30 * 24 * HOUR_MS, admin: 12 * HOUR_MS };
/** Servers agree on the time to well below this. */
const CLOCK_TOLERANCE_MS = 60_000;
/** The use of an account is noted at most once in this time. */
const ACCOUNT_USED_EVERY_MS = 24 * HOUR_MS;
/** The use of a session is noted at most once in this time. */
const SEEN_EVERY_MS = 5 * 60_000;

/** A session and a token that names it. */
export interface OpenSession {
  session: SessionDoc;
  token: string;
}

/** The user and session behind a request, as the database has them now. */
export interface Identity {
  user: SessionUser;
  session: SessionDoc;
}

export type Sessions = ReturnType<typeof createSessions>;

/**
 * Sessions are documents: a token only names one, the document decides whether it is valid. Ending a session marks the
 * document instead of deleting it, so that the change feed of every process closes the sockets of the session.
 */
export function createSessions(deps: { models: Models; tokens: Tokens; now: Now }) {
  const { models, tokens, now } = deps;
  const readSession = createJoinedReads(async (ids) =>
    byId(await models.sessions.find({ _id: { $in: ids } }).lean<SessionDoc[]>()),
  );
  const readUser = createJoinedReads(async (ids) =>
    byId(await models.users.find({ _id: { $in: ids } }).lean<UserDoc[]>()),
  );
  const readProvisional = createJoinedReads(async (ids) =>
    byId(await models.provisionalAccounts.find({ _id: { $in: ids } }).lean<ProvisionalAccountDoc[]>()),
  );

  /**
   * `device`: browser and system, by which the owner recognises the session in the list of sessions. `codeAt`: when a
   * mailed code was entered that opens it.
   */
  async function open(
    user: Pick<SessionUser, '_id' | 'role' | 'provisional'>,
    device = '',
    { codeAt }: { codeAt?: Date } = {},
  ): Promise<OpenSession> {
    const createdAt = now();
    const session: SessionDoc = {
      _id: new Types.ObjectId(),
      userId: user._id,
      createdAt,
      expiresAt: endOfSession(user, createdAt),
      device,
      lastSeenAt: createdAt,
      ...(codeAt && { codeAt }),
      ...(user.provisional && { provisional: true as const }),
      ended: null,
    };
    await models.sessions.collection.insertOne(session);
    if (!user.provisional) await noteAccountUse(user._id, createdAt);
    return { session, token: tokenOf(session) };
  }

  async function verify(token: string): Promise<Identity | null> {
    const subject = tokens.verify(token);
    if (!subject) return null;
    const [session, known] = await Promise.all([readSession(subject.sessionId), readUser(subject.userId)]);
    const user = session?.provisional ? await provisionalUser(subject.userId) : known;
    if (
      !session ||
      !user ||
      !session.userId.equals(user._id) ||
      endReasonOf(session.ended) !== null ||
      session.expiresAt <= now()
    )
      return null;
    noteUse(session);
    return { user, session: shortened(session, user) };
  }

  /** The user that a provisional account is to its session; null once an account has taken it over, and without one. */
  async function provisionalUser(userId: string): Promise<SessionUser | null> {
    const account = await readProvisional(userId);
    return account && account.takenOverBy === undefined ? toSessionUser(account) : null;
  }

  /**
   * The session with an admin's lifetime at most. `shortenSessions` does the same as the role is granted; this catches a
   * session that was opened at that moment, and a role that another program granted.
   */
  function shortened(session: SessionDoc, user: UserDoc): SessionDoc {
    const expiresAt = endOfSession(user, now());
    if (session.expiresAt.getTime() <= expiresAt.getTime() + CLOCK_TOLERANCE_MS) return session;
    // Not awaited, as `noteUse`; the next use tries again.
    models.sessions.updateOne({ _id: session._id }, { $min: { expiresAt } }).catch(() => undefined);
    return { ...session, expiresAt };
  }

  /** Not awaited: a database that takes no writes must not keep readers out. */
  function noteUse({ _id, userId, createdAt, lastSeenAt = createdAt, provisional }: SessionDoc): void {
    const at = now();
    if (at.getTime() - lastSeenAt.getTime() < SEEN_EVERY_MS) return;
    models.sessions.updateOne({ _id }, { $set: { lastSeenAt: at } }).catch(() => undefined);
    if (!provisional) noteAccountUse(userId, at).catch(() => undefined);
  }

  /** At most once a day. A use takes back that the account was announced to be closed. */
  async function noteAccountUse(userId: Types.ObjectId, at: Date): Promise<void> {
    const lately = { $gt: new Date(at.getTime() - ACCOUNT_USED_EVERY_MS) };
    const change = { $set: { lastUsedAt: at }, $unset: { unusedNoticeAt: 1 } } as const;
    await models.users.updateOne({ _id: userId, lastUsedAt: { $not: lately } }, change);
  }

  /** The open sessions of a user, the one used last first. */
  async function list(userId: Types.ObjectId): Promise<SessionDoc[]> {
    const open = await models.sessions.find({ userId, ended: null, expiresAt: { $gt: now() } }).lean<SessionDoc[]>();
    const seenMs = ({ lastSeenAt, createdAt }: SessionDoc) => (lastSeenAt ?? createdAt).getTime();
    return open.sort((one, other) => seenMs(other) - seenMs(one));
  }

  /** Extends a session that is past half its lifetime, with a new token; null if it is younger or has ended. */
  async function renew({ session, user }: Identity): Promise<OpenSession | null> {
    const at = now();
    if (session.expiresAt.getTime() - at.getTime() >= lifetimeMs(user) / 2) return null;
    const renewed = await models.sessions
      .findOneAndUpdate(
        { _id: session._id, ended: null, expiresAt: { $gt: at } },
        { $set: { expiresAt: endOfSession(user, at) } },
        { returnDocument: 'after' },
      )
      .lean<SessionDoc>();
    return renewed && { session: renewed, token: tokenOf(renewed) };
  }

  /** Ends a session and its push subscriptions: the next user of the browser must not see the messages. */
  async function end(sessionId: Types.ObjectId, reason: SessionEndReason): Promise<void> {
    await models.sessions.updateOne({ _id: sessionId, ended: null }, ending(reason));
    await models.pushSubscriptions.deleteMany({ sessionId });
  }

  /**
   * Ends all sessions of a user, except one if given, or those alone that were opened as a provisional account; inside a
   * transaction if its `session` is given.
   */
  async function endAll(
    userId: Types.ObjectId,
    reason: SessionEndReason,
    { except, session, provisional }: { except?: Types.ObjectId; session?: ClientSession; provisional?: true } = {},
  ): Promise<void> {
    const other = except && { $ne: except };
    const options = session && { session };
    const which = { ...(other && { _id: other }), ...(provisional && { provisional }) };
    const open = { userId, ended: null, expiresAt: { $gt: now() }, ...which };
    await models.sessions.updateMany(open, ending(reason), options);
    if (provisional) return;
    await models.pushSubscriptions.deleteMany({ userId, ...(other && { sessionId: other }) }, options);
  }

  function ending(reason: SessionEndReason) {
    return { $set: { ended: { reason, at: now() } } };
  }

  function tokenOf(session: SessionDoc): string {
    const subject = { userId: session.userId.toHexString(), sessionId: session._id.toHexString() };
    return tokens.sign(subject, session.expiresAt);
  }

  return { open, verify, list, renew, end, endAll, tokenOf };
}

function lifetimeMs({ role, provisional }: Pick<SessionUser, 'role' | 'provisional'>): number {
  return provisional ? PROVISIONAL_LIFETIME_MS : LIFETIME_MS[role];
}

/** When a session of this user ends that is opened or renewed at this time. */
function endOfSession(user: Pick<SessionUser, 'role' | 'provisional'>, at: Date): Date {
  return new Date(at.getTime() + lifetimeMs(user));
}

/** Gives the open sessions of a user who becomes an admin at this time an admin's lifetime. */
export async function shortenSessions(
  { sessions }: Pick<Models, 'sessions'>,
  userId: Types.ObjectId,
  at: Date,
  session?: ClientSession,
): Promise<void> {
  const expiresAt = endOfSession({ role: 'admin' }, at);
  await sessions.updateMany({ userId, expiresAt: { $gt: expiresAt } }, { $set: { expiresAt } }, session && { session });
}

function byId<D extends { _id: Types.ObjectId }>(docs: readonly D[]): Map<string, D> {
  return new Map(docs.map((doc) => [doc._id.toHexString(), doc]));
}
