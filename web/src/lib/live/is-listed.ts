import type { Event } from '#shared/event.ts';
import { filterKeyOf } from '#shared/text/filter-key.ts';
import { isFoundBy } from '#shared/text/search-text.ts';
import type { ListRequest } from '#lib/events-api.ts';

/** Whether a list that is asked for like this contains an event: the server's rule, without the page. */
export function isListed(event: Event, request: ListRequest, nowMs: number): boolean {
  const { when, query = '' } = request;
  if (event.status !== 'published') return false;
  const isPast = Date.parse(event.endsAt ?? event.startsAt) < nowMs;
  if (isPast !== (when === 'past')) return false;
  return isFoundBy(query, event.title, event.venue) && fits(event, request, nowMs);
}

function fits(event: Event, request: ListRequest, nowMs: number): boolean {
  const { category, city, organiser, tag, from, to, free, available } = request;
  if (!isSame(category, [event.category]) || !isSame(city, [event.city]) || !isSame(tag, event.tags)) return false;
  if (!isSame(organiser, [event.organiser])) return false;
  if (free && event.price.amount > 0) return false;
  if (available && (event.availableSeats === 0 || Date.parse(event.salesCloseAt) <= nowMs)) return false;
  if (to !== undefined && event.startsAt >= to) return false;
  return from === undefined || event.startsAt >= from || (event.endsAt !== null && event.endsAt > from);
}

function isSame(wanted: string | undefined, texts: readonly (string | null)[]): boolean {
  if (wanted === undefined) return true;
  const key = filterKeyOf(wanted);
  return texts.some((text) => text !== null && filterKeyOf(text) === key);
}
