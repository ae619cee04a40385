import { error } from '@sveltejs/kit';
import type { Event, EventPage } from '#shared/event.ts';

/** What the list page shows: the part of its address that means something. */
export interface ListInputs {
  page: number;
  query: string;
  when: 'upcoming' | 'past';
}

export const PAGE_SIZE = 20;

/** The inputs of a list page's address; anything that makes no sense means its default. */
export function listInputs(search: URLSearchParams): ListInputs {
  const page = /^[1-9]\d{0,4}$/.test(search.get('page') ?? '') ? Number(search.get('page')) : 1;
  return {
    page,
    query: (search.get('query') ?? '').trim().slice(0, 200),
    when: search.get('when') === 'past' ? 'past' : 'upcoming',
  };
}

/** The query string of a list page, without defaults: "?query=jazz&page=2". */
export function listSearch(inputs: Partial<ListInputs>): string {
  const search = new URLSearchParams();
  if (inputs.query) search.set('query', inputs.query);
  if (inputs.when === 'past') search.set('when', 'past');
  if (inputs.page !== undefined && inputs.page > 1) search.set('page', String(inputs.page));
  return search.size > 0 ? `?${search}` : '';
}

export function fetchEvents(fetch: typeof globalThis.fetch, inputs: ListInputs, limit = PAGE_SIZE): Promise<EventPage> {
  const search = new URLSearchParams({ page: String(inputs.page), limit: String(limit), when: inputs.when });
  if (inputs.query) search.set('query', inputs.query);
  return fetchJson<EventPage>(fetch, `/api/events?${search}`);
}

/** The event, as this visitor may see it; a page that is not there is a 404. */
export async function fetchEvent(fetch: typeof globalThis.fetch, eventId: string): Promise<Event> {
  if (!/^[0-9a-f]{24}$/i.test(eventId)) error(404, 'Not Found');
  return fetchJson<Event>(fetch, `/api/events/${eventId}`);
}

async function fetchJson<T>(fetch: typeof globalThis.fetch, path: string): Promise<T> {
  const response = await ask(fetch, path);
  if (response.status === 404 || response.status === 400) error(404, 'Not Found');
  if (!response.ok) error(503, 'Service Unavailable');
  return (await response.json()) as T;
}

/** In a browser no answer at all is no defect: its network is away, and the page says so. */
async function ask(fetch: typeof globalThis.fetch, path: string): Promise<Response> {
  try {
    return await fetch(path);
  } catch (cause) {
    if (typeof document === 'undefined') throw cause;
    error(503, 'Service Unavailable');
  }
}
