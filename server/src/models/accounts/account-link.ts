import type { Types } from 'mongoose';
import { Schema } from 'mongoose';

export type LinkKind = 'reset' | 'verify';

/** A link mailed to an account's address. The token itself is only in the mail. */
export interface AccountLinkDoc {
  /** SHA-256 of the token, in base64url. */
  _id: string;
  kind: LinkKind;
  userId: Types.ObjectId;
  createdAt: Date;
  expiresAt: Date;
  /** When the address was verified, by this link or another one; only links of the kind `verify` are kept after that. */
  usedAt?: Date;
}

export const accountLinkSchema = new Schema<AccountLinkDoc>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    userId: { type: Schema.Types.ObjectId, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    usedAt: { type: Date },
  },
  { collection: 'accountLinks', versionKey: false, autoIndex: false, autoCreate: false },
);
accountLinkSchema.index({ userId: 1 });
accountLinkSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
