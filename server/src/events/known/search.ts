import type { Now } from '#server/clock.ts';
import type { ListEventsInput } from '#shared/event.ts';
import { criteriaOf, narrows } from '../filters/criteria.ts';
import type { KnownEvents } from './known-events.ts';
import type { ListedIds } from './kept-lists.ts';
import type { SearchIndex } from './search-index.ts';
import { createSearchIndex } from './search-index.ts';

/** Making the index of more events would keep the event loop too long. */
const MOST_EVENTS = 20_000;

/**
 * Searches and filters the upcoming published events that are known. The result is null where the database has to
 * answer: for other lists, for too many events, and while not all are known.
 */
export function createKnownSearch({ knownEvents, now }: { knownEvents: KnownEvents; now: Now }) {
  let index: SearchIndex | null = null;
  let indexed = -1;

  function present(): SearchIndex | null {
    if (!knownEvents.isCurrent) return null;
    if (indexed === knownEvents.generation) return index;
    const docs = knownEvents.all();
    if (docs === null) return null;
    index = docs.length > MOST_EVENTS ? null : createSearchIndex(docs);
    indexed = knownEvents.generation;
    return index;
  }

  const seatsLeft = (eventId: string): number => knownEvents.get(eventId)?.availableSeats ?? 0;

  return (input: ListEventsInput): ListedIds | null => {
    const { when, page, limit } = input;
    const criteria = criteriaOf(input);
    const found = when === 'upcoming' && narrows(criteria) ? present()?.findUpcoming(criteria, now(), seatsLeft) : null;
    if (!found) return null;
    const { ids, until } = found;
    return { ids: ids.slice((page - 1) * limit, page * limit), total: ids.length, until };
  };
}
