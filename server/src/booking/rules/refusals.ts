import { cancelUntil } from '#shared/cancel-until.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { BookingState, Confirmed, Expired, Held } from './state/booking-state.ts';
import { isHoldOver, totalPrice } from './state/booking-state.ts';
import type { Book, Cancel, ChangeHold, Edit, Join } from './command.ts';
import type { EventState } from './state/event-state.ts';
import { salesCloseAt } from './state/event-state.ts';
import type { Attempt } from './payments/attempt.ts';
import type { WaitlistEntryState } from './waitlist/entry-state.ts';

/** A refusal with its reason, or null: the command may go on. */
export type Verdict = Refusal | null;

interface Sale {
  event: EventState;
  now: Date;
}

/** What the rules of a booking look at. */
export interface BookContext extends Sale {
  liveHold: string | undefined;
  seatsOfUser: number;
}

/** What the rules of joining the waiting list look at. */
export interface JoinContext extends Sale {
  /** The user's active entry. */
  entry: WaitlistEntryState | undefined;
  seatsOfUser: number;
}

type SeatsWanted = Pick<Book, 'seats'>;
type Rule<C, X> = (command: C, context: X) => Verdict;

const notCancelled: Rule<unknown, Sale> = (_, { event }) =>
  event.settings.status === 'cancelled' ? salesClosedRefusal({ reason: 'cancelled' }) : null;

const published: Rule<unknown, Sale> = (_, { event }) =>
  event.settings.status === 'draft' ? salesClosedRefusal({ reason: 'not_open' }) : null;

const salesOpen: Rule<unknown, Sale> = (_, { event, now }) => {
  const opens = event.settings.salesOpenAt;
  if (!opens || now >= opens) return null;
  const retryAfterMs = opens.getTime() - now.getTime();
  return salesClosedRefusal({ reason: 'not_open', salesOpenAt: opens.toISOString(), retryAfterMs }, retryAfterMs);
};

const salesNotOver: Rule<unknown, Sale> = (_, { event, now }) =>
  now < salesCloseAt(event.settings) ? null : salesClosedRefusal({ reason: 'closed' });

const withinBookingLimit: Rule<SeatsWanted, Sale> = ({ seats }, { event }) =>
  limitRefusal(seats, event.settings.maxSeatsPerBooking);

const withinUserLimit: Rule<SeatsWanted, Sale & { seatsOfUser: number }> = ({ seats }, { event, seatsOfUser }) =>
  limitRefusal(seatsOfUser + seats, event.settings.maxSeatsPerUser);

const priceAsSeen: Rule<Book, Sale> = ({ price }, { event }) => {
  const now = event.settings.price;
  const same = !price || (price.amount === now.amount && price.currency === now.currency);
  return same ? null : refuse('PRICE_CHANGED', { details: { price: now } }).error;
};

/** Nobody hoards: one live hold per user and event. */
const noSecondHold: Rule<Book, BookContext> = (_, { event, liveHold }) =>
  liveHold && event.settings.price.amount > 0
    ? refuse('LIMIT_EXCEEDED', { details: { bookingId: liveHold } }).error
    : null;

const enoughSeats: Rule<SeatsWanted, Pick<Sale, 'event'>> = ({ seats }, { event }) => {
  const { availableSeats } = event.counters;
  return availableSeats < seats ? refuse('SOLD_OUT', { details: { availableSeats } }).error : null;
};

/** Whoever has an offer answers it first. */
const noOffer: Rule<Join, JoinContext> = (_, { entry }) =>
  entry?.status === 'offered' ? invalidStateRefusal({ status: 'offered', bookingId: entry.bookingId }) : null;

/** Nobody waits for what can be booked. */
const cannotBeBooked: Rule<SeatsWanted, Sale> = ({ seats }, { event }) => {
  const { availableSeats } = event.counters;
  return availableSeats >= seats ? invalidStateRefusal({ availableSeats }) : null;
};

const ON_SALE = [notCancelled, published, salesOpen, salesNotOver];
const BOOK_RULES: readonly Rule<Book, BookContext>[] = [
  ...ON_SALE,
  withinBookingLimit,
  priceAsSeen,
  noSecondHold,
  withinUserLimit,
  enoughSeats,
];
const JOIN_RULES: readonly Rule<Join, JoinContext>[] = [
  ...ON_SALE,
  withinBookingLimit,
  withinUserLimit,
  noOffer,
  cannotBeBooked,
];

/** The first rule that is broken, in the order a buyer would want to hear of it. */
function firstRefusal<C, X>(rules: readonly Rule<C, X>[], command: C, context: X): Verdict {
  for (const rule of rules) {
    const verdict = rule(command, context);
    if (verdict) return verdict;
  }
  return null;
}

export function bookRefusal(command: Book, context: BookContext): Verdict {
  return firstRefusal(BOOK_RULES, command, context);
}

export function joinRefusal(command: Join, context: JoinContext): Verdict {
  return firstRefusal(JOIN_RULES, command, context);
}

export function isOnSale(event: EventState, now: Date): boolean {
  return firstRefusal(ON_SALE, null, { event, now }) === null;
}

/** Whether the free seats are this party's: they fit, it holds nothing else, and stays within the limits. */
export function mayBeOffered(
  { seats }: WaitlistEntryState,
  { event, held, seatsOfUser }: { event: EventState; held: boolean; seatsOfUser: number },
): boolean {
  const { maxSeatsPerBooking, maxSeatsPerUser } = event.settings;
  const over = limitRefusal(seats, maxSeatsPerBooking) ?? limitRefusal(seatsOfUser + seats, maxSeatsPerUser);
  return seats <= event.counters.availableSeats && !held && !over;
}

/** Whether a hold may have another size; `seatsOfUser` includes the hold as it is. */
export function resizeRefusal(
  command: Pick<ChangeHold, 'seats'>,
  hold: Held,
  { event, now }: Sale,
  seatsOfUser: number,
): Verdict {
  const { maxSeatsPerBooking, maxSeatsPerUser } = event.settings;
  const more = command.seats - hold.seats;
  if (more <= 0) return null;
  return (
    firstRefusal(ON_SALE, null, { event, now }) ??
    limitRefusal(command.seats, maxSeatsPerBooking) ??
    limitRefusal(seatsOfUser + more, maxSeatsPerUser) ??
    enoughSeats({ seats: more }, { event })
  );
}

/** Whether a hold can be paid for now; `live` is its open checkout. */
export function payRefusal(booking: BookingState, live: Attempt | undefined, { event, now }: Sale): Verdict {
  if (booking.status !== 'held') return invalidStateRefusal({ status: booking.status });
  if (booking.settling) return invalidStateRefusal({ status: 'held', settling: true });
  if (isHoldOver(booking, now)) return invalidStateRefusal({ status: 'expired' });
  if (event.settings.status === 'cancelled') return salesClosedRefusal({ reason: 'cancelled' });
  if (booking.price.amount === 0) return invalidStateRefusal({ status: 'held', owes: totalPrice(booking) });
  return live?.status === 'cancelling' ? invalidStateRefusal({ status: 'held', payment: 'cancelling' }) : null;
}

/** Whether late money still buys its seats. */
export function reviveRefusal(booking: Expired, { event, now }: Sale): Verdict {
  if (event.settings.status === 'cancelled') return salesClosedRefusal({ reason: 'cancelled' });
  // Nobody wants a ticket for what has begun without them.
  if (now >= event.settings.startsAt) return salesClosedRefusal({ reason: 'closed' });
  return enoughSeats(booking, { event });
}

/** Whether seats of a confirmed booking may be given back, by this person, now. */
export function cancelRefusal(command: Cancel, booking: Confirmed, event: EventState, now: Date): Verdict {
  // Who is inside when the event is called off gets the money back all the same.
  if (command.by === 'event') return null;
  if (booking.checkedInSeats > 0) return invalidStateRefusal({ checkedInSeats: booking.checkedInSeats });
  if (command.seats !== null && command.seats > booking.seats) return invalidStateRefusal({ seats: booking.seats });
  if (command.by !== 'buyer') return null;
  const until = cancelUntil(booking, { ...event.settings, movedAt: event.movedAt });
  return now <= until ? null : invalidStateRefusal({ cancelUntil: until.toISOString() });
}

/** Whether an edit applies to the event as it is; its own values are checked by `settingsIssues`. */
export function editRefusal(command: Edit, event: EventState, everBooked: boolean): Verdict {
  const { changes } = command;
  if (event.settings.status === 'cancelled') return invalidStateRefusal({ status: 'cancelled' });
  if (command.revision !== event.revision) return invalidStateRefusal({ revision: event.revision });
  const withdrawn = changes.status === 'draft' && event.settings.status === 'published';
  if (withdrawn && everBooked) return invalidStateRefusal({ status: 'published', reason: 'has_bookings' });
  const { currency } = event.settings.price;
  if (changes.price && changes.price.currency !== currency && everBooked) return invalidStateRefusal({ currency });
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

export function invalidStateRefusal(details: Record<string, unknown>): Refusal {
  return refuse('INVALID_STATE', { details }).error;
}

function limitRefusal(seats: number, limit: number | null): Verdict {
  return limit !== null && seats > limit ? refuse('LIMIT_EXCEEDED', { details: { limit } }).error : null;
}

function salesClosedRefusal(details: Record<string, unknown>, retryAfterMs?: number): Refusal {
  return refuse('SALES_CLOSED', { details, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }).error;
}
