import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { Book, ChangeHold, Confirm, Outcome } from './command.ts';
import { liveAttempt, paymentFactsOf } from './payments/attempt.ts';
import { provisionalFreeRefusal, provisionalSeatsRefusal } from './provisional/refusals.ts';
import { bookRefusal, cancelledRefusal, resizeRefusal } from './refusals.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import type { BookingState, Confirmed, Held, Requested } from './state/booking-state.ts';
import { bookingFacts, isHoldOver, nextVersion, requestKey } from './state/booking-state.ts';
import { isSameTickets, totalOf } from './tickets/line-items.ts';
import type { WantedWithVoucher } from './vouchers/resolve.ts';
import { isSameHold, resolveBooking, resolveHold } from './vouchers/resolve.ts';
import { endOffer } from './waitlist/offer.ts';

const MINUTE_MS = 60_000;

/**
 * Confirms tickets that cost nothing, holds others. The same request again gives the same booking; refused with
 * `REQUEST_ID_REUSED`, `VOUCHER_INVALID` or `INVALID_INPUT` (see `resolveBooking`), or the codes of `bookRefusal`.
 */
export function book(draft: BatchDraft, command: Book): Outcome {
  const earlier = draft.requests.get(requestKey(command.userId, command.requestId));
  if (earlier) {
    const booking = draft.booking(earlier.id) ?? earlier;
    return isRepeat(command, draft.event.id, earlier) ? { ok: true, booking } : refuse('REQUEST_ID_REUSED');
  }
  const resolved = resolveBooking(draft, command, command.userId);
  if (!resolved.ok) return resolved;
  const error = bookRefusal(resolved.wanted, {
    asked: command,
    event: draft.event,
    now: draft.now,
    liveHold: draft.liveHolds.get(command.userId),
    seatsOfUser: draft.seatsOf(command.userId),
    provisionalSeats: command.isProvisional ? draft.provisionalSeats : null,
  });
  if (error) return { ok: false, error };
  const booking = newBooking(draft, command, resolved.wanted);
  draft.addBooking(booking, { kind: booking.status === 'held' ? 'held' : 'booked', actor: command.userId });
  return { ok: true, booking };
}

/**
 * Whether a request with a known id repeats the earlier one: the same event and input. Anything else is a reused id.
 */
function isRepeat(command: Book, eventId: string, { eventId: earlierId, requested }: BookingState): boolean {
  return earlierId === eventId && requested !== null && isSameRequest(requested, command);
}

function isSameRequest(a: Requested, b: Requested): boolean {
  if ('tickets' in a) {
    return 'tickets' in b && isSameTickets(a.tickets, b.tickets) && a.voucher === b.voucher && isSame(a.total, b.total);
  }
  return !('tickets' in b) && a.seats === b.seats && isSame(a.price, b.price);
}

function isSame(a: Money | null, b: Money | null): boolean {
  return a?.amount === b?.amount && a?.currency === b?.currency;
}

function newBooking(draft: BatchDraft, command: Book, { tickets, seats, voucher }: WantedWithVoucher): BookingState {
  const { holdMinutes } = draft.event.settings;
  const facts = {
    id: command.bookingId,
    version: 1,
    code: command.code,
    eventId: draft.event.id,
    userId: command.userId,
    seats,
    tickets,
    voucher,
    provisional: command.isProvisional ?? false,
    adoptedFrom: null,
    source: 'direct' as const,
    requestId: command.requestId,
    requested: requestedBy(command),
    payment: null,
    checkedInSeats: 0,
    checkedInAt: null,
    personalTickets: [],
    changeRequests: [],
    movesSeenAt: null,
    reasons: [],
    cancelledParts: [],
    createdAt: draft.now,
    updatedAt: draft.now,
  };
  if (totalOf(tickets).amount === 0) return { ...facts, status: 'confirmed' };
  const holdExpiresAt = new Date(draft.now.getTime() + holdMinutes * MINUTE_MS);
  return { ...facts, status: 'held', holdExpiresAt, settling: false };
}

function requestedBy(command: Book): Requested {
  if (!('tickets' in command)) return { seats: command.seats, price: command.price };
  return { tickets: command.tickets, voucher: command.voucher, total: command.total };
}

/**
 * Gives a hold other tickets. `INVALID_STATE` if it is no hold any more, or has a live checkout, whose amount would be
 * wrong; else refused with `VOUCHER_INVALID` or `INVALID_INPUT` (see `resolveHold`), or the codes of `resizeRefusal`.
 */
export function changeHold(draft: BatchDraft, command: ChangeHold): Outcome {
  const booking = draft.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'held') return refuse('INVALID_STATE', { details: { status: booking.status } });
  if (isHoldOver(booking, draft.now)) return refuse('INVALID_STATE', { details: { status: 'expired' } });
  const resolved = resolveHold(draft, booking, command);
  if (!resolved.ok) return resolved;
  const { tickets, seats, voucher } = resolved.wanted;
  if (isSameHold(resolved.wanted, booking)) return { ok: true, booking };
  const error =
    resizeRefusal(resolved.wanted, booking, draft, draft.seatsOf(booking.userId)) ??
    (booking.provisional ? provisionalRefusal(draft, resolved.wanted, booking) : null);
  if (error) return { ok: false, error };
  const live = liveAttempt(draft.attempts.of(booking.id));
  if (live) return refuse('INVALID_STATE', { details: { status: 'held', payment: live.status } });
  const after: Held = { ...nextVersion(booking, draft.now), tickets, seats, voucher };
  draft.changeBooking(booking, after, { kind: 'resized', actor: command.actor });
  return { ok: true, booking: after };
}

function provisionalRefusal(draft: BatchDraft, { tickets, seats }: WantedWithVoucher, hold: Held): Refusal | null {
  const heldSeats = draft.provisionalSeats - hold.seats;
  return (
    provisionalFreeRefusal(tickets) ??
    (seats > hold.seats ? provisionalSeatsRefusal(seats, { event: draft.event, heldSeats }) : null)
  );
}

/**
 * Confirms a hold that owes nothing, the offer of a free event; `INVALID_STATE` unless the booking is confirmed
 * already, `SALES_CLOSED` if the event was cancelled and the hold is not released yet.
 */
export function confirm(draft: BatchDraft, command: Confirm): Outcome {
  const booking = draft.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status === 'confirmed') return { ok: true, booking };
  if (booking.status !== 'held') return refuse('INVALID_STATE', { details: { status: booking.status } });
  if (isHoldOver(booking, draft.now)) return refuse('INVALID_STATE', { details: { status: 'expired' } });
  const error = cancelledRefusal(command, draft);
  if (error) return { ok: false, error };
  const owes = totalOf(booking.tickets);
  if (owes.amount > 0) return refuse('INVALID_STATE', { details: { status: 'held', owes } });
  return { ok: true, booking: confirmBooking(draft, booking, command.actor, 'confirmed') };
}

/** The booking confirmed, with its payment as the draft has it. */
export function confirmBooking(
  draft: BatchDraft,
  booking: BookingState,
  actor: string,
  kind: 'confirmed' | 'revived',
): Confirmed {
  const payment = paymentFactsOf(draft.attempts.of(booking.id));
  const after: Confirmed = { ...bookingFacts(nextVersion(booking, draft.now)), payment, status: 'confirmed' };
  draft.changeBooking(booking, after, { kind, actor });
  endOffer(draft, booking.id, 'fulfilled');
  return after;
}
