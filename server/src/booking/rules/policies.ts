import { cancelUntil } from '#shared/cancel-until.ts';
import { refuse } from '#shared/errors.ts';
import type { Refusal } from '#shared/errors.ts';
import type { BookingState, Confirmed } from './booking-state.ts';
import type { Book, Cancel, Edit } from './command.ts';
import type { EventState } from './event-state.ts';
import { salesCloseAt } from './event-state.ts';

/** A refusal with its reason, or null: the command may go on. */
export type Verdict = Refusal | null;

/** What the rules of a booking look at. */
export interface BookContext {
  event: EventState;
  now: Date;
  liveHold: string | undefined;
  seatsOfUser: number;
}

type BookRule = (command: Book, context: BookContext) => Verdict;

const notCancelled: BookRule = (_, { event }) =>
  event.settings.status === 'cancelled' ? salesClosed({ reason: 'cancelled' }) : null;

const published: BookRule = (_, { event }) =>
  event.settings.status === 'draft' ? salesClosed({ reason: 'not_open' }) : null;

const salesOpen: BookRule = (_, { event, now }) => {
  const opens = event.settings.salesOpenAt;
  if (!opens || now >= opens) return null;
  const retryAfterMs = opens.getTime() - now.getTime();
  return salesClosed({ reason: 'not_open', salesOpenAt: opens.toISOString(), retryAfterMs }, retryAfterMs);
};

const salesNotOver: BookRule = (_, { event, now }) =>
  now < salesCloseAt(event.settings) ? null : salesClosed({ reason: 'closed' });

const withinBookingLimit: BookRule = ({ seats }, { event }) => {
  const limit = event.settings.maxSeatsPerBooking;
  return seats > limit ? refuse('LIMIT_EXCEEDED', { details: { limit } }).error : null;
};

const priceAsSeen: BookRule = ({ price }, { event }) => {
  const now = event.settings.price;
  const same = !price || (price.amount === now.amount && price.currency === now.currency);
  return same ? null : refuse('PRICE_CHANGED', { details: { price: now } }).error;
};

/** Nobody hoards: one live hold per user and event. */
const noSecondHold: BookRule = (_, { event, liveHold }) =>
  liveHold && event.settings.price.amount > 0
    ? refuse('LIMIT_EXCEEDED', { details: { bookingId: liveHold } }).error
    : null;

const withinUserLimit: BookRule = ({ seats }, { event, seatsOfUser }) => {
  const limit = event.settings.maxSeatsPerUser;
  return limit !== null && seatsOfUser + seats > limit ? refuse('LIMIT_EXCEEDED', { details: { limit } }).error : null;
};

const enoughSeats: BookRule = ({ seats }, { event }) => {
  const { availableSeats } = event.counters;
  return availableSeats < seats ? refuse('SOLD_OUT', { details: { availableSeats } }).error : null;
};

const BOOK_RULES: readonly BookRule[] = [
  notCancelled,
  published,
  salesOpen,
  salesNotOver,
  withinBookingLimit,
  priceAsSeen,
  noSecondHold,
  withinUserLimit,
  enoughSeats,
];

/** The first rule that a booking breaks, in the order a buyer would want to hear of it. */
export function mayBook(command: Book, context: BookContext): Verdict {
  for (const rule of BOOK_RULES) {
    const verdict = rule(command, context);
    if (verdict) return verdict;
  }
  return null;
}

/** Whether seats of a confirmed booking may be given back, by this person, now. */
export function mayCancel(command: Cancel, booking: Confirmed, event: EventState, now: Date): Verdict {
  if (booking.checkedInSeats > 0) return invalidState({ checkedInSeats: booking.checkedInSeats });
  if (command.seats !== null && command.seats > booking.seats) return invalidState({ seats: booking.seats });
  if (command.by === 'organiser') return null;
  const until = cancelUntil(booking, { ...event.settings, movedAt: event.movedAt });
  return now <= until ? null : invalidState({ cancelUntil: until.toISOString() });
}

/** Whether an edit applies to the event as it is; its own values are checked by `settingsIssues`. */
export function mayEdit(command: Edit, event: EventState, everBooked: boolean): Verdict {
  const { changes } = command;
  if (event.settings.status === 'cancelled') return invalidState({ status: 'cancelled' });
  if (command.revision !== event.revision) return invalidState({ revision: event.revision });
  const withdrawn = changes.status === 'draft' && event.settings.status === 'published';
  if (withdrawn && everBooked) return invalidState({ status: 'published', reason: 'has_bookings' });
  const { currency } = event.settings.price;
  if (changes.price && changes.price.currency !== currency && everBooked) return invalidState({ currency });
  const minimum = event.counters.heldSeats + event.counters.soldSeats;
  if (changes.totalSeats !== undefined && changes.totalSeats < minimum) {
    return refuse('SEATS_IN_USE', { details: { minimum } }).error;
  }
  return null;
}

/** The same request again: equal input is a repeat, anything else a reuse. */
export function isRepeat(command: Book, eventId: string, earlier: BookingState): boolean {
  const price = earlier.requested?.price ?? null;
  return (
    earlier.eventId === eventId &&
    earlier.requested?.seats === command.seats &&
    price?.amount === command.price?.amount &&
    price?.currency === command.price?.currency
  );
}

export function invalidState(details: Record<string, unknown>): Refusal {
  return refuse('INVALID_STATE', { details }).error;
}

function salesClosed(details: Record<string, unknown>, retryAfterMs?: number): Refusal {
  return refuse('SALES_CLOSED', { details, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }).error;
}
