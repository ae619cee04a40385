import type { NewJob } from './command.ts';
import type { LedgerEntry } from './state/ledger-entry.ts';
import type { BookingState } from './state/booking-state.ts';

// Kinds of the jobs that notify people of what a batch has decided. The stored kinds are older than these names.

/** By mail; the handler reads the batch's ledger document. */
export const NOTIFY_BOOKINGS = 'tell-bookings';
/**
 * Bookings and holds that the organiser or the event ended: urgent, unlike the confirmations of a sale. A buyer's own
 * cancellation stays behind the confirmation of the booking.
 */
export const NOTIFY_ENDED = 'tell-ended';
/** Apart from bookings: an offer has an end, and must not wait behind the confirmations of a sold-out event. */
export const NOTIFY_OFFERS = 'tell-offers';
/** To users whose waitlist entries were closed, because the event is cancelled or its sale is over. */
export const NOTIFY_WAITLIST = 'tell-waitlist';
/** To all who have booked an event whose time or venue changed. */
export const NOTIFY_MOVED = 'tell-moved';
export const NOTIFY_PAYMENTS = 'tell-money';

/**
 * Whether the job runner has to start a job at once: booking mails, one per batch of a sale, wait for its next look.
 */
export function isUrgent({ kind }: NewJob): boolean {
  return kind !== NOTIFY_BOOKINGS;
}

/**
 * Whether a job is added after the commit of its batch instead of with it, so that no reply waits for it. Such a job
 * follows from the ledger document alone, and can be derived from it at any time.
 */
export function isAddedAfterCommit({ kind }: Pick<NewJob, 'kind'>): boolean {
  return kind === NOTIFY_BOOKINGS;
}

/** The fields of a ledger entry that decide who is notified; the same in the rules and in the database. */
interface NotifiableEntry {
  kind: LedgerEntry['kind'] | 'created';
  booking: (Pick<BookingState, 'status' | 'source'> & { ended?: { by: string } | null }) | null;
}

/**
 * The jobs that notify people of a batch: one per kind, however many bookings, since a document for each would slow the
 * sale.
 */
export function notificationJobs(eventId: string, seq: number, entries: readonly NotifiableEntry[]): NewJob[] {
  const kinds = new Set(entries.map(jobKindOf).filter((kind) => kind !== null));
  return [...kinds].map((kind) => ({
    key: notificationKey(kind, eventId, seq),
    kind,
    payload: { eventId, seq, ...(kind === NOTIFY_BOOKINGS && { endedApart: true }) },
  }));
}

/** The key of the job of this kind that notifies of an event's ledger document. */
export function notificationKey(kind: string, eventId: string, seq: number): string {
  return `${kind}:${eventId}:${seq}`;
}

/** The kind of notification job that a ledger entry needs; null: no notification. */
function jobKindOf({ kind, booking }: NotifiableEntry): string | null {
  switch (kind) {
    case 'offered':
      return NOTIFY_OFFERS;
    case 'booked':
    case 'confirmed':
    case 'revived':
      return NOTIFY_BOOKINGS;
    case 'cancelled':
      return booking?.status === 'cancelled' && booking.ended?.by !== 'buyer' ? NOTIFY_ENDED : NOTIFY_BOOKINGS;
    case 'released':
      return booking?.status === 'cancelled' && booking.ended?.by !== 'buyer' ? NOTIFY_ENDED : null;
    case 'expired':
      return booking?.source === 'waitlist' ? NOTIFY_BOOKINGS : null;
    default:
      return null;
  }
}

/** An entry is closed once, so the first one names the job. */
export function closedEntriesJob(eventId: string, entryIds: readonly [string, ...string[]]): NewJob {
  return { key: `${NOTIFY_WAITLIST}:${entryIds[0]}`, kind: NOTIFY_WAITLIST, payload: { eventId, entryIds } };
}

/** `late`: a payment buys nothing and is refunded; `refunded`: the provider has carried a refund out. */
export function paymentNotificationJob(
  fact: 'late' | 'refunded',
  eventId: string,
  paymentId: string,
  refundKey: string,
): NewJob {
  const payload = { eventId, fact, paymentId, refundKey };
  return { key: `${NOTIFY_PAYMENTS}:${fact}:${refundKey}`, kind: NOTIFY_PAYMENTS, payload };
}
