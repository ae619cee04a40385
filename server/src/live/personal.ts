import type { BookingDoc } from '../models/booking.ts';
import type { LedgerDoc } from '../models/ledger.ts';
import { toBooking } from '../models/views.ts';
import type { Audience } from './audience.ts';

export interface PersonalDeps {
  audience: Audience;
  /** The signed text of a booking's ticket; `null` while it has none. */
  ticketOf(booking: BookingDoc): string | null;
}

/** Pushes each booking of a ledger document to its owner's connections; owners who are not here cost a look-up. */
export function pushBookings({ audience, ticketOf }: PersonalDeps, { entries, event }: LedgerDoc): void {
  for (const { booking } of entries) {
    if (!booking) continue;
    const userId = booking.userId.toHexString();
    if (audience.hasUser(userId)) audience.user(userId, 'bookingChanged', toBooking(booking, event, ticketOf(booking)));
  }
}
