import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { BookingCollections, LoadOptions } from './load.ts';
import { toWaitlistEntryState } from './records.ts';
import type { BookingState } from '../rules/state/booking-state.ts';
import { requestKey } from '../rules/state/booking-state.ts';
import type { Command } from '../rules/command.ts';
import type { EventState, WaitlistState } from '../rules/state/event-state.ts';
import { EMPTY_WAITLIST } from '../rules/state/event-state.ts';
import type { WaitlistEntryState } from '../rules/waitlist/entry-state.ts';

const { ObjectId } = Types;

/** Offers of one batch; what is left goes on in the next, before anything is sold. */
export const MAX_OFFERS = 500;
/** Parties that are read beyond those who could fill the seats, for the few who are passed over. */
const SPARE_ENTRIES = 20;
/** Up to this many sizes the index of each is read from its beginning and merged (the planner's own limit is 200). */
const MAX_SIZES = 100;

type NamedEntries = Pick<WaitlistState, 'named' | 'requests'>;

/** The entries that joins and leaves are about, and those whose offers the batch answers. */
export async function loadNamedEntries(
  { waitlist }: BookingCollections,
  commands: readonly Command[],
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<NamedEntries> {
  const joins = commands.filter((command) => command.type === 'join');
  const people = commands.flatMap((c) => (c.type === 'join' || c.type === 'leave' ? [objectId(c.userId)] : []));
  const answers = commands.flatMap((c) => ('bookingId' in c && c.type !== 'book' ? [objectId(c.bookingId)] : []));
  const named = new Map<string, WaitlistEntryState>();
  const requests = new Map<string, WaitlistEntryState>();
  if (people.length > 0) {
    const active = await waitlist.find({ eventId, active: true, userId: { $in: people } }, { session }).toArray();
    for (const doc of active) named.set(doc._id.toHexString(), toWaitlistEntryState(doc));
  }
  if (answers.length > 0) {
    const offers = await waitlist.find({ bookingId: { $in: answers, $type: 'objectId' } }, { session }).toArray();
    for (const doc of offers) named.set(doc._id.toHexString(), toWaitlistEntryState(doc));
  }
  if (joins.length > 0) {
    const userId = { $in: joins.map((join) => objectId(join.userId)) };
    const requestIds = { $in: joins.map((join) => join.requestId) };
    const made = await waitlist.find({ userId, 'requests.requestId': requestIds }, { session }).toArray();
    for (const entry of made.map(toWaitlistEntryState)) {
      for (const { requestId } of entry.requests) requests.set(requestKey(entry.userId, requestId), entry);
    }
  }
  return { named, requests };
}

/** Bookings that are the offers of these waitlist entries. */
export function offerBookingIds({ named }: NamedEntries): string[] {
  return [...named.values()].flatMap((entry) =>
    entry.status === 'offered' && entry.bookingId ? [entry.bookingId] : [],
  );
}

interface LoadedSoFar {
  event: EventState;
  commands: readonly Command[];
  named: ReadonlyMap<string, BookingState>;
  namedEntries: NamedEntries;
}

/** The waitlist entries that may get seats of this batch: those who fit what is free and what the commands may give back. */
export async function loadWaitlist(
  { waitlist }: BookingCollections,
  { event, commands, named, namedEntries }: LoadedSoFar,
  { session, newOfferIds, waitlistServed }: LoadOptions,
): Promise<WaitlistState> {
  // Who closes the list or goes on with it takes as many as one batch can: the others only those who may get seats.
  const closing = commands.some((command) => command.type === 'closeWaitlist');
  const goesOn = commands.some((command) => command.type === 'offer');
  const seats = closing ? Infinity : freeSeatsAtMost(event, commands, named);
  const limit = closing || goesOn ? MAX_OFFERS : Math.min(MAX_OFFERS, seats + SPARE_ENTRIES);
  const joins = commands.filter((command) => command.type === 'join').length;
  if (event.waitingCount + joins === 0 || seats <= 0) return { ...EMPTY_WAITLIST, ...namedEntries };
  const after = commands.reduce((place, command) => (command.type === 'offer' ? command.after : place), 0);
  const found = await waitlist
    .find(
      {
        eventId: objectId(event.id),
        status: 'waiting',
        place: { $gt: after },
        ...sizesUpTo(closing ? seats : Math.min(seats, largestPartySize(event, commands))),
      },
      { session, sort: { place: 1 }, limit },
    )
    .toArray();
  const candidates = found.map((doc: WaitlistEntryDoc) => toWaitlistEntryState(doc));
  const offers = candidates.length + namedEntries.named.size + joins;
  return {
    ...namedEntries,
    candidates,
    hasMore: found.length === limit,
    isServed: waitlistServed,
    offerIds: Array.from({ length: offers }, () => newOfferIds()),
  };
}

/** An upper bound of what is free in the course of the batch. */
function freeSeatsAtMost(
  event: EventState,
  commands: readonly Command[],
  named: ReadonlyMap<string, BookingState>,
): number {
  let seats = event.counters.availableSeats;
  for (const booking of named.values()) {
    if (booking.status === 'held' || booking.status === 'confirmed') seats += booking.seats;
  }
  for (const command of commands) {
    const { totalSeats } = command.type === 'edit' ? command.changes : {};
    if (totalSeats !== undefined) seats += Math.max(0, totalSeats - event.counters.totalSeats);
  }
  return seats;
}

/** A larger party is over the limit of seats per booking, also if it joined before that was set. */
function largestPartySize({ settings }: EventState, commands: readonly Command[]): number {
  return commands.reduce((most, command) => {
    const { maxSeatsPerBooking = 0 } = command.type === 'edit' ? command.changes : {};
    return Math.max(most, maxSeatsPerBooking);
  }, settings.maxSeatsPerBooking);
}

function sizesUpTo(seats: number) {
  if (seats > MAX_SIZES) return seats === Infinity ? {} : { seats: { $lte: seats } };
  return { seats: { $in: Array.from({ length: seats }, (_, index) => index + 1) } };
}

function objectId(hex: string): Types.ObjectId {
  return ObjectId.createFromHexString(hex);
}
