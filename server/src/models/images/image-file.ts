import type { Binary } from 'mongodb';
import type { Types } from 'mongoose';
import { Schema } from 'mongoose';

/** The bucket of GridFS that has the files of images. */
export const IMAGE_BUCKET = 'images';

/** A file of an image, as GridFS stores it: its bytes are in chunks. */
export interface ImageFileDoc {
  _id: Types.ObjectId;
  /** As in its address. */
  filename: string;
  /** Bytes. */
  length: number;
  chunkSize: number;
  uploadDate: Date;
  metadata: {
    /** The image that it is a file of. */
    image: string;
    /** Since when no event has shown the image; null while one does, or before the sweep has looked. */
    unusedSince: Date | null;
    /** Whether it is being deleted, so that an upload of the same image must not rely on it. */
    isEnding: boolean;
  };
}

export interface ImageChunkDoc {
  _id: Types.ObjectId;
  files_id: Types.ObjectId;
  /** The place of the chunk in its file, from 0. */
  n: number;
  data: Binary;
}

const options = { versionKey: false, autoIndex: false, autoCreate: false } as const;

export const imageFileSchema = new Schema<ImageFileDoc>(
  {
    filename: { type: String, required: true },
    length: { type: Number, required: true },
    chunkSize: { type: Number, required: true },
    uploadDate: { type: Date, required: true },
    metadata: { type: Schema.Types.Mixed, required: true },
  },
  { ...options, collection: `${IMAGE_BUCKET}.files` },
);
// As the driver would create it, and so is that of the chunks.
imageFileSchema.index({ filename: 1, uploadDate: 1 });
imageFileSchema.index({ 'metadata.image': 1 });

export const imageChunkSchema = new Schema<ImageChunkDoc>(
  {
    files_id: { type: Schema.Types.ObjectId, required: true },
    n: { type: Number, required: true },
    data: { type: Schema.Types.Mixed, required: true },
  },
  { ...options, collection: `${IMAGE_BUCKET}.chunks` },
);
imageChunkSchema.index({ files_id: 1, n: 1 }, { unique: true });
