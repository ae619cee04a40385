import type { LedgerEntry, NewJob } from './command.ts';

/** Jobs that tell people by mail what a batch has decided; each reads the ledger's document of the batch. */
export const NOTIFY_BOOKINGS = 'tell-bookings';
/** Apart from the others: an offer has an end, and must not wait behind a full house of confirmations. */
export const NOTIFY_OFFERS = 'tell-offers';
export const NOTIFY_MOVED = 'tell-moved';
export const NOTIFY_PAYMENTS = 'tell-money';

/** Every batch of a sale orders a mail: those wait for the runner's next look, which a busy sale must not hurry. */
export function isUrgent({ kind }: NewJob): boolean {
  return kind !== NOTIFY_BOOKINGS;
}

/** One order for a whole batch, however many bookings it holds: a document for each would slow the sale. */
export function notificationJobs(eventId: string, seq: number, entries: readonly LedgerEntry[]): NewJob[] {
  const kinds = new Set(entries.map(jobKindOf).filter((kind) => kind !== null));
  return [...kinds].map((kind) => ({ key: `${kind}:${eventId}:${seq}`, kind, payload: { eventId, seq } }));
}

/** Which job tells of an entry; null: nobody is told. */
function jobKindOf({ kind, booking }: LedgerEntry): string | null {
  switch (kind) {
    case 'offered':
      return NOTIFY_OFFERS;
    case 'booked':
    case 'confirmed':
    case 'revived':
      return NOTIFY_BOOKINGS;
    case 'cancelled':
      return NOTIFY_BOOKINGS;
    case 'released':
      return booking?.status === 'cancelled' && booking.ended.by === 'organiser' ? NOTIFY_BOOKINGS : null;
    case 'expired':
      return booking?.source === 'waitlist' ? NOTIFY_BOOKINGS : null;
    default:
      return null;
  }
}

/** `late`: money that came buys nothing and goes back; `refunded`: the provider says that it went. */
export function paymentNotificationJob(fact: 'late' | 'refunded', paymentId: string, refundKey: string): NewJob {
  return {
    key: `${NOTIFY_PAYMENTS}:${fact}:${refundKey}`,
    kind: NOTIFY_PAYMENTS,
    payload: { fact, paymentId, refundKey },
  };
}
