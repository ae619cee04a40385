import type { Event, EventPage } from '#shared/event.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import { isFoundBy } from '#shared/text/search-text.ts';

/** The tabs of an organiser's events. */
export const EVENT_TABS = ['upcoming', 'past', 'drafts', 'cancelled'] as const;
export type EventTab = (typeof EVENT_TABS)[number];

/** The inputs of an organiser's list, from the query of its address; `page` counts from 1. */
export interface TabInputs {
  tab: EventTab;
  query: string;
  page: number;
}

/** The input of `listEvents` for one page of a tab. */
type WireInput = CommandRequest<'listEvents'>;

const TAB_PAGE_SIZE = 20;

/** The inputs in an address; an invalid value is replaced by its default. */
export function tabInputs(search: URLSearchParams): TabInputs {
  const page = /^[1-9]\d{0,4}$/.test(search.get('page') ?? '') ? Number(search.get('page')) : 1;
  return {
    tab: EVENT_TABS.find((tab) => tab === search.get('tab')) ?? 'upcoming',
    query: (search.get('query') ?? '').trim().slice(0, 200),
    page,
  };
}

/** The query string of an organiser's list, without default values: "?tab=past&page=2". */
export function tabSearch({ tab, query, page = 1 }: Partial<TabInputs>): string {
  const search = new URLSearchParams();
  if (tab !== undefined && tab !== 'upcoming') search.set('tab', tab);
  if (query) search.set('query', query);
  if (page > 1) search.set('page', String(page));
  return search.size > 0 ? `?${search}` : '';
}

function wireInput({ tab, query }: TabInputs, page: number): WireInput {
  const paged = { page, limit: TAB_PAGE_SIZE, ...(query !== '' && { query }) };
  switch (tab) {
    case 'upcoming':
    case 'past':
      return { ...paged, when: tab, status: 'published' };
    case 'drafts':
      return { ...paged, when: 'all', status: 'draft' };
    case 'cancelled':
      return { ...paged, when: 'all', status: 'cancelled' };
    default:
      return tab satisfies never;
  }
}

/** Loads a page of a tab by `load`: upcoming events and drafts soonest first, past and cancelled ones latest first. */
export async function loadTab(inputs: TabInputs, load: (input: WireInput) => Promise<EventPage>): Promise<EventPage> {
  const loadPage = (page: number) => load(wireInput(inputs, page));
  const isLatestFirst = inputs.tab === 'past' || inputs.tab === 'cancelled';
  return isLatestFirst ? loadFromEnd(loadPage, inputs.page) : loadPage(inputs.page);
}

/** A page counted from the end of a list that the server pages from its start: parts of one or two of its pages. */
async function loadFromEnd(loadPage: (page: number) => Promise<EventPage>, page: number): Promise<EventPage> {
  const first = await loadPage(1);
  const end = Math.max(0, first.total - (page - 1) * TAB_PAGE_SIZE);
  const start = Math.max(0, end - TAB_PAGE_SIZE);
  const firstPage = Math.floor(start / TAB_PAGE_SIZE) + 1;
  const lastPage = Math.max(firstPage, Math.ceil(end / TAB_PAGE_SIZE));
  const numbers = firstPage === lastPage ? [firstPage] : [firstPage, lastPage];
  const pages = await Promise.all(numbers.map((number) => (number === 1 ? first : loadPage(number))));
  const skipped = (firstPage - 1) * TAB_PAGE_SIZE;
  const events = pages.flatMap((one) => one.events).slice(start - skipped, end - skipped);
  return { events: events.reverse(), page, limit: TAB_PAGE_SIZE, total: first.total };
}

/** Whether an event belongs to a tab and its search; the same rule as the server's, without the page number. */
export function belongsToTab(event: Event, { tab, query }: TabInputs, nowMs: number): boolean {
  const isPast = Date.parse(event.endsAt ?? event.startsAt) < nowMs;
  const tabOf = { draft: 'drafts', cancelled: 'cancelled', published: isPast ? 'past' : 'upcoming' } as const;
  return tabOf[event.status] === tab && isFoundBy(query, event.title, event.venue);
}
