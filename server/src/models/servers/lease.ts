import { Schema } from 'mongoose';

/** The process that does a task which only one process may do; another takes over when the holder stops renewing. */
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
