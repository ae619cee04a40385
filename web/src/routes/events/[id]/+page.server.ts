import { fail, redirect } from '@sveltejs/kit';
import type { Actions } from './$types';
import type { Booking } from '#shared/booking.ts';
import type { BookOutcome } from '#lib/form-outcome.ts';
import { signInLink } from '#lib/i18n/links.ts';
import { askApi, formTexts, requestIdOf, statusOf } from '#lib/server/page-forms.ts';

const FIELDS = ['seats', 'currency', 'version'];

export const actions = {
  /** Books seats of a free event. A signed-out visitor signs in first, and comes back to the event. */
  book: async (event) => {
    const { seats = '', currency, version = '' } = await formTexts(event, FIELDS);
    const eventId = event.params.id;
    const reply = await askApi<Booking>(event, '/bookings', {
      // The page shows other seat counts, and has another version, once its booking is made.
      requestId: requestIdOf([eventId, version, seats]),
      eventId,
      seats: Number(seats),
      price: { amount: 0, currency },
    });
    if (reply.ok) return { booked: reply.data } satisfies BookOutcome;
    if (reply.error.code === 'UNAUTHENTICATED') redirect(303, signInLink('/login', event.url));
    return fail(statusOf(reply.error), { refused: reply.error } satisfies BookOutcome);
  },
} satisfies Actions;
