import { z } from 'zod';
import { id, time } from './protocol/primitives.ts';

export const waitlistStatus = z.enum(['waiting', 'offered', 'fulfilled', 'left', 'missed', 'closed']);
export type WaitlistStatus = z.infer<typeof waitlistStatus>;

/**
 * A party on an event's waiting list, as its owner sees it. `position` counts the waiting entries ahead plus one and is
 * there only while it waits; `bookingId` is the offer.
 */
export const waitlistEntry = z.object({
  id,
  version: z.int(),
  eventId: id,
  seats: z.int(),
  position: z.int().nullable(),
  status: waitlistStatus,
  bookingId: id.nullable(),
  offerExpiresAt: time.nullable(),
  createdAt: time,
});
export type WaitlistEntry = z.infer<typeof waitlistEntry>;

export const waitlistEntries = z.object({ entries: z.array(waitlistEntry) });
