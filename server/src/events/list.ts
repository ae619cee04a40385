import type { QueryFilter } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { ListEventsInput } from '#shared/event.ts';
import type { ListCriteria } from './filters/criteria.ts';
import { criteriaOf, looksAtEachEvent } from './filters/criteria.ts';
import { timePartsOf } from './filters/time-parts.ts';
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
  const criteria = criteriaOf(input);
  const narrowing = filterOf(criteria, at);
  const filters = timePartsOf(input.when, criteria, at).map((part) => ({ status, ...part, ...narrowing }) as Filter);
  const readPart = looksAtEachEvent(criteria) ? foundPart : countedPart;
  const parts = await Promise.all(filters.map((filter) => readPart(models, filter)));
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

/** What is asked for besides times. No character of a word is an operator. */
function filterOf(
  { words, categoryKey, cityKey, organiserKey, tagKey, isFree, isAvailable }: ListCriteria,
  at: Date,
): Filter {
  const contains = (word: string) => ({ searchText: { $regex: word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&') } });
  const sells = [{ salesCloseAt: { $gt: at } }, { salesCloseAt: null, startsAt: { $gt: at } }];
  const all: Filter[] = [...words.map(contains), ...(isAvailable ? [{ availableSeats: { $gt: 0 }, $or: sells }] : [])];
  return {
    ...(categoryKey !== null && { categoryKey }),
    ...(cityKey !== null && { cityKey }),
    ...(organiserKey !== null && { organiserKey }),
    ...(tagKey !== null && { tagKeys: tagKey }),
    ...(isFree && { 'price.amount': 0 }),
    ...(all.length > 0 && { $and: all }),
  };
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
