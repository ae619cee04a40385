import type { ClientSession, Collection } from 'mongodb';
import { Types } from 'mongoose';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { completeEvent } from '#server/models/event.ts';
import type { BookingState } from '../rules/state/booking-state.ts';
import type { Command } from '../rules/command.ts';
import type { BatchState, EventState, WaitlistState } from '../rules/state/event-state.ts';
import { EMPTY_WAITLIST } from '../rules/state/event-state.ts';
import { loadAttempts } from './attempts.ts';
import type { BookingCollections, BookingStore } from './collections.ts';
import { countCancellation } from './count-cancellation.ts';
import { recount } from './count.ts';
import { loadProvisionalSeats } from './queries/provisional-seats.ts';
import { loadChangeRequests, loadRequests } from './queries/requests.ts';
import { toBookingState, toEventState } from './records.ts';
import { loadUserSeats } from './user-seats.ts';
import { loadVouchers } from './vouchers/vouchers.ts';
import type { BatchLoadOptions } from './waitlist-entries.ts';
import { loadNamedEntries, loadWaitlist, offerBookingIds } from './waitlist-entries.ts';

const { ObjectId } = Types;

const NO_BOOKINGS: ReadonlyMap<string, BookingState> = new Map();

/** What a batch is decided on, and the event's document, which the filters of its commit are made of. */
export interface LoadedBatch {
  doc: EventDoc;
  state: BatchState;
  /** Whether the stored document is from before ticket types, so that their counters have no place in it yet. */
  isIncomplete: boolean;
}

/**
 * Loads what `decide` needs for a batch: the event, and only those bookings and waitlist entries that the commands
 * name, so that nothing grows with history. Null if there is no such event.
 */
export async function loadBatch(
  { collections }: BookingStore,
  eventId: string,
  commands: readonly Command[],
  options: BatchLoadOptions,
): Promise<LoadedBatch | null> {
  const { events, bookings } = collections;
  const { session } = options;
  const _id = ObjectId.createFromHexString(eventId);
  const doc = await events.findOne({ _id }, { session });
  if (!doc) return null;
  const isIncomplete = isFromBeforeTypes(doc);
  const event = toEventState(doc);
  const namedEntries = await loadNamedEntries(collections, commands, _id, session);
  const named = await loadBookings(bookings, [...bookingIdsOf(commands), ...offerBookingIds(namedEntries)], session);
  const requests = await loadRequests(bookings, commands, named, session);
  const changeRequests = await loadChangeRequests(bookings, commands, session);
  const { attempts, refundRequests, closedAccounts } = await loadAttempts(collections, commands, named, session);
  const waitlist = await loadWaitlist(collections, { event, commands, bookings: named, namedEntries }, options);
  const userIds = userIdsOf(commands, named, waitlist);
  const isAdopted = commands.some(({ type }) => type === 'adoptHold');
  const canHold = event.counters.heldSeats > 0 && (isPriced(event) || waitlist.offerIds.length > 0 || isAdopted);
  const isLimited = event.settings.maxSeatsPerUser !== null;
  const mayRelease = [...named.values()].some((booking) => booking.status === 'held');
  const state = {
    event,
    bookings: named,
    requests,
    changeRequests,
    liveHolds: canHold ? await loadLiveHolds(bookings, _id, userIds, session) : new Map<string, string>(),
    seatsByUser: isLimited ? await loadUserSeats(collections, _id, userIds, session) : new Map<string, number>(),
    attempts,
    refundRequests,
    closedAccounts,
    otherHoldsUntil: mayRelease ? await loadOtherHoldsUntil(bookings, _id, named, session) : event.holdsUntil,
    provisionalSeats: await loadProvisionalSeats(collections, event, { commands, named }, session),
    everBooked: false,
    waitlist,
    vouchers: await loadVouchers(collections, _id, { commands, named }, session),
    ...(await loadForEvent(collections, event, commands, session)),
  };
  return { doc, state, isIncomplete };
}

/**
 * Loads what a command about the event itself needs, which is alone in its batch: it looks at all bookings of the
 * event.
 */
async function loadForEvent(
  collections: BookingCollections,
  event: EventState,
  commands: readonly Command[],
  session: ClientSession,
): Promise<Partial<BatchState>> {
  const eventId = ObjectId.createFromHexString(event.id);
  switch (commands[0]?.type) {
    case 'edit':
    case 'changeImage': {
      const first = await collections.bookings.findOne({ eventId }, { session, projection: { _id: 1 } });
      return { everBooked: first !== null };
    }
    case 'cancelEvent':
      return { cancellation: await countCancellation(collections, event, session) };
    case 'recount': {
      const counted = await recount(collections, eventId, session);
      // An empty waiting list: counters that may be wrong must not lead to offers.
      return { waitlist: EMPTY_WAITLIST, ...counted };
    }
    default:
      return {};
  }
}

function isFromBeforeTypes({ ticketTypes }: Partial<EventDoc>): boolean {
  return ticketTypes === undefined;
}

/** The event alone, for a batch of new bookings that depend on nothing else; null also if it is from before types. */
export async function loadEvent(
  { collections }: BookingStore,
  eventId: string,
  session: ClientSession,
): Promise<EventDoc | null> {
  const stored = await collections.events.findOne({ _id: ObjectId.createFromHexString(eventId) }, { session });
  return stored && !isFromBeforeTypes(stored) ? completeEvent(stored) : null;
}

/**
 * What `decide` needs for new bookings on an event that was loaded before; only vouchers are read, and live holds if
 * there can be any.
 */
export async function loadNewBookings(
  { collections }: BookingStore,
  doc: EventDoc,
  commands: readonly Command[],
  session: ClientSession,
): Promise<LoadedBatch> {
  const event = toEventState(doc);
  const userIds = [...new Set(commands.flatMap((command) => (command.type === 'book' ? [command.userId] : [])))];
  const canHold = event.counters.heldSeats > 0 && isPriced(event);
  const state = {
    event,
    bookings: NO_BOOKINGS,
    requests: new Map(),
    changeRequests: new Map(),
    liveHolds: canHold
      ? await loadLiveHolds(collections.bookings, doc._id, userIds, session)
      : new Map<string, string>(),
    seatsByUser: new Map(),
    attempts: new Map(),
    refundRequests: new Map(),
    closedAccounts: new Set<string>(),
    otherHoldsUntil: event.holdsUntil,
    provisionalSeats: await loadProvisionalSeats(collections, event, { commands, named: NO_BOOKINGS }, session),
    everBooked: false,
    waitlist: EMPTY_WAITLIST,
    vouchers: await loadVouchers(collections, doc._id, { commands, named: NO_BOOKINGS }, session),
  };
  return { doc, state, isIncomplete: false };
}

/** Whether a booking may cost something, and so become a hold. */
function isPriced({ ticketTypes }: EventState): boolean {
  return ticketTypes.some(({ price }) => price.amount > 0);
}

function bookingIdsOf(commands: readonly Command[]): string[] {
  return commands.flatMap((command) => ('bookingId' in command && command.type !== 'book' ? [command.bookingId] : []));
}

/** Users that the rules ask about: senders of commands, owners of named bookings, and candidates for offers. */
function userIdsOf(
  commands: readonly Command[],
  named: ReadonlyMap<string, BookingState>,
  { candidates }: WaitlistState,
): string[] {
  const senders = commands.flatMap((command) => ('userId' in command ? [command.userId] : []));
  const owners = [...named.values()].map((booking) => booking.userId);
  return [...new Set([...senders, ...owners, ...candidates.map((entry) => entry.userId)])];
}

async function loadBookings(bookings: Collection<BookingDoc>, ids: readonly string[], session: ClientSession) {
  const byId = new Map<string, BookingState>();
  if (ids.length === 0) return byId;
  const _id = { $in: [...new Set(ids)].map((id) => ObjectId.createFromHexString(id)) };
  for (const doc of await bookings.find({ _id }, { session }).toArray()) {
    byId.set(doc._id.toHexString(), toBookingState(doc));
  }
  return byId;
}

/** By user: the id of the live hold of each of these users on an event. */
async function loadLiveHolds(
  bookings: Collection<BookingDoc>,
  eventId: Types.ObjectId,
  userIds: readonly string[],
  session: ClientSession,
): Promise<Map<string, string>> {
  const userId = { $in: userIds.map((id) => ObjectId.createFromHexString(id)) };
  const projection = { _id: 1, userId: 1 };
  const found = bookings.find({ eventId, userId, status: 'held' }, { session, projection, hint: 'live_holds' });
  return new Map((await found.toArray()).map((doc) => [doc.userId.toHexString(), doc._id.toHexString()]));
}

/**
 * The latest end among live holds that the batch does not name: the event's `holdsUntil` if all named ones are
 * released.
 */
async function loadOtherHoldsUntil(
  bookings: Collection<BookingDoc>,
  eventId: Types.ObjectId,
  named: ReadonlyMap<string, BookingState>,
  session: ClientSession,
): Promise<Date | null> {
  const others = { $nin: [...named.keys()].map((id) => ObjectId.createFromHexString(id)) };
  const latest = await bookings.findOne(
    { eventId, status: 'held', _id: others },
    { session, sort: { holdExpiresAt: -1 }, projection: { holdExpiresAt: 1 }, hint: 'latest_hold' },
  );
  return latest?.holdExpiresAt ?? null;
}
