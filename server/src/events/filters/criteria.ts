import { salesCloseAt } from '#server/booking/rules/state/event-state.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { ListEventsInput } from '#shared/event.ts';
import { filterKeyOf } from '#shared/text/filter-key.ts';
import { searchWords } from '#shared/text/search-text.ts';

/** What a list of events is narrowed by, in the form in which it is stored; null and false narrow nothing. */
export interface ListCriteria {
  words: readonly string[];
  categoryKey: string | null;
  cityKey: string | null;
  organiserKey: string | null;
  tagKey: string | null;
  /** The event takes place at some time from `from` on, and begins before `to`. */
  from: Date | null;
  to: Date | null;
  isFree: boolean;
  isAvailable: boolean;
}

export function criteriaOf(input: ListEventsInput): ListCriteria {
  const { query = '', category, city, organiser, tag, from, to, free = false, available = false } = input;
  return {
    words: searchWords(query),
    categoryKey: keyOf(category),
    cityKey: keyOf(city),
    organiserKey: keyOf(organiser),
    tagKey: keyOf(tag),
    from: from === undefined ? null : new Date(from),
    to: to === undefined ? null : new Date(to),
    isFree: free,
    isAvailable: available,
  };
}

function keyOf(text: string | undefined): string | null {
  return text === undefined ? null : filterKeyOf(text);
}

/** Whether the list is narrowed at all. */
export function narrows({ words, isFree, isAvailable, ...named }: ListCriteria): boolean {
  return words.length > 0 || isFree || isAvailable || Object.values(named).some((value) => value !== null);
}

/** Whether seats are free, and still sold or to be sold; a seat that is offered to the waiting list is not free. */
export function hasSeatsLeft(doc: EventDoc, at: Date): boolean {
  return doc.availableSeats > 0 && salesCloseAt(doc) > at;
}

/** Whether the database has to look at each event of the list, because no index has what is asked for. */
export function looksAtEachEvent({ words, isAvailable }: ListCriteria): boolean {
  return words.length > 0 || isAvailable;
}
