import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import { exceedsTimeLimit } from '#server/mongo/unavailable.ts';
import type { Event, EventPage, ListEventsInput } from '#shared/event.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { searchWords } from '#shared/text/search-text.ts';
import { getEvent } from './get.ts';
import type { Viewer } from './list.ts';
import { listEvents } from './list.ts';
import type { ReadLane } from './read-lane.ts';
import { createReadLane } from './read-lane.ts';

/** An index answers these. */
const PLAIN = { parallel: 4, rest: 0 };
/** These look at every event, by a processor that bookings need too: they get half of one at most. */
const SEARCHES = { parallel: 1, rest: 1 };
/** Whatever visitors do, organisers find their events. */
const ORGANISERS = { parallel: 2, rest: 0 };
const MOST_WAITING = 500;
const LONGEST_WAIT_MS = 3_000;

const RETRY_AFTER_MS = 1_000;

interface EventReadsOptions {
  /** On connections of their own, so that reads take none from bookings. */
  models: Models;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  sleep: (ms: number) => Promise<void>;
}

export type EventReads = ReturnType<typeof createEventReads>;

/** What anybody may read of events, bounded so that it never slows bookings down. */
export function createEventReads({ models, now, monotonic, sleep }: EventReadsOptions) {
  const [plain, searches, organisers] = [laneWith(PLAIN), laneWith(SEARCHES), laneWith(ORGANISERS)];

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

  function laneOf({ query = '' }: ListEventsInput, viewer: Viewer): ReadLane {
    if (viewer.admin) return organisers;
    return searchWords(query).length > 0 ? searches : plain;
  }

  return {
    /** BUSY if too many lists are asked for. */
    async list(input: ListEventsInput, viewer: Viewer): Promise<Result<EventPage>> {
      const key = JSON.stringify([viewer.admin, input]);
      try {
        return await laneOf(input, viewer).run(key, () => listEvents({ models, now }, input, viewer));
      } catch (error) {
        if (exceedsTimeLimit(error)) return refuse('BUSY', { retryAfterMs: RETRY_AFTER_MS });
        throw error;
      }
    },
    get: (eventId: string, viewer: Viewer): Promise<Result<Event>> => getEvent(models, eventId, viewer),
  };
}
