import { z } from 'zod';
import { eventStatus } from './event.ts';
import { eventImage } from './images/event-image.ts';
import { id, limit, money, page, requestId, seats, singleLine, time } from './protocol/primitives.ts';
import { personalTicket } from './tickets/personal-ticket.ts';
import { lineItem, ticketCounts } from './tickets/ticket-type.ts';
import { voucherCode } from './tickets/voucher.ts';

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

/**
 * Tickets of a booking that were cancelled while others of it stayed: their seats, what they had cost, and what is
 * refunded for them (`amount`; null: nothing). `reason` is from organisers.
 */
const cancelledTickets = z.object({
  by: z.enum(['buyer', 'organiser']),
  seats: z.int(),
  tickets: z.array(lineItem),
  amount: money.nullable(),
  reason: z.string().nullable(),
  at: time,
});
export type CancelledTickets = z.infer<typeof cancelledTickets>;

/** Time and venue before the event moved, as the buyer knows them; `at`: the time of the last move. */
const bookingMove = z.object({
  at: time,
  startsAt: time,
  endsAt: time.nullable(),
  venue: z.string(),
  timeZone: z.string(),
});

/**
 * A booking as its owner sees it. `event` shows the event as it is now (`sample`: the server invented it; details where
 * they are set), `tickets` what it is for, a line for each ticket type, or was for at its end; `seats` and `total` are
 * their sums, `voucher` the code of the one that was used. `cancelledParts`: tickets that were cancelled before the rest,
 * oldest first, absent if there are none; with `tickets` they are what was booked. `settling`: the hold is past its end
 * while its payment is looked up. `ticket`: the signed text of the QR code, once confirmed. `checkedInAt`: when seats were
 * last checked in; `personalTickets`: of the seats whose own ticket was sent, revoked or scanned, absent if none was.
 * `provisional`: held by a visitor whose address is not known, absent otherwise.
 * `reasons`: of organisers for changes of a part, oldest first, absent if there are none. `moved`: a move of the event
 * that its owner has not acknowledged. `version` grows with every change.
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
    address: z.string().optional(),
    doorsAt: time.optional(),
    minAge: z.int().optional(),
    accessInfo: z.string().optional(),
    image: eventImage.optional(),
    sample: z.literal(true).optional(),
  }),
  seats: z.int(),
  tickets: z.array(lineItem),
  voucher: z.string().nullable(),
  total: money,
  status: bookingStatus,
  source: z.enum(['direct', 'waitlist']),
  provisional: z.literal(true).optional(),
  holdExpiresAt: time.nullable(),
  settling: z.boolean(),
  payment: bookingPayment.nullable(),
  cancelUntil: time.nullable(),
  ended: bookingEnd.nullable(),
  reasons: z.array(bookingReason).optional(),
  cancelledParts: z.array(cancelledTickets).optional(),
  checkedInSeats: z.int(),
  checkedInAt: time.optional(),
  personalTickets: z.array(personalTicket).optional(),
  moved: bookingMove.nullable(),
  ticket: z.string().nullable(),
  requestId: requestId.nullable(),
  createdAt: time,
  updatedAt: time,
});
export type Booking = z.infer<typeof booking>;

/**
 * `book`: tickets of the event's types, or `seats` of its only public type, where that is one seat a ticket. `total` and
 * `price` (a seat's): as the buyer saw them.
 */
export const bookInput = z.union([
  z.strictObject({ requestId, eventId: id, seats, price: money.optional() }),
  z.strictObject({
    requestId,
    eventId: id,
    tickets: ticketCounts,
    voucher: voucherCode.optional(),
    total: money.optional(),
  }),
]);

/** `changeHold`: all tickets that the hold shall have, or the party size of one with a single type of one seat. */
export const changeHoldInput = z.union([
  z.strictObject({ bookingId: id, seats }),
  z.strictObject({ bookingId: id, tickets: ticketCounts, voucher: voucherCode.optional() }),
]);

const cancelFields = { bookingId: id, requestId: requestId.optional(), reason: singleLine(500).optional() };

/**
 * `cancelBooking`. Absent `seats` and `tickets`: all of them. The same `requestId` again gives the same answer; without
 * one a part counts each time it is sent. `reason` is from organisers.
 */
export const cancelBookingInput = z.union([
  z.strictObject({ ...cancelFields, seats: seats.optional() }),
  z.strictObject({ ...cancelFields, tickets: ticketCounts }),
]);

/** `listBookings`: the caller's own bookings, newest first. */
export const listBookingsInput = z.strictObject({ page, limit, status: bookingStatus.optional() });
export type ListBookingsInput = z.infer<typeof listBookingsInput>;

export const bookingPage = z.object({ bookings: z.array(booking), page: z.int(), limit: z.int(), total: z.int() });
export type BookingPage = z.infer<typeof bookingPage>;
