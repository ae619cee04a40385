import { Schema } from 'mongoose';

/** A count of a rate limit that all servers share, in a window that begins with the first count. */
export interface RateCountDoc {
  /** What is counted, by pseudonyms of accounts and networks. */
  _id: string;
  count: number;
  /** When the window ends: from then on the document counts as absent. */
  endsAt: Date;
}

export const rateCountSchema = new Schema<RateCountDoc>(
  {
    _id: { type: String, required: true },
    count: { type: Number, required: true },
    endsAt: { type: Date, required: true },
  },
  { collection: 'rateCounts', versionKey: false, autoIndex: false, autoCreate: false },
);
rateCountSchema.index({ endsAt: 1 }, { expireAfterSeconds: 0 });
