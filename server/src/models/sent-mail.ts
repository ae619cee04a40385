import { Schema } from 'mongoose';

const REMEMBERED_SECONDS = 180 * 86_400;

/** That a fact was told by mail. Longer than any job is tried again, so that no fact is told twice. */
export interface SentMailDoc {
  /** The fact: what happened to which booking or account. */
  _id: string;
  /** `refused`: the mail server takes nothing for this address, now and later. */
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
