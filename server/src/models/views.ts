import type {
  CancelledPart,
  LineItem,
  PersonalTicketState,
  StatedReason,
} from '#server/booking/rules/state/booking-state.ts';
import { unseenMove } from '#server/booking/rules/state/event-moves.ts';
import type { TicketTypeState } from '#server/booking/rules/state/event-state.ts';
import { FIRST_NAME } from '#server/booking/rules/state/event-state.ts';
import type { TicketTypeCount } from '#server/booking/rules/tickets/counts.ts';
import { ticketCountsOf } from '#server/booking/rules/tickets/counts.ts';
import { seatsOf, totalOf } from '#server/booking/rules/tickets/line-items.ts';
import { availableOf } from '#server/booking/rules/tickets/type-refusals.ts';
import type { User } from '#shared/account.ts';
import type { Booking, BookingReason, CancelledTickets } from '#shared/booking.ts';
import { cancelUntil } from '#shared/cancel-until.ts';
import type { Availability, Event } from '#shared/event.ts';
import type { Attendee } from '#shared/organiser.ts';
import type { PersonalTicket } from '#shared/tickets/personal-ticket.ts';
import type { TicketsLeft, TicketType } from '#shared/tickets/ticket-type.ts';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import type { SessionUser, UserDoc } from './accounts/account.ts';
import { shownEmail } from './accounts/shown-email.ts';
import { toBookedEvent, toEventImage } from './events/booked-event.ts';
import type { BookingDoc } from './booking.ts';
import { completeBooking } from './booking.ts';
import type { EventDoc } from './event.ts';
import { completeEvent } from './event.ts';
import type { LedgerAvailability, LedgerEvent } from './ledger.ts';
import type { WaitlistEntryDoc } from './waitlist.ts';
import { completeWaitlistEntry } from './waitlist.ts';

/** The event's counters as clients receive them. */
export function toAvailability(eventId: string, version: number, counters: LedgerAvailability): Availability {
  return {
    eventId,
    version,
    totalSeats: counters.totalSeats,
    availableSeats: counters.availableSeats,
    heldSeats: counters.heldSeats,
    soldSeats: counters.soldSeats,
    waitingCount: counters.waitingCount,
    holdsUntil: iso(counters.holdsUntil),
    ...(counters.tickets && { ticketsLeft: ticketsLeftOf(counters.tickets) }),
  };
}

function ticketsLeftOf(tickets: readonly TicketTypeCount[]): TicketsLeft {
  return tickets.filter(({ isHidden }) => !isHidden).map(({ type, available }) => ({ type, available }));
}

/** The counters of an event's document as clients receive them. */
export function availabilityOf(doc: EventDoc): Availability {
  return toAvailability(doc._id.toHexString(), doc.version, { ...doc, ...ticketCountsOf(doc) });
}

/** The event as everybody receives it: without the types that only a voucher opens. */
export function toEvent(stored: EventDoc): Event {
  const doc = completeEvent(stored);
  const shown = typesInOrder(doc).filter(({ access }) => access === 'public');
  return eventWith(
    doc,
    shown.map((type) => toTicketType(type, doc.availableSeats)),
  );
}

/** The event as organisers receive it: with all types, and how many tickets of each are held and sold. */
export function toOrganiserEvent(stored: EventDoc): Event {
  const doc = completeEvent(stored);
  const types = typesInOrder(doc).map((type) => {
    const { held, sold } = type;
    return { ...toTicketType(type, doc.availableSeats), held, sold };
  });
  return eventWith(doc, types);
}

function typesInOrder({ ticketTypes, ticketOrder }: EventDoc): TicketTypeState[] {
  return [...ticketTypes].sort((a, b) => ticketOrder.indexOf(a.id) - ticketOrder.indexOf(b.id));
}

function toTicketType(type: TicketTypeState, availableSeats: number): TicketType {
  return {
    id: type.id,
    name: type.name,
    description: type.description,
    price: { amount: type.price.amount, currency: type.price.currency },
    seats: type.seats,
    limit: type.limit,
    salesFrom: iso(type.salesFrom),
    salesUntil: iso(type.salesUntil),
    minPerBooking: type.minPerBooking,
    maxPerBooking: type.maxPerBooking,
    access: type.access,
    archived: type.archived,
    available: availableOf(type, availableSeats),
  };
}

function eventWith(doc: EventDoc, ticketTypes: TicketType[]): Event {
  const id = doc._id.toHexString();
  return {
    ...availabilityOf(doc),
    id,
    title: doc.title,
    description: doc.description,
    venue: doc.venue,
    timeZone: doc.timeZone,
    startsAt: doc.startsAt.toISOString(),
    endsAt: iso(doc.endsAt),
    salesOpenAt: iso(doc.salesOpenAt),
    salesCloseAt: (doc.salesCloseAt ?? doc.startsAt).toISOString(),
    price: { amount: doc.price.amount, currency: doc.price.currency },
    taxRate: doc.taxRate,
    ticketTypes,
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
    doorsAt: iso(doc.doorsAt),
    minAge: doc.minAge,
    accessInfo: doc.accessInfo,
    seating: doc.seating,
    image: doc.image ? toEventImage(doc.image) : null,
    cancelReason: doc.cancelReason,
    revision: doc.revision,
    createdAt: doc.createdAt.toISOString(),
    updatedAt: doc.updatedAt.toISOString(),
    ...(doc.sample && { sample: true as const }),
  };
}

/** A booking as its owner receives it, with the current event. `ticket` is the signed text of a confirmed booking. */
export function toBooking(stored: BookingDoc, event: LedgerEvent, ticket: string | null): Booking {
  const doc = completeBooking(stored);
  const total = totalOf(doc.tickets);
  return {
    id: doc._id.toHexString(),
    version: doc.version,
    code: doc.code,
    eventId: doc.eventId.toHexString(),
    event: toBookedEvent(event),
    seats: doc.seats,
    tickets: toLineItems(doc.tickets, event),
    voucher: doc.voucher?.code ?? null,
    total,
    status: doc.status,
    source: doc.source,
    ...(doc.provisional && { provisional: true as const }),
    holdExpiresAt: iso(doc.holdExpiresAt),
    settling: doc.settling,
    payment: doc.payment,
    cancelUntil: doc.status === 'confirmed' ? cancelUntil(doc, event).toISOString() : null,
    ended: doc.ended && { by: doc.ended.by, reason: doc.ended.reason, at: doc.ended.at.toISOString() },
    ...(doc.reasons && { reasons: doc.reasons.map((stated) => toReason(stated, total.currency)) }),
    ...(doc.cancelledParts && { cancelledParts: doc.cancelledParts.map((part) => toCancelledTickets(part, event)) }),
    checkedInSeats: doc.checkedInSeats,
    ...(doc.checkedInAt && { checkedInAt: doc.checkedInAt.toISOString() }),
    ...(doc.personalTickets && { personalTickets: doc.personalTickets.map(toPersonalTicket) }),
    moved: movedView(doc, event),
    ticket: doc.status === 'confirmed' ? ticket : null,
    requestId: doc.requestId,
    createdAt: doc.createdAt.toISOString(),
    updatedAt: doc.updatedAt.toISOString(),
  };
}

function toLineItems(tickets: readonly LineItem[], event: LedgerEvent): Booking['tickets'] {
  return tickets.map(({ type, count, price, seats, discount }) => {
    const { amount, currency } = price;
    const taken = discount === undefined ? {} : { discount: { amount: discount, currency } };
    return { type, name: nameOf(event, type), count, price: { amount, currency }, seats, ...taken };
  });
}

/** The name of a ticket type, which no document from before ticket types has. */
function nameOf({ ticketTypes }: LedgerEvent, id: string): string {
  return ticketTypes?.find((type) => type.id === id)?.name ?? FIRST_NAME;
}

function toReason({ amount, at, ...stated }: StatedReason, currency: string): BookingReason {
  return { ...stated, amount: amount === null ? null : { amount, currency }, at: at.toISOString() };
}

function toPersonalTicket({ type, number, issue, sharedAt, checkedInAt }: PersonalTicketState): PersonalTicket {
  return { type, number, issue, sharedAt: iso(sharedAt), checkedInAt: iso(checkedInAt) };
}

function toCancelledTickets({ tickets, amount, at, ...stated }: CancelledPart, event: LedgerEvent): CancelledTickets {
  const refunded = amount === null ? null : { amount, currency: totalOf(tickets).currency };
  const cancelled = { seats: seatsOf(tickets), tickets: toLineItems(tickets, event), amount: refunded };
  return { ...stated, ...cancelled, at: at.toISOString() };
}

/** A move of the event that the buyer has not acknowledged: time and venue as the buyer knows them. */
function movedView({ createdAt, movesSeenAt }: BookingDoc, event: LedgerEvent): Booking['moved'] {
  if (event.moves === undefined || event.moves.length === 0) return null;
  const move = unseenMove({ createdAt, movesSeenAt: movesSeenAt ?? null }, { ...event, moves: event.moves });
  if (move === null) return null;
  const { at, startsAt, endsAt, venue, timeZone } = move;
  return { at: at.toISOString(), startsAt: startsAt.toISOString(), endsAt: iso(endsAt), venue, timeZone };
}

/** A waitlist entry as its owner receives it; only an entry that waits has a position. */
export function toWaitlistEntry(stored: WaitlistEntryDoc, position: number | null): WaitlistEntry {
  const doc = completeWaitlistEntry(stored);
  return {
    id: doc._id.toHexString(),
    version: doc.version,
    eventId: doc.eventId.toHexString(),
    seats: doc.seats,
    tickets: doc.tickets.map(({ type, count }) => ({ type, count })),
    position: doc.status === 'waiting' ? position : null,
    status: doc.status,
    bookingId: doc.bookingId?.toHexString() ?? null,
    offerExpiresAt: iso(doc.offerExpiresAt),
    createdAt: doc.createdAt.toISOString(),
  };
}

/** The buyer of a booking as organisers see it; empty if the account was deleted: its bookings stay. */
export function toAttendee(user: Pick<UserDoc, 'name' | 'email' | 'verified'> | null | undefined): Attendee {
  return { name: user?.name ?? '', email: shownEmail(user?.email ?? ''), verified: user?.verified ?? false };
}

/** The account as its owner receives it. */
export function toUser(doc: SessionUser): User {
  return {
    id: doc._id.toHexString(),
    name: doc.name,
    email: shownEmail(doc.email),
    verified: doc.verified,
    hasPassword: doc.passwordHash !== null,
    locale: doc.locale,
    role: doc.role,
    createdAt: doc.createdAt.toISOString(),
    ...(doc.provisional && { provisional: true as const }),
  };
}

function iso(date: Date | null): string | null {
  return date ? date.toISOString() : null;
}
