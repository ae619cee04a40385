import type { TicketCount } from '#shared/tickets/ticket-type.ts';

/** The tickets that somebody waits for: seats of the event's only public type, or tickets by type. */
export type JoinRequested = { seats: number } | { tickets: readonly TicketCount[] };

/** What a join asked for, as it was sent, to tell a repeated request from a reused request id. */
export type JoinRequest = JoinRequested & { requestId: string };

/** An entry of an event's waiting list, kept after it has ended. */
export interface WaitlistEntryState {
  id: string;
  version: number;
  eventId: string;
  userId: string;
  /** What the tickets take together. */
  seats: number;
  tickets: readonly TicketCount[];
  /**
   * The stored sort key: larger behind smaller, in the order of joining. Never shown; positions are counted from it.
   */
  place: number;
  status: 'waiting' | 'offered' | 'fulfilled' | 'left' | 'missed' | 'closed';
  /** The offer, a hold; kept once it is answered. */
  bookingId: string | null;
  offerExpiresAt: Date | null;
  /** The joins that made or changed this entry, newest last. */
  requests: readonly JoinRequest[];
  createdAt: Date;
  updatedAt: Date;
}

/** Whether an entry waits or has an offer: a user has one such entry per event at most. */
export function isActiveEntry(entry: WaitlistEntryState): boolean {
  return entry.status === 'waiting' || entry.status === 'offered';
}
