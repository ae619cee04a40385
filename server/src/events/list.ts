import type { QueryFilter } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { ListEventsInput } from '#shared/event.ts';
import { searchWords } from '#shared/text/search-text.ts';
import type { ListedIds } from './known/kept-lists.ts';

type Filter = QueryFilter<EventDoc>;

/** The database gives up a read that takes longer. */
const LONGEST_READ_MS = 2_000;

/** Whether the reader is an organiser, who sees drafts and cancelled events. */
export interface Viewer {
  admin: boolean;
}

interface ListOptions {
  models: Pick<Models, 'events'>;
  now: Now;
}

/**
 * One page of the list of events, the soonest first, paged in the database. An event is upcoming until it is over, so
 * events that are running come first. Organisers see drafts as well, and cancelled events if they ask for them; other
 * readers see published events.
 */
export async function listEvents(
  { models, now }: ListOptions,
  input: ListEventsInput,
  viewer: Viewer,
): Promise<ListedIds> {
  const at = now();
  const status = viewer.admin ? (input.status ?? { $in: ['draft', 'published'] }) : 'published';
  const filters = filtersOf(input.when, at).map((filter) => ({ status, ...filter }) as Filter);
  const search = searchFor(input.query);
  const parts = await Promise.all(
    filters.map((filter) =>
      search === null ? countedPart(models, filter) : foundPart(models, { ...filter, ...search }),
    ),
  );
  return {
    ids: await readPage(parts, input),
    total: parts.reduce((sum, { count }) => sum + count, 0),
    until: input.when === 'all' ? null : await nextChange(models, status, at),
  };
}

/** When the next of these events begins or ends; null if none does. */
async function nextChange({ events }: ListOptions['models'], status: unknown, at: Date): Promise<Date | null> {
  const next = async (field: 'startsAt' | 'endsAt'): Promise<Date[]> => {
    const filter = { status, [field]: { $gte: at } } as Filter;
    const first = await events
      .findOne(filter, { [field]: 1, _id: 0 })
      .sort({ [field]: 1 })
      .maxTimeMS(LONGEST_READ_MS)
      .lean<Pick<EventDoc, 'startsAt' | 'endsAt'>>();
    return first?.[field] ? [first[field]] : [];
  };
  const times = (await Promise.all([next('startsAt'), next('endsAt')])).flat();
  return times.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
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
  /** The ids of a page, from the index alone. */
  read(skip: number, limit: number): Promise<string[]>;
}

const ORDER = { startsAt: 1, _id: 1 } as const;

async function countedPart({ events }: ListOptions['models'], filter: Filter): Promise<ListPart> {
  return {
    count: await events.countDocuments(filter).maxTimeMS(LONGEST_READ_MS),
    async read(skip, limit) {
      const page = events.find(filter, { _id: 1 }).sort(ORDER).skip(skip).limit(limit);
      return idsOf(await page.maxTimeMS(LONGEST_READ_MS).lean());
    },
  };
}

/** Reads the index once, instead of once to count and once to read: a search looks at every event. */
async function foundPart({ events }: ListOptions['models'], filter: Filter): Promise<ListPart> {
  const found = idsOf(await events.find(filter, { _id: 1 }).sort(ORDER).maxTimeMS(LONGEST_READ_MS).lean());
  return { count: found.length, read: async (skip, limit) => found.slice(skip, skip + limit) };
}

function idsOf(docs: readonly Pick<EventDoc, '_id'>[]): string[] {
  return docs.map(({ _id }) => _id.toHexString());
}

async function readPage(
  parts: readonly ListPart[],
  { page, limit }: Pick<ListEventsInput, 'page' | 'limit'>,
): Promise<string[]> {
  const ids: string[] = [];
  let skip = (page - 1) * limit;
  for (const { count, read } of parts) {
    const room = limit - ids.length;
    if (room > 0 && skip < count) ids.push(...(await read(skip, room)));
    skip = Math.max(0, skip - count);
  }
  return ids;
}
