import type { EventDoc } from '#server/models/event.ts';
import type { EventFilters, FilterDate, FilterValue } from '#shared/events/filters.ts';
import { hasSeatsLeft } from './criteria.ts';
import { dateRanges } from './date-ranges.ts';

/** The most categories, cities, organisers and tags that visitors choose from. */
const MOST_VALUES = 50;

/** What is counted of an event. */
export const COUNTED = {
  category: 1,
  categoryKey: 1,
  city: 1,
  cityKey: 1,
  organiser: 1,
  organiserKey: 1,
  tags: 1,
  tagKeys: 1,
  timeZone: 1,
  startsAt: 1,
  endsAt: 1,
  salesCloseAt: 1,
  availableSeats: 1,
  'price.amount': 1,
} as const;

/** The values by which these upcoming events can be narrowed, with the number of events of each. */
export function countFilters(docs: readonly EventDoc[], at: Date): EventFilters {
  const timeZone = mostFrequent(docs.map((doc) => doc.timeZone)) ?? 'UTC';
  return {
    timeZone,
    categories: valuesOf(docs.map(({ categoryKey, category }) => [categoryKey, category])),
    cities: valuesOf(docs.map(({ cityKey, city }) => [cityKey, city])),
    organisers: valuesOf(docs.map(({ organiserKey, organiser }) => [organiserKey, organiser])),
    tags: valuesOf(docs.flatMap(({ tagKeys = [], tags }) => tagKeys.map((key, index) => [key, tags[index]] as const))),
    dates: datesOf(docs, at, timeZone),
    free: docs.filter(({ price }) => price.amount === 0).length,
    available: docs.filter((doc) => hasSeatsLeft(doc, at)).length,
  };
}

type Keyed = readonly [key: string | null | undefined, text: string | null | undefined];

/** Each key once, as most events write it; the most frequent first, then by the alphabet. */
function valuesOf(all: readonly Keyed[]): FilterValue[] {
  const named = all.filter((one): one is readonly [string, string] => Boolean(one[0]) && Boolean(one[1]));
  const values = [...Map.groupBy(named, ([key]) => key)].map(([key, of]) => {
    const value = mostFrequent(of.map(([, text]) => text)) ?? key;
    return { key, value, count: of.length };
  });
  const sorted = values.toSorted((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
  return sorted.slice(0, MOST_VALUES).map(({ value, count }) => ({ value, count }));
}

/** Of texts that are as frequent, the first. */
function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].reduce<[string, number] | undefined>((a, b) => (a && a[1] >= b[1] ? a : b), undefined)?.[0];
}

function datesOf(docs: readonly EventDoc[], at: Date, timeZone: string): FilterDate[] {
  return dateRanges(at, timeZone).flatMap((range) => {
    const [from, to] = [new Date(range.from), new Date(range.to)];
    const count = docs.filter(({ startsAt, endsAt }) => startsAt < to && (startsAt >= from || isAfter(endsAt, from)));
    return count.length > 0 ? [{ ...range, count: count.length }] : [];
  });
}

function isAfter(endsAt: Date | null, from: Date): boolean {
  return endsAt !== null && endsAt > from;
}
