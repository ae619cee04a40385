import { z } from 'zod';
import { id, time } from '../protocol/primitives.ts';
import { ticketTypeId } from './ticket-type.ts';
import { MOST_PERSONAL_TICKETS } from './personal-seats.ts';

/**
 * What is known of one seat's own ticket. Seats are numbered from 1 within their ticket type. `issue`: how many of its
 * links were revoked before the present one. `sharedAt`: when the buyer sent the present link.
 */
export const personalTicket = z.object({
  type: z.string(),
  number: z.int(),
  issue: z.int(),
  sharedAt: time.nullable(),
  checkedInAt: time.nullable(),
});

export type PersonalTicket = z.infer<typeof personalTicket>;

/** `shareTicket` and `revokeTicket`: one seat's own ticket, by the issue that the buyer means. */
export const personalTicketInput = z.strictObject({
  bookingId: id,
  type: ticketTypeId,
  number: z.int().min(1).max(MOST_PERSONAL_TICKETS),
  issue: z.int().min(0).max(1_000_000),
});

/** The links of a booking's personal tickets, for its buyer and organisers: a key for each seat. */
export const personalTicketKeys = z.object({
  tickets: z.array(z.object({ type: z.string(), number: z.int(), issue: z.int(), key: z.string() })),
});
export type PersonalTicketKeys = z.infer<typeof personalTicketKeys>;
