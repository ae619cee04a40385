import mongoose from 'mongoose';
import { expect, it } from 'vitest';
import type { Undoing } from '../../test/support/database/test-database.ts';
import { eventInput, testApp } from '../../test/support/test-app.ts';
import { plainPicture, removeImage, upload } from '../../test/support/uploads.ts';
import { createImageSweep } from './image-sweep.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

async function world(t: Undoing) {
  const app = await testApp(t);
  const admin = await app.admin();
  const { models } = app.app;
  let at = Date.now();
  const task = createImageSweep({ models, now: () => new Date(at) });
  const sweep = (passedMs: number) => {
    at += passedMs;
    return task.sweep(new AbortController().signal);
  };
  async function eventWith(picture: Buffer): Promise<{ id: string; url: string }> {
    const { id } = await admin.must('createEvent', eventInput());
    const response = await upload(app, { eventId: id, token: admin.token, picture });
    const { image } = (await response.json()) as { image: { url: string } };
    return { id, url: image.url };
  }
  const statusOf = async (url: string) => {
    // Without the files that a server has read before.
    const other = await testApp(t, { mongoUri: app.mongoUri, isIdle: true });
    return (await other.app.http.inject({ url })).statusCode;
  };
  const chunks = () => models.imageChunks.countDocuments();
  return { app, admin, models, sweep, eventWith, statusOf, chunks };
}

it('an image is deleted a day after its event has stopped showing it, and others stay', async (t) => {
  const { app, admin, sweep, eventWith, statusOf, chunks } = await world(t);
  const [gone, kept] = [await eventWith(await plainPicture(400, 400)), await eventWith(await plainPicture(420, 400))];
  await sweep(DAY_MS + HOUR_MS);
  expect([await statusOf(gone.url), await statusOf(kept.url)]).toEqual([200, 200]);
  await removeImage(app, gone.id, admin.token);
  await sweep(0);
  await sweep(DAY_MS - 1);
  expect(await statusOf(gone.url)).toBe(200);
  await sweep(2);
  expect([await statusOf(gone.url), await statusOf(kept.url)]).toEqual([404, 200]);
  expect(await chunks()).toBe(3);
});

it('an image that two events show is kept while one of them does', async (t) => {
  const { app, admin, sweep, eventWith, statusOf } = await world(t);
  const picture = await plainPicture(400, 400);
  const [one, two] = [await eventWith(picture), await eventWith(picture)];
  expect(one.url).toBe(two.url);
  await removeImage(app, one.id, admin.token);
  await sweep(0);
  await sweep(DAY_MS + 1);
  expect(await statusOf(two.url)).toBe(200);
});

it('an image that is uploaded again is kept, also while it is being deleted', async (t) => {
  const { app, admin, models, sweep, eventWith, statusOf, chunks } = await world(t);
  const picture = await plainPicture(400, 400);
  const { id, url } = await eventWith(picture);
  await removeImage(app, id, admin.token);
  await sweep(0);
  await upload(app, { eventId: id, token: admin.token, picture });
  await sweep(DAY_MS + 1);
  expect(await statusOf(url)).toBe(200);
  // A sweep that was killed behind its mark and the chunks of the first file.
  await removeImage(app, id, admin.token);
  await models.imageFiles.updateMany({}, { $set: { 'metadata.isEnding': true } });
  const first = await models.imageFiles.findOne().lean();
  await models.imageChunks.deleteMany({ files_id: first?._id ?? null } as object);
  await upload(app, { eventId: id, token: admin.token, picture });
  expect(await statusOf(url)).toBe(200);
  await sweep(0);
  expect([await statusOf(url), await chunks(), await models.imageFiles.countDocuments()]).toEqual([200, 3, 3]);
});

it('chunks of an upload that was killed are deleted after a day', async (t) => {
  const { models, sweep, eventWith, statusOf, chunks } = await world(t);
  const { url } = await eventWith(await plainPicture(400, 400));
  const left = (n: number) => ({
    _id: new mongoose.mongo.ObjectId(),
    files_id: new mongoose.mongo.ObjectId(),
    n,
    data: new mongoose.mongo.Binary(Buffer.from('x')),
  });
  await models.imageChunks.collection.insertMany([left(0), left(0)] as never[]);
  await sweep(DAY_MS - 10_000);
  expect(await chunks()).toBe(5);
  await sweep(20_000);
  expect([await chunks(), await statusOf(url)]).toEqual([3, 200]);
});
