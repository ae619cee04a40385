import type { Types } from 'mongoose';
import { Schema } from 'mongoose';

/** The turns of servers that sell one event at the same time: the server of the last batch, and the servers that wait. */
export interface ServerTurnDoc {
  /** The event's id. */
  _id: Types.ObjectId;
  /** The server of the last batch. */
  holder: Types.ObjectId | null;
  /** The servers that wait for a turn, in order. */
  line: Types.ObjectId[];
  /** Raised by every change, so that every change is a write and waits for the transaction that holds the turn. */
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
