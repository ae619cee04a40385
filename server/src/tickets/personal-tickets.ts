import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { PersonalTicketId } from '#server/booking/rules/state/booking-state.ts';

/** The formats of the QR code's text and of the link's key; a later one can stand beside each. */
const TEXT_PREFIX = 'FR2';
const KEY_VERSION = '2';
/** Each signature has a key of its own: a scanned code does not open the page, nor does a link admit anyone. */
const TEXT_PURPOSE = 'frontrow personal ticket 1';
const KEY_PURPOSE = 'frontrow personal ticket link 1';
const SECRET_BYTES = 32;
/** 144 bits, which are 24 signs of base64url exactly: no sign has bits that a reader would ignore. */
const MAC_BYTES = 18;

// Numbers without leading zeros: one seat has one text.
const SEAT = String.raw`(t\d{1,6})\.(\d{1,3})\.(\d{1,7})`;
const TEXT = new RegExp(`^(FR2\\.([0-9a-f]{24})\\.[0-9a-f]{24}\\.${SEAT})\\.([\\w-]{24})$`);
const KEY = new RegExp(`^(2([\\w-]{16})\\.${SEAT})\\.([\\w-]{24})$`);

/** One seat's own ticket, as its text or key names it. */
export interface NamedPersonalTicket extends PersonalTicketId {
  bookingId: string;
}

export type PersonalTickets = ReturnType<typeof createPersonalTickets>;

/**
 * The texts and keys of tickets for one seat of a booking: `FR2.<booking>.<event>.<type>.<number>.<issue>.<mac>` in the
 * QR code, and `2<booking>.<type>.<number>.<issue>.<mac>` in the link, which shows that ticket and allows nothing else.
 * Neither names the booking's code.
 */
export function createPersonalTickets(secret: string) {
  const textKey = derivedKey(secret, TEXT_PURPOSE);
  const linkKey = derivedKey(secret, KEY_PURPOSE);

  /** The text of the QR code; ids are 24 hexadecimal digits. */
  function textOf({ bookingId, type, number, issue }: NamedPersonalTicket, eventId: string): string {
    const body = `${TEXT_PREFIX}.${bookingId}.${eventId}.${type}.${number}.${issue}`;
    return `${body}.${macOf(textKey, body)}`;
  }

  /** The ticket that a QR code's text names; null for a text without a valid signature. */
  function readText(text: string): NamedPersonalTicket | null {
    const [, body, bookingId, type, number, issue, mac] = TEXT.exec(text) ?? [];
    if (!bookingId || !type || !isSigned(textKey, body, mac)) return null;
    return { bookingId, type, number: Number(number), issue: Number(issue) };
  }

  /** The key of a ticket's link. */
  function keyOf({ bookingId, type, number, issue }: NamedPersonalTicket): string {
    const body = `${KEY_VERSION}${Buffer.from(bookingId, 'hex').toString('base64url')}.${type}.${number}.${issue}`;
    return `${body}.${macOf(linkKey, body)}`;
  }

  /** The ticket that a link's key opens; null for a text without a valid signature. */
  function readKey(text: string): NamedPersonalTicket | null {
    const [, body, id, type, number, issue, mac] = KEY.exec(text) ?? [];
    if (!id || !type || !isSigned(linkKey, body, mac)) return null;
    const bookingId = Buffer.from(id, 'base64url').toString('hex');
    return { bookingId, type, number: Number(number), issue: Number(issue) };
  }

  return { textOf, readText, keyOf, readKey };
}

function derivedKey(secret: string, purpose: string) {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', purpose, SECRET_BYTES)));
}

function macOf(key: ReturnType<typeof derivedKey>, body: string): string {
  return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES).toString('base64url');
}

/** Compared as texts of one length, because different texts may decode to the same bytes. */
function isSigned(key: ReturnType<typeof derivedKey>, body: string | undefined, mac: string | undefined): boolean {
  if (body === undefined || mac === undefined) return false;
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(key, body)));
}
