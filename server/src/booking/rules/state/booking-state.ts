import type { Money } from '#shared/protocol/primitives.ts';
import type { KnownPersonalTicket } from '#shared/tickets/personal-seats.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import type { PaymentFacts } from '../payments/attempt.ts';

/**
 * The tickets of one type in a booking: `price` is what each cost, `seats` what each takes from the event's pool.
 * `discount`: what the booking's voucher took off each, in minor units; absent unless the voucher concerns the type, and
 * 0 where it only opened it. Tickets with a discount are uses of the voucher.
 */
export interface LineItem {
  type: string;
  count: number;
  price: Money;
  seats: number;
  discount?: number;
}

/** What is known of one seat's own ticket. */
export type PersonalTicketState = KnownPersonalTicket<Date>;

/** Names one seat's own ticket, by one of its issues. */
export type PersonalTicketId = Pick<PersonalTicketState, 'type' | 'number' | 'issue'>;

/** The voucher that a booking was made with. */
export interface UsedVoucher {
  id: string;
  code: string;
}

/**
 * The input of a booking as it was sent, by which a repeated request is distinguished from a reused request id: a number
 * of seats of the event's only public type and the price of one that the buyer saw, or tickets by type and the total that
 * the buyer saw.
 */
export type Requested =
  | { seats: number; price: Money | null }
  | { tickets: readonly TicketCount[]; voucher: string | null; total: Money | null };

/** What a hold shall be: another party size, where it has one type of one seat, or other tickets. */
export type HoldChange = { seats: number } | { tickets: readonly TicketCount[]; voucher: string | null };

/**
 * A request that cancelled seats of the booking or checked some in, as it was first sent: repeating it changes nothing.
 */
export interface ChangeRequest {
  /** By `changeRequestKey`. */
  key: string;
  /** Null: all seats, or `tickets`. */
  seats: number | null;
  /** Absent unless the request named tickets. */
  tickets?: readonly TicketCount[];
  /** The seat whose own ticket was scanned; absent for others. */
  personal?: Pick<PersonalTicketId, 'type' | 'number'>;
  reason: string | null;
}

/** The end of a booking: its actor (a person, the event or time), reason and time. */
interface Ended {
  by: 'buyer' | 'organiser' | 'event' | 'time';
  reason: string | null;
  at: Date;
}

/** A reason that an organiser gave for a refund of part of the price, or for the cancellation of some seats. */
export interface StatedReason {
  kind: 'refund' | 'seats';
  reason: string;
  /** The number of cancelled seats; null for a refund alone. */
  seats: number | null;
  /** What is refunded, in minor units of the price; null if nothing is. */
  amount: number | null;
  at: Date;
}

/** Tickets that were cancelled while others of their booking stayed. */
export interface CancelledPart {
  by: 'buyer' | 'organiser';
  /** At least one line, each with the price that was paid. */
  tickets: readonly LineItem[];
  /** What was refunded for them, in minor units of their price; null if nothing was. */
  amount: number | null;
  reason: string | null;
  at: Date;
}

/** A booking states its last reasons; the ledger has all. */
const MAX_REASONS = 20;

/** The reasons of a booking with one more. */
export function withReason({ reasons }: Pick<BookingState, 'reasons'>, stated: StatedReason): readonly StatedReason[] {
  return [...reasons, stated].slice(-MAX_REASONS);
}

interface BookingFacts {
  id: string;
  version: number;
  code: string;
  eventId: string;
  userId: string;
  /** The sum of the line items' seats. */
  seats: number;
  /** At least one. */
  tickets: readonly LineItem[];
  voucher: UsedVoucher | null;
  /** Whether it was made by an account without a proved address, and no account has taken it over. */
  provisional: boolean;
  /** The provisional account that made the hold which another account has taken over; null for all others. */
  adoptedFrom: string | null;
  source: 'direct' | 'waitlist';
  /** Null for an offer. */
  requestId: string | null;
  requested: Requested | null;
  /** The payment as the booking shows it; null before the first attempt to pay. */
  payment: PaymentFacts | null;
  checkedInSeats: number;
  /** When seats were last checked in; null: never, or by a version that did not note it. */
  checkedInAt: Date | null;
  /** Of the seats whose own ticket was sent, revoked or scanned. */
  personalTickets: readonly PersonalTicketState[];
  /** Oldest first; without requests that had no id. */
  changeRequests: readonly ChangeRequest[];
  /** The time up to which the buyer has seen the event's moves; null: none since the booking. */
  movesSeenAt: Date | null;
  /** Why organisers refunded or cancelled a part, oldest first; the reason of a whole cancellation is in `ended`. */
  reasons: readonly StatedReason[];
  /** Oldest first; together with `tickets` what was booked. */
  cancelledParts: readonly CancelledPart[];
  createdAt: Date;
  updatedAt: Date;
}

/** `settling`: the hold is over, and its checkout may still turn out to be paid. */
export type Held = BookingFacts & { status: 'held'; holdExpiresAt: Date; settling: boolean };
export type Confirmed = BookingFacts & { status: 'confirmed' };
export type Cancelled = BookingFacts & { status: 'cancelled'; ended: Ended };
export type Expired = BookingFacts & { status: 'expired'; holdExpiresAt: Date; ended: Ended };

/** A booking in one of its four states; a field exists only in the states that have it. */
export type BookingState = Held | Confirmed | Cancelled | Expired;

/** The key under which one user's request is remembered. */
export function requestKey(userId: string, requestId: string): string {
  return `${userId}:${requestId}`;
}

/** The key under which one person's request to change a booking is remembered, apart from other commands' requests. */
export function changeRequestKey(type: 'cancel' | 'checkIn', actor: string, requestId: string): string {
  return `${type}:${actor}:${requestId}`;
}

/** The same booking, one version on. */
export function nextVersion<B extends BookingState>(booking: B, now: Date): B {
  return { ...booking, version: booking.version + 1, updatedAt: now };
}

/** The fields that every state has: a field of the old state must not survive in the new one. */
export function bookingFacts(booking: BookingState): BookingFacts {
  return {
    id: booking.id,
    version: booking.version,
    code: booking.code,
    eventId: booking.eventId,
    userId: booking.userId,
    seats: booking.seats,
    tickets: booking.tickets,
    voucher: booking.voucher,
    provisional: booking.provisional,
    adoptedFrom: booking.adoptedFrom,
    source: booking.source,
    requestId: booking.requestId,
    requested: booking.requested,
    checkedInSeats: booking.checkedInSeats,
    checkedInAt: booking.checkedInAt,
    personalTickets: booking.personalTickets,
    changeRequests: booking.changeRequests,
    payment: booking.payment,
    movesSeenAt: booking.movesSeenAt,
    reasons: booking.reasons,
    cancelledParts: booking.cancelledParts,
    createdAt: booking.createdAt,
    updatedAt: booking.updatedAt,
  };
}

export function isHoldOver(booking: Held, now: Date): boolean {
  return booking.holdExpiresAt <= now;
}
