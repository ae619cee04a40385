/** What a scanner or a person has typed at the door: the booking's code, and the event that a ticket names. */
export interface ScannedText {
  text: string;
  code: string;
  /** Null for a code, which names none. */
  eventId: string | null;
}

const TICKET = /^FR1\.[0-9a-f]{24}\.([0-9a-f]{24})\.([0-9A-Z]+)\./;

/** No code has these letters: they are the digits that they look like. */
function codeOf(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
}

export function readScan(typed: string): ScannedText {
  const text = typed.trim();
  const [, eventId, code] = TICKET.exec(text) ?? [];
  return { text, code: code ?? codeOf(text), eventId: eventId ?? null };
}
