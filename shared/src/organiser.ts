import { z } from 'zod';
import { booking, bookingStatus, listBookingsInput } from './booking.ts';
import { availability } from './event.ts';
import { ticketTypeId } from './tickets/ticket-type.ts';
import { id, singleLine, money, requestId, seats, text, time } from './protocol/primitives.ts';

/** The buyer of a booking; empty strings where the account was deleted. `verified`: the address is confirmed. */
const attendee = z.object({ name: z.string(), email: z.string(), verified: z.boolean() });
export type Attendee = z.infer<typeof attendee>;

/** A booking as organisers see it. */
const eventBooking = booking.extend({ attendee });
export type EventBooking = z.infer<typeof eventBooking>;

/** A booking as `getBooking` replies: with its attendee if an organiser gets the booking of another user. */
export const readBooking = booking.extend({ attendee: attendee.optional() });
export type ReadBooking = z.infer<typeof readBooking>;

/**
 * `listEventBookings`. `query`: words of a name in any order, or part of an address or a booking code; `ticketType`: only
 * bookings with tickets of this type.
 */
export const listEventBookingsInput = listBookingsInput.extend({
  eventId: id,
  status: bookingStatus.optional(),
  query: text(200).optional(),
  ticketType: ticketTypeId.optional(),
});
export type ListEventBookingsInput = z.infer<typeof listEventBookingsInput>;

export const eventBookingPage = z.object({
  bookings: z.array(eventBooking),
  page: z.int(),
  limit: z.int(),
  total: z.int(),
});
export type EventBookingPage = z.infer<typeof eventBookingPage>;

/**
 * Progress of the job that cancels the bookings of a cancelled event, in bookings. `failed`: the job has given up and
 * needs a person.
 */
const cancellationProgress = z.object({
  state: z.enum(['running', 'done', 'failed']),
  done: z.int(),
  total: z.int(),
});
export type CancellationProgress = z.infer<typeof cancellationProgress>;

/** What is sold of one ticket type: confirmed tickets, the seats that they take, and what was paid for them. */
const typeSales = z.object({ id: z.string(), name: z.string(), tickets: z.int(), seats: z.int(), revenue: money });
export type TypeSales = z.infer<typeof typeSales>;

/**
 * The figures that change while an event sells. `confirmed` counts bookings, `checkedIn` seats, `waiting` waitlist
 * entries, `reminders` the users who are reminded of the opening; `revenue` is the sum paid for confirmed bookings, less
 * refunds of part of it; `refunds` counts refunds by state, `failed` those that need a person; the revenues of
 * `byTicketType` add up to `revenue`; `vouchers` are confirmed tickets for which a voucher was used, and what it took off
 * them.
 */
const figureShapes = {
  confirmed: z.int(),
  revenue: money,
  waiting: z.int(),
  reminders: z.int(),
  checkedIn: z.int(),
  refunds: z.object({ pending: z.int(), done: z.int(), failed: z.int() }),
  callingOff: cancellationProgress.nullable(),
  byTicketType: z.array(typeSales),
  vouchers: z.object({ tickets: z.int(), discount: money }),
};

/** The figures of one event, as `salesChanged` pushes them. */
export const salesFigures = z.object({ eventId: id, ...figureShapes });
export type SalesFigures = z.infer<typeof salesFigures>;

/**
 * The figures of one event, as `eventStats` replies. `cancelled` and `expired` count bookings. `salesByHour`: confirmed
 * seats and their price in minor units by the hour of booking, oldest first; hours without a sale are absent.
 */
export const eventStats = z.object({
  availability,
  ...figureShapes,
  cancelled: z.int(),
  expired: z.int(),
  salesByHour: z.array(z.object({ at: time, seats: z.int(), amount: z.int() })),
});
export type EventStats = z.infer<typeof eventStats>;

/**
 * `checkIn`. `ticket`: the text of the QR code, or a typed booking code. Absent `seats`: all that are not in yet. The
 * same `requestId` again changes nothing.
 */
export const checkInInput = z.strictObject({
  ticket: singleLine(300),
  seats: seats.optional(),
  requestId: requestId.optional(),
});
/** The seat whose own ticket was scanned: `number` of `of` seats of its type, which is called `name`. */
const scannedSeat = z.object({
  type: z.string(),
  name: z.string(),
  number: z.int(),
  of: z.int(),
  checkedInAt: time.nullable(),
});
export type ScannedSeat = z.infer<typeof scannedSeat>;

/**
 * `repeated`: all seats of the ticket were checked in before, and this command changed nothing. `personal`: present where
 * one seat's own ticket was scanned.
 */
export const checkInResult = z.object({ booking, repeated: z.boolean(), personal: scannedSeat.optional() });
export type CheckInResult = z.infer<typeof checkInResult>;
