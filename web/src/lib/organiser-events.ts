import { error } from '@sveltejs/kit';
import type { EventPage } from '#shared/event.ts';
import { fetchEventPage, PAGE_SIZE, type ListInputs, type ListRequest } from './events-api.ts';

interface OrganiserEvents {
  /** The organiser's name as most of these events write it. */
  name: string;
  request: ListRequest & { organiser: string };
  list: EventPage;
  /** How many events the other period has: those that are over, or those that are not. */
  otherTotal: number;
}

/** Loads a page of an organiser's events. Throws a 404 error for a name without any event, 503 as for a list. */
export async function fetchOrganiser(
  fetch: typeof globalThis.fetch,
  organiser: string,
  { page, when }: Pick<ListInputs, 'page' | 'when'>,
): Promise<OrganiserEvents> {
  const request = { organiser, page, limit: PAGE_SIZE, when };
  const [list, others] = await Promise.all([
    fetchEventPage(fetch, request),
    fetchEventPage(fetch, { organiser, limit: 1, when: when === 'past' ? 'upcoming' : 'past' }),
  ]);
  if (list.total + others.total === 0) error(404, 'Not Found');
  const names = [...list.events, ...others.events].flatMap((event) => event.organiser ?? []);
  return { name: mostFrequent(names) ?? organiser, request, list, otherTotal: others.total };
}

/** Of names that are as frequent, the first. */
function mostFrequent(names: readonly string[]): string | undefined {
  const countOf = (name: string) => names.filter((other) => other === name).length;
  return names.toSorted((a, b) => countOf(b) - countOf(a))[0];
}
