import type { Outcome } from '#server/booking/rules/command.ts';
import type { ErrorCode } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { ModelBooking, ModelEntry } from './state.ts';

type Shown = 'key' | 'seats' | 'status' | 'source' | 'version' | 'endsAt' | 'endedBy';

/** An outcome in the model's terms: times are numbers, bookings have the model's keys. */
export type Answer =
  | { ok: true; booking: Pick<ModelBooking, Shown> & { tickets: string } }
  | { ok: true; entry: Pick<ModelEntry, 'key' | 'seats' | 'status' | 'version' | 'booking'> & { tickets: string } }
  | { ok: true; event: true }
  | { ok: false; code: ErrorCode; details?: Record<string, unknown> };

export const DONE: Answer = { ok: true, event: true };

export function refused(code: ErrorCode, details?: Record<string, unknown>): Answer {
  return details ? { ok: false, code, details } : { ok: false, code };
}

export function bookingAnswer({ key, seats, lines, status, source, version, endsAt, endedBy }: ModelBooking): Answer {
  const tickets = linesText(lines);
  return { ok: true, booking: { key, seats, tickets, status, source, version, endsAt, endedBy } };
}

export function entryAnswer({ key, seats, wants, status, version, booking }: ModelEntry): Answer {
  return { ok: true, entry: { key, seats, tickets: linesText(wants), status, version, booking } };
}

/** Tickets as one text. */
export function linesText(
  lines: readonly {
    type: string;
    count: number;
    amount?: number;
    price?: Money;
    seats?: number;
    off?: number;
    discount?: number;
  }[],
): string {
  return lines
    .map(({ type, count, amount, price, seats, off, discount }) =>
      [count, type, amount ?? price?.amount, seats, off ?? discount].join(' ').trimEnd(),
    )
    .join(', ');
}

/** A cancellation of some tickets as one text; `at` in milliseconds. */
export function partText({
  by,
  amount,
  at,
  lines,
}: {
  by: string;
  amount: number;
  at: number;
  lines: Parameters<typeof linesText>[0];
}): string {
  return `${linesText(lines)} by ${by} at ${at} for ${amount}`;
}

/** Translates an outcome of the rules into the model's terms; `name` maps a booking id to the model's key. */
export function answerOf(outcome: Outcome, name: (bookingId: string) => string): Answer {
  if (!outcome.ok) return refusal(outcome.error, name);
  if ('event' in outcome) return DONE;
  if ('waitlistEntry' in outcome) {
    const { id, seats, tickets, status, version, bookingId } = outcome.waitlistEntry;
    const entry = { key: id, seats, tickets: linesText(tickets), status, version };
    return { ok: true, entry: { ...entry, booking: bookingId && name(bookingId) } };
  }
  const { id, seats, status, source, version } = outcome.booking;
  const tickets = linesText(outcome.booking.tickets);
  const endsAt = 'holdExpiresAt' in outcome.booking ? outcome.booking.holdExpiresAt.getTime() : null;
  const endedBy = 'ended' in outcome.booking ? outcome.booking.ended.by : null;
  return { ok: true, booking: { key: name(id), seats, tickets, status, source, version, endsAt, endedBy } };
}

function refusal(
  { code, details }: Extract<Outcome, { ok: false }>['error'],
  name: (bookingId: string) => string,
): Answer {
  const id = details?.['bookingId'];
  return refused(code, typeof id === 'string' ? { ...details, bookingId: name(id) } : details);
}
