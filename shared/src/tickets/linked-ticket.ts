import { z } from 'zod';
import { booking } from '../booking.ts';
import { id, time } from '../protocol/primitives.ts';

/** The key in the address of a ticket's link; whether it opens a ticket is for the server to say. */
export const ticketKey = z.string().min(1).max(100);

/** What is asked of `POST /api/ticket-links`: in the body, because addresses are kept in logs. */
export const linkedTicketInput = z.strictObject({ key: ticketKey });

/**
 * A booking as the holder of its link sees it: the ticket and its state, without what concerns its buyer alone. `moved`:
 * the event's time and venue when it was booked, if they have changed. `asOf`: when the server read it.
 */
export const linkedTicket = booking
  .pick({
    id: true,
    version: true,
    code: true,
    eventId: true,
    event: true,
    seats: true,
    tickets: true,
    total: true,
    status: true,
    ended: true,
    checkedInSeats: true,
    moved: true,
    ticket: true,
  })
  .extend({ asOf: time });
export type LinkedTicket = z.infer<typeof linkedTicket>;

/**
 * One seat of a booking as the holder of its own link sees it: seat `number` of `of` seats of the type `name`, without
 * what concerns the booking. `ticket`: the text of its own QR code, null unless it is `valid`. `revoked`: the buyer has
 * sent another link for the seat. `ended`: how the booking ended, null while it has not.
 */
export const linkedPersonalTicket = z.object({
  personal: z.object({
    type: z.string(),
    name: z.string(),
    number: z.int(),
    of: z.int(),
    checkedInAt: time.nullable(),
    isInside: z.boolean(),
  }),
  version: z.int(),
  eventId: id,
  event: booking.shape.event,
  status: z.enum(['valid', 'cancelled', 'revoked']),
  ended: booking.shape.ended,
  moved: booking.shape.moved,
  ticket: z.string().nullable(),
  asOf: time,
});
export type LinkedPersonalTicket = z.infer<typeof linkedPersonalTicket>;

/** What a link opens: the ticket of a whole booking, or one seat's own. */
export type AnyLinkedTicket = LinkedTicket | LinkedPersonalTicket;
