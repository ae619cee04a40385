import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { BookingDoc } from '#server/models/booking.ts';

const PREFIX = 'FR1';
/** 128 bits: beyond guessing, and the QR code stays coarse enough for a cracked phone screen. */
const MAC_BYTES = 16;

/** The ticket's text of a booking; null unless the booking is confirmed. */
export type TicketOf = (booking: Pick<BookingDoc, '_id' | 'eventId' | 'code' | 'status'>) => string | null;

export type Tickets = ReturnType<typeof createTickets>;

/** Tickets as the text of a QR code, `FR1.<booking>.<event>.<code>.<mac>`, signed with the secret of this database. */
export function createTickets(secret: string) {
  const key = createSecretKey(secret, 'utf8');

  const ticketOf: TicketOf = (booking) => {
    if (booking.status !== 'confirmed') return null;
    const body = `${PREFIX}.${booking._id.toHexString()}.${booking.eventId.toHexString()}.${booking.code}`;
    return `${body}.${macOf(body).toString('base64url')}`;
  };

  /** The booking that a ticket's text names; null for a text without a valid signature. */
  function readTicket(text: string): { bookingId: string; eventId: string } | null {
    const parts = text.split('.');
    const [prefix, bookingId, eventId, , signature] = parts;
    if (parts.length !== 5 || prefix !== PREFIX || !bookingId || !eventId || !signature) return null;
    const given = Buffer.from(signature, 'base64url');
    const expected = macOf(parts.slice(0, 4).join('.'));
    return given.length === MAC_BYTES && timingSafeEqual(given, expected) ? { bookingId, eventId } : null;
  }

  function macOf(body: string): Buffer {
    return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);
  }

  return { ticketOf, readTicket };
}
