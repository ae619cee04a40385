import type { Collection, Db, Document } from 'mongodb';
import { Types } from 'mongoose';
import { bookingCollections } from '#server/booking/store/collections.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { completeEvent } from '#server/models/event.ts';
import { toAttendee, toBooking } from '#server/models/views.ts';
import { asciiDomain } from '#shared/text/email.ts';
import { bookingStatus } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { EventBooking, EventBookingPage, ListEventBookingsInput } from '#shared/organiser.ts';
import { searchWords } from '#shared/text/search-text.ts';
import { findWhole, findWords } from './find-text.ts';

/** A search reads every booking of the event, so it is given up after this time rather than slowing sales down. */
const MAX_SEARCH_MS = 8_000;
const BATCH_SIZE = 500;
/** A shorter query is not searched in codes, because two letters of a name occur in many of them. */
const MIN_CODE_LENGTH = 4;

type FoundBooking = BookingDoc & { attendees: Pick<UserDoc, 'name' | 'email' | 'verified'>[] };

interface AttendeesOptions {
  database: Db;
  /** The text of a booking's ticket; null unless it is confirmed. */
  ticketOf(booking: BookingDoc): string | null;
}

export type Attendees = ReturnType<typeof createAttendees>;

/** An event's bookings with their attendees, for organisers. */
export function createAttendees({ database, ticketOf }: AttendeesOptions) {
  const { events, bookings } = bookingCollections(database);

  /** One page, newest first, of the bookings that match the query in name, mail address or code. */
  async function list(input: ListEventBookingsInput): Promise<Result<EventBookingPage>> {
    const { page, limit } = input;
    const event = await findEvent(input.eventId);
    if (!event) return refuse('NOT_FOUND');
    const query = input.query?.trim() ?? '';
    const wanted = newestFirst(event._id, input);
    const slice = [{ $skip: (page - 1) * limit }, { $limit: limit }];
    const { found, total } =
      searchWords(query).length === 0
        ? await pageOf(bookings, wanted, slice)
        : await searchPage(bookings, [...wanted, WITH_ATTENDEE, matching(query)], slice);
    return ok({ bookings: found.map((doc) => toEventBooking(doc, event)), page, limit, total });
  }

  /** All bookings of an event, newest first, read while they are consumed; null if there is no such event. */
  async function all(eventId: string): Promise<{ event: EventDoc; bookings: AsyncIterable<EventBooking> } | null> {
    const event = await findEvent(eventId);
    if (!event) return null;
    const cursor = bookings.aggregate<FoundBooking>([...newestFirst(event._id), WITH_ATTENDEE], {
      batchSize: BATCH_SIZE,
    });
    return { event, bookings: eachBooking(cursor, event) };
  }

  async function* eachBooking(found: AsyncIterable<FoundBooking>, event: EventDoc): AsyncGenerator<EventBooking> {
    for await (const doc of found) yield toEventBooking(doc, event);
  }

  async function findEvent(eventId: string): Promise<EventDoc | null> {
    const stored = await events.findOne({ _id: Types.ObjectId.createFromHexString(eventId) });
    return stored && completeEvent(stored);
  }

  function toEventBooking({ attendees, ...doc }: FoundBooking, event: EventDoc): EventBooking {
    return { ...toBooking(doc, event, ticketOf(doc)), attendee: toAttendee(attendees[0]) };
  }

  return { list, all };
}

/** All statuses are named, so that one index serves queries with a status and without. */
function newestFirst(
  eventId: Types.ObjectId,
  { status, ticketType }: Pick<ListEventBookingsInput, 'status' | 'ticketType'> = {},
): Document[] {
  const wanted = { eventId, status: status ?? { $in: bookingStatus.options } };
  const ofType = ticketType === undefined ? {} : { 'tickets.type': ticketType };
  return [{ $match: { ...wanted, ...ofType } }, { $sort: { _id: -1 } }];
}

const WITH_ATTENDEE = {
  $lookup: {
    from: 'users',
    localField: 'userId',
    foreignField: '_id',
    pipeline: [{ $project: { name: 1, email: 1, verified: 1 } }],
    as: 'attendees',
  },
};

/** Each word in the name, in any order; or the whole query in the address, or in the code however it is grouped. */
function matching(query: string): Document {
  const found: Document[] = [{ $and: findWords(query).map((word) => ({ 'attendees.name': word })) }];
  if (!/\s/.test(query)) found.push({ 'attendees.email': findWhole(storedFormOf(query)) });
  const code = query.replace(/[\s-]/g, '');
  if (code.length >= MIN_CODE_LENGTH) found.push({ code: findWhole(code) });
  return { $match: { $or: found } };
}

/** Part of an email address in its stored form, whose domain is ASCII: other letters become punycode. */
function storedFormOf(query: string): string {
  const domain = query.lastIndexOf('@') + 1;
  return query.slice(0, domain) + (asciiDomain(query.slice(domain)) ?? query.slice(domain));
}

/** Without a search the index alone counts and pages; attendees are looked up for one page only. */
async function pageOf(bookings: Collection<BookingDoc>, wanted: Document[], slice: Document[]) {
  const [total, found] = await Promise.all([
    bookings.countDocuments((wanted[0] as { $match: object }).$match),
    bookings.aggregate<FoundBooking>([...wanted, ...slice, WITH_ATTENDEE]).toArray(),
  ]);
  return { total, found };
}

async function searchPage(bookings: Collection<BookingDoc>, wanted: Document[], slice: Document[]) {
  const pageAndCount = { $facet: { found: slice, count: [{ $count: 'total' }] } };
  const [result] = await bookings
    .aggregate<{ found: FoundBooking[]; count: { total: number }[] }>([...wanted, pageAndCount], {
      maxTimeMS: MAX_SEARCH_MS,
    })
    .toArray();
  return { found: result?.found ?? [], total: result?.count[0]?.total ?? 0 };
}
