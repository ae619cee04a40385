import { fail, redirect } from '@sveltejs/kit';
import type { Actions } from './$types';
import type { Booking } from '#shared/booking.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import type { Reminder } from '#shared/events/reminder.ts';
import type { BookOutcome, RemindOutcome } from '#lib/form-outcome.ts';
import { signInLink } from '#lib/i18n/links.ts';
import { askApi, formEntries, requestIdOf, statusOf, type FormEvent } from '#lib/server/page-forms.ts';

/** The name of a field that holds the number of tickets of a type: the type's id. */
const TICKET_FIELD = /^t[1-9]\d{0,5}$/;

export const actions = {
  /** Books what is free of an event. A signed-out visitor signs in first, and comes back to the event. */
  book: async (event) => {
    const fields = await formEntries(event);
    const { seats = '', currency = '', version = '' } = fields;
    const eventId = event.params.id;
    const free = { amount: 0, currency };
    const tickets = ticketsOf(fields);
    const chosen = tickets === null ? { seats: Number(seats), price: free } : { tickets, total: free };
    const reply = await askApi<Booking>(event, '/bookings', {
      // The page shows other seat counts, and has another version, once its booking is made.
      requestId: requestIdOf([eventId, version, tickets === null ? seats : JSON.stringify(tickets)]),
      eventId,
      ...chosen,
    });
    if (reply.ok) return { booked: reply.data } satisfies BookOutcome;
    if (needsSignIn(reply.error)) redirect(303, signInLink('/login', event.url));
    return fail(statusOf(reply.error), { refused: reply.error } satisfies BookOutcome);
  },
  remind: (event) => answerReminder(event, '/reminders'),
  forget: (event) => answerReminder(event, '/reminders/forget'),
} satisfies Actions;

/** Asks to be reminded before the sale of the event or of a ticket type opens, or takes it back. A signed-out visitor signs in first, and comes back. */
async function answerReminder(event: FormEvent & { params: { id: string } }, path: string) {
  const { ticketType } = await formEntries(event);
  const ofType = ticketType === undefined ? {} : { ticketType };
  const reply = await askApi<Reminder>(event, path, { eventId: event.params.id, ...ofType });
  if (reply.ok) return { reminder: reply.data } satisfies RemindOutcome;
  if (needsSignIn(reply.error)) redirect(303, signInLink('/login', event.url));
  return fail(statusOf(reply.error), { notReminded: reply.error, ...ofType } satisfies RemindOutcome);
}

/** Whether there is no session, or only that of a visitor who holds seats. */
function needsSignIn({ code, details }: Failure): boolean {
  return code === 'UNAUTHENTICATED' || details?.['provisional'] === true;
}

/** The tickets of a form by types, whose numbers the API checks; null for a form by seats. */
function ticketsOf(fields: Partial<Record<string, string>>): TicketCount[] | null {
  const counts = Object.entries(fields).filter(([name]) => TICKET_FIELD.test(name));
  if (counts.length === 0) return null;
  return counts.flatMap(([type, count]) => (Number(count) === 0 ? [] : [{ type, count: Number(count) }]));
}
