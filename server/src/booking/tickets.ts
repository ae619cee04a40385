import type { KeyObject } from 'node:crypto';
import { sign, verify } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { BookingDoc } from '#server/models/booking.ts';

const PREFIX = 'FR1';
/** A signature costs about 40 microseconds; the same booking is shown by its reply and by its push. */
const REMEMBERED_TICKETS = 20_000;

export type TicketOf = (booking: Pick<BookingDoc, '_id' | 'eventId' | 'code' | 'status'>) => string | null;

/** The QR's text of confirmed bookings: `FR1.<booking>.<event>.<code>.<signature>`, signed with Ed25519. */
export function createTickets(privateKey: KeyObject): TicketOf {
  const remembered = new LRUCache<string, string>({ max: REMEMBERED_TICKETS });
  return (booking) => {
    if (booking.status !== 'confirmed') return null;
    const id = booking._id.toHexString();
    const known = remembered.get(id);
    if (known) return known;
    const body = [PREFIX, id, booking.eventId.toHexString(), booking.code].join('.');
    const ticket = `${body}.${sign(null, Buffer.from(body), privateKey).toString('base64url')}`;
    remembered.set(id, ticket);
    return ticket;
  };
}

/** The booking that a ticket's text names, if the signature is ours. */
export function readTicket(text: string, publicKey: KeyObject): { bookingId: string; eventId: string } | null {
  const parts = text.split('.');
  const [prefix, bookingId, eventId, , signature] = parts;
  if (parts.length !== 5 || prefix !== PREFIX || !bookingId || !eventId || !signature) return null;
  const body = Buffer.from(parts.slice(0, 4).join('.'));
  const genuine = verify(null, body, publicKey, Buffer.from(signature, 'base64url'));
  return genuine ? { bookingId, eventId } : null;
}
