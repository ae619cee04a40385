import { Schema } from 'mongoose';

/** Which process does a piece of work that must be done once; taken over when its holder stops renewing. */
export interface LeaseDoc {
  _id: string;
  holder: string;
  expiresAt: Date;
}

export const leaseSchema = new Schema<LeaseDoc>(
  {
    _id: { type: String, required: true },
    holder: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'leases', versionKey: false, autoIndex: false, autoCreate: false },
);
