import type { ClientSession } from 'mongodb';
import type { EventDoc } from '#server/models/event.ts';
import type { BookingCollections, LoadedBatch } from '../store/load.ts';
import { loadLiveHolds } from '../store/load.ts';
import { toEventState } from '../store/records.ts';
import { requestKey } from '../rules/state/booking-state.ts';
import type { Command, Decision } from '../rules/command.ts';
import { EMPTY_WAITLIST } from '../rules/state/event-state.ts';

/** The event is read again after this, so that what was edited by hand in the database counts soon. */
const MAX_AGE_MS = 1_000;
/** After a surprise the queue reads everything for so long: clients repeat themselves. */
const CAREFUL_MS = 3_000;
/** Requests of one busy queue that are remembered; beyond, all are forgotten and the unique index tells them apart. */
const MAX_REQUESTS = 20_000;

export type KnownEvent = ReturnType<typeof createKnownEvent>;

/**
 * What a busy queue knows from its own last commit. A batch of plain bookings is then decided without reading: the
 * filter of the event's update holds every number that was assumed, and the unique index every request that was taken
 * for new. Where either objects nothing was written, and the batch is loaded and decided again.
 */
export function createKnownEvent(monotonic: () => number) {
  let doc: EventDoc | null = null;
  let readMs = -Infinity;
  let carefulUntilMs = -Infinity;
  const requests = new Set<string>();

  function isNew(command: Command): boolean {
    return command.type === 'book' && !requests.has(requestKey(command.userId, command.requestId));
  }

  /** Whether these are bookings of which nothing is known yet, so that nothing has to be read about them. */
  function trusts(commands: readonly Command[]): boolean {
    return monotonic() >= carefulUntilMs && commands.every(isNew);
  }

  /** Whether bookings of this event depend on nothing but the event. */
  function suits(event: EventDoc): boolean {
    return event.waitingCount === 0 && event.maxSeatsPerUser === null;
  }

  return {
    trusts,
    suits,
    /** The event for a batch that may be decided without reading; null where it has to be loaded. */
    assume(commands: readonly Command[]): EventDoc | null {
      if (!doc || !suits(doc) || monotonic() - readMs > MAX_AGE_MS) return null;
      return trusts(commands) ? doc : null;
    },
    /** After a commit: `fresh` where the event was read for it. */
    learn(before: EventDoc, decision: Decision, commands: readonly Command[], fresh: boolean): void {
      const { counters, version, revision, holdsUntil, waitingCount } = decision.event;
      const plain = revision === before.revision && commands.every(({ type }) => type === 'book');
      doc = plain ? { ...before, ...counters, version, holdsUntil, waitingCount } : null;
      if (fresh) readMs = monotonic();
      if (requests.size > MAX_REQUESTS) requests.clear();
      for (const command of commands) {
        if (command.type === 'book') requests.add(requestKey(command.userId, command.requestId));
      }
    },
    /** What was assumed did not hold. */
    mistrust(): void {
      doc = null;
      carefulUntilMs = monotonic() + CAREFUL_MS;
    },
  };
}

/** The state for a batch of new bookings on an event that is known; only live holds are read, where there can be any. */
export async function assumedState(
  { bookings }: Pick<BookingCollections, 'bookings'>,
  doc: EventDoc,
  commands: readonly Command[],
  session: ClientSession,
): Promise<LoadedBatch> {
  const event = toEventState(doc);
  const buyers = [...new Set(commands.flatMap((command) => (command.type === 'book' ? [command.userId] : [])))];
  const mayHold = event.counters.heldSeats > 0 && event.settings.price.amount > 0;
  const state = {
    event,
    bookings: new Map(),
    requests: new Map(),
    liveHolds: mayHold ? await loadLiveHolds(bookings, doc._id, buyers, session) : new Map<string, string>(),
    seatsByUser: new Map(),
    attempts: new Map(),
    refundRequests: new Map(),
    otherHoldsUntil: event.holdsUntil,
    everBooked: false,
    waitlist: EMPTY_WAITLIST,
  };
  return { doc, state };
}
