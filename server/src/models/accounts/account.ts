import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { Locale, Role } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import { sessionEndReason } from '#shared/protocol/pushes.ts';
import { fillDefaults } from '../defaults.ts';

/** An account. */
export interface UserDoc {
  _id: Types.ObjectId;
  name: string;
  /** Lower case; unique. */
  email: string;
  /** argon2id, in PHC format; null for an account without a password. */
  passwordHash: string | null;
  verified: boolean;
  locale: Locale;
  role: Role;
  createdAt: Date;
  /** A pseudonym of the network that registered it by a password; absent once the address is verified. */
  registeredFrom?: string;
  /** When it was last used, to a day; absent until that is noted. */
  lastUsedAt?: Date;
  /** When a mail announced that it will be closed because it is not used; absent if none did since its last use. */
  unusedNoticeAt?: Date;
  /** How many passkeys it has; absent if it never had one. */
  passkeyCount?: number;
}

/** The account behind a session: `provisional` if no address is known yet; then it is no document of `users`. */
export type SessionUser = UserDoc & { provisional?: true };

export const userSchema = new Schema<UserDoc>(
  {
    name: { type: String, required: true },
    email: { type: String, required: true, lowercase: true },
    passwordHash: { type: String, default: null },
    verified: { type: Boolean, required: true, default: false },
    locale: { type: String, required: true, default: 'en' },
    role: { type: String, required: true, default: 'user' },
    createdAt: { type: Date, required: true },
    registeredFrom: { type: String },
    lastUsedAt: { type: Date },
    unusedNoticeAt: { type: Date },
    passkeyCount: { type: Number },
  },
  { collection: 'users', versionKey: false, autoIndex: false, autoCreate: false },
);
fillDefaults(userSchema);
userSchema.index({ email: 1 }, { unique: true });

/** A session, which decides whether its token is valid. An ended session stays stored until it would have expired. */
export interface SessionDoc {
  _id: Types.ObjectId;
  userId: Types.ObjectId;
  createdAt: Date;
  expiresAt: Date;
  /** Browser and system that opened it; absent in older sessions. */
  device?: string;
  /** When it was last used, to some minutes; absent while it was not, and in older sessions. */
  lastSeenAt?: Date;
  /** When the mailed code was entered that opened it; absent if a password did. */
  codeAt?: Date;
  /** The account is a provisional one. */
  provisional?: true;
  /** Set when the session is ended before its time. Other programs write here too: `endReasonOf` reads it. */
  ended: { reason: SessionEndReason; at: Date } | null;
}

/**
 * Why a session's record says it has ended; `null` while it is open. An end that another program recorded, without a
 * reason or with one the wire contract does not know, counts as signed out: that holds for any end by hand.
 */
export function endReasonOf(ended: unknown): SessionEndReason | null {
  if (ended === null || ended === undefined) return null;
  const reason = sessionEndReason.safeParse((ended as { reason?: unknown }).reason);
  return reason.success ? reason.data : 'logged_out';
}

export const sessionSchema = new Schema<SessionDoc>(
  {
    userId: { type: Schema.Types.ObjectId, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    device: { type: String },
    lastSeenAt: { type: Date },
    codeAt: { type: Date },
    provisional: { type: Boolean },
    ended: { type: Schema.Types.Mixed, default: null },
  },
  { collection: 'sessions', versionKey: false, autoIndex: false, autoCreate: false },
);
fillDefaults(sessionSchema);
sessionSchema.index({ userId: 1 });
// Sessions, unlike bookings, may be deleted by the database once they have expired.
sessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 86_400 });

/** A secret made once and shared by every server on this database. */
export interface KeyDoc {
  _id: 'token-secret' | 'ticket-secret' | 'payment-secret' | 'device-secret' | 'vapid';
  /** 384 random bits in base64url; of a key pair the public half, a dot and the private half. */
  value: string;
  createdAt: Date;
}

export const keySchema = new Schema<KeyDoc>(
  {
    _id: { type: String, required: true },
    value: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'keys', versionKey: false, autoIndex: false, autoCreate: false },
);
