import { createSignedIds } from '#server/accounts/recovery/signed-ids.ts';

/** Binds the derived key to this purpose: a link's signature is of no use as a ticket's, nor the other way round. */
const PURPOSE = 'frontrow ticket link 1';

export type TicketLinks = ReturnType<typeof createTicketLinks>;

/**
 * The keys of links that open one booking's ticket without a session, signed with a key that is derived from the secret
 * of tickets. A key shows the ticket, and allows nothing else.
 */
export function createTicketLinks(secret: string) {
  const { sign, idOf } = createSignedIds(secret, PURPOSE);
  return {
    /** The key of a booking's link; `bookingId`: 24 hexadecimal digits. */
    keyOf: sign,
    /** The booking that a key opens; null for a text without a valid signature. */
    bookingOf(text: string): { bookingId: string } | null {
      const bookingId = idOf(text);
      return bookingId === null ? null : { bookingId };
    },
  };
}
