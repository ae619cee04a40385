import { Schema, Types } from 'mongoose';

/** How far a task that all servers share has come in the documents of a collection, by their ids. */
export interface WatermarkDoc {
  /** The task. */
  _id: string;
  /** Documents with lower ids need not be looked at again. */
  from: Types.ObjectId;
}

export const watermarkSchema = new Schema<WatermarkDoc>(
  {
    _id: { type: String, required: true },
    from: { type: Schema.Types.ObjectId, required: true },
  },
  { collection: 'watermarks', versionKey: false, autoIndex: false, autoCreate: false },
);

/** The lowest id that a document of this time can have; ids count seconds. */
export function lowestIdAt(at: Date): Types.ObjectId {
  return Types.ObjectId.createFromTime(Math.floor(at.getTime() / 1_000));
}
