import type { ListEventsInput } from '#shared/event.ts';
import type { ListCriteria } from './criteria.ts';

interface Bounds {
  $gte?: Date;
  $gt?: Date;
  $lt?: Date;
  $not?: { $gte: Date };
}

/** Times of the events in one part of a list. */
interface TimePart {
  startsAt?: Bounds;
  endsAt?: Bounds;
}

/**
 * The parts whose events make up a list, in the list's order: those that begin before the moment from which the list
 * counts and go on after it, then those that begin later. Each of the two has an index, so that no list becomes slower
 * with the number of past events.
 */
export function timePartsOf(when: ListEventsInput['when'], criteria: Pick<ListCriteria, 'from' | 'to'>, at: Date) {
  const parts = partsFrom(when, criteria.from, at);
  const { to } = criteria;
  return to === null ? parts : parts.map((part) => ({ ...part, startsAt: beginsBefore(part.startsAt, to) }));
}

function partsFrom(when: ListEventsInput['when'], from: Date | null, at: Date): TimePart[] {
  switch (when) {
    case 'upcoming':
      if (from !== null && from > at) return aroundFrom(from);
      return [{ startsAt: { $lt: at }, endsAt: { $gte: at } }, { startsAt: { $gte: at } }];
    case 'past':
      return pastParts(from, at);
    case 'all':
      return from === null ? [{}] : aroundFrom(from);
    default:
      return when satisfies never;
  }
}

/** Events that go on at `from`, and those that begin then or later. */
function aroundFrom(from: Date): TimePart[] {
  return [{ startsAt: { $lt: from }, endsAt: { $gt: from } }, { startsAt: { $gte: from } }];
}

function pastParts(from: Date | null, at: Date): TimePart[] {
  const isOver = { $not: { $gte: at } };
  if (from === null) return [{ startsAt: { $lt: at }, endsAt: isOver }];
  const first = from < at ? from : at;
  return [
    { startsAt: { $lt: first }, endsAt: { $gt: from, $lt: at } },
    { startsAt: { $gte: from, $lt: at }, endsAt: isOver },
  ];
}

function beginsBefore(bounds: Bounds = {}, to: Date): Bounds {
  const { $lt } = bounds;
  return { ...bounds, $lt: $lt !== undefined && $lt < to ? $lt : to };
}
