import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { NamedPersonalTicket } from '#server/tickets/personal-tickets.ts';

/** Binds the derived key to this purpose: the token of a pass is of no use as a ticket, nor as a link. */
const PURPOSE = 'frontrow wallet pass 1';
const KEY_BYTES = 32;

/**
 * The ticket that a pass shows. `own`: the whole booking with the buyer's name, for the buyer; `linked`: the whole booking
 * without a name, for those who have its link; `personal`: one seat.
 */
export type PassTicket = { kind: 'own' | 'linked'; bookingId: string } | ({ kind: 'personal' } & NamedPersonalTicket);

const WHOLE = /^([bl])-([0-9a-f]{24})$/;
// Numbers without leading zeros: one seat has one serial.
const PERSONAL = /^p-([0-9a-f]{24})-(t[1-9]\d{0,5})-([1-9]\d{0,2})-(0|[1-9]\d{0,6})$/;

/** The serial number of a ticket's pass: the same ticket always has the same, so that a wallet has it once. */
export function serialOf(ticket: PassTicket): string {
  if (ticket.kind !== 'personal') return `${ticket.kind === 'own' ? 'b' : 'l'}-${ticket.bookingId}`;
  return `p-${ticket.bookingId}-${ticket.type}-${ticket.number}-${ticket.issue}`;
}

/** The ticket that a serial number names; null for any other text. */
export function ticketOfSerial(serial: string): PassTicket | null {
  const [, letter, whole] = WHOLE.exec(serial) ?? [];
  if (whole !== undefined) return { kind: letter === 'b' ? 'own' : 'linked', bookingId: whole };
  const [, bookingId, type, number, issue] = PERSONAL.exec(serial) ?? [];
  if (bookingId === undefined || type === undefined) return null;
  return { kind: 'personal', bookingId, type, number: Number(number), issue: Number(issue) };
}

export type PassTokens = ReturnType<typeof createPassTokens>;

/** The tokens by which wallets ask for their passes: derived from the serial number, and stored nowhere. */
export function createPassTokens(secret: string) {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES)));

  function tokenOf(serial: string): string {
    return createHmac('sha256', key).update(serial).digest('base64url');
  }

  function isToken(serial: string, token: string): boolean {
    const [given, expected] = [Buffer.from(token), Buffer.from(tokenOf(serial))];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  return { tokenOf, isToken };
}
