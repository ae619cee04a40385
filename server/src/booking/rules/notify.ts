import type { Entry, JobOrder } from './command.ts';

/** Jobs that tell people by mail what a batch has decided; each reads the ledger's document of the batch. */
export const TELL_BOOKINGS = 'tell-bookings';
/** Apart from the others: an offer has an end, and must not wait behind a full house of confirmations. */
export const TELL_OFFERS = 'tell-offers';
export const TELL_MOVED = 'tell-moved';
export const TELL_MONEY = 'tell-money';

/** Every batch of a sale orders a mail: those wait for the runner's next look, which a busy sale must not hurry. */
export function isPressing({ kind }: JobOrder): boolean {
  return kind !== TELL_BOOKINGS;
}

/** One order for a whole batch, however many bookings it holds: a document for each would slow the sale. */
export function tellBatch(eventId: string, seq: number, entries: readonly Entry[]): JobOrder[] {
  const kinds = new Set(entries.map(jobOf).filter((kind) => kind !== null));
  return [...kinds].map((kind) => ({ key: `${kind}:${eventId}:${seq}`, kind, payload: { eventId, seq } }));
}

/** Which job tells of an entry; null: nobody is told. */
function jobOf({ kind, booking }: Entry): string | null {
  switch (kind) {
    case 'offered':
      return TELL_OFFERS;
    case 'booked':
    case 'confirmed':
    case 'revived':
      return TELL_BOOKINGS;
    case 'cancelled':
      return TELL_BOOKINGS;
    case 'released':
      return booking?.status === 'cancelled' && booking.ended.by === 'organiser' ? TELL_BOOKINGS : null;
    case 'expired':
      return booking?.source === 'waitlist' ? TELL_BOOKINGS : null;
    default:
      return null;
  }
}

/** `late`: money that came buys nothing and goes back; `refunded`: the provider says that it went. */
export function tellMoney(fact: 'late' | 'refunded', paymentId: string, refundKey: string): JobOrder {
  return { key: `${TELL_MONEY}:${fact}:${refundKey}`, kind: TELL_MONEY, payload: { fact, paymentId, refundKey } };
}
