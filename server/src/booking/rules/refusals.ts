import { cancelUntil } from '#shared/cancel-until.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { Book, Cancel, ChangeHold, Edit, Join } from './command.ts';
import type { Attempt } from './payments/attempt.ts';
import type { BookingState, Confirmed, Expired, Held } from './state/booking-state.ts';
import { isHoldOver, totalPrice } from './state/booking-state.ts';
import type { EventState } from './state/event-state.ts';
import { salesCloseAt } from './state/event-state.ts';
import type { WaitlistEntryState } from './waitlist/entry-state.ts';

interface Sale {
  event: EventState;
  now: Date;
}

/** What the rules of a booking look at. */
interface BookContext extends Sale {
  /** Id of the user's live hold on the event. */
  liveHold: string | undefined;
  seatsOfUser: number;
}

/** What the rules of joining the waiting list look at. */
interface JoinContext extends Sale {
  /** The user's active waitlist entry. */
  entry: WaitlistEntryState | undefined;
  seatsOfUser: number;
}

type SeatsWanted = Pick<Book, 'seats'>;
/** A rule is named after the refusal that it gives; null: the command may go on. */
type Rule<C, X> = (command: C, context: X) => Refusal | null;

/** Nothing of a cancelled event is sold, changed or confirmed, although its job has not come to every hold yet. */
export const cancelledRefusal: Rule<unknown, Pick<Sale, 'event'>> = (_, { event }) =>
  event.settings.status === 'cancelled' ? salesClosed({ reason: 'cancelled' }) : null;

const draftRefusal: Rule<unknown, Sale> = (_, { event }) =>
  event.settings.status === 'draft' ? salesClosed({ reason: 'not_open' }) : null;

const notOpenRefusal: Rule<unknown, Sale> = (_, { event, now }) => {
  const opensAt = event.settings.salesOpenAt;
  if (!opensAt || now >= opensAt) return null;
  const retryAfterMs = opensAt.getTime() - now.getTime();
  return salesClosed({ reason: 'not_open', salesOpenAt: opensAt.toISOString(), retryAfterMs }, retryAfterMs);
};

const salesOverRefusal: Rule<unknown, Sale> = (_, { event, now }) =>
  now < salesCloseAt(event.settings) ? null : salesClosed({ reason: 'closed' });

const bookingLimitRefusal: Rule<SeatsWanted, Sale> = ({ seats }, { event }) =>
  limitRefusal(seats, event.settings.maxSeatsPerBooking);

const userLimitRefusal: Rule<SeatsWanted, Sale & { seatsOfUser: number }> = ({ seats }, { event, seatsOfUser }) =>
  limitRefusal(seatsOfUser + seats, event.settings.maxSeatsPerUser);

const priceChangedRefusal: Rule<Book, Sale> = ({ price: seen }, { event }) => {
  const { price } = event.settings;
  const isSame = !seen || (seen.amount === price.amount && seen.currency === price.currency);
  return isSame ? null : refuse('PRICE_CHANGED', { details: { price } }).error;
};

/** One live hold per user and event, so that no user hoards seats. */
const secondHoldRefusal: Rule<Book, BookContext> = (_, { event, liveHold }) =>
  liveHold && event.settings.price.amount > 0
    ? refuse('LIMIT_EXCEEDED', { details: { bookingId: liveHold } }).error
    : null;

const soldOutRefusal: Rule<SeatsWanted, Pick<Sale, 'event'>> = ({ seats }, { event }) => {
  const { availableSeats } = event.counters;
  return availableSeats < seats ? refuse('SOLD_OUT', { details: { availableSeats } }).error : null;
};

/** A user with an offer has to answer the offer first. */
const openOfferRefusal: Rule<Join, JoinContext> = (_, { entry }) =>
  entry?.status === 'offered' ? invalidState({ status: 'offered', bookingId: entry.bookingId }) : null;

/** The waiting list is only for seats that cannot be booked. */
const bookableRefusal: Rule<SeatsWanted, Sale> = ({ seats }, { event }) => {
  const { availableSeats } = event.counters;
  return availableSeats >= seats ? invalidState({ availableSeats }) : null;
};

const ON_SALE_RULES = [cancelledRefusal, draftRefusal, notOpenRefusal, salesOverRefusal];
const BOOK_RULES: readonly Rule<Book, BookContext>[] = [
  ...ON_SALE_RULES,
  bookingLimitRefusal,
  priceChangedRefusal,
  secondHoldRefusal,
  userLimitRefusal,
  soldOutRefusal,
];
const JOIN_RULES: readonly Rule<Join, JoinContext>[] = [
  ...ON_SALE_RULES,
  bookingLimitRefusal,
  userLimitRefusal,
  openOfferRefusal,
  bookableRefusal,
];

/** The refusal of the first broken rule, in the order that helps a buyer most; null: every rule is kept. */
function firstRefusal<C, X>(rules: readonly Rule<C, X>[], command: C, context: X): Refusal | null {
  for (const rule of rules) {
    const refusal = rule(command, context);
    if (refusal) return refusal;
  }
  return null;
}

/** `SALES_CLOSED`, `LIMIT_EXCEEDED`, `PRICE_CHANGED` or `SOLD_OUT`. */
export function bookRefusal(command: Book, context: BookContext): Refusal | null {
  return firstRefusal(BOOK_RULES, command, context);
}

/** `SALES_CLOSED`, `LIMIT_EXCEEDED`, or `INVALID_STATE` for a user with an offer and for seats that can be booked. */
export function joinRefusal(command: Join, context: JoinContext): Refusal | null {
  return firstRefusal(JOIN_RULES, command, context);
}

export function isOnSale(event: EventState, now: Date): boolean {
  return firstRefusal(ON_SALE_RULES, null, { event, now }) === null;
}

/** Whether free seats may be offered to an entry: they suffice, the user has no live hold, and no limit is exceeded. */
export function mayBeOffered(
  { seats }: WaitlistEntryState,
  { event, hasHold, seatsOfUser }: { event: EventState; hasHold: boolean; seatsOfUser: number },
): boolean {
  const { maxSeatsPerBooking, maxSeatsPerUser } = event.settings;
  const refusal = limitRefusal(seats, maxSeatsPerBooking) ?? limitRefusal(seatsOfUser + seats, maxSeatsPerUser);
  return seats <= event.counters.availableSeats && !hasHold && refusal === null;
}

/**
 * Why a hold cannot have another party size: `SALES_CLOSED`, `LIMIT_EXCEEDED` or `SOLD_OUT`. Fewer seats are refused
 * only if the event was cancelled; `seatsOfUser` includes the hold's present seats.
 */
export function resizeRefusal(
  command: Pick<ChangeHold, 'seats'>,
  hold: Held,
  { event, now }: Sale,
  seatsOfUser: number,
): Refusal | null {
  const { maxSeatsPerBooking, maxSeatsPerUser } = event.settings;
  const more = command.seats - hold.seats;
  if (more <= 0) return cancelledRefusal(command, { event });
  return (
    firstRefusal(ON_SALE_RULES, null, { event, now }) ??
    limitRefusal(command.seats, maxSeatsPerBooking) ??
    limitRefusal(seatsOfUser + more, maxSeatsPerUser) ??
    soldOutRefusal({ seats: more }, { event })
  );
}

/** Why a booking cannot be paid for now: `INVALID_STATE` or `SALES_CLOSED`; `live` is its live checkout. */
export function payRefusal(booking: BookingState, live: Attempt | undefined, { event, now }: Sale): Refusal | null {
  if (booking.status !== 'held') return invalidState({ status: booking.status });
  if (booking.settling) return invalidState({ status: 'held', settling: true });
  if (isHoldOver(booking, now)) return invalidState({ status: 'expired' });
  const cancelled = cancelledRefusal(booking, { event });
  if (cancelled) return cancelled;
  if (booking.price.amount === 0) return invalidState({ status: 'held', owes: totalPrice(booking) });
  if (live?.processing) return invalidState({ status: 'held', payment: 'processing' });
  return live?.status === 'cancelling' ? invalidState({ status: 'held', payment: 'cancelling' }) : null;
}

/**
 * Why a late payment cannot revive an expired booking: `SALES_CLOSED`, `LIMIT_EXCEEDED` or `SOLD_OUT`. `seatsOfUser`
 * counts the user's live bookings only, and the limits are those of now, which may be lower than at the hold.
 */
export function reviveRefusal(booking: Expired, { event, now }: Sale, seatsOfUser: number): Refusal | null {
  if (event.settings.status === 'cancelled') return salesClosed({ reason: 'cancelled' });
  // A ticket for an event that has begun is worth nothing to a buyer who took the hold for lost.
  if (now >= event.settings.startsAt) return salesClosed({ reason: 'closed' });
  return (
    bookingLimitRefusal(booking, { event, now }) ??
    userLimitRefusal(booking, { event, now, seatsOfUser }) ??
    soldOutRefusal(booking, { event })
  );
}

/** Why seats of a confirmed booking cannot be cancelled now by the command's sender: `INVALID_STATE`. */
export function cancelRefusal(command: Cancel, booking: Confirmed, event: EventState, now: Date): Refusal | null {
  // A cancelled event refunds attendees too who are checked in already.
  if (command.by === 'event') return null;
  if (booking.checkedInSeats > 0) return invalidState({ checkedInSeats: booking.checkedInSeats });
  if (command.seats !== null && command.seats > booking.seats) return invalidState({ seats: booking.seats });
  if (command.by !== 'buyer') return null;
  const until = cancelUntil(booking, { ...event.settings, movedAt: event.movedAt });
  return now <= until ? null : invalidState({ cancelUntil: until.toISOString() });
}

/**
 * The refusal of an edit that the event's present state does not allow: `INVALID_STATE` or `SEATS_IN_USE`.
 * `settingsIssues` says whether the new settings fit together.
 */
export function editRefusal(command: Edit, event: EventState, everBooked: boolean): Refusal | null {
  const { changes } = command;
  if (event.settings.status === 'cancelled') return invalidState({ status: 'cancelled' });
  if (command.revision !== event.revision) return invalidState({ revision: event.revision });
  const { ofSample } = command;
  if (ofSample && !(event.isSample && event.version === ofSample.version)) return invalidState({ sample: false });
  const isWithdrawn = changes.status === 'draft' && event.settings.status === 'published';
  if (isWithdrawn && everBooked) return invalidState({ status: 'published', reason: 'has_bookings' });
  const { currency } = event.settings.price;
  if (changes.price && changes.price.currency !== currency && everBooked) return invalidState({ currency });
  const minimum = event.counters.heldSeats + event.counters.soldSeats;
  if (changes.totalSeats !== undefined && changes.totalSeats < minimum) {
    return refuse('SEATS_IN_USE', { details: { minimum } }).error;
  }
  return null;
}

/**
 * Whether a request with a known id repeats the earlier one: the same event and input. Anything else is a reused id.
 */
export function isRepeat(command: Book, eventId: string, earlier: BookingState): boolean {
  const price = earlier.requested?.price ?? null;
  return (
    earlier.eventId === eventId &&
    earlier.requested?.seats === command.seats &&
    price?.amount === command.price?.amount &&
    price?.currency === command.price?.currency
  );
}

function invalidState(details: Record<string, unknown>): Refusal {
  return refuse('INVALID_STATE', { details }).error;
}

function limitRefusal(seats: number, limit: number | null): Refusal | null {
  return limit !== null && seats > limit ? refuse('LIMIT_EXCEEDED', { details: { limit } }).error : null;
}

function salesClosed(details: Record<string, unknown>, retryAfterMs?: number): Refusal {
  return refuse('SALES_CLOSED', { details, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }).error;
}
