import type { EventDoc } from '#server/models/event.ts';
import type { Command, Decision } from '../rules/command.ts';
import { requestKey } from '../rules/state/booking-state.ts';
import type { EventState, TicketTypeState } from '../rules/state/event-state.ts';

/** The event is read again after this, so that an edit by hand in the database counts soon. */
const MAX_AGE_MS = 1_000;
/** How long all is read after a request proved not to be new: clients repeat themselves. */
const DISTRUST_MS = 3_000;
/** Remembered requests of one busy queue; beyond, all are forgotten, and the unique index tells repeats apart. */
const MAX_REQUESTS = 20_000;

export type EventCache = ReturnType<typeof createEventCache>;

/** The newest documents of events that this process has, without reading them. */
export interface NewestEvents {
  /** The event as the change feed or a commit of this process left it; null if that is not known for certain. */
  get(eventId: string): EventDoc | null;
  /** Call after each commit, before its commands are answered. */
  noteCommit(event: EventState): void;
}

interface EventCacheOptions {
  eventId: string;
  knownEvents: NewestEvents;
  /** Monotonic milliseconds. */
  monotonic: () => number;
}

/**
 * The event as one queue's last commit left it, or as the process knows it. A batch of new bookings is then decided
 * without reading: the filter of the event's update holds every number that the decision rests on, and the unique index
 * every request that was taken for new. If either objects, nothing was written, and the batch is loaded and decided
 * again.
 */
export function createEventCache({ eventId, knownEvents, monotonic }: EventCacheOptions) {
  let event: EventDoc | null = null;
  let readMs = -Infinity;
  let distrustedUntilMs = -Infinity;
  const requests = new Set<string>();

  function isNewBooking(command: Command): boolean {
    return command.type === 'book' && !requests.has(requestKey(command.userId, command.requestId));
  }

  /** Whether these are bookings with request ids that are not known yet, so that none of them has to be looked up. */
  function areNewBookings(commands: readonly Command[]): boolean {
    return monotonic() >= distrustedUntilMs && commands.every(isNewBooking);
  }

  /** Whether new bookings depend on the event alone: its waiting list is empty, and it has no limit per user. */
  function sellsFreely({ waitingCount, maxSeatsPerUser }: EventDoc): boolean {
    return waitingCount === 0 && maxSeatsPerUser === null;
  }

  /** An edit by hand reaches a known event by the feed; the event of the last commit is read again instead. */
  function newest(): EventDoc | null {
    return knownEvents.get(eventId) ?? (monotonic() - readMs > MAX_AGE_MS ? null : event);
  }

  return {
    areNewBookings,
    sellsFreely,
    /** The event for a batch that can be decided without reading; null if the batch has to be loaded. */
    get(commands: readonly Command[]): EventDoc | null {
      if (!areNewBookings(commands)) return null;
      const present = newest();
      return present && sellsFreely(present) ? present : null;
    },
    /** Call after a commit; `isRead`: the event was read in its transaction. */
    update(before: EventDoc, decision: Decision, commands: readonly Command[], isRead: boolean): void {
      const { counters, version, revision, holdsUntil, waitingCount } = decision.event;
      const ticketTypes = decision.event.ticketTypes as TicketTypeState[];
      const isPlain = revision === before.revision && commands.every(({ type }) => type === 'book');
      event = isPlain ? { ...before, ...counters, ticketTypes, version, holdsUntil, waitingCount } : null;
      if (isRead) readMs = monotonic();
      knownEvents.noteCommit(decision.event);
      if (requests.size > MAX_REQUESTS) requests.clear();
      for (const command of commands) {
        if (command.type === 'book') requests.add(requestKey(command.userId, command.requestId));
      }
    },
    /** Call if a request that was taken for new was not. */
    distrust(): void {
      event = null;
      distrustedUntilMs = monotonic() + DISTRUST_MS;
    },
  };
}
