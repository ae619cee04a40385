import type { Types } from 'mongoose';
import { Schema } from 'mongoose';

/** Servers that sell one event at the same time: whose batch was the last, and who waits for its turn, in order. */
export interface ServerTurnDoc {
  /** The event's. */
  _id: Types.ObjectId;
  holder: Types.ObjectId | null;
  line: Types.ObjectId[];
  /** Every change moves it, so that every change is a write, which waits for whoever holds the turn. */
  steps: number;
}

export const serverTurnSchema = new Schema<ServerTurnDoc>(
  {
    holder: { type: Schema.Types.ObjectId, default: null },
    line: { type: [Schema.Types.ObjectId], required: true },
    steps: { type: Number, required: true },
  },
  { collection: 'turns', versionKey: false, autoIndex: false, autoCreate: false },
);
