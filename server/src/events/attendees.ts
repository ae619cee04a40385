import type { Collection, Db, Document } from 'mongodb';
import { Types } from 'mongoose';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { toBooking } from '#server/models/views.ts';
import type { BookingStatus } from '#shared/booking.ts';
import { bookingStatus } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Attendee, EventBooking, EventBookingPage, ListEventBookingsInput } from '#shared/organiser.ts';
import { findText } from './find-text.ts';

/** A search looks at every booking of the event: past this time it is given up rather than kept in the way of sales. */
const LONGEST_SEARCH_MS = 8_000;
const PER_READ = 500;
/** Two letters of a name stand in some code or other. */
const LEAST_OF_A_CODE = 4;

type Found = BookingDoc & { attendees: Pick<UserDoc, 'name' | 'email' | 'verified'>[] };

export interface AttendeesOptions {
  database: Db;
  /** The signed text of a booking's ticket. */
  ticketOf(booking: BookingDoc): string | null;
}

export type Attendees = ReturnType<typeof createAttendees>;

/** An event's bookings with those whose they are, for organisers. */
export function createAttendees({ database, ticketOf }: AttendeesOptions) {
  const events = database.collection<EventDoc>('events');
  const bookings = database.collection<BookingDoc>('bookings');

  async function list(input: ListEventBookingsInput): Promise<Result<EventBookingPage>> {
    const { page, limit, status } = input;
    const event = await findEvent(input.eventId);
    if (!event) return refuse('NOT_FOUND');
    const query = input.query?.trim() ?? '';
    const wanted = newestFirst(event._id, status);
    const part = [{ $skip: (page - 1) * limit }, { $limit: limit }];
    const { found, total } =
      query === ''
        ? await pageOf(bookings, wanted, part)
        : await searchPage(bookings, [...wanted, WITH_ATTENDEE, matching(query)], part);
    return ok({ bookings: found.map((doc) => toEventBooking(doc, event)), page, limit, total });
  }

  /** Every booking of an event, newest first, read as it is asked for; null where there is no such event. */
  async function all(eventId: string): Promise<{ event: EventDoc; bookings: AsyncIterable<EventBooking> } | null> {
    const event = await findEvent(eventId);
    if (!event) return null;
    const cursor = bookings.aggregate<Found>([...newestFirst(event._id), WITH_ATTENDEE], { batchSize: PER_READ });
    return { event, bookings: shown(cursor, event) };
  }

  async function* shown(found: AsyncIterable<Found>, event: EventDoc): AsyncGenerator<EventBooking> {
    for await (const doc of found) yield toEventBooking(doc, event);
  }

  function findEvent(eventId: string): Promise<EventDoc | null> {
    return events.findOne({ _id: Types.ObjectId.createFromHexString(eventId) });
  }

  function toEventBooking({ attendees, ...doc }: Found, event: EventDoc): EventBooking {
    return { ...toBooking(doc, event, ticketOf(doc)), attendee: toAttendee(attendees) };
  }

  return { list, all };
}

/** Every status is named, so that the one index serves with a status and without. */
function newestFirst(eventId: Types.ObjectId, status?: BookingStatus): Document[] {
  return [{ $match: { eventId, status: status ?? { $in: bookingStatus.options } } }, { $sort: { _id: -1 } }];
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

function matching(query: string): Document {
  const text = findText(query);
  const code = query.replace(/[\s-]/g, '');
  const byCode = code.length < LEAST_OF_A_CODE ? [] : [{ code: findText(code) }];
  return { $match: { $or: [{ 'attendees.name': text }, { 'attendees.email': text }, ...byCode] } };
}

/** Without a search the index alone counts and pages; owners are looked up for one page only. */
async function pageOf(bookings: Collection<BookingDoc>, wanted: Document[], part: Document[]) {
  const [total, found] = await Promise.all([
    bookings.countDocuments((wanted[0] as { $match: object }).$match),
    bookings.aggregate<Found>([...wanted, ...part, WITH_ATTENDEE]).toArray(),
  ]);
  return { total, found };
}

async function searchPage(bookings: Collection<BookingDoc>, wanted: Document[], part: Document[]) {
  const both = { $facet: { found: part, count: [{ $count: 'total' }] } };
  const [result] = await bookings
    .aggregate<{ found: Found[]; count: { total: number }[] }>([...wanted, both], { maxTimeMS: LONGEST_SEARCH_MS })
    .toArray();
  return { found: result?.found ?? [], total: result?.count[0]?.total ?? 0 };
}

/** The account may be gone; its bookings stay. */
function toAttendee([owner]: Found['attendees']): Attendee {
  return { name: owner?.name ?? '', email: owner?.email ?? '', verified: owner?.verified ?? false };
}
