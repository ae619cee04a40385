import type { Money } from '#shared/protocol/primitives.ts';
import type { PaymentFacts } from '../payments/attempt.ts';

/** What the buyer asked for when the booking was made: tells a repeated request from a reused requestId. */
export interface Requested {
  seats: number;
  price: Money | null;
}

/** How a booking came to its end. */
export interface Ended {
  by: 'buyer' | 'organiser' | 'event' | 'time';
  reason: string | null;
  at: Date;
}

interface BookingFacts {
  id: string;
  version: number;
  code: string;
  eventId: string;
  userId: string;
  seats: number;
  /** A seat's price when it was booked. */
  price: Money;
  source: 'direct' | 'waitlist';
  requestId: string | null;
  requested: Requested | null;
  /** What its attempts to pay came to so far; a booking that owes nothing has none. */
  payment: PaymentFacts | null;
  checkedInSeats: number;
  createdAt: Date;
  updatedAt: Date;
}

export type Held = BookingFacts & { status: 'held'; holdExpiresAt: Date; settling: boolean };
export type Confirmed = BookingFacts & { status: 'confirmed' };
export type Cancelled = BookingFacts & { status: 'cancelled'; ended: Ended };
export type Expired = BookingFacts & { status: 'expired'; holdExpiresAt: Date; ended: Ended };

/** A booking in one of its four states; a field exists only where it means something. */
export type BookingState = Held | Confirmed | Cancelled | Expired;

/** The key under which one buyer's request is remembered. */
export function requestKey(userId: string, requestId: string): string {
  return `${userId}:${requestId}`;
}

/** The same booking one version on. */
export function nextVersion<B extends BookingState>(booking: B, now: Date): B {
  return { ...booking, version: booking.version + 1, updatedAt: now };
}

/** What every state has in common: a field of the old state must not survive in the new one. */
export function bookingFacts(booking: BookingState): BookingFacts {
  const { id, version, code, eventId, userId, seats, price, source, requestId, requested, checkedInSeats } = booking;
  const { payment, createdAt, updatedAt } = booking;
  return {
    ...{ id, version, code, eventId, userId, seats, price, source, requestId, requested, checkedInSeats },
    ...{ payment, createdAt, updatedAt },
  };
}

/** Whether a hold's time is up. */
export function isHoldOver(booking: Held, now: Date): boolean {
  return booking.holdExpiresAt <= now;
}

/** What all seats of a booking cost. */
export function totalPrice({ price, seats }: Pick<BookingState, 'price' | 'seats'>): Money {
  return { amount: price.amount * seats, currency: price.currency };
}
