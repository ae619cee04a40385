/** A text typed at check-in by a scanner or an organiser, with the booking code and the event in it. */
export interface ScannedText {
  text: string;
  /** Of one seat's own ticket the whole text, because it has no code. */
  code: string;
  /** The booking whose seat has this ticket; null for tickets of whole bookings, and for codes. */
  bookingId: string | null;
  /** The event of a ticket; null for a code, which names no event. */
  eventId: string | null;
}

const PERSONAL = /^FR2\.([0-9a-f]{24})\.([0-9a-f]{24})\./;
const TICKET = /^FR1\.[0-9a-f]{24}\.([0-9a-f]{24})\.([0-9A-Z]+)\./;

/** A typed code in its stored form. Codes have no I, L and O, so these are read as 1, 1 and 0. */
function codeOf(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
}

/** Reads a ticket (`FR1.…`), one seat's own (`FR2.…`) or, from any other text, a code. */
export function readScan(typed: string): ScannedText {
  const text = typed.trim();
  const [, bookingId, event] = PERSONAL.exec(text) ?? [];
  if (bookingId !== undefined && event !== undefined) return { text, code: text, bookingId, eventId: event };
  const [, eventId, code] = TICKET.exec(text) ?? [];
  return { text, code: code ?? codeOf(text), bookingId: null, eventId: eventId ?? null };
}
