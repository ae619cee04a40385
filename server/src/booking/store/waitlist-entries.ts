import type { ClientSession, Collection } from 'mongodb';
import { Types } from 'mongoose';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import { completeWaitlistEntry } from '#server/models/waitlist.ts';
import { GuardMissed } from '#server/mongo/transaction.ts';
import type { BookingState } from '../rules/state/booking-state.ts';
import { requestKey } from '../rules/state/booking-state.ts';
import type { Command, Decision } from '../rules/command.ts';
import type { EventState, WaitlistState } from '../rules/state/event-state.ts';
import { EMPTY_WAITLIST } from '../rules/state/event-state.ts';
import { isOffered } from '../rules/tickets/resolve.ts';
import { leftByLimit } from '../rules/tickets/type-refusals.ts';
import type { WaitlistEntryState } from '../rules/waitlist/entry-state.ts';
import { isActiveEntry } from '../rules/waitlist/entry-state.ts';
import type { BookingCollections } from './collections.ts';

const { ObjectId } = Types;

/** Offers of one batch; the others follow in the next one, before anything is sold. */
const MAX_OFFERS = 500;
/** Entries that are read beyond those that could fill the seats: a few will be passed over. */
const SPARE_ENTRIES = 20;
/**
 * Up to this many sizes the index of each size is read from its beginning and merged (the planner's own limit is 200).
 */
const MAX_SIZES = 100;

/** How a batch is loaded. */
export interface BatchLoadOptions {
  session: ClientSession;
  /** A code for a booking that an offer makes. */
  newCode: () => string;
  /** Whether the waiting list was offered the free seats just before, to its end. */
  isWaitlistServed: boolean;
}

type NamedEntries = Pick<WaitlistState, 'named' | 'requests'>;
type WaitlistCollection = Pick<BookingCollections, 'waitlist'>;

/** The entries that joins and leaves are about, and entries whose offers the commands may end. */
export async function loadNamedEntries(
  { waitlist }: WaitlistCollection,
  commands: readonly Command[],
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<NamedEntries> {
  const joins = commands.filter((command) => command.type === 'join');
  const userIds = commands.flatMap((c) => (c.type === 'join' || c.type === 'leave' ? [objectId(c.userId)] : []));
  const bookingIds = commands.flatMap((c) => ('bookingId' in c && c.type !== 'book' ? [objectId(c.bookingId)] : []));
  const named = new Map<string, WaitlistEntryState>();
  const requests = new Map<string, WaitlistEntryState>();
  if (userIds.length > 0) {
    const active = await waitlist.find({ eventId, active: true, userId: { $in: userIds } }, { session }).toArray();
    for (const doc of active) named.set(doc._id.toHexString(), toWaitlistEntryState(doc));
    for (const userId of leaversWithout(active, commands)) {
      const last = await waitlist.findOne({ eventId, userId }, { session, sort: { _id: -1 } });
      if (last) named.set(last._id.toHexString(), toWaitlistEntryState(last));
    }
  }
  if (bookingIds.length > 0) {
    // `$type` repeats the partial index's own filter.
    const offers = await waitlist.find({ bookingId: { $in: bookingIds, $type: 'objectId' } }, { session }).toArray();
    for (const doc of offers) named.set(doc._id.toHexString(), toWaitlistEntryState(doc));
  }
  if (joins.length > 0) {
    const userId = { $in: joins.map((join) => objectId(join.userId)) };
    const requestIds = { $in: joins.map((join) => join.requestId) };
    const earlier = await waitlist.find({ userId, 'requests.requestId': requestIds }, { session }).toArray();
    for (const entry of earlier.map(toWaitlistEntryState)) {
      for (const { requestId } of entry.requests) requests.set(requestKey(entry.userId, requestId), entry);
    }
  }
  return { named, requests };
}

/** Users who leave without an active entry: they may have left before. */
function leaversWithout(active: readonly WaitlistEntryDoc[], commands: readonly Command[]): Types.ObjectId[] {
  const activeUsers = new Set(active.map(({ userId }) => userId.toHexString()));
  const leavers = new Set(commands.flatMap((command) => (command.type === 'leave' ? [command.userId] : [])));
  return [...leavers].filter((userId) => !activeUsers.has(userId)).map(objectId);
}

/** Ids of the bookings that are the offers of these entries. */
export function offerBookingIds({ named }: NamedEntries): string[] {
  return [...named.values()].flatMap((entry) =>
    entry.status === 'offered' && entry.bookingId ? [entry.bookingId] : [],
  );
}

interface LoadedSoFar {
  event: EventState;
  commands: readonly Command[];
  bookings: ReadonlyMap<string, BookingState>;
  namedEntries: NamedEntries;
}

/** The named entries, and the candidates: entries that fit the free seats and those that the commands may give back. */
export async function loadWaitlist(
  { waitlist }: WaitlistCollection,
  { event, commands, bookings, namedEntries }: LoadedSoFar,
  { session, newCode, isWaitlistServed }: BatchLoadOptions,
): Promise<WaitlistState> {
  // Closing the list, or serving more of it, takes as many entries as a batch may have; a sale those that may get
  // seats.
  const closing = commands.some((command) => command.type === 'closeWaitlist');
  const offering = commands.some((command) => command.type === 'offer');
  const seats = closing ? Infinity : freeSeatsAtMost(event, commands, bookings);
  const limit = closing || offering ? MAX_OFFERS : Math.min(MAX_OFFERS, seats + SPARE_ENTRIES);
  const joins = commands.filter((command) => command.type === 'join').length;
  if (event.waitingCount + joins === 0 || seats <= 0) return { ...EMPTY_WAITLIST, ...namedEntries };
  const after = commands.reduce((place, command) => (command.type === 'offer' ? command.after : place), 0);
  const found = await waitlist
    .find(
      {
        eventId: objectId(event.id),
        status: 'waiting',
        place: { $gt: after },
        ...partySizesUpTo(closing ? seats : Math.min(seats, largestPartySize(event, commands))),
        ...(!closing && withoutTypes(unavailableTypes(event, commands, bookings))),
      },
      { session, sort: { place: 1 }, limit },
    )
    .toArray();
  const offers = found.length + namedEntries.named.size + joins;
  return {
    ...namedEntries,
    candidates: found.map((doc: WaitlistEntryDoc) => toWaitlistEntryState(doc)),
    hasMore: found.length === limit,
    isServed: isWaitlistServed,
    offerIds: Array.from({ length: offers }, () => ({ bookingId: new ObjectId().toHexString(), code: newCode() })),
  };
}

/** An upper bound of the seats that are free at any time in the batch. */
function freeSeatsAtMost(
  event: EventState,
  commands: readonly Command[],
  bookings: ReadonlyMap<string, BookingState>,
): number {
  let seats = event.counters.availableSeats;
  for (const booking of bookings.values()) {
    if (booking.status === 'held' || booking.status === 'confirmed') seats += booking.seats;
  }
  for (const command of commands) {
    const { totalSeats } = command.type === 'edit' ? command.changes : {};
    if (totalSeats !== undefined) seats += Math.max(0, totalSeats - event.counters.totalSeats);
  }
  return seats;
}

/** A larger party size is over the limit of seats per booking, even if the entry is older than the limit. */
function largestPartySize({ settings }: EventState, commands: readonly Command[]): number {
  return commands.reduce((largest, command) => {
    const { maxSeatsPerBooking = 0 } = command.type === 'edit' ? command.changes : {};
    return Math.max(largest, maxSeatsPerBooking);
  }, settings.maxSeatsPerBooking);
}

/** Types of which no ticket can be offered in the batch: nobody may book them, or none is left at any time in it. */
function unavailableTypes(
  { ticketTypes }: EventState,
  commands: readonly Command[],
  bookings: ReadonlyMap<string, BookingState>,
): string[] {
  if (commands.some(({ type }) => type === 'edit')) return [];
  const returning = [...bookings.values()].filter(({ status }) => status === 'held' || status === 'confirmed');
  const mayReturn = new Set(returning.flatMap(({ tickets }) => tickets.map(({ type }) => type)));
  return ticketTypes
    .filter((type) => !isOffered(type) || (leftByLimit(type) === 0 && !mayReturn.has(type.id)))
    .map(({ id }) => id);
}

function withoutTypes(types: readonly string[]) {
  return types.length === 0 ? {} : { 'tickets.type': { $nin: types } };
}

function partySizesUpTo(seats: number) {
  if (seats > MAX_SIZES) return seats === Infinity ? {} : { seats: { $lte: seats } };
  return { seats: { $in: Array.from({ length: seats }, (_, index) => index + 1) } };
}

/**
 * Writes entries whole, new or replaced: the change feed shows whole entries. Throws `GuardMissed` if one was changed
 * meanwhile.
 */
export async function writeWaitlistEntries(
  { waitlist }: WaitlistCollection,
  { newWaitlistEntries, changedWaitlistEntries }: Decision,
  session: ClientSession,
): Promise<void> {
  await replaceEntries(waitlist, changedWaitlistEntries, session);
  // Inserted last: a user who leaves and joins again in one batch has one active entry at any time.
  if (newWaitlistEntries.length > 0) await waitlist.insertMany(newWaitlistEntries.map(toWaitlistEntryDoc), { session });
}

async function replaceEntries(
  waitlist: Collection<WaitlistEntryDoc>,
  changed: Decision['changedWaitlistEntries'],
  session: ClientSession,
): Promise<void> {
  if (changed.length === 0) return;
  const operations = changed.map(({ entry, fromVersion }) => {
    const { _id, ...replacement } = toWaitlistEntryDoc(entry);
    return { replaceOne: { filter: { _id, version: fromVersion }, replacement } };
  });
  const { matchedCount } = await waitlist.bulkWrite(operations, { session });
  if (matchedCount !== changed.length) throw new GuardMissed('A waitlist entry is not at the version that was read');
}

export function toWaitlistEntryState(stored: WaitlistEntryDoc): WaitlistEntryState {
  const doc = completeWaitlistEntry(stored);
  return {
    id: doc._id.toHexString(),
    version: doc.version,
    eventId: doc.eventId.toHexString(),
    userId: doc.userId.toHexString(),
    seats: doc.seats,
    tickets: doc.tickets,
    place: doc.place,
    status: doc.status,
    bookingId: doc.bookingId?.toHexString() ?? null,
    offerExpiresAt: doc.offerExpiresAt,
    requests: doc.requests,
    createdAt: doc.createdAt,
    updatedAt: doc.updatedAt,
  };
}

export function toWaitlistEntryDoc(state: WaitlistEntryState): WaitlistEntryDoc {
  return {
    _id: objectId(state.id),
    version: state.version,
    eventId: objectId(state.eventId),
    userId: objectId(state.userId),
    seats: state.seats,
    tickets: [...state.tickets],
    place: state.place,
    status: state.status,
    active: isActiveEntry(state),
    bookingId: state.bookingId === null ? null : objectId(state.bookingId),
    offerExpiresAt: state.offerExpiresAt,
    requests: [...state.requests],
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
  };
}

function objectId(hex: string): Types.ObjectId {
  return ObjectId.createFromHexString(hex);
}
