import type { CheckIn } from '#server/booking/rules/command.ts';
import type { RevokeTicket, ShareTicket } from '#server/booking/rules/tickets/personal-command.ts';
import type { Answer } from './answer.ts';
import { bookingAnswer, refused } from './answer.ts';
import type { ModelBooking, ModelOwnTicket, ModelState } from './state.ts';

type Named = ShareTicket['ticket'];

const UNTOUCHED: ModelOwnTicket = { revoked: 0, isSent: false, isInside: false };

function nameOf({ type, number }: Pick<Named, 'type' | 'number'>): string {
  return `${type} ${number}`;
}

function seatsOfType({ lines }: ModelBooking, type: string): number {
  return lines.reduce((sum, line) => sum + (line.type === type ? line.count * line.seats : 0), 0);
}

function change(booking: ModelBooking, ticket: Named, what: Partial<ModelOwnTicket>): void {
  const now = booking.own.get(nameOf(ticket)) ?? UNTOUCHED;
  booking.own = new Map([...booking.own, [nameOf(ticket), { ...now, ...what }]]);
}

/** The seats that have no own ticket in the list and are outside: all seats, less those listed, less those inside. */
function namelessOutside({ seats, own, inside }: ModelBooking): number {
  let outside = seats;
  for (const _ of own) outside -= 1;
  let namelessInside = inside;
  for (const { isInside } of own.values()) if (isInside) namelessInside -= 1;
  return outside - namelessInside;
}

function isInside(booking: ModelBooking, ticket: Named): boolean {
  const own = booking.own.get(nameOf(ticket));
  return booking.inside === booking.seats || (own ? own.isInside : namelessOutside(booking) === 0);
}

function invalid(booking: ModelBooking, { type, number, issue }: Named): Answer | null {
  if (number > seatsOfType(booking, type)) return refused('INVALID_STATE', { ticket: 'cancelled' });
  const now = booking.own.get(nameOf({ type, number })) ?? UNTOUCHED;
  return now.revoked === issue ? null : refused('INVALID_STATE', { ticket: 'revoked' });
}

/** Checks in the one seat whose own ticket was scanned. */
export function checkInOne(booking: ModelBooking, ticket: Named, seats: CheckIn['seats']): Answer {
  const no = invalid(booking, ticket);
  if (no) return no;
  if (isInside(booking, ticket)) return bookingAnswer(booking);
  if ((seats ?? 1) > 1) return refused('INVALID_STATE', { seats: 1, checkedInSeats: 0 });
  change(booking, ticket, { isInside: true });
  Object.assign(booking, { inside: booking.inside + 1, version: booking.version + 1 });
  return bookingAnswer(booking);
}

/** Checks in so many seats without their names: nameless ones, then listed ones that were not sent, then the others. */
export function checkInNameless(booking: ModelBooking, entering: number): void {
  let named = Math.max(0, entering - namelessOutside(booking));
  const own = new Map(booking.own);
  for (const sent of [false, true]) {
    for (const [name, ticket] of own) {
      if (named === 0 || ticket.isInside || ticket.isSent !== sent) continue;
      own.set(name, { ...ticket, isInside: true });
      named -= 1;
    }
  }
  Object.assign(booking, { own, inside: booking.inside + entering });
}

/** Forgets own tickets of seats that the booking does not have any more. */
export function forgetCancelled(booking: ModelBooking): void {
  const left = [...booking.own].filter(([name]) => {
    const [type = '', number = ''] = name.split(' ');
    return Number(number) <= seatsOfType(booking, type);
  });
  booking.own = new Map(left);
}

export function shareOne(state: ModelState, booking: ModelBooking, { ticket }: ShareTicket): Answer {
  const no = notUsable(state, booking) ?? invalid(booking, ticket);
  if (no) return no;
  if (booking.own.get(nameOf(ticket))?.isSent) return bookingAnswer(booking);
  if (isInside(booking, ticket)) return refused('INVALID_STATE', { ticket: 'checked_in' });
  change(booking, ticket, { isSent: true });
  booking.version += 1;
  return bookingAnswer(booking);
}

export function revokeOne(state: ModelState, booking: ModelBooking, { ticket }: RevokeTicket): Answer {
  const revoked = booking.own.get(nameOf(ticket))?.revoked ?? 0;
  const no = notUsable(state, booking) ?? invalid(booking, { ...ticket, issue: revoked });
  if (no) return no;
  if (ticket.issue < revoked) return bookingAnswer(booking);
  if (ticket.issue > revoked) return refused('INVALID_STATE', { issue: revoked });
  if (isInside(booking, ticket)) return refused('INVALID_STATE', { ticket: 'checked_in' });
  change(booking, ticket, { revoked: revoked + 1, isSent: false });
  booking.version += 1;
  return bookingAnswer(booking);
}

function notUsable(state: ModelState, { status }: ModelBooking): Answer | null {
  if (status !== 'confirmed') return refused('INVALID_STATE', { status });
  return state.settings.status === 'cancelled' ? refused('INVALID_STATE', { event: 'cancelled' }) : null;
}
