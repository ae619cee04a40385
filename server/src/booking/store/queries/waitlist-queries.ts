import { Types } from 'mongoose';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';

type WaitlistModels = Pick<Models, 'waitlist'>;

/** Whether a user's request has made or changed a waitlist entry, on whichever event. */
export async function hasWaitlistRequest(
  { waitlist }: WaitlistModels,
  userId: string,
  requestId: string,
): Promise<boolean> {
  return (await waitlist.exists({ userId: new Types.ObjectId(userId), 'requests.requestId': requestId })) !== null;
}

/** All waitlist entries of a user, newest first. */
export function findEntriesOfUser({ waitlist }: WaitlistModels, userId: string): Promise<WaitlistEntryDoc[]> {
  return waitlist.find({ userId }).sort({ _id: -1 }).lean<WaitlistEntryDoc[]>().exec();
}

/** Waitlist entries of these users, in any order, at most `limit` of them. */
export function findEntriesOfUsers(
  { waitlist }: WaitlistModels,
  userIds: readonly string[],
  limit: number,
): Promise<WaitlistEntryDoc[]> {
  return waitlist
    .find({ userId: { $in: userIds } })
    .limit(limit)
    .lean<WaitlistEntryDoc[]>()
    .exec();
}

/** The newest entries of a user; only those that still count, or only those that have ended, if `active` is given. */
export function findNewestEntries(
  { waitlist }: WaitlistModels,
  userId: string,
  { active, limit }: { active?: boolean; limit: number },
): Promise<WaitlistEntryDoc[]> {
  return waitlist
    .find({ userId: new Types.ObjectId(userId), ...(active !== undefined && { active }) })
    .sort({ _id: -1 })
    .limit(limit)
    .lean<WaitlistEntryDoc[]>()
    .exec();
}

/** The events on whose waiting list a user has an entry that still counts. */
export async function findWaitlistEventIds({ waitlist }: WaitlistModels, userId: string): Promise<string[]> {
  const entries = await waitlist.find({ userId, active: true }, { eventId: 1 }).lean<WaitlistEntryDoc[]>();
  return entries.map(({ eventId }) => eventId.toHexString());
}

/** How many entries wait ahead of this one on the same list. */
export function countEntriesAhead({ waitlist }: WaitlistModels, { eventId, place }: WaitlistEntryDoc): Promise<number> {
  return waitlist.countDocuments({ eventId, status: 'waiting', place: { $lt: place } }).exec();
}

export type EventWithWaitlist = Pick<EventDoc, '_id' | 'status' | 'salesCloseAt' | 'startsAt'>;

/** Events with waiting entries although sales are over at that time, or although seats are available. */
export function findEventsToServe(
  { events }: Pick<Models, 'events'>,
  at: Date,
  limit: number,
): Promise<EventWithWaitlist[]> {
  const over = [{ salesCloseAt: { $lte: at } }, { salesCloseAt: null, startsAt: { $lte: at } }];
  return events
    .find({ waitingCount: { $gt: 0 }, $or: [{ status: 'cancelled' }, ...over, { availableSeats: { $gt: 0 } }] })
    .select({ status: 1, salesCloseAt: 1, startsAt: 1 })
    .limit(limit)
    .lean<EventWithWaitlist[]>()
    .exec();
}
