import { Types } from 'mongoose';
import type { BookingDoc } from '#server/models/booking.ts';
import { completeBooking } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { completeEvent } from '#server/models/event.ts';
import type { LedgerAvailability, LedgerEntryDoc, LedgerEvent } from '#server/models/ledger.ts';
import { toLedgerBooking } from '#server/models/ledger.ts';
import type { EventSettings } from '#shared/event.ts';
import type { BookingState, LineItem } from '../rules/state/booking-state.ts';
import type { LedgerEntry } from '../rules/state/ledger-entry.ts';
import type { EventState } from '../rules/state/event-state.ts';
import { ticketCountsOf } from '../rules/tickets/counts.ts';

const { ObjectId } = Types;

/** A stored event as the rules see it. */
export function toEventState(stored: EventDoc): EventState {
  const doc = completeEvent(stored);
  return {
    id: doc._id.toHexString(),
    settings: settingsOf(doc),
    counters: {
      totalSeats: doc.totalSeats,
      availableSeats: doc.availableSeats,
      heldSeats: doc.heldSeats,
      soldSeats: doc.soldSeats,
    },
    ticketTypes: doc.ticketTypes,
    ticketOrder: doc.ticketOrder,
    ticketTypesMade: doc.ticketTypesMade,
    version: doc.version,
    revision: doc.revision,
    waitingCount: doc.waitingCount,
    holdsUntil: doc.holdsUntil,
    image: doc.image ?? null,
    cancelReason: doc.cancelReason,
    movedAt: doc.movedAt,
    moves: doc.moves ?? [],
    isSample: doc.sample === true,
  };
}

function settingsOf(doc: EventDoc): EventSettings {
  return {
    title: doc.title,
    description: doc.description,
    venue: doc.venue,
    timeZone: doc.timeZone,
    startsAt: doc.startsAt,
    endsAt: doc.endsAt,
    salesOpenAt: doc.salesOpenAt,
    salesCloseAt: doc.salesCloseAt,
    price: doc.price,
    taxRate: doc.taxRate,
    maxSeatsPerBooking: doc.maxSeatsPerBooking,
    maxSeatsPerUser: doc.maxSeatsPerUser,
    holdMinutes: doc.holdMinutes,
    offerMinutes: doc.offerMinutes,
    cancelBeforeHours: doc.cancelBeforeHours,
    status: doc.status,
    category: doc.category,
    tags: doc.tags,
    city: doc.city,
    organiser: doc.organiser,
    address: doc.address,
    doorsAt: doc.doorsAt,
    minAge: doc.minAge,
    accessInfo: doc.accessInfo,
    seating: doc.seating,
  };
}

/** A stored booking as the rules see it; throws if the document lacks a field that its status needs. */
export function toBookingState(stored: BookingDoc): BookingState {
  const doc = completeBooking(stored);
  const facts = {
    id: doc._id.toHexString(),
    version: doc.version,
    code: doc.code,
    eventId: doc.eventId.toHexString(),
    userId: doc.userId.toHexString(),
    seats: doc.seats,
    tickets: doc.tickets,
    voucher: doc.voucher ?? null,
    provisional: doc.provisional ?? false,
    adoptedFrom: doc.adoptedFrom?.toHexString() ?? null,
    source: doc.source,
    requestId: doc.requestId,
    requested: doc.requested,
    movesSeenAt: doc.movesSeenAt ?? null,
    reasons: doc.reasons ?? [],
    cancelledParts: doc.cancelledParts ?? [],
    payment: doc.payment,
    checkedInSeats: doc.checkedInSeats,
    checkedInAt: doc.checkedInAt ?? null,
    personalTickets: doc.personalTickets ?? [],
    changeRequests: doc.changeRequests ?? [],
    createdAt: doc.createdAt,
    updatedAt: doc.updatedAt,
  };
  const { holdExpiresAt, ended } = doc;
  if (doc.status === 'confirmed') return { ...facts, status: 'confirmed' };
  if (doc.status === 'held' && holdExpiresAt)
    return { ...facts, status: 'held', holdExpiresAt, settling: doc.settling };
  if (doc.status === 'cancelled' && ended) return { ...facts, status: 'cancelled', ended };
  if (doc.status === 'expired' && ended && holdExpiresAt) return { ...facts, status: 'expired', holdExpiresAt, ended };
  throw new Error(`Booking ${facts.id} is ${doc.status} without what that state needs`);
}

/** The whole document of a booking; fields of other states are null. */
export function toBookingDoc(state: BookingState): BookingDoc {
  const doc: BookingDoc = {
    _id: ObjectId.createFromHexString(state.id),
    version: state.version,
    code: state.code,
    eventId: ObjectId.createFromHexString(state.eventId),
    userId: ObjectId.createFromHexString(state.userId),
    seats: state.seats,
    tickets: state.tickets as LineItem[],
    status: state.status,
    source: state.source,
    holdExpiresAt: 'holdExpiresAt' in state ? state.holdExpiresAt : null,
    settling: state.status === 'held' && state.settling,
    payment: state.payment,
    ended: 'ended' in state ? state.ended : null,
    checkedInSeats: state.checkedInSeats,
    requestId: state.requestId,
    requested: state.requested,
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
  };
  // Most bookings have none.
  if (state.voucher) doc.voucher = state.voucher;
  if (state.provisional) doc.provisional = true;
  if (state.adoptedFrom) doc.adoptedFrom = ObjectId.createFromHexString(state.adoptedFrom);
  if (state.movesSeenAt) doc.movesSeenAt = state.movesSeenAt;
  if (state.checkedInAt) doc.checkedInAt = state.checkedInAt;
  if (state.personalTickets.length > 0) doc.personalTickets = [...state.personalTickets];
  if (state.reasons.length > 0) doc.reasons = [...state.reasons];
  if (state.cancelledParts.length > 0) doc.cancelledParts = [...state.cancelledParts];
  if (state.changeRequests.length > 0) doc.changeRequests = [...state.changeRequests];
  return doc;
}

/** `booking`: the booking's document as it is after this entry. */
export function toLedgerEntryDoc(entry: LedgerEntry, booking: BookingDoc | null): LedgerEntryDoc {
  const { kind, available, held, sold, reason } = entry;
  const actor = entry.actor === 'system' ? 'system' : ObjectId.createFromHexString(entry.actor);
  return { kind, available, held, sold, booking: booking && toLedgerBooking(booking), actor, reason };
}

/** The event's fields that pushes of bookings show. */
export function toLedgerEvent(event: EventState): LedgerEvent {
  const { settings, cancelReason, movedAt, moves, isSample, ticketTypes, image } = event;
  const { address, doorsAt, minAge, accessInfo } = settings;
  const { title, venue, timeZone, startsAt, endsAt, status, cancelBeforeHours } = settings;
  return {
    title,
    venue,
    timeZone,
    startsAt,
    endsAt,
    status,
    cancelReason,
    cancelBeforeHours,
    movedAt,
    ticketTypes: ticketTypes.map(({ id, name }) => ({ id, name })),
    // Most events lack some of these, and every batch stores the others.
    ...(address !== null && { address }),
    ...(doorsAt !== null && { doorsAt }),
    ...(minAge !== null && { minAge }),
    ...(accessInfo !== null && { accessInfo }),
    ...(image !== null && { image }),
    ...(moves.length > 0 && { moves }),
    ...(isSample && { sample: true }),
  };
}

/** The event's counters as a push of seats shows them. */
export function toLedgerAvailability({
  counters,
  ticketTypes,
  waitingCount,
  holdsUntil,
}: EventState): LedgerAvailability {
  const tickets = ticketCountsOf({ ticketTypes, availableSeats: counters.availableSeats });
  return { ...counters, waitingCount, holdsUntil, ...tickets };
}
