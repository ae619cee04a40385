import { error } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';
import type { AnyLinkedTicket } from '#shared/tickets/linked-ticket.ts';
import { askApi, statusOf } from '#lib/server/page-forms.ts';

/** Opens nothing: the service worker keeps the page at this key, for tickets that are kept in the browser. */
const SHELL = 'kept';

export const load: PageServerLoad = async (event) => {
  const { key } = event.params;
  if (key === SHELL) return { ticket: null };
  const reply = await askApi<AnyLinkedTicket>(event, '/ticket-links', { key });
  if (reply.ok) return { ticket: reply.data };
  const isUnknown = reply.error.code === 'NOT_FOUND' || reply.error.code === 'INVALID_INPUT';
  return error(isUnknown ? 404 : statusOf(reply.error), reply.error.code);
};
