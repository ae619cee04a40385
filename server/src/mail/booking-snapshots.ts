import type { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { TicketFilesMaker } from '#server/tickets/ticket-files.ts';
import type { BookingSnapshot } from './texts/booking-facts.ts';

/** Bookings that are read at once, each of them for a mail that is sent soon. */
const READ_AT_ONCE = 32;
/** How old a booking may be when its mail is written; at the pace of mails it may be read long before its turn. */
const RECENT_MS = 500;

export interface BookingSnapshotsOptions {
  models: Pick<Models, 'bookings' | 'events'>;
  tickets: Pick<TicketFilesMaker, 'keyOf' | 'filesOf'>;
  origin: () => string;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
}

/** A booking with its event. */
type BookingWithEvent = Pick<BookingSnapshot, 'booking' | 'event'>;

interface Chunk {
  readMs: number;
  found: Promise<Map<string, BookingWithEvent>>;
}

/**
 * The bookings that a job's notifications are about, with their events, as they are when each notification is written.
 * Those that come one after the other are read at once.
 */
export function createBookingSnapshots(options: BookingSnapshotsOptions, bookingIds: readonly Types.ObjectId[]) {
  const { models, tickets, origin, now, monotonic } = options;
  const positions = new Map(bookingIds.map((id, position) => [id.toHexString(), position]));
  const chunks = new Map<number, Chunk>();

  function chunkAt(position: number): Chunk {
    const number = Math.floor(position / READ_AT_ONCE);
    const known = chunks.get(number);
    if (known && monotonic() - known.readMs < RECENT_MS) return known;
    const ids = bookingIds.slice(number * READ_AT_ONCE, (number + 1) * READ_AT_ONCE);
    const chunk = { readMs: monotonic(), found: findWithEvents(models, ids) };
    chunks.set(number, chunk);
    // A failed read is repeated by the next notification; the one that waits for it fails, and is tried again later.
    chunk.found.catch(() => chunks.delete(number));
    return chunk;
  }

  /** The booking and its event; null if either does not exist. Throws on a booking that the job has not named. */
  return async function snapshotOf(bookingId: Types.ObjectId): Promise<BookingSnapshot | null> {
    const id = bookingId.toHexString();
    const position = positions.get(id);
    if (position === undefined) throw new Error(`The job does not notify of the booking ${id}`);
    const found = (await chunkAt(position).found).get(id);
    return found ? { ...found, key: tickets.keyOf(id), origin: origin(), at: now() } : null;
  };
}

async function findWithEvents(
  { bookings, events }: Pick<Models, 'bookings' | 'events'>,
  ids: readonly Types.ObjectId[],
): Promise<Map<string, BookingWithEvent>> {
  const found = await bookings.find({ _id: { $in: ids } }).lean<BookingDoc[]>();
  const eventIds = [...new Set(found.map(({ eventId }) => eventId.toHexString()))];
  const ofBookings = await events.find({ _id: { $in: eventIds } }).lean<EventDoc[]>();
  const byId = new Map(ofBookings.map((event) => [event._id.toHexString(), event]));
  return new Map(
    found.flatMap((booking) => {
      const event = byId.get(booking.eventId.toHexString());
      return event ? [[booking._id.toHexString(), { booking, event }]] : [];
    }),
  );
}
