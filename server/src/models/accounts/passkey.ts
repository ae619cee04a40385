import type { Types } from 'mongoose';
import { Schema } from 'mongoose';

/** A passkey (WebAuthn credential) of an account. */
export interface PasskeyDoc {
  /** The credential's id, in base64url. */
  _id: string;
  userId: Types.ObjectId;
  /** COSE, in base64url. */
  publicKey: string;
  /** How often it was used, as the authenticator counts; 0 if that does not count. */
  counter: number;
  /** The ways to reach the authenticator, such as "internal". */
  transports: string[];
  /** The relying party's id: the domain that it was made for. */
  domain: string;
  /** Browser and system that added it. */
  device: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

export const passkeySchema = new Schema<PasskeyDoc>(
  {
    _id: { type: String, required: true },
    userId: { type: Schema.Types.ObjectId, required: true },
    publicKey: { type: String, required: true },
    counter: { type: Number, required: true },
    transports: { type: [String], required: true },
    domain: { type: String, required: true },
    device: { type: String, default: '' },
    createdAt: { type: Date, required: true },
    lastUsedAt: { type: Date, default: null },
  },
  { collection: 'passkeys', versionKey: false, autoIndex: false, autoCreate: false },
);
passkeySchema.index({ userId: 1 });

/** A challenge that a passkey has answered. It is no longer valid, until it would have expired anyway. */
export interface UsedChallengeDoc {
  /** The challenge, in base64url. */
  _id: string;
  expiresAt: Date;
}

export const usedChallengeSchema = new Schema<UsedChallengeDoc>(
  { _id: { type: String, required: true }, expiresAt: { type: Date, required: true } },
  { collection: 'usedChallenges', versionKey: false, autoIndex: false, autoCreate: false },
);
usedChallengeSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
