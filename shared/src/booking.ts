import { z } from 'zod';
import { eventStatus } from './event.ts';
import { id, limit, money, page, requestId, seats, singleLine, time } from './protocol/primitives.ts';

export const bookingStatus = z.enum(['held', 'confirmed', 'cancelled', 'expired']);
export type BookingStatus = z.infer<typeof bookingStatus>;

/**
 * A booking's payment; amounts in minor units of `currency`. `processing`: it is under way at the provider, so that its
 * buyer waits and must not pay again. `disputed`: the buyer's bank disputes it, and the dispute is not decided.
 */
const bookingPayment = z.object({
  status: z.enum(['pending', 'succeeded', 'failed', 'refunding', 'refunded']),
  provider: z.string(),
  amount: z.int(),
  refundedAmount: z.int(),
  currency: z.string(),
  processing: z.literal(true).optional(),
  disputed: z.literal(true).optional(),
});

/** How a booking ended. `by`: `time` is the expiry of its hold, `event` the cancellation of its event. */
const bookingEnd = z.object({
  by: z.enum(['buyer', 'organiser', 'event', 'time']),
  reason: z.string().nullable(),
  at: time,
});

/**
 * Why an organiser refunded part of the price (`refund`), or cancelled some of the seats (`seats`); `amount`: what is
 * refunded by it.
 */
const bookingReason = z.object({
  kind: z.enum(['refund', 'seats']),
  reason: z.string(),
  seats: z.int().nullable(),
  amount: money.nullable(),
  at: time,
});
export type BookingReason = z.infer<typeof bookingReason>;

/** Time and venue before the event moved, as the buyer knows them; `at`: the time of the last move. */
const bookingMove = z.object({
  at: time,
  startsAt: time,
  endsAt: time.nullable(),
  venue: z.string(),
  timeZone: z.string(),
});

/**
 * A booking as its owner sees it. `event` shows the event as it is now (`sample`: the server invented it), `total` what the booking costs or cost.
 * `settling`: the hold is past its end while its payment is looked up. `ticket`: the signed text of the QR code, once
 * confirmed. `reasons`: of organisers for changes of a part, oldest first, absent if there are none. `moved`: a move of the event that its owner has not acknowledged. `version` grows with every change.
 */
export const booking = z.object({
  id,
  version: z.int(),
  code: z.string(),
  eventId: id,
  event: z.object({
    title: z.string(),
    venue: z.string(),
    timeZone: z.string(),
    startsAt: time,
    endsAt: time.nullable(),
    status: eventStatus,
    cancelReason: z.string().nullable(),
    sample: z.literal(true).optional(),
  }),
  seats: z.int(),
  total: money,
  status: bookingStatus,
  source: z.enum(['direct', 'waitlist']),
  holdExpiresAt: time.nullable(),
  settling: z.boolean(),
  payment: bookingPayment.nullable(),
  cancelUntil: time.nullable(),
  ended: bookingEnd.nullable(),
  reasons: z.array(bookingReason).optional(),
  checkedInSeats: z.int(),
  moved: bookingMove.nullable(),
  ticket: z.string().nullable(),
  requestId: requestId.nullable(),
  createdAt: time,
  updatedAt: time,
});
export type Booking = z.infer<typeof booking>;

/**
 * `cancelBooking`. Absent `seats`: all of them. The same `requestId` again gives the same answer; without one a part
 * counts each time it is sent. `reason` is from organisers.
 */
export const cancelBookingInput = z.strictObject({
  bookingId: id,
  requestId: requestId.optional(),
  seats: seats.optional(),
  reason: singleLine(500).optional(),
});

/** `listBookings`: the caller's own bookings, newest first. */
export const listBookingsInput = z.strictObject({ page, limit, status: bookingStatus.optional() });
export type ListBookingsInput = z.infer<typeof listBookingsInput>;

export const bookingPage = z.object({ bookings: z.array(booking), page: z.int(), limit: z.int(), total: z.int() });
export type BookingPage = z.infer<typeof bookingPage>;
