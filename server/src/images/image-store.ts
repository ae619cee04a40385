import { once } from 'node:events';
import type { Db } from 'mongodb';
import mongoose from 'mongoose';
import { LRUCache } from 'lru-cache';
import type { Now } from '#server/clock.ts';
import { IMAGE_BUCKET } from '#server/models/images/image-file.ts';
import type { Models } from '#server/models/models.ts';
import { imageFileName } from '#shared/images/image-files.ts';
import type { ImageFile } from './conversion.ts';

const { GridFSBucket } = mongoose.mongo;

/** Most bytes of files that this process keeps; the files of a dozen images. */
const KEPT_BYTES = 24 * 1_048_576;

interface ImageStoreOptions {
  database: Db;
  models: Pick<Models, 'imageFiles'>;
  /** On connections of their own, for what anybody may read. */
  readModels: Pick<Models, 'imageFiles' | 'imageChunks'>;
  now: Now;
}

/** The files of images in GridFS, where every server and every backup has them. */
export function createImageStore({ database, models, readModels, now }: ImageStoreOptions) {
  const bucket = new GridFSBucket(database, { bucketName: IMAGE_BUCKET });
  const kept = new LRUCache<string, Buffer>({
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ length }) => length,
    fetchMethod: (name) => readFile(name),
  });

  async function readFile(name: string): Promise<Buffer | undefined> {
    const file = await readModels.imageFiles.findOne({ filename: name, 'metadata.isEnding': false }, { _id: 1 }).lean();
    if (!file) return undefined;
    const chunks = await readModels.imageChunks.find({ files_id: file._id }).sort({ n: 1 }).lean();
    return Buffer.concat(chunks.map(({ data }) => data.value() as Uint8Array));
  }

  async function storeFile(image: string, { width, format, bytes }: ImageFile): Promise<void> {
    const metadata = { image, unusedSince: now(), isEnding: false };
    const upload = bucket.openUploadStream(imageFileName(image, width, format), { metadata });
    const finished = once(upload, 'finish');
    upload.end(bytes);
    await finished;
  }

  return {
    /**
     * Stores the files of an image, or finds that they are stored. Counts as unused from now on, so that the sweep leaves an
     * event time to show it.
     */
    async store(image: string, files: readonly ImageFile[]): Promise<void> {
      const present = { 'metadata.image': image, 'metadata.isEnding': false };
      await models.imageFiles.updateMany(present, { $set: { 'metadata.unusedSince': now() } });
      const names = await models.imageFiles.distinct('filename', present);
      if (names.length === files.length) return;
      for (const file of files) await storeFile(image, file);
    },
    /** The bytes of a file by its name; undefined if there is none. */
    read: (name: string): Promise<Buffer | undefined> => kept.fetch(name),
  };
}

export type ImageStore = ReturnType<typeof createImageStore>;
