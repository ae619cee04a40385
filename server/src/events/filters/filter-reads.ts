import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { EventFilters } from '#shared/events/filters.ts';
import type { KnownEvents } from '../known/known-events.ts';
import { COUNTED, countFilters } from './count-filters.ts';
import { timePartsOf } from './time-parts.ts';

/** Days and free seats change what is counted without an edit. */
const KEPT_MS = 10_000;
/** Counting more known events would keep the event loop too long; the database gives them a batch at a time. */
const MOST_KNOWN = 20_000;
/** Of more events the soonest are counted. */
const MOST_READ = 50_000;
const LONGEST_READ_MS = 2_000;

interface FilterReadsOptions {
  models: Pick<Models, 'events'>;
  knownEvents: KnownEvents;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
}

/** What the upcoming public events can be narrowed by, counted again after an edit and every few seconds. */
export function createFilterReads({ models, knownEvents, now, monotonic }: FilterReadsOptions) {
  let kept: { filters: EventFilters; generation: number; untilMs: number } | null = null;

  async function upcoming(at: Date): Promise<EventDoc[]> {
    const known = knownEvents.isCurrent ? knownEvents.all() : null;
    if (known !== null && known.length <= MOST_KNOWN) return known.filter((doc) => isUpcoming(doc, at));
    const found: EventDoc[] = [];
    for (const part of timePartsOf('upcoming', { from: null, to: null }, at)) {
      const rest = models.events.find({ status: 'published', ...part }, COUNTED).sort({ startsAt: 1, _id: 1 });
      found.push(...(await rest.limit(MOST_READ).maxTimeMS(LONGEST_READ_MS).lean<EventDoc[]>()));
    }
    return found.slice(0, MOST_READ);
  }

  return {
    /** The filters as they were counted a moment ago; null if they have to be read. */
    kept(): EventFilters | null {
      const isKept = kept !== null && kept.generation === knownEvents.generation && monotonic() < kept.untilMs;
      return isKept ? (kept?.filters ?? null) : null;
    },
    async read(): Promise<EventFilters> {
      const { generation } = knownEvents;
      const at = now();
      const filters = countFilters(await upcoming(at), at);
      kept = { filters, generation, untilMs: monotonic() + KEPT_MS };
      return filters;
    },
  };
}

function isUpcoming({ status, startsAt, endsAt }: EventDoc, at: Date): boolean {
  return status === 'published' && (startsAt >= at || (endsAt !== null && endsAt >= at));
}
