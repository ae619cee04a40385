import { Schema } from 'mongoose';
import type { Locale } from '#shared/account.ts';

/** Who requested a code, and in which language. The code itself is only in the mail. */
export interface CodeRequest {
  /** Names the request; together with a secret it determines the code. */
  id: string;
  email: string;
  locale: Locale;
  /** A keyed hash of the code. */
  codeHash: string;
}

/** The newest code for an address. Wrong codes for an address without one are counted alike, so that both take as long. */
export interface SignInCodeDoc {
  /** A pseudonym of the address. */
  _id: string;
  request: CodeRequest | null;
  wrongTries: number;
  /** From then on the document counts as absent. */
  expiresAt: Date;
}

export const signInCodeSchema = new Schema<SignInCodeDoc>(
  {
    _id: { type: String, required: true },
    request: { type: Schema.Types.Mixed, default: null },
    wrongTries: { type: Number, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'signInCodes', versionKey: false, autoIndex: false, autoCreate: false },
);
signInCodeSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
