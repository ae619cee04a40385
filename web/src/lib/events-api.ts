import { error } from '@sveltejs/kit';
import type { Event, EventPage } from '#shared/event.ts';
import type { EventFilters } from '#shared/events/filters.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';

/** The inputs of the event list, from the query of its address; `page` counts from 1, "" and false narrow nothing. */
export interface ListInputs {
  page: number;
  when: 'upcoming' | 'past';
  query: string;
  /** One of the dates that there are to choose from, such as `tonight`. */
  date: string;
  category: string;
  city: string;
  tag: string;
  free: boolean;
  available: boolean;
}

export type ListRequest = CommandRequest<'listEvents'>;

export const PAGE_SIZE = 20;
/** Texts by their greatest length. */
const TEXTS = { query: 200, date: 10, category: 40, city: 80, tag: 30 } as const;
const SWITCHES = ['free', 'available'] as const;
type TextName = keyof typeof TEXTS;
const TEXT_NAMES = Object.keys(TEXTS) as TextName[];

/** The inputs in a list page's address; an invalid value is replaced by its default. */
export function listInputs(search: URLSearchParams): ListInputs {
  const page = /^[1-9]\d{0,4}$/.test(search.get('page') ?? '') ? Number(search.get('page')) : 1;
  const texts = TEXT_NAMES.map((name) => [name, (search.get(name) ?? '').trim().slice(0, TEXTS[name])]);
  const switches = SWITCHES.map((name) => [name, search.get(name) === 'true']);
  const when = search.get('when') === 'past' ? 'past' : 'upcoming';
  return { page, when, ...(Object.fromEntries([...texts, ...switches]) as Omit<ListInputs, 'page' | 'when'>) };
}

/**
 * The query string of a list page, without default values: "?query=jazz&page=2". `organiser` is for feeds: an organiser
 * has a page.
 */
export function listSearch({ organiser, ...inputs }: Partial<ListInputs> & { organiser?: string }): string {
  const search = new URLSearchParams();
  if (inputs.query) search.set('query', inputs.query);
  if (inputs.when === 'past') search.set('when', 'past');
  if (organiser !== undefined) search.set('organiser', organiser);
  for (const name of [...TEXT_NAMES, ...SWITCHES]) if (inputs[name]) search.set(name, String(inputs[name]));
  if (inputs.page !== undefined && inputs.page > 1) search.set('page', String(inputs.page));
  return search.size > 0 ? `?${search}` : '';
}

/** Whether the list is narrowed by anything but a search. */
export function isFiltered({ date, category, city, tag, free, available }: ListInputs): boolean {
  return date + category + city + tag !== '' || free || available;
}

/**
 * What the server is asked for with these inputs; null if no event has the date. A date that is chosen has its range in
 * `filters`.
 */
export function listRequest(inputs: ListInputs, { dates }: Pick<EventFilters, 'dates'>): ListRequest | null {
  const { page, when, date } = inputs;
  const range = dates.find((one) => one.date === date);
  if (date !== '' && range === undefined) return null;
  const named = [...TEXT_NAMES, ...SWITCHES].filter((name) => name !== 'date' && inputs[name]);
  return {
    page,
    limit: PAGE_SIZE,
    when,
    ...Object.fromEntries(named.map((name) => [name, inputs[name as keyof ListInputs]])),
    ...(range && { from: range.from, to: range.to }),
  };
}

/** What the list can be narrowed by. Throws a 503 error if the server cannot answer. */
export function fetchFilters(fetch: typeof globalThis.fetch): Promise<EventFilters> {
  return fetchJson<EventFilters>(fetch, '/api/events/filters');
}

/** Loads a page of events as `listEvents` would. Throws a 503 error if the server cannot answer. */
export function fetchEventPage(fetch: typeof globalThis.fetch, input: ListRequest): Promise<EventPage> {
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
