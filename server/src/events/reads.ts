import { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import { jsonTextOf, withJsonText } from '#server/json-text.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { toEvent, toOrganiserEvent } from '#server/models/views.ts';
import { exceedsTimeLimit } from '#server/mongo/unavailable.ts';
import type { Event, EventFeedInput, EventPage, ListEventsInput } from '#shared/event.ts';
import type { EventFilters } from '#shared/events/filters.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { criteriaOf, looksAtEachEvent } from './filters/criteria.ts';
import { createFilterReads } from './filters/filter-reads.ts';
import type { Viewer } from './list.ts';
import { listEvents } from './list.ts';
import type { KnownEvents } from './known/known-events.ts';
import type { ListedIds } from './known/kept-lists.ts';
import { createKeptLists } from './known/kept-lists.ts';
import { createKnownSearch } from './known/search.ts';
import type { ReadLane } from './read-lane.ts';
import { createReadLane } from './read-lane.ts';

const { ObjectId } = Types;

/** An index answers these. */
const PLAIN = { parallel: 4, rest: 0 };
/** These look at each event, by a processor that bookings need too: they get half of one at most. */
const SEARCHES = { parallel: 1, rest: 1 };
/** Whatever visitors do, organisers find their events. */
const ORGANISERS = { parallel: 2, rest: 0 };
const MOST_WAITING = 500;
const LONGEST_WAIT_MS = 3_000;

const RETRY_AFTER_MS = 1_000;
/** The most cancelled events in a feed. */
const MOST_CANCELLED = 200;

const PUBLIC: Viewer = { admin: false };
const ORGANISER: Viewer = { admin: true };

/** For readers who are no organisers, `status` is an unknown property. */
const ORGANISERS_ONLY = { path: [], code: 'unrecognized_keys', message: 'Only organisers may ask for this "status"' };

interface EventReadsOptions {
  /** On connections of their own, so that reads take none from bookings. */
  models: Models;
  knownEvents: KnownEvents;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  sleep: (ms: number) => Promise<void>;
}

export type EventReads = ReturnType<typeof createEventReads>;

/** What anybody may read of events, from the known events where it can be, and bounded in what it costs. */
export function createEventReads({ models, knownEvents, now, monotonic, sleep }: EventReadsOptions) {
  const [plain, searches, organisers] = [laneWith(PLAIN), laneWith(SEARCHES), laneWith(ORGANISERS)];
  const generation = () => (knownEvents.isCurrent ? knownEvents.generation : null);
  const keptLists = createKeptLists({ generation, now });
  const search = createKnownSearch({ knownEvents, now });
  const filterReads = createFilterReads({ models, knownEvents, now, monotonic });
  const publicViews = createViews(toEvent);
  const organiserViews = createViews(toOrganiserEvent);

  function laneWith({ parallel, rest }: typeof PLAIN): ReadLane {
    return createReadLane({
      parallel,
      rest,
      mostWaiting: MOST_WAITING,
      longestWaitMs: LONGEST_WAIT_MS,
      monotonic,
      sleep,
    });
  }

  function laneOf(input: ListEventsInput, viewer: Viewer): ReadLane {
    if (viewer.admin) return organisers;
    return looksAtEachEvent(criteriaOf(input)) ? searches : plain;
  }

  /** BUSY if too many lists are asked for. */
  async function idsOf(input: ListEventsInput, viewer: Viewer): Promise<Result<ListedIds>> {
    const key = JSON.stringify([viewer.admin, input]);
    const read = () =>
      laneOf(input, viewer).run(key, async () => {
        const found = viewer.admin ? null : search(input);
        return ok(found ?? (await listEvents({ models, now }, input, viewer)));
      });
    // Bookings change which events have seats left, and no generation counts them.
    return viewer.admin || input.available ? read() : keptLists.get(key, read);
  }

  function readDocs(ids: readonly string[]): Promise<EventDoc[]> {
    return knownEvents.getAll(ids, (missing) =>
      models.events
        .find({ _id: { $in: missing.map((id) => ObjectId.createFromHexString(id)) } })
        .lean<EventDoc[]>()
        .exec(),
    );
  }

  function viewOf(doc: EventDoc, viewer: Viewer): Event {
    return viewer.admin ? organiserViews(doc) : publicViews(doc);
  }

  return {
    /** BUSY if too many lists are asked for; INVALID_INPUT for a `status` that only organisers see. */
    async list(input: ListEventsInput, viewer: Viewer): Promise<Result<EventPage>> {
      const { page, limit, status = 'published' } = input;
      if (!viewer.admin && status !== 'published') return refuse('INVALID_INPUT', { issues: [ORGANISERS_ONLY] });
      return busyIfTooLong(async () => {
        const listed = await idsOf(input, viewer);
        if (!listed.ok) return listed;
        const events = (await readDocs(listed.data.ids)).map((doc) => viewOf(doc, viewer));
        return ok(pageOf({ events, page, limit, total: listed.data.total }));
      });
    },
    /**
     * The soonest events of a list, at most so many, for feeds: published ones, and cancelled ones that were booked, which
     * a calendar may have. BUSY as for a list.
     */
    async feed(input: EventFeedInput, most: number): Promise<Result<Event[]>> {
      const whole = { ...input, page: 1, limit: most };
      return busyIfTooLong(async () => {
        const published = await idsOf(whole, PUBLIC);
        if (!published.ok) return published;
        const cancelled = await idsOf({ ...whole, status: 'cancelled', limit: MOST_CANCELLED }, ORGANISER);
        if (!cancelled.ok) return cancelled;
        const docs = await readDocs([...published.data.ids, ...cancelled.data.ids]);
        const known = docs.filter(({ status, version }) => status === 'published' || isOnceBooked({ status, version }));
        return ok(known.map((doc) => publicViews(doc)));
      });
    },
    /** What the upcoming public events can be narrowed by. BUSY as for a list. */
    async filters(): Promise<Result<EventFilters>> {
      const kept = filterReads.kept();
      if (kept !== null) return ok(kept);
      return busyIfTooLong(() => searches.run('filters', async () => ok(await filterReads.read())));
    },
    /** An event by its id, also a cancelled one. `NOT_FOUND` for a draft unless the viewer is an organiser. */
    async get(eventId: string, viewer: Viewer): Promise<Result<Event>> {
      const [doc] = await readDocs([eventId.toLowerCase()]);
      if (!doc || (doc.status === 'draft' && !viewer.admin)) return refuse('NOT_FOUND');
      return ok(viewOf(doc, viewer));
    },
  };
}

/** Version 2 is the first booking: a cancelled event below it may never have been public, so it stays hidden. */
function isOnceBooked({ status, version }: Pick<EventDoc, 'status' | 'version'>): boolean {
  return status === 'cancelled' && version > 1;
}

/** Refuses with `BUSY` if the database gives up the read. */
async function busyIfTooLong<T>(read: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await read();
  } catch (error) {
    if (exceedsTimeLimit(error)) return refuse('BUSY', { retryAfterMs: RETRY_AFTER_MS });
    throw error;
  }
}

/** Views that are made once for each state of an event, as its JSON. */
function createViews(show: (doc: EventDoc) => Event): (doc: EventDoc) => Event {
  const views = new WeakMap<EventDoc, Event>();
  return (doc) => {
    const known = views.get(doc);
    if (known) return known;
    const view = show(doc);
    views.set(
      doc,
      withJsonText(view, () => JSON.stringify(view)),
    );
    return view;
  };
}

/** A page whose JSON is joined from that of its events. */
function pageOf(page: EventPage): EventPage {
  return withJsonText(page, () => {
    const { events, ...rest } = page;
    return `{"events":[${events.map(jsonTextOf).join(',')}],${JSON.stringify(rest).slice(1)}`;
  });
}
