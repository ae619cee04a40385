import type { Log } from '#server/log.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Audience } from '../audience.ts';
import type { BookingViews } from './bookings.ts';

/** Bookings in one read; between two reads the event loop serves other work. */
const BOOKINGS_PER_READ = 200;

interface MovedEventPushDeps {
  audience: Audience;
  models: Pick<Models, 'bookings'>;
  views: Pick<BookingViews, 'show'>;
  log: Log;
}

/**
 * Pushes the live bookings of an event whose time or place was changed to their owners: a booking shows both, and until
 * when it can be cancelled. Only the event was written, so each booking is pushed with the version that it has.
 */
export function createMovedEventPushes({ audience, models, views, log }: MovedEventPushDeps) {
  const running = new Set<Promise<void>>();
  /** The newest state of each event whose bookings are being pushed; the pushes of an older state stop. */
  const newest = new Map<string, EventDoc>();

  async function pushBookings(event: EventDoc): Promise<void> {
    const isLive = { eventId: event._id, status: { $in: ['held', 'confirmed'] as const } };
    const found = models.bookings.find(isLive).readConcern('majority').batchSize(BOOKINGS_PER_READ);
    for await (const booking of found.lean<BookingDoc[]>().cursor()) {
      if (newest.get(event._id.toHexString()) !== event) return;
      const userId = booking.userId.toHexString();
      if (!audience.hasUser(userId)) continue;
      audience.pushToUser(userId, 'bookingChanged', views.show(booking as BookingDoc, event));
    }
  }

  async function pushNewest(event: EventDoc): Promise<void> {
    const eventId = event._id.toHexString();
    newest.set(eventId, event);
    try {
      await pushBookings(event);
    } catch (error) {
      // No retry: every page has the event's own push, and reading bookings again gives their present state.
      log.warn({ err: error, eventId }, 'Bookings of an event that was moved could not be pushed');
    }
    if (newest.get(eventId) === event) newest.delete(eventId);
  }

  return {
    /** Starts the pushes of this event's bookings, and stops those of its older states. */
    pushBookingsOf(event: EventDoc): void {
      if (!audience.hasUsers()) return;
      const pushing = pushNewest(event).finally(() => running.delete(pushing));
      running.add(pushing);
    },
    /** Stops all pushes that are still running. */
    async close(): Promise<void> {
      newest.clear();
      await Promise.all(running);
    },
  };
}
