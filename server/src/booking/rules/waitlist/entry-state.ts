/** What a join asked for, by its requestId: a repeat is told from a reuse. */
export interface JoinRequest {
  requestId: string;
  seats: number;
}

/** A party on an event's waiting list, or what became of it. */
export interface WaitlistEntryState {
  id: string;
  version: number;
  eventId: string;
  userId: string;
  seats: number;
  /** The order of the list: grows with every joining, never shown. */
  place: number;
  status: 'waiting' | 'offered' | 'fulfilled' | 'left' | 'missed' | 'closed';
  /** The offer: a hold. Kept on the record once it was answered. */
  bookingId: string | null;
  offerExpiresAt: Date | null;
  /** The joins that made or changed this entry, newest last. */
  requests: readonly JoinRequest[];
  createdAt: Date;
  updatedAt: Date;
}

/** Whether a party still waits or has an offer: one such entry per user and event. */
export function isActiveEntry(entry: WaitlistEntryState): boolean {
  return entry.status === 'waiting' || entry.status === 'offered';
}
