import type { BookingState } from './booking-state.ts';

export type LedgerEntryKind =
  | 'capacity'
  | 'booked'
  | 'held'
  | 'offered'
  | 'confirmed'
  | 'resized'
  | 'adopted'
  | 'revived'
  | 'cancelled'
  | 'checkedIn'
  | 'released'
  | 'moveSeen'
  | 'ticketShared'
  | 'ticketRevoked'
  | 'expired'
  // Kinds about payments alone: no seats move.
  | 'paying'
  | 'declined'
  | 'unpaid'
  | 'settling'
  | 'mismatch'
  | 'refunding'
  | 'refunded'
  | 'recounted';

/** One change, immutable: seats moved between the counters, the booking after the change, actor and reason. */
export interface LedgerEntry {
  kind: LedgerEntryKind;
  available: number;
  held: number;
  sold: number;
  booking: BookingState | null;
  actor: string;
  reason: string | null;
}

/** Why seats or payments change: kind, actor (a user's id or `system`) and reason of the ledger entry. */
export interface Cause {
  kind: LedgerEntryKind;
  actor: string;
  reason?: string | null;
}
