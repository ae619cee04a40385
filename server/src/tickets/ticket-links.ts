import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Names the format; a later one can name another key, and links of this one stay valid beside it. */
const VERSION = '1';
/** Binds the derived key to this purpose: a link's signature is of no use as a ticket's, nor the other way round. */
const PURPOSE = 'frontrow ticket link 1';
const KEY_BYTES = 32;
/** 144 bits, which are 24 signs of base64url exactly: no sign has bits that a reader would ignore. */
const MAC_BYTES = 18;

const KEY = /^(1([\w-]{16}))\.([\w-]{24})$/;

export type TicketLinks = ReturnType<typeof createTicketLinks>;

/**
 * The keys of links that open one booking's ticket without a session: `1<booking>.<mac>`, all in base64url, signed with
 * a key that is derived from the secret of tickets. A key shows the ticket, and allows nothing else.
 */
export function createTicketLinks(secret: string) {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES)));

  /** The key of a booking's link; `bookingId`: 24 hexadecimal digits. */
  function keyOf(bookingId: string): string {
    const body = VERSION + Buffer.from(bookingId, 'hex').toString('base64url');
    return `${body}.${macOf(body)}`;
  }

  /** The booking that a key opens; null for a text without a valid signature. */
  function bookingOf(text: string): { bookingId: string } | null {
    const [, body, id, mac] = KEY.exec(text) ?? [];
    if (body === undefined || id === undefined || mac === undefined) return null;
    // As texts of one length, because different texts may decode to the same bytes.
    if (!timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(body)))) return null;
    return { bookingId: Buffer.from(id, 'base64url').toString('hex') };
  }

  function macOf(body: string): string {
    return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES).toString('base64url');
  }

  return { keyOf, bookingOf };
}
