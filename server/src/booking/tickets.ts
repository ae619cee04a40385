import { createHmac, timingSafeEqual } from 'node:crypto';
import type { BookingDoc } from '#server/models/booking.ts';

const PREFIX = 'FR1';
/** 128 bits: nobody guesses one, and the QR code stays coarse enough for a cracked phone screen. */
const MAC_BYTES = 16;
/** A booking is shown by its reply and by its push: within this many others it is signed once. */
const MOST_REMEMBERED = 10_000;

export type TicketOf = (booking: Pick<BookingDoc, '_id' | 'eventId' | 'code' | 'status'>) => string | null;

/** The QR's text of confirmed bookings: `FR1.<booking>.<event>.<code>.<mac>`, signed with the secret of this database. */
export function createTickets(secret: string) {
  const remembered = new Map<string, string>();

  const ticketOf: TicketOf = (booking) => {
    if (booking.status !== 'confirmed') return null;
    const body = `${PREFIX}.${booking._id.toHexString()}.${booking.eventId.toHexString()}.${booking.code}`;
    const known = remembered.get(body);
    if (known) return known;
    const ticket = `${body}.${macOf(body).toString('base64url')}`;
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(body, ticket);
    return ticket;
  };

  /** The booking that a ticket's text names, if the signature is ours. */
  function readTicket(text: string): { bookingId: string; eventId: string } | null {
    const parts = text.split('.');
    const [prefix, bookingId, eventId, , signature] = parts;
    if (parts.length !== 5 || prefix !== PREFIX || !bookingId || !eventId || !signature) return null;
    const given = Buffer.from(signature, 'base64url');
    const expected = macOf(parts.slice(0, 4).join('.'));
    return given.length === MAC_BYTES && timingSafeEqual(given, expected) ? { bookingId, eventId } : null;
  }

  function macOf(body: string): Buffer {
    return createHmac('sha256', secret).update(body).digest().subarray(0, MAC_BYTES);
  }

  return { ticketOf, readTicket };
}
