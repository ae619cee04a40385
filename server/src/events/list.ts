import type { QueryFilter } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import { foldText } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { toEvent } from '#server/models/views.ts';
import type { EventPage, ListEventsInput } from '#shared/event.ts';

type Filter = QueryFilter<EventDoc>;

/** Whether drafts are shown: an admin's list has them. */
export interface Viewer {
  admin: boolean;
}

/**
 * One page of the list, soonest first, paged in the database. An event is upcoming until it is over, so what runs now
 * comes first. Cancelled events are found by id only.
 */
export async function listEvents(
  { models, now }: { models: Models; now: Now },
  input: ListEventsInput,
  viewer: Viewer,
): Promise<EventPage> {
  const stretches = stretchesOf(input.when, now()).map((stretch) => ({
    status: viewer.admin ? { $in: ['draft', 'published'] } : 'published',
    ...stretch,
    ...searchFor(input.query),
  })) as Filter[];
  const counts = await Promise.all(stretches.map((stretch) => models.events.countDocuments(stretch)));
  const docs = await readPage(models, stretches, counts, input);
  return {
    events: docs.map(toEvent),
    page: input.page,
    limit: input.limit,
    total: counts.reduce((sum, count) => sum + count, 0),
  };
}

/**
 * The stretches of time that make up a list, in the list's order. "Upcoming" is cut at this moment: what runs now began
 * before everything that is still to come, and each of the two has an index, so that no list grows slower with history.
 */
export function stretchesOf(when: ListEventsInput['when'], at: Date): Filter[] {
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

/** Every word of the query somewhere in title or venue, as text: no character has a meaning of its own. */
function searchFor(query: string | undefined): Filter {
  const words = [...new Set(foldText(query ?? '').split(/\s+/))].filter(Boolean);
  if (words.length === 0) return {};
  return { $and: words.map((word) => ({ searchText: { $regex: word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&') } })) };
}

async function readPage(
  models: Models,
  stretches: Filter[],
  counts: number[],
  { page, limit }: Pick<ListEventsInput, 'page' | 'limit'>,
): Promise<EventDoc[]> {
  const docs: EventDoc[] = [];
  let skip = (page - 1) * limit;
  for (const [index, stretch] of stretches.entries()) {
    const count = counts[index] ?? 0;
    const room = limit - docs.length;
    if (room > 0 && skip < count) docs.push(...(await readStretch(models, stretch, skip, room)));
    skip = Math.max(0, skip - count);
  }
  return docs;
}

function readStretch(models: Models, stretch: Filter, skip: number, limit: number): Promise<EventDoc[]> {
  return models.events.find(stretch).sort({ startsAt: 1, _id: 1 }).skip(skip).limit(limit).lean<EventDoc[]>().exec();
}
