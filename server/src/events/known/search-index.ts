import type { EventDoc } from '#server/models/event.ts';

/** No text and no word has this character. */
const SEPARATOR = '\u0000';

/** Events that were found, in the order of the list. */
interface Found {
  ids: string[];
  /** When the next event begins or ends, which may change what is found. */
  until: Date | null;
}

/**
 * The search texts of published events in one string, in the order of the list: the engine's own search for a part of a
 * string looks at ten thousand events in less than a millisecond.
 */
export function createSearchIndex(docs: readonly EventDoc[]) {
  const events = docs.filter(({ status }) => status === 'published').toSorted(soonestFirst);
  const ids = events.map(({ _id }) => _id.toHexString());
  const texts = events.map(({ searchText }) => searchText ?? '');
  const starts = Float64Array.from(events, ({ startsAt }) => startsAt.getTime());
  const ends = Float64Array.from(events, ({ endsAt }) => endsAt?.getTime() ?? -Infinity);
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

  return {
    /** The events that are not over at `at` and whose title or venue has each of the words; at least one word. */
    findUpcoming(words: readonly string[], at: Date): Found {
      const [rarest = '', ...others] = words.toSorted((a, b) => b.length - a.length);
      const found: string[] = [];
      let from = haystack.indexOf(rarest);
      while (from !== -1) {
        const index = indexAt(offsets, from);
        const text = texts[index] as string;
        if (isUpcoming(index, at.getTime()) && others.every((word) => text.includes(word)))
          found.push(ids[index] as string);
        const next = offsets[index + 1];
        from = next === undefined ? -1 : haystack.indexOf(rarest, next);
      }
      return { ids: found, until: nextChange(at.getTime()) };
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
