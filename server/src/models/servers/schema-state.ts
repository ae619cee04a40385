import type { Types } from 'mongoose';
import { Schema } from 'mongoose';

/** How far an interrupted step has come. */
export interface StepPosition {
  /** The schema's version after the step, and the part of the step that runs. */
  version: number;
  part: string;
  /** The id of the last changed document. */
  after: Types.ObjectId;
  /** The number of documents that were looked at. */
  done: number;
}

/** The collection with the database's schema state, and the id of the one document in it. */
export const SCHEMA_STATE = { collection: 'meta', id: 'schema' } as const;

/** What the database says of its own schema: one document. */
export interface SchemaStateDoc {
  _id: typeof SCHEMA_STATE.id;
  /** The number of the last migration that was finished; 0 before the first one. */
  version: number;
  /** The oldest version whose servers may use this database. */
  compatibleFrom: number;
  /** Present while a step runs, and after one was interrupted. */
  position?: StepPosition;
  updatedAt: Date;
}

export const schemaStateSchema = new Schema<SchemaStateDoc>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    compatibleFrom: { type: Number, required: true },
    position: { type: Schema.Types.Mixed, default: undefined },
    updatedAt: { type: Date, required: true },
  },
  { collection: SCHEMA_STATE.collection, versionKey: false, autoIndex: false, autoCreate: false },
);
