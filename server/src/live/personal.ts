import type { BookingDoc } from '../models/booking.ts';
import type { LedgerDoc } from '../models/ledger.ts';
import { fromLedgerBooking } from '../models/ledger.ts';
import { toBooking } from '../models/views.ts';
import type { Audience } from './audience.ts';

export interface PersonalDeps {
  audience: Audience;
  /** The signed text of a booking's ticket; `null` while it has none. */
  ticketOf(booking: BookingDoc): string | null;
}

/** Pushes each booking of a ledger document to its owner's connections; owners who are not here cost a look-up. */
export function pushBookings({ audience, ticketOf }: PersonalDeps, { eventId, entries, event }: LedgerDoc): void {
  for (const { booking: stored } of entries) {
    const userId = stored?.userId.toHexString();
    if (!stored || !userId || !audience.hasUser(userId)) continue;
    const booking = fromLedgerBooking(eventId, stored);
    audience.user(userId, 'bookingChanged', toBooking(booking, event, ticketOf(booking)));
  }
}
