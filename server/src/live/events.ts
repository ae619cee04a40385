import { createHash } from 'node:crypto';
import type { EventDoc } from '../models/event.ts';
import { toAvailability, toEvent } from '../models/views.ts';
import type { Audience } from './audience.ts';
import type { AvailabilityPushes } from './availability.ts';

/** Events that are remembered; beyond, the one that was seen longest ago is forgotten. */
const MOST_EVENTS = 50_000;

/** What was last known of an event: whether everyone could see it, and what its text and settings were. */
interface KnownEvent {
  draft: boolean;
  digest: string;
  movedAtMs: number | null;
}

export interface EventPushDeps {
  audience: Audience;
  availability: AvailabilityPushes;
  /** The event as it is in the database now. */
  read(eventId: string): Promise<EventDoc | null>;
  /** Its time or place was changed: whoever has booked is told. */
  moved(doc: EventDoc): void;
}

export type EventPushes = ReturnType<typeof createEventPushes>;

/**
 * Pushes events that were created or edited: drafts to admins only, but an edit that withdraws a published event to
 * everyone. A replaced document says nothing of its past, so each process remembers what was last published.
 */
export function createEventPushes({ audience, availability, read, moved }: EventPushDeps) {
  const known = new Map<string, KnownEvent>();

  /** Remembers the event as it is; gives what was known before. */
  function remember(doc: EventDoc): { before: KnownEvent | undefined; after: KnownEvent } {
    const eventId = doc._id.toHexString();
    const before = known.get(eventId);
    const after = { draft: doc.status === 'draft', digest: digestOf(doc), movedAtMs: doc.movedAt?.getTime() ?? null };
    known.delete(eventId);
    known.set(eventId, after);
    const oldest = known.size > MOST_EVENTS ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    return { before, after };
  }

  function push(doc: EventDoc, before: KnownEvent | undefined): void {
    const event = toEvent(doc);
    const hidden = doc.status === 'draft' && (!before || before.draft);
    if (hidden) audience.pushToAdmins('eventChanged', event);
    else audience.pushToEveryone('eventChanged', event);
    if (doc.movedAt !== null && doc.movedAt.getTime() !== before?.movedAtMs) moved(doc);
  }

  function countSeats(doc: EventDoc): void {
    availability.changed(availabilityOf(doc), doc.status === 'draft');
  }

  /** As it is now, after changes that nobody described: what differs from the last known state is pushed. */
  function seen(doc: EventDoc): void {
    const { before, after } = remember(doc);
    if (before?.digest !== after.digest) push(doc, before);
    countSeats(doc);
  }

  return {
    seen,
    /** Created, or edited through the system. */
    changed(doc: EventDoc): void {
      push(doc, remember(doc).before);
      countSeats(doc);
    },
    /** Edited by hand or by another program: read, then pushed. */
    async editedOutside(eventId: string): Promise<void> {
      const doc = await read(eventId);
      if (doc) seen(doc);
    },
    /** The state that clients get when they ask: the measure for what comes later, pushed to nobody. */
    note(doc: EventDoc): void {
      remember(doc);
      availability.note(availabilityOf(doc), doc.status === 'draft');
    },
  };
}

function availabilityOf(doc: EventDoc) {
  return toAvailability(doc._id.toHexString(), doc.version, doc);
}

/** All that `eventChanged` shows but the seats, which change by themselves. */
function digestOf(doc: EventDoc): string {
  const seats = { version: 0, totalSeats: 0, availableSeats: 0, heldSeats: 0, soldSeats: 0, waitingCount: 0 };
  const shown = toEvent({ ...doc, ...seats, holdsUntil: null });
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64');
}
