import { refuse } from '#shared/protocol/errors.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { Attempt } from './payments/attempt.ts';
import { provisionalHoldRefusal } from './provisional/refusals.ts';
import type { BookingState, Expired, Held, LineItem, Requested } from './state/booking-state.ts';
import { isHoldOver } from './state/booking-state.ts';
import type { EventState } from './state/event-state.ts';
import { salesCloseAt } from './state/event-state.ts';
import { countOf, totalOf } from './tickets/line-items.ts';
import type { Wanted } from './tickets/resolve.ts';
import { resolveWanted } from './tickets/resolve.ts';
import {
  priceChangedRefusal,
  typeCountRefusal,
  typeSoldOutRefusal,
  typeWindowRefusal,
} from './tickets/type-refusals.ts';
import type { WaitlistEntryState } from './waitlist/entry-state.ts';

interface Sale {
  event: EventState;
  now: Date;
}

/** What the rules of a booking look at. */
interface BookContext extends Sale {
  /** What the buyer asked for. */
  asked: Requested;
  /** Id of the user's live hold on the event. */
  liveHold: string | undefined;
  seatsOfUser: number;
  /** Seats that provisional accounts hold; null for a buyer whose address is known. */
  provisionalSeats: number | null;
}

/** What the rules of joining the waiting list look at. */
interface JoinContext extends Sale {
  /** The user's active waitlist entry. */
  entry: WaitlistEntryState | undefined;
  seatsOfUser: number;
}

type SeatsWanted = Pick<Wanted, 'seats'>;
type TicketsWanted = Pick<Wanted, 'tickets'>;
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

export const userLimitRefusal: Rule<SeatsWanted, Sale & { seatsOfUser: number }> = (
  { seats },
  { event, seatsOfUser },
) => limitRefusal(seatsOfUser + seats, event.settings.maxSeatsPerUser);

const windowRefusal: Rule<TicketsWanted, Sale> = ({ tickets }, sale) => typeWindowRefusal(tickets, sale);

const countRefusal: Rule<TicketsWanted, Sale> = ({ tickets }, sale) => typeCountRefusal(tickets, sale);

const otherPriceRefusal: Rule<TicketsWanted, BookContext> = ({ tickets }, { asked }) =>
  priceChangedRefusal(asked, tickets);

/** One live hold per user and event, so that no user hoards seats. */
export const secondHoldRefusal: Rule<TicketsWanted, Pick<BookContext, 'liveHold'>> = ({ tickets }, { liveHold }) =>
  liveHold && totalOf(tickets).amount > 0 ? refuse('LIMIT_EXCEEDED', { details: { bookingId: liveHold } }).error : null;

const soldOutRefusal: Rule<SeatsWanted, Pick<Sale, 'event'>> = ({ seats }, { event }) => {
  const { availableSeats } = event.counters;
  return availableSeats < seats ? refuse('SOLD_OUT', { details: { availableSeats } }).error : null;
};

/** The pool's seats first: where they do not suffice, a type's limit is not the reason. */
const ticketsSoldOutRefusal: Rule<TicketsWanted, Pick<Sale, 'event'>> = ({ tickets }, sale) =>
  typeSoldOutRefusal(tickets, sale);

/** The last rule: of the others a proved address would change nothing. */
const provisionalRefusal: Rule<Wanted, BookContext> = (wanted, { event, provisionalSeats }) =>
  provisionalSeats === null ? null : provisionalHoldRefusal(wanted, { event, heldSeats: provisionalSeats });

/** A user with an offer has to answer the offer first. */
const openOfferRefusal: Rule<unknown, JoinContext> = (_, { entry }) =>
  entry?.status === 'offered' ? invalidState({ status: 'offered', bookingId: entry.bookingId }) : null;

/** The waiting list is only for tickets that cannot be booked. */
const bookableRefusal: Rule<Wanted, Sale> = (wanted, { event }) => {
  const isSoldOut = soldOutRefusal(wanted, { event }) ?? ticketsSoldOutRefusal(wanted, { event });
  return isSoldOut ? null : invalidState({ availableSeats: event.counters.availableSeats });
};

const ON_SALE_RULES = [cancelledRefusal, draftRefusal, notOpenRefusal, salesOverRefusal];
const BOOK_RULES: readonly Rule<Wanted, BookContext>[] = [
  ...ON_SALE_RULES,
  windowRefusal,
  bookingLimitRefusal,
  countRefusal,
  otherPriceRefusal,
  secondHoldRefusal,
  userLimitRefusal,
  soldOutRefusal,
  ticketsSoldOutRefusal,
  provisionalRefusal,
];
const OFFER_RULES: readonly Rule<Wanted, Sale & { seatsOfUser: number }>[] = [
  soldOutRefusal,
  ticketsSoldOutRefusal,
  windowRefusal,
  bookingLimitRefusal,
  countRefusal,
  userLimitRefusal,
];
const JOIN_RULES: readonly Rule<Wanted, JoinContext>[] = [
  ...ON_SALE_RULES,
  windowRefusal,
  bookingLimitRefusal,
  countRefusal,
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

/** `SALES_CLOSED`, `LIMIT_EXCEEDED`, `PRICE_CHANGED` or `SOLD_OUT`; of a provisional account also `INVALID_STATE`. */
export function bookRefusal(wanted: Wanted, context: BookContext): Refusal | null {
  return firstRefusal(BOOK_RULES, wanted, context);
}

/** `SALES_CLOSED`, `LIMIT_EXCEEDED`, or `INVALID_STATE` for a user with an offer and for tickets that can be booked. */
export function joinRefusal(wanted: Wanted, context: JoinContext): Refusal | null {
  return firstRefusal(JOIN_RULES, wanted, context);
}

export function isOnSale(event: EventState, now: Date): boolean {
  return firstRefusal(ON_SALE_RULES, null, { event, now }) === null;
}

/**
 * What an entry can be offered now, at today's prices; null if seats or tickets do not suffice, a type is not on sale,
 * the user has a live hold, or a limit would be exceeded.
 */
export function offerFor(
  { tickets }: WaitlistEntryState,
  { event, now, hasHold, seatsOfUser }: Sale & { hasHold: boolean; seatsOfUser: number },
): Wanted | null {
  if (hasHold) return null;
  const resolved = resolveWanted(event, { tickets });
  if (!resolved.ok) return null;
  const { wanted } = resolved;
  return firstRefusal(OFFER_RULES, wanted, { event, now, seatsOfUser }) === null ? wanted : null;
}

/**
 * Why a hold cannot have other tickets: `SALES_CLOSED`, `LIMIT_EXCEEDED` or `SOLD_OUT`. Limits and windows count for what
 * is added; fewer tickets are refused only if the event was cancelled, or if a type's minimum is not kept. `seatsOfUser`
 * includes the hold's present seats.
 */
export function resizeRefusal(
  wanted: Wanted,
  hold: Pick<Held, 'tickets' | 'seats'>,
  { event, now }: Sale,
  seatsOfUser: number,
): Refusal | null {
  const changed = wanted.tickets.filter(({ type, count }) => count !== countOf(hold.tickets, type));
  const added = addedTickets(wanted.tickets, hold.tickets);
  const more = wanted.seats - hold.seats;
  const sale = { event, now };
  if (added.length === 0) return cancelledRefusal(wanted, sale) ?? typeCountRefusal(changed, sale);
  const { maxSeatsPerBooking, maxSeatsPerUser } = event.settings;
  return (
    firstRefusal(ON_SALE_RULES, null, sale) ??
    typeWindowRefusal(added, sale) ??
    (more > 0 ? limitRefusal(wanted.seats, maxSeatsPerBooking) : null) ??
    typeCountRefusal(changed, sale) ??
    (more > 0 ? limitRefusal(seatsOfUser + more, maxSeatsPerUser) : null) ??
    soldOutRefusal({ seats: more }, sale) ??
    typeSoldOutRefusal(added, sale)
  );
}

/** By how many tickets each type grows. */
function addedTickets(wanted: readonly LineItem[], present: readonly LineItem[]) {
  return wanted
    .map(({ type, count }) => ({ type, count: count - countOf(present, type) }))
    .filter(({ count }) => count > 0);
}

/** Why a booking cannot be paid for now: `INVALID_STATE` or `SALES_CLOSED`; `live` is its live checkout. */
export function payRefusal(booking: BookingState, live: Attempt | undefined, { event, now }: Sale): Refusal | null {
  if (booking.status !== 'held') return invalidState({ status: booking.status });
  if (booking.settling) return invalidState({ status: 'held', settling: true });
  if (isHoldOver(booking, now)) return invalidState({ status: 'expired' });
  const cancelled = cancelledRefusal(booking, { event });
  if (cancelled) return cancelled;
  const owes = totalOf(booking.tickets);
  if (owes.amount === 0) return invalidState({ status: 'held', owes });
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
    soldOutRefusal(booking, { event }) ??
    ticketsSoldOutRefusal(booking, { event })
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
