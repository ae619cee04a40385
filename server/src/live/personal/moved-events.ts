import type { Log } from '#server/log.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Audience } from '../audience.ts';
import type { BookingViews } from './bookings.ts';

/** Bookings that are read at a time; between them other work gets its turn. */
const PER_READ = 200;

export interface MovedEventPushDeps {
  audience: Audience;
  models: Pick<Models, 'bookings'>;
  views: Pick<BookingViews, 'show'>;
  log: Log;
}

/**
 * Pushes the live bookings of an event whose time or place was changed to their owners: they say when and where, and
 * until when they can be given back. Only the event was written, so each comes with the version that it has.
 */
export function createMovedEventPushes({ audience, models, views, log }: MovedEventPushDeps) {
  const running = new Set<Promise<void>>();
  /** The newest state of each event that is being told; an older one stops for it. */
  const newest = new Map<string, EventDoc>();

  async function tell(event: EventDoc): Promise<void> {
    const of = { eventId: event._id, status: { $in: ['held', 'confirmed'] as const } };
    const live = models.bookings.find(of).readConcern('majority').batchSize(PER_READ).lean<BookingDoc[]>().cursor();
    for await (const booking of live) {
      if (newest.get(event._id.toHexString()) !== event) return;
      const userId = booking.userId.toHexString();
      if (audience.hasUser(userId))
        audience.pushToUser(userId, 'bookingChanged', views.show(booking as BookingDoc, event));
    }
  }

  async function moved(event: EventDoc): Promise<void> {
    const eventId = event._id.toHexString();
    newest.set(eventId, event);
    try {
      await tell(event);
    } catch (error) {
      // Everybody has heard of the event itself; who asks for their bookings gets them as they are.
      log.warn({ err: error, eventId }, 'Bookings of an event that was moved could not be pushed');
    }
    if (newest.get(eventId) === event) newest.delete(eventId);
  }

  return {
    moved(event: EventDoc): void {
      if (!audience.hasUsers()) return;
      const telling = moved(event).finally(() => running.delete(telling));
      running.add(telling);
    },
    async close(): Promise<void> {
      newest.clear();
      await Promise.all(running);
    },
  };
}
