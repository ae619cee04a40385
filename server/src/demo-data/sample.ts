import type { z } from 'zod';
import type { EventInput } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { ticketTypesInput } from '#shared/tickets/ticket-type.ts';

/** What a sample says of itself besides; the doors follow from its dates. */
export type SampleDetails = Partial<
  Pick<EventInput, 'category' | 'tags' | 'city' | 'organiser' | 'address' | 'minAge' | 'accessInfo' | 'seating'>
>;

/** A sample event. Its dates are relative to the day on which the server starts. */
export interface Sample {
  /** Identifies the sample's first event in the database; its last digit is part of the ids of those that follow. */
  requestId: string;
  event: Pick<EventInput, 'title' | 'description' | 'venue' | 'timeZone' | 'totalSeats'> &
    Partial<Pick<EventInput, 'status' | 'maxSeatsPerBooking'>> &
    SampleDetails &
    ({ price: Money } | { ticketTypes: z.input<typeof ticketTypesInput> });
  /** Days from today to the first day; negative for an event that has begun. */
  inDays: number;
  /** Start on the first day, by the venue's clock. */
  from: string;
  /** When the doors open on the first day, by the venue's clock. */
  doors?: string;
  /** End on the last day, by the venue's clock. */
  to: string;
  /** Days from the first to the last day; 0 if absent. */
  days?: number;
  /** Minutes from the start of the server to the opening of the sale. */
  opensInMinutes?: number;
  /** Seats that demo buyers book. Free events only, because a booking with a price waits for its payment. */
  sold?: number;
  /** Party sizes of the waitlist entries. */
  waitlistPartySizes?: readonly number[];
  /** The reason, if the event is cancelled. */
  cancelled?: string;
}
