import { Schema } from 'mongoose';

/** Longer than any job is retried, so that no fact is mailed twice. */
const REMEMBERED_SECONDS = 180 * 86_400;

/** A fact that was notified by mail or push message. */
export interface SentMailDoc {
  /** The fact: what happened to which booking or account. */
  _id: string;
  /** `refused`: the mail server will never accept a mail for this address. */
  outcome: 'sent' | 'refused';
  at: Date;
}

export const sentMailSchema = new Schema<SentMailDoc>(
  {
    _id: { type: String, required: true },
    outcome: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'sentMails', versionKey: false, autoIndex: false, autoCreate: false },
);
sentMailSchema.index({ at: 1 }, { expireAfterSeconds: REMEMBERED_SECONDS });
