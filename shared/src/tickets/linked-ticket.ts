import { z } from 'zod';
import { booking } from '../booking.ts';
import { time } from '../protocol/primitives.ts';

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
