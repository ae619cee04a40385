import { LRUCache } from 'lru-cache';
import type { EventState } from '#server/booking/rules/state/event-state.ts';
import type { NewestEvents } from '#server/booking/store/event-cache.ts';
import { ticketCountsOf, withTicketCounts } from '#server/booking/rules/tickets/counts.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { LedgerAvailability } from '#server/models/ledger.ts';

/** Most memory of all events together, in characters of their texts and a fixed part for the rest. */
const MOST_SIZE = 64 * 1024 * 1024;
const FIXED_SIZE = 1_024;

/** An event's versions: both grow with its changes, unless another program sets them back. */
interface Versions {
  version: number;
  revision: number;
}

/** `doc` is null while the event is being read, and after a commit of this process whose document is not known. */
interface KnownState {
  doc: EventDoc | null;
  /** The newest versions of the event that are known. */
  floor: Versions;
  /** Whether these are of a commit of this process which the feed has not carried yet: older changes come before it. */
  isAhead: boolean;
}

export type KnownEvents = ReturnType<typeof createKnownEvents>;

/**
 * What this process knows of the events: each as the change feed or a commit of this process left it. Served only while
 * the feed is current, so it is never older than what was pushed; anything that it does not know is read from the
 * database. Bounded in memory, least recently used events are dropped.
 */
export function createKnownEvents() {
  const events = new LRUCache<string, KnownState>({
    maxSize: MOST_SIZE,
    sizeCalculation: ({ doc }) => FIXED_SIZE + (doc ? sizeOf(doc) : 0),
    dispose: (_known, _eventId, reason) => {
      if (reason === 'evict') isComplete = false;
    },
  });
  let isComplete = false;
  let isCurrent = (): boolean => false;
  /** Counts the changes that may change which events are in a list, or their order. */
  let generation = 0;

  function store(eventId: string, doc: EventDoc): void {
    const { version, revision } = doc;
    events.set(eventId, { doc: isReadable(doc) ? doc : null, floor: { version, revision }, isAhead: false });
  }

  /** Stores a document that the feed carried, also one that another program set back to older versions. */
  function put(doc: EventDoc): void {
    const eventId = doc._id.toHexString();
    const known = events.peek(eventId);
    if (known?.isAhead && !isAtLeast(doc, known.floor)) return;
    if (!known?.doc || !isReadable(doc) || isListedOtherwise(known.doc, doc)) generation += 1;
    store(eventId, doc);
  }

  function changeCounters(eventId: string, known: KnownState, counters: Counters, isAhead: boolean): void {
    const floor = { version: counters.version, revision: known.floor.revision };
    events.set(eventId, { doc: known.doc && withCounters(known.doc, counters), floor, isAhead });
  }

  const feed = {
    /** Serves what the feed carries as long as this says that the feed is current. */
    serveWhile(feedIsCurrent: () => boolean): void {
      isCurrent = feedIsCurrent;
    },
    put,
    /** Takes over counters, unless newer ones are known. */
    putCounters(eventId: string, counters: Counters): void {
      const known = events.peek(eventId);
      if (known && counters.version >= known.floor.version) changeCounters(eventId, known, counters, false);
    },
    putOutsideEdit(doc: EventDoc): void {
      generation += 1;
      store(doc._id.toHexString(), doc);
    },
    forget(eventId: string): void {
      generation += 1;
      events.delete(eventId);
    },
    begin(): void {
      generation += 1;
      events.clear();
      isComplete = true;
    },
  };

  const newest: NewestEvents = {
    get: (eventId) => (isCurrent() ? (events.get(eventId)?.doc ?? null) : null),
    noteCommit(event: EventState): void {
      const { id, version, revision, counters, ticketTypes, holdsUntil, waitingCount } = event;
      const before = events.peek(id);
      // The feed may have been faster.
      if (!before || isAtLeast(before.floor, event)) return;
      if (revision === before.floor.revision) {
        const { tickets } = ticketCountsOf({ ticketTypes, availableSeats: counters.availableSeats });
        changeCounters(
          id,
          before,
          { ...counters, ...(tickets && { tickets }), version, holdsUntil, waitingCount },
          true,
        );
        return;
      }
      generation += 1;
      events.set(id, { doc: null, floor: { version, revision }, isAhead: true });
    },
  };

  async function readMissing(eventIds: string[], read: (ids: string[]) => Promise<EventDoc[]>): Promise<EventDoc[]> {
    const placeholders = new Map<string, KnownState>();
    for (const eventId of eventIds.filter((id) => !events.has(id))) {
      const placeholder = { doc: null, floor: { version: 0, revision: 0 }, isAhead: false };
      placeholders.set(eventId, placeholder);
      events.set(eventId, placeholder);
    }
    try {
      const docs = await read(eventIds);
      for (const doc of docs) keepRead(doc);
      return docs;
    } finally {
      for (const [eventId, placeholder] of placeholders)
        if (events.peek(eventId) === placeholder) events.delete(eventId);
    }
  }

  /** Without an entry, a change that came during the read would have been missed. */
  function keepRead(doc: EventDoc): void {
    const eventId = doc._id.toHexString();
    const present = events.peek(eventId);
    if (present?.doc === null && isAtLeast(doc, present.floor)) store(eventId, doc);
  }

  return {
    ...newest,
    feed,
    /** Stores an event that this process has just created. */
    noteCreated(doc: EventDoc): void {
      const eventId = doc._id.toHexString();
      // The feed may have been faster.
      if (events.has(eventId)) return;
      generation += 1;
      events.set(eventId, { doc, floor: { version: doc.version, revision: doc.revision }, isAhead: true });
    },
    /**
     * The given events: those known, and the others by `read`, which gives those that exist, in any order. What was read
     * is kept unless it changed meanwhile.
     */
    async getAll(eventIds: readonly string[], read: (ids: string[]) => Promise<EventDoc[]>): Promise<EventDoc[]> {
      const docs = new Map(eventIds.map((eventId) => [eventId, newest.get(eventId)]));
      const missing = eventIds.filter((eventId) => !docs.get(eventId));
      if (missing.length > 0) for (const doc of await readMissing(missing, read)) docs.set(doc._id.toHexString(), doc);
      return [...docs.values()].filter((doc) => doc !== null);
    },
    /** All known events, in no order; null unless these are all events that are not long over. */
    all(): EventDoc[] | null {
      if (!isCurrent() || !isComplete) return null;
      const docs = [...events.values()].map(({ doc }) => doc);
      return docs.includes(null) ? null : docs.filter((doc) => doc !== null);
    },
    get isCurrent(): boolean {
      return isCurrent();
    },
    get generation(): number {
      return generation;
    },
  };
}

type Counters = LedgerAvailability & Pick<EventDoc, 'version'>;

function withCounters(doc: EventDoc, { tickets, ...counters }: Counters): EventDoc {
  const { heldSeats, soldSeats } = counters;
  const ticketTypes = withTicketCounts(doc.ticketTypes, { heldSeats, soldSeats, ...(tickets && { tickets }) });
  return { ...doc, ...counters, ticketTypes };
}

function isAtLeast({ version, revision }: Versions, floor: Versions): boolean {
  return version >= floor.version && revision >= floor.revision;
}

/** False for a document whose fields another program gave other types. */
function isReadable({ title, venue, description, startsAt, endsAt, tags }: EventDoc): boolean {
  const areTexts = [title, venue, description].every((text) => typeof text === 'string');
  return areTexts && Array.isArray(tags) && startsAt instanceof Date && (endsAt === null || endsAt instanceof Date);
}

/** Whether lists and searches show or order the event otherwise than before. */
function isListedOtherwise(before: EventDoc, after: EventDoc): boolean {
  return (
    before.status !== after.status ||
    before.searchText !== after.searchText ||
    before.categoryKey !== after.categoryKey ||
    before.cityKey !== after.cityKey ||
    before.organiserKey !== after.organiserKey ||
    String(before.tagKeys) !== String(after.tagKeys) ||
    before.price.amount !== after.price.amount ||
    before.salesCloseAt?.getTime() !== after.salesCloseAt?.getTime() ||
    before.startsAt.getTime() !== after.startsAt.getTime() ||
    before.endsAt?.getTime() !== after.endsAt?.getTime()
  );
}

function sizeOf({ title, venue, description, searchText }: EventDoc): number {
  return title.length + venue.length + description.length + (searchText ?? '').length;
}
