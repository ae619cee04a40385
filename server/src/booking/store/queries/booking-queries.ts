import { Types } from 'mongoose';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Session } from '#server/mongo/transaction.ts';
import type { BookingStatus } from '#shared/booking.ts';

/** The session of the transaction in which a query reads. */
export type { Session };

type BookingModels = Pick<Models, 'bookings'>;

/** What a command on a booking needs: its id, and the event in whose queue the command runs. */
export type BookingIds = Pick<BookingDoc, '_id' | 'eventId'>;

export function findBooking({ bookings }: BookingModels, bookingId: string): Promise<BookingDoc | null> {
  return bookings.findById(bookingId).lean<BookingDoc>().exec();
}

/** Codes are unique over all events. */
export function findBookingByCode({ bookings }: BookingModels, code: string): Promise<BookingDoc | null> {
  return bookings.findOne({ code }).lean<BookingDoc>().exec();
}

/** Whether a user's request has made a booking, on whichever event. */
export async function hasBookingRequest(
  { bookings }: BookingModels,
  userId: string,
  requestId: string,
): Promise<boolean> {
  // `$type` lets the planner use the partial unique index.
  const request = { requestId: { $eq: requestId, $type: 'string' as const }, userId: new Types.ObjectId(userId) };
  return (await bookings.exists(request)) !== null;
}

/** Whether the request with this `changeRequestKey` has changed a booking. */
export async function hasChangeRequest({ bookings }: BookingModels, key: string): Promise<boolean> {
  return (await bookings.exists({ 'changeRequests.key': { $eq: key, $type: 'string' as const } })) !== null;
}

/** All bookings of a user, newest first. */
export function findBookingsOfUser({ bookings }: BookingModels, userId: string): Promise<BookingDoc[]> {
  return bookings.find({ userId }).sort({ _id: -1 }).lean<BookingDoc[]>().exec();
}

interface UserPage {
  userId: string;
  /** All statuses if absent. */
  status?: BookingStatus | undefined;
  /** The first page is 1. */
  page: number;
  limit: number;
}

/** One page of a user's bookings, newest first, and how many there are on all pages. */
export async function findBookingPage(
  { bookings }: BookingModels,
  { userId, status, page, limit }: UserPage,
): Promise<{ found: BookingDoc[]; total: number }> {
  const filter = { userId: new Types.ObjectId(userId), ...(status ? { status } : {}) };
  const before = (page - 1) * limit;
  const found = await bookings.find(filter).sort({ _id: -1 }).skip(before).limit(limit).lean<BookingDoc[]>();
  // A page that is not full is the last one, so that it tells the total: most users have one.
  const isLast = found.length < limit && (found.length > 0 || before === 0);
  return { found, total: isLast ? before + found.length : await bookings.countDocuments(filter) };
}

/** Bookings of these users, in any order, at most `limit` of them. */
export function findBookingsOfUsers(
  { bookings }: BookingModels,
  userIds: readonly string[],
  limit: number,
): Promise<BookingDoc[]> {
  return bookings
    .find({ userId: { $in: userIds } })
    .limit(limit)
    .lean<BookingDoc[]>()
    .exec();
}

/** The events of these bookings, by id. */
export async function findEventsOf(
  { events }: Pick<Models, 'events'>,
  bookings: readonly BookingIds[],
): Promise<Map<string, EventDoc>> {
  if (bookings.length === 0) return new Map();
  const ids = [...new Set(bookings.map(({ eventId }) => eventId.toHexString()))];
  const found = await events.find({ _id: { $in: ids } }).lean<EventDoc[]>();
  return new Map(found.map((event) => [event._id.toHexString(), event]));
}

/** A user's bookings in one status. */
export function findBookingsInStatus(
  { bookings }: BookingModels,
  userId: string,
  status: BookingStatus,
  session?: Session,
): Promise<BookingIds[]> {
  return bookings
    .find({ userId, status }, { eventId: 1 })
    .session(session ?? null)
    .lean<BookingIds[]>()
    .exec();
}

/** The holds of a provisional account that no account has taken over. */
export function findProvisionalHolds({ bookings }: BookingModels, accountId: string): Promise<BookingIds[]> {
  return bookings
    .find({ userId: accountId, status: 'held', provisional: true }, { eventId: 1 })
    .lean<BookingIds[]>()
    .exec();
}

/** A user's bookings with a refund under way. */
export function findRefundingBookings(
  { bookings }: BookingModels,
  userId: string,
  session?: Session,
): Promise<BookingIds[]> {
  return bookings
    .find({ userId, 'payment.status': 'refunding' }, { eventId: 1 })
    .session(session ?? null)
    .lean<BookingIds[]>()
    .exec();
}

/** Those of the bookings whose event is not over at that time. */
export async function withComingEvents(
  { events }: Pick<Models, 'events'>,
  bookings: readonly BookingIds[],
  at: Date,
  session?: Session,
): Promise<BookingIds[]> {
  const later = { $gt: at };
  const ids = bookings.map(({ eventId }) => eventId);
  const coming = await events
    .find({ _id: { $in: ids }, $or: [{ endsAt: later }, { startsAt: later }] }, { _id: 1 })
    .session(session ?? null)
    .lean<Pick<EventDoc, '_id'>[]>();
  const comingIds = new Set(coming.map(({ _id }) => _id.toHexString()));
  return bookings.filter(({ eventId }) => comingIds.has(eventId.toHexString()));
}

/**
 * Holds that ended at that time or before, the earliest first; `settling`: whether their checkout has no outcome yet.
 */
export function findEndedHolds(
  { bookings }: BookingModels,
  { settling, at, limit }: { settling: boolean; at: Date; limit: number },
): Promise<BookingIds[]> {
  return bookings
    .find({ status: 'held', settling: isSettling(settling), holdExpiresAt: { $lte: at } }, { eventId: 1 })
    .sort({ holdExpiresAt: 1 })
    .limit(limit)
    .lean<BookingIds[]>()
    .exec();
}

/** The end of the hold that ends first; null without holds. */
export async function findNextHoldEnd({ bookings }: BookingModels): Promise<Date | null> {
  const next = await bookings
    .findOne({ status: 'held', settling: isSettling(false) })
    .sort({ holdExpiresAt: 1 })
    .lean<BookingDoc>();
  return next?.holdExpiresAt ?? null;
}

/** A booking without the field is not settling. */
function isSettling(settling: boolean) {
  return settling || { $ne: true };
}
