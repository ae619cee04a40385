import { Types } from 'mongoose';
import { expect, it } from 'vitest';
import { createWholeLists } from './whole-lists.ts';

const docOf = (userId: Types.ObjectId) => ({ _id: new Types.ObjectId(), userId });

/** A collection in memory, and the limits of its reads. */
function collection(docs: readonly ReturnType<typeof docOf>[]) {
  const limits: number[] = [];
  const read = createWholeLists(async (userIds, limit) => {
    limits.push(limit);
    return docs.filter(({ userId }) => userIds.includes(userId.toHexString())).slice(0, limit);
  });
  return { limits, read };
}

const [ann, ben, cleo] = [new Types.ObjectId(), new Types.ObjectId(), new Types.ObjectId()];

it('the lists of users who ask at once are one read, each newest first', async () => {
  const docs = [docOf(ann), docOf(ben), docOf(ann)];
  const { limits, read } = collection(docs);
  const lists = await Promise.all([ann, ben, cleo].map((user) => read(user.toHexString())));
  expect(lists).toEqual([[docs[2], docs[0]], [docs[1]], []]);
  expect(limits).toHaveLength(1);
});

it('the list of a user who asks alone is not read as a whole', async () => {
  const { limits, read } = collection([docOf(ann)]);
  expect(await read(ann.toHexString())).toBeNull();
  expect(limits).toEqual([]);
});

it('lists of twenty on average are read together, and longer ones are not', async () => {
  const docs = Array.from({ length: 40 }, () => docOf(ann));
  const whole = collection(docs);
  expect(await Promise.all([ann, ben].map((user) => whole.read(user.toHexString())))).toEqual([docs.reverse(), []]);
  const tooMuch = collection([...docs, docOf(ben)]);
  expect(await Promise.all([ann, ben].map((user) => tooMuch.read(user.toHexString())))).toEqual([null, null]);
});
