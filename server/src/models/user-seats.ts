import type { Types } from 'mongoose';
import { Schema } from 'mongoose';

/** Held and confirmed seats of one user on one event; kept only if the event sets `maxSeatsPerUser`. */
export interface UserSeatsDoc {
  _id: { eventId: Types.ObjectId; userId: Types.ObjectId };
  seats: number;
}

export const userSeatsSchema = new Schema<UserSeatsDoc>(
  { _id: { type: Schema.Types.Mixed, required: true }, seats: { type: Number, required: true, min: 0 } },
  { collection: 'userSeats', versionKey: false, autoIndex: false, autoCreate: false },
);
