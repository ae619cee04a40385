import type { QueryFilter } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { toEvent } from '#server/models/views.ts';
import type { EventPage, ListEventsInput } from '#shared/event.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { searchWords } from '#shared/text/search-text.ts';

type Filter = QueryFilter<EventDoc>;

/** The database gives up a read that takes longer. */
const LONGEST_READ_MS = 2_000;

/** Whether the reader is an organiser, who sees drafts and cancelled events. */
export interface Viewer {
  admin: boolean;
}

/** For readers who are no organisers, `status` is an unknown property. */
const ORGANISERS_ONLY = { path: [], code: 'unrecognized_keys', message: 'Only organisers may ask for this "status"' };

/**
 * One page of the list of events, the soonest first, paged in the database. An event is upcoming until it is over, so
 * events that are running come first. Cancelled events are listed only for organisers who ask for them; other readers
 * may ask for no other status than that of published events (INVALID_INPUT).
 */
export async function listEvents(
  { models, now }: { models: Models; now: Now },
  input: ListEventsInput,
  viewer: Viewer,
): Promise<Result<EventPage>> {
  const { status = viewer.admin ? { $in: ['draft', 'published'] } : 'published' } = input;
  if (!viewer.admin && status !== 'published') return refuse('INVALID_INPUT', { issues: [ORGANISERS_ONLY] });
  const filters = filtersOf(input.when, now()).map((filter) => ({ status, ...filter }) as Filter);
  const search = searchFor(input.query);
  const parts = await Promise.all(
    filters.map((filter) =>
      search === null ? countedPart(models, filter) : foundPart(models, { ...filter, ...search }),
    ),
  );
  return ok({
    events: (await readPage(parts, input)).map(toEvent),
    page: input.page,
    limit: input.limit,
    total: parts.reduce((sum, { count }) => sum + count, 0),
  });
}

/**
 * The filters whose results make up a list, in the list's order. "Upcoming" consists of the running and the coming
 * events: each of the two has an index, so that no list becomes slower with the number of past events.
 */
function filtersOf(when: ListEventsInput['when'], at: Date): Filter[] {
  const running = { startsAt: { $lt: at }, endsAt: { $gte: at } };
  const coming = { startsAt: { $gte: at } };
  const over = { startsAt: { $lt: at }, endsAt: { $not: { $gte: at } } };
  switch (when) {
    case 'upcoming':
      return [running, coming];
    case 'past':
      return [over];
    case 'all':
      return [{}];
    default:
      return when satisfies never;
  }
}

/** Every word of the query must occur in title or venue; null without words. No character of a word is an operator. */
function searchFor(query: string | undefined): Filter | null {
  const words = searchWords(query ?? '');
  if (words.length === 0) return null;
  return { $and: words.map((word) => ({ searchText: { $regex: word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&') } })) };
}

/** The events of one filter. */
interface ListPart {
  count: number;
  read(skip: number, limit: number): Promise<EventDoc[]>;
}

const ORDER = { startsAt: 1, _id: 1 } as const;

async function countedPart({ events }: Models, filter: Filter): Promise<ListPart> {
  return {
    count: await events.countDocuments(filter).maxTimeMS(LONGEST_READ_MS),
    read: (skip, limit) =>
      events.find(filter).sort(ORDER).skip(skip).limit(limit).maxTimeMS(LONGEST_READ_MS).lean<EventDoc[]>().exec(),
  };
}

/** Reads the index once, instead of once to count and once to read: a search looks at every event. */
async function foundPart({ events }: Models, filter: Filter): Promise<ListPart> {
  const found = await events
    .find(filter, { _id: 1 })
    .sort(ORDER)
    .maxTimeMS(LONGEST_READ_MS)
    .lean<Pick<EventDoc, '_id'>[]>();
  return {
    count: found.length,
    read: (skip, limit) => {
      const ids = found.slice(skip, skip + limit).map(({ _id }) => _id);
      return events
        .find({ _id: { $in: ids } })
        .sort(ORDER)
        .maxTimeMS(LONGEST_READ_MS)
        .lean<EventDoc[]>()
        .exec();
    },
  };
}

async function readPage(
  parts: readonly ListPart[],
  { page, limit }: Pick<ListEventsInput, 'page' | 'limit'>,
): Promise<EventDoc[]> {
  const docs: EventDoc[] = [];
  let skip = (page - 1) * limit;
  for (const { count, read } of parts) {
    const room = limit - docs.length;
    if (room > 0 && skip < count) docs.push(...(await read(skip, room)));
    skip = Math.max(0, skip - count);
  }
  return docs;
}
