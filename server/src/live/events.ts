import { createHash } from 'node:crypto';
import type { EventDoc } from '#server/models/event.ts';
import { availabilityOf, toEvent, toOrganiserEvent } from '#server/models/views.ts';
import type { Audience } from './audience.ts';
import type { AvailabilityPushes } from './availability.ts';

/** Most events that are remembered; beyond it the one that was seen longest ago is forgotten. */
const MOST_EVENTS = 50_000;

/** The last known state of an event: who could see it, its text and settings, and when it was moved. */
interface KnownEvent {
  isDraft: boolean;
  digest: string;
  movedAtMs: number | null;
}

interface EventPushDeps {
  audience: Audience;
  availability: AvailabilityPushes;
  /** Reads the event as it is in the database now; `null` where it is gone. */
  readOutsideEdit(eventId: string): Promise<EventDoc | null>;
  /** Called when an event's time or place was changed, which its bookings show too. */
  onMoved(doc: EventDoc): void;
}

/**
 * Pushes events that were created or edited: drafts to admins only, but an edit that withdraws a published event to
 * everyone. A replaced document does not carry its past, so each process remembers which events it has seen published.
 */
export function createEventPushes({ audience, availability, readOutsideEdit, onMoved }: EventPushDeps) {
  const known = new Map<string, KnownEvent>();

  /** Remembers the event as it is now; returns what was known before. */
  function replaceKnown(doc: EventDoc): { before: KnownEvent | undefined; after: KnownEvent } {
    const eventId = doc._id.toHexString();
    const before = known.get(eventId);
    const after = { isDraft: isDraft(doc), digest: digestOf(doc), movedAtMs: doc.movedAt?.getTime() ?? null };
    known.delete(eventId);
    known.set(eventId, after);
    const oldest = known.size > MOST_EVENTS ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    return { before, after };
  }

  function push(doc: EventDoc, before: KnownEvent | undefined): void {
    const isHidden = isDraft(doc) && (!before || before.isDraft);
    if (isHidden) audience.pushToAdmins('eventChanged', toOrganiserEvent(doc));
    else audience.pushToEveryone('eventChanged', toEvent(doc), toOrganiserEvent(doc));
    if (doc.movedAt !== null && doc.movedAt.getTime() !== before?.movedAtMs) onMoved(doc);
  }

  /** Pushes what differs from the last known state; for an event that was read because its changes are unknown. */
  function pushDifference(doc: EventDoc): void {
    const { before, after } = replaceKnown(doc);
    if (before?.digest !== after.digest) push(doc, before);
    availability.pushChange(availabilityOf(doc), isDraft(doc));
  }

  return {
    pushDifference,
    /** Pushes an event that was created, or edited through the system. */
    pushChange(doc: EventDoc): void {
      push(doc, replaceKnown(doc).before);
      availability.pushChange(availabilityOf(doc), isDraft(doc));
    },
    /** Reads an event that was edited by hand or by another program, and pushes what differs. */
    async pushOutsideEdit(eventId: string): Promise<void> {
      const doc = await readOutsideEdit(eventId);
      if (doc) pushDifference(doc);
    },
    /** Remembers the state that clients read for themselves, without a push: later changes are compared with it. */
    remember(doc: EventDoc): void {
      replaceKnown(doc);
      availability.remember(availabilityOf(doc), isDraft(doc));
    },
  };
}

function isDraft({ status }: EventDoc): boolean {
  return status === 'draft';
}

/** A digest of all that `eventChanged` shows but the seats, which have a push of their own. */
function digestOf(doc: EventDoc): string {
  const seats = { version: 0, totalSeats: 0, availableSeats: 0, heldSeats: 0, soldSeats: 0, waitingCount: 0 };
  const ticketTypes = doc.ticketTypes.map((type) => ({ ...type, held: 0, sold: 0 }));
  const shown = toOrganiserEvent({ ...doc, ...seats, ticketTypes, holdsUntil: null });
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64');
}
