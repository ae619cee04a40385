import type { ClientSession, Collection, Db } from 'mongodb';
import { Types } from 'mongoose';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { UserSeatsDoc } from '#server/models/user-seats.ts';
import type { BookingState } from '../rules/state/booking-state.ts';
import { requestKey } from '../rules/state/booking-state.ts';
import { recount } from './count.ts';
import { loadAttempts } from './load-payments.ts';
import { loadNamedEntries, loadWaitlist, offerBookingIds } from './load-waitlist.ts';
import type { Book, Command } from '../rules/command.ts';
import type { EventState, BatchState, WaitlistState } from '../rules/state/event-state.ts';
import { EMPTY_WAITLIST } from '../rules/state/event-state.ts';
import { toBookingState, toEventState } from './records.ts';
import { countCancellation } from './count-cancellation.ts';

const { ObjectId } = Types;

/** The collections a batch reads and writes, on the raw driver: documents on the hot path are not hydrated. */
export interface BookingCollections {
  events: Collection<EventDoc>;
  bookings: Collection<BookingDoc>;
  userSeats: Collection<UserSeatsDoc>;
  waitlist: Collection<WaitlistEntryDoc>;
  ledger: Collection<LedgerDoc>;
  payments: Collection<PaymentDoc>;
}

export function bookingCollections(database: Db): BookingCollections {
  return {
    events: database.collection<EventDoc>('events'),
    bookings: database.collection<BookingDoc>('bookings'),
    userSeats: database.collection<UserSeatsDoc>('userSeats'),
    waitlist: database.collection<WaitlistEntryDoc>('waitlist'),
    ledger: database.collection<LedgerDoc>('ledger'),
    payments: database.collection<PaymentDoc>('payments'),
  };
}

export interface LoadedBatch {
  doc: EventDoc;
  state: BatchState;
}

/** How a batch is loaded: new ids for offers, and whether the list was just served to its end. */
export interface LoadOptions {
  session: ClientSession;
  newOfferIds: () => { bookingId: string; code: string };
  waitlistServed: boolean;
}

/**
 * What `decide` needs for a batch: the event and only those bookings and waitlist entries that the commands name, so that
 * nothing grows with history. Null if there is no such event.
 */
export async function loadState(
  collections: BookingCollections,
  eventId: string,
  commands: readonly Command[],
  options: LoadOptions,
): Promise<LoadedBatch | null> {
  const { events, bookings, userSeats } = collections;
  const { session } = options;
  const _id = ObjectId.createFromHexString(eventId);
  const doc = await events.findOne({ _id }, { session });
  if (!doc) return null;
  const event = toEventState(doc);
  const books = commands.filter((command) => command.type === 'book');
  const namedEntries = await loadNamedEntries(collections, commands, _id, session);
  const named = await loadNamed(bookings, [...bookingIdsOf(commands), ...offerBookingIds(namedEntries)], session);
  const requests = await loadRequests(bookings, books, session);
  const money = await loadAttempts(collections, commands, named, session);
  const waitlist = await loadWaitlist(collections, { event, commands, named, namedEntries }, options);
  const people = userIdsOf(commands, named, waitlist);
  const mayHold = event.counters.heldSeats > 0 && (event.settings.price.amount > 0 || waitlist.offerIds.length > 0);
  const liveHolds = mayHold ? await loadLiveHolds(bookings, _id, people, session) : new Map<string, string>();
  const limited = event.settings.maxSeatsPerUser !== null;
  const seatsByUser = limited ? await loadUserSeats(userSeats, _id, people, session) : new Map<string, number>();
  const releases = [...named.values()].some((booking) => booking.status === 'held');
  const otherHoldsUntil = releases ? await loadOtherHoldsUntil(bookings, _id, named, session) : event.holdsUntil;
  const apart = await loadApart(collections, event, commands, session);
  const state = {
    event,
    bookings: named,
    requests,
    liveHolds,
    seatsByUser,
    ...money,
    otherHoldsUntil,
    everBooked: false,
    waitlist,
    ...apart,
  };
  return { doc, state };
}

/** What only commands about the event itself have to know, which are each alone in their batch: these look at all there is. */
async function loadApart(
  collections: BookingCollections,
  event: EventState,
  commands: readonly Command[],
  session: ClientSession,
): Promise<Partial<BatchState>> {
  const eventId = ObjectId.createFromHexString(event.id);
  const { bookings } = collections;
  switch (commands[0]?.type) {
    case 'edit':
      return { everBooked: (await bookings.findOne({ eventId }, { session, projection: { _id: 1 } })) !== null };
    case 'cancelEvent':
      return { cancellation: await countCancellation(collections, event, session) };
    case 'recount': {
      const counted = await recount(collections, eventId, session);
      // Nothing is offered by counters that may be wrong.
      return {
        waitlist: EMPTY_WAITLIST,
        ...(counted && { recounted: counted.recounted, otherHoldsUntil: counted.holdsUntil }),
      };
    }
    default:
      return {};
  }
}

function bookingIdsOf(commands: readonly Command[]): string[] {
  return commands.flatMap((command) => ('bookingId' in command && command.type !== 'book' ? [command.bookingId] : []));
}

/** Whoever the rules of this batch ask about: buyers, those who join, owners, and those who may get an offer. */
function userIdsOf(
  commands: readonly Command[],
  named: ReadonlyMap<string, BookingState>,
  { candidates }: WaitlistState,
): string[] {
  const senders = commands.flatMap((command) => ('userId' in command ? [command.userId] : []));
  const owners = [...named.values()].map((booking) => booking.userId);
  return [...new Set([...senders, ...owners, ...candidates.map((entry) => entry.userId)])];
}

async function loadNamed(bookings: Collection<BookingDoc>, ids: readonly string[], session: ClientSession) {
  const named = new Map<string, BookingState>();
  if (ids.length === 0) return named;
  const _id = { $in: [...new Set(ids)].map((id) => ObjectId.createFromHexString(id)) };
  for (const doc of await bookings.find({ _id }, { session }).toArray()) {
    named.set(doc._id.toHexString(), toBookingState(doc));
  }
  return named;
}

async function loadRequests(bookings: Collection<BookingDoc>, books: readonly Book[], session: ClientSession) {
  const requests = new Map<string, BookingState>();
  if (books.length === 0) return requests;
  // `$type` repeats the partial index's own filter: without it the planner reads the whole collection (MongoDB 6.0).
  const requestId = { $in: books.map((book) => book.requestId), $type: 'string' as const };
  const found = bookings.find({ requestId }, { session });
  for (const doc of await found.toArray()) {
    const booking = toBookingState(doc);
    if (booking.requestId) requests.set(requestKey(booking.userId, booking.requestId), booking);
  }
  return requests;
}

/** The live hold of each of these people on an event. */
export async function loadLiveHolds(
  bookings: Collection<BookingDoc>,
  eventId: Types.ObjectId,
  people: readonly string[],
  session: ClientSession,
) {
  const userId = { $in: people.map((person) => ObjectId.createFromHexString(person)) };
  const projection = { _id: 1, userId: 1 };
  const found = bookings.find({ eventId, userId, status: 'held' }, { session, projection, hint: 'live_holds' });
  return new Map((await found.toArray()).map((doc) => [doc.userId.toHexString(), doc._id.toHexString()]));
}

async function loadUserSeats(
  userSeats: Collection<UserSeatsDoc>,
  eventId: Types.ObjectId,
  people: readonly string[],
  session: ClientSession,
) {
  const ids = people.map((person) => ({ eventId, userId: ObjectId.createFromHexString(person) }));
  const found = await userSeats.find({ _id: { $in: ids } }, { session }).toArray();
  return new Map(found.map((doc) => [doc._id.userId.toHexString(), doc.seats]));
}

/** The latest end among live holds that the batch does not name: what `holdsUntil` falls back to on a release. */
async function loadOtherHoldsUntil(
  bookings: Collection<BookingDoc>,
  eventId: Types.ObjectId,
  named: ReadonlyMap<string, BookingState>,
  session: ClientSession,
) {
  const others = { $nin: [...named.keys()].map((id) => ObjectId.createFromHexString(id)) };
  const latest = await bookings.findOne(
    { eventId, status: 'held', _id: others },
    { session, sort: { holdExpiresAt: -1 }, projection: { holdExpiresAt: 1 }, hint: 'latest_hold' },
  );
  return latest?.holdExpiresAt ?? null;
}
