import type { Db } from 'mongodb';
import { Types } from 'mongoose';
import { MAX_SEATS } from '#shared/protocol/primitives.ts';

/**
 * Changes the seats of an unsold event straight in the database: it sells out, and becomes available again with the next
 * change. Such a change is pushed at once, however soon it follows the last one.
 */
export function createSeatChanges(database: Db, eventId: string) {
  const events = database.collection('events');
  let isSoldOut = false;

  async function change(): Promise<void> {
    isSoldOut = !isSoldOut;
    const sold = isSoldOut ? MAX_SEATS : -MAX_SEATS;
    await events.updateOne(
      { _id: new Types.ObjectId(eventId) },
      {
        $inc: { availableSeats: -sold, soldSeats: sold, 'ticketTypes.0.sold': sold },
      },
    );
  }

  return {
    change,
    /** Leaves the event as it was. */
    async undo(): Promise<void> {
      if (isSoldOut) await change();
    },
  };
}
