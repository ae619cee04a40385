import { z } from 'zod';
import { id, requestId, seats, time } from './protocol/primitives.ts';
import { ticketCount, ticketCounts } from './tickets/ticket-type.ts';

/**
 * The status of a waitlist entry. `offered`: seats are held for it; `fulfilled`: the offer was bought; `left`: its user
 * left or declined the offer; `missed`: the offer expired; `closed`: the sale is over.
 */
const waitlistStatus = z.enum(['waiting', 'offered', 'fulfilled', 'left', 'missed', 'closed']);

/**
 * A waitlist entry as its owner sees it. `position`: the number of waiting entries ahead plus one, `null` unless it
 * waits. `bookingId`: the booking that is its offer, held until `offerExpiresAt`. `version` grows with every change.
 */
export const waitlistEntry = z.object({
  id,
  version: z.int(),
  eventId: id,
  seats: z.int(),
  tickets: z.array(ticketCount),
  position: z.int().nullable(),
  status: waitlistStatus,
  bookingId: id.nullable(),
  offerExpiresAt: time.nullable(),
  createdAt: time,
});
export type WaitlistEntry = z.infer<typeof waitlistEntry>;

/** `listWaitlist`: the caller's own entries. */
export const waitlistEntries = z.object({ entries: z.array(waitlistEntry) });

/** `joinWaitlist`: with tickets of the event's types, or `seats` as in `book`. */
export const joinWaitlistInput = z.union([
  z.strictObject({ requestId, eventId: id, seats }),
  z.strictObject({ requestId, eventId: id, tickets: ticketCounts }),
]);
