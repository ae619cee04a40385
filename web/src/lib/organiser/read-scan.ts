/** A text typed at check-in by a scanner or an organiser, with the booking code and the event in it. */
interface ScannedText {
  text: string;
  code: string;
  /** The event of a ticket; null for a code, which names no event. */
  eventId: string | null;
}

const TICKET = /^FR1\.[0-9a-f]{24}\.([0-9a-f]{24})\.([0-9A-Z]+)\./;

/** A typed code in its stored form. Codes have no I, L and O, so these are read as 1, 1 and 0. */
function codeOf(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
}

/** Reads a ticket (`FR1.…`) or, from any other text, a code. */
export function readScan(typed: string): ScannedText {
  const text = typed.trim();
  const [, eventId, code] = TICKET.exec(text) ?? [];
  return { text, code: code ?? codeOf(text), eventId: eventId ?? null };
}
