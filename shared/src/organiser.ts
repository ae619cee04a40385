import { z } from 'zod';
import { booking, bookingStatus, listBookingsInput } from './booking.ts';
import { availability } from './event.ts';
import { id, singleLine, money, seats, text, time } from './protocol/primitives.ts';

/** Whose booking it is. `verified`: the address was confirmed by its owner. Empty where the account is gone. */
export const attendee = z.object({ name: z.string(), email: z.string(), verified: z.boolean() });
export type Attendee = z.infer<typeof attendee>;

/** A booking as organisers see it. */
export const eventBooking = booking.extend({ attendee });
export type EventBooking = z.infer<typeof eventBooking>;

/** `query`: part of a name, an address or a booking code, searched as text. */
export const listEventBookingsInput = listBookingsInput.extend({
  eventId: id,
  status: bookingStatus.optional(),
  query: text(200).optional(),
});
export type ListEventBookingsInput = z.infer<typeof listEventBookingsInput>;

export const eventBookingPage = z.object({
  bookings: z.array(eventBooking),
  page: z.int(),
  limit: z.int(),
  total: z.int(),
});
export type EventBookingPage = z.infer<typeof eventBookingPage>;

/** How far the job has come that cancels the bookings of an event that was called off; `failed`: it gave up. */
export const cancellationProgress = z.object({
  state: z.enum(['running', 'done', 'failed']),
  done: z.int(),
  total: z.int(),
});
export type CancellationProgress = z.infer<typeof cancellationProgress>;

/**
 * What moves while an event sells. `confirmed` counts bookings, `checkedIn` seats, `waiting` parties; `revenue` is what
 * confirmed bookings have brought, less what was given back of it; `refunds` counts decisions to give money
 * back, `failed` those that wait for somebody to look at them.
 */
const figureShapes = {
  confirmed: z.int(),
  revenue: money,
  waiting: z.int(),
  checkedIn: z.int(),
  refunds: z.object({ pending: z.int(), done: z.int(), failed: z.int() }),
  callingOff: cancellationProgress.nullable(),
};

export const salesFigures = z.object({ eventId: id, ...figureShapes });
export type SalesFigures = z.infer<typeof salesFigures>;

/** `salesByHour`: confirmed seats and their price by the hour in which they were booked, oldest first, hours without any left out. */
export const eventStats = z.object({
  availability,
  ...figureShapes,
  cancelled: z.int(),
  expired: z.int(),
  salesByHour: z.array(z.object({ at: time, seats: z.int(), amount: z.int() })),
});
export type EventStats = z.infer<typeof eventStats>;

/** `ticket`: the text of the QR, or a booking code as somebody types it; `seats`: all that are not in yet unless said. */
export const checkInInput = z.strictObject({ ticket: singleLine(300), seats: seats.optional() });
export const checkInResult = z.object({ booking, repeated: z.boolean() });
export type CheckInResult = z.infer<typeof checkInResult>;
