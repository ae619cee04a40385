import type { Models } from '#server/models/models.ts';
import type { Booking } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { Bookings } from './bookings.ts';
import type { Engine } from './engine/engine.ts';
import type { CommandResult } from './rules/command.ts';
import { findProvisionalHolds } from './store/queries/booking-queries.ts';

interface AdoptionOptions {
  models: Pick<Models, 'bookings'>;
  engine: Engine;
  bookings: Pick<Bookings, 'get'>;
  /** The reply to a command on a booking. */
  reply: (result: CommandResult) => Result<Booking>;
}

/** What it takes to give a hold to another account. */
interface HoldIds {
  bookingId: string;
  eventId: string;
}

/** Holds of provisional accounts, and their change of owner in the event's queue. */
export function createAdoption({ models, engine, bookings, reply }: AdoptionOptions) {
  return {
    async ofAccount(accountId: string): Promise<HoldIds[]> {
      const found = await findProvisionalHolds(models, accountId);
      return found.map(({ _id, eventId }) => ({ bookingId: _id.toHexString(), eventId: eventId.toHexString() }));
    },
    async show(bookingId: string, ownerId: string): Promise<Booking | null> {
      const shown = await bookings.get(bookingId, ownerId, async () => false);
      return shown.ok ? shown.data : null;
    },
    async adopt({ bookingId, eventId }: HoldIds, from: string, userId: string): Promise<Result<Booking>> {
      return reply(await engine.submit(eventId, { type: 'adoptHold', bookingId, from, userId }));
    },
  };
}
