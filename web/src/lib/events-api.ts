import { error } from '@sveltejs/kit';
import type { Event, EventPage } from '#shared/event.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';

/** The inputs of the event list, from the query of its address; `page` counts from 1. */
export interface ListInputs {
  page: number;
  query: string;
  when: 'upcoming' | 'past';
}

export const PAGE_SIZE = 20;

/** The inputs in a list page's address; an invalid value is replaced by its default. */
export function listInputs(search: URLSearchParams): ListInputs {
  const page = /^[1-9]\d{0,4}$/.test(search.get('page') ?? '') ? Number(search.get('page')) : 1;
  return {
    page,
    query: (search.get('query') ?? '').trim().slice(0, 200),
    when: search.get('when') === 'past' ? 'past' : 'upcoming',
  };
}

/** The query string of a list page, without default values: "?query=jazz&page=2". */
export function listSearch(inputs: Partial<ListInputs>): string {
  const search = new URLSearchParams();
  if (inputs.query) search.set('query', inputs.query);
  if (inputs.when === 'past') search.set('when', 'past');
  if (inputs.page !== undefined && inputs.page > 1) search.set('page', String(inputs.page));
  return search.size > 0 ? `?${search}` : '';
}

/** Loads a page of events. Throws a 503 error if the server cannot answer. */
export function fetchEvents(fetch: typeof globalThis.fetch, inputs: ListInputs, limit = PAGE_SIZE): Promise<EventPage> {
  const { page, when, query } = inputs;
  return fetchEventPage(fetch, { page, limit, when, ...(query && { query }) });
}

/** Loads a page of events as `listEvents` would. Throws a 503 error if the server cannot answer. */
export function fetchEventPage(
  fetch: typeof globalThis.fetch,
  input: CommandRequest<'listEvents'>,
): Promise<EventPage> {
  const search = new URLSearchParams(Object.entries(input).map(([name, value]) => [name, String(value)]));
  return fetchJson<EventPage>(fetch, `/api/events?${search}`);
}

/** Loads an event that this visitor may see. Throws a 404 error if there is none, 503 if the server cannot answer. */
export async function fetchEvent(fetch: typeof globalThis.fetch, eventId: string): Promise<Event> {
  if (!/^[0-9a-f]{24}$/i.test(eventId)) error(404, 'Not Found');
  return fetchJson<Event>(fetch, `/api/events/${eventId}`);
}

async function fetchJson<T>(fetch: typeof globalThis.fetch, path: string): Promise<T> {
  const response = await fetchOr503(fetch, path);
  if (response.status === 404 || response.status === 400) error(404, 'Not Found');
  if (!response.ok) error(503, 'Service Unavailable');
  return (await response.json()) as T;
}

/** Fetches; in a browser a missing answer is a 503 error, because the network is down and the page shows that. */
async function fetchOr503(fetch: typeof globalThis.fetch, path: string): Promise<Response> {
  try {
    return await fetch(path);
  } catch (cause) {
    if (typeof document === 'undefined') throw cause;
    error(503, 'Service Unavailable');
  }
}
