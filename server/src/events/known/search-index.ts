import { salesCloseAt } from '#server/booking/rules/state/event-state.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { ListCriteria } from '../filters/criteria.ts';

/** No text and no word has this character. */
const SEPARATOR = '\u0000';

/** Events that were found, in the order of the list. */
interface Found {
  ids: string[];
  /** When the next event begins or ends, which may change what is found. */
  until: Date | null;
}

/**
 * The published events in the order of the list, with their search texts in one string: the engine's own search for a
 * part of a string looks at ten thousand events in less than a millisecond.
 */
export function createSearchIndex(docs: readonly EventDoc[]) {
  const events = docs.filter(({ status }) => status === 'published').toSorted(soonestFirst);
  const ids = events.map(({ _id }) => _id.toHexString());
  const texts = events.map(({ searchText }) => searchText ?? '');
  const starts = Float64Array.from(events, ({ startsAt }) => startsAt.getTime());
  const ends = Float64Array.from(events, ({ endsAt }) => endsAt?.getTime() ?? -Infinity);
  const closes = Float64Array.from(events, (event) => salesCloseAt(event).getTime());
  const haystack = texts.join(SEPARATOR);
  const offsets = offsetsOf(texts);

  const isUpcoming = (index: number, atMs: number): boolean =>
    (starts[index] as number) >= atMs || (ends[index] as number) >= atMs;

  /** The first start or end at or after `askedMs`, which is the next one until it has passed. */
  let next = { askedMs: Infinity, ms: -Infinity };

  function nextChange(atMs: number): Date | null {
    if (atMs < next.askedMs || atMs > next.ms) {
      let ms = Infinity;
      for (const times of [starts, ends]) for (const time of times) if (time >= atMs && time < ms) ms = time;
      next = { askedMs: atMs, ms };
    }
    return next.ms === Infinity ? null : new Date(next.ms);
  }

  /** Whether an event takes place in the range, and has what is asked for besides words. */
  function fits(
    index: number,
    { categoryKey, cityKey, organiserKey, tagKey, from, to, isFree }: ListCriteria,
  ): boolean {
    const event = events[index] as EventDoc;
    if (categoryKey !== null && event.categoryKey !== categoryKey) return false;
    if (cityKey !== null && event.cityKey !== cityKey) return false;
    if (organiserKey !== null && event.organiserKey !== organiserKey) return false;
    if (tagKey !== null && !event.tagKeys?.includes(tagKey)) return false;
    if (isFree && event.price.amount > 0) return false;
    if (to !== null && (starts[index] as number) >= to.getTime()) return false;
    return from === null || (starts[index] as number) >= from.getTime() || (ends[index] as number) > from.getTime();
  }

  /** The events whose title or venue has each of the words, in the order of the list; all without words. */
  function* withWords(words: readonly string[]): Generator<number> {
    const [rarest, ...others] = words.toSorted((a, b) => b.length - a.length);
    if (rarest === undefined) return void (yield* events.keys());
    let from = haystack.indexOf(rarest);
    while (from !== -1) {
      const index = indexAt(offsets, from);
      const text = texts[index] as string;
      if (others.every((word) => text.includes(word))) yield index;
      const next = offsets[index + 1];
      from = next === undefined ? -1 : haystack.indexOf(rarest, next);
    }
  }

  return {
    /** The events that are not over at `at` and meet the criteria; `seatsLeft`: the free seats of an event by now. */
    findUpcoming(criteria: ListCriteria, at: Date, seatsLeft: (id: string) => number): Found {
      const atMs = at.getTime();
      const found: string[] = [];
      for (const index of withWords(criteria.words)) {
        const id = ids[index] as string;
        if (!isUpcoming(index, atMs) || !fits(index, criteria)) continue;
        const isSold = !criteria.isAvailable || ((closes[index] as number) > atMs && seatsLeft(id) > 0);
        if (isSold) found.push(id);
      }
      return { ids: found, until: nextChange(atMs) };
    },
  };
}

export type SearchIndex = ReturnType<typeof createSearchIndex>;

function soonestFirst(a: EventDoc, b: EventDoc): number {
  return a.startsAt.getTime() - b.startsAt.getTime() || (a._id.toHexString() < b._id.toHexString() ? -1 : 1);
}

/** Where each text begins in the joined one. */
function offsetsOf(texts: readonly string[]): Uint32Array {
  const offsets = new Uint32Array(texts.length);
  let offset = 0;
  for (const [index, text] of texts.entries()) {
    offsets[index] = offset;
    offset += text.length + SEPARATOR.length;
  }
  return offsets;
}

/** The index of the text that has the character at `position`. */
function indexAt(offsets: Uint32Array, position: number): number {
  let [low, high] = [0, offsets.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((offsets[middle] as number) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
