import type { Booking } from '#shared/booking.ts';
import type { Reminder } from '#shared/events/reminder.ts';
import type { Failure } from './live/connection/connection.svelte.ts';

/** What a sign-in by a mailed code asks for: the address, the code, and the name of a new account. */
export type CodeStep = 'address' | 'code' | 'name';

/** How a form failed that the browser sent by itself, for the page that answers it. It never holds a password. */
export interface FormOutcome {
  /** What was typed, by field name, for the fields that are shown again. */
  values: Record<string, string>;
  /** Names of the empty fields. */
  missing: string[];
  /** The API's refusal; null if the form was not sent on. */
  failure: Failure | null;
  /** Of a form of a sign-in by code: what the page asks for next. */
  step?: CodeStep;
}

/** What became of seats that were booked by such a form. */
export type BookOutcome =
  | { booked: Pick<Booking, 'status' | 'seats' | 'code' | 'tickets' | 'voucher'>; refused?: never }
  | { refused: Failure; booked?: never };

/** What became of a wish to be reminded, or of taking it back, that was sent by such a form. */
export type RemindOutcome =
  | { reminder: Reminder; notReminded?: never }
  /** `ticketType`: the type that was asked for; absent for the sale of the event. */
  | { notReminded: Failure; ticketType?: string; reminder?: never };

/** How a form of an event's page went. */
export type EventFormOutcome = BookOutcome | RemindOutcome;

export function isRemindOutcome(outcome: EventFormOutcome): outcome is RemindOutcome {
  return ('reminder' in outcome && outcome.reminder !== undefined) || 'notReminded' in outcome;
}

/** What became of a reminder of the event, or of one of its ticket types, that such a form has sent; null without one. */
export function remindOutcomeOf(outcome: EventFormOutcome | null, ticketType?: string): RemindOutcome | null {
  if (outcome === null || !isRemindOutcome(outcome)) return null;
  const { ticketType: sent } = outcome.reminder ?? outcome;
  return sent === ticketType ? outcome : null;
}
