import type { Types } from 'mongoose';
import mongoose from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { ImageFileDoc } from '#server/models/images/image-file.ts';
import type { Models } from '#server/models/models.ts';

const { ObjectId } = mongoose.mongo;

const HOUR_MS = 3_600_000;
/** Servers that are restarted often sweep all the same, and not while they start. */
const FIRST_MS = 300_000;
/** Pages that are open, and mails on their way, show an image for so long after its event does. */
const KEPT_MS = 24 * HOUR_MS;

interface ImageSweepOptions {
  models: Pick<Models, 'events' | 'imageFiles' | 'imageChunks'>;
  now: Now;
}

/**
 * Deletes the files of images that no event has shown for a day, and what uploads have left that were killed in the middle.
 * An upload of the same image may run at the same time: it takes files back until they are marked as ending.
 */
export function createImageSweep({ models, now }: ImageSweepOptions): SweepTask {
  const { events, imageFiles, imageChunks } = models;

  async function noteUse(image: string): Promise<void> {
    const isUsed = (await events.exists({ 'image.id': image })) !== null;
    const files = { 'metadata.image': image };
    if (isUsed) await imageFiles.updateMany(files, { $set: { 'metadata.unusedSince': null } });
    else
      await imageFiles.updateMany(
        { ...files, 'metadata.unusedSince': null },
        { $set: { 'metadata.unusedSince': now() } },
      );
  }

  async function deleteUnused(): Promise<void> {
    const old = { 'metadata.unusedSince': { $lt: new Date(now().getTime() - KEPT_MS) } };
    await imageFiles.updateMany(old, { $set: { 'metadata.isEnding': true } });
    const ending = await imageFiles.find({ 'metadata.isEnding': true }, { _id: 1 }).lean<Pick<ImageFileDoc, '_id'>[]>();
    for (const { _id } of ending) await deleteFile(_id);
  }

  /** The chunks first: after an interruption the file is still there, and is deleted by the next sweep. */
  async function deleteFile(fileId: Types.ObjectId): Promise<void> {
    await imageChunks.deleteMany({ files_id: fileId });
    await imageFiles.deleteOne({ _id: fileId });
  }

  /** A file's document is written behind its last chunk. */
  async function deleteChunksWithoutFile(closing: AbortSignal): Promise<void> {
    const before = ObjectId.createFromTime((now().getTime() - KEPT_MS) / 1_000);
    const chunks = imageChunks.find({ files_id: { $lt: before }, n: 0 }, { files_id: 1, _id: 0 });
    for await (const { files_id: fileId } of chunks.lean().cursor()) {
      if (closing.aborted) return;
      if ((await imageFiles.exists({ _id: fileId })) === null) await imageChunks.deleteMany({ files_id: fileId });
    }
  }

  return {
    everyMs: HOUR_MS,
    firstMs: FIRST_MS,
    failure: 'Images that no event shows could not be deleted, and will be tried again',
    async sweep(closing): Promise<number> {
      for (const image of await imageFiles.distinct('metadata.image')) {
        if (closing.aborted) return HOUR_MS;
        await noteUse(image as string);
      }
      await deleteUnused();
      await deleteChunksWithoutFile(closing);
      return HOUR_MS;
    },
  };
}
