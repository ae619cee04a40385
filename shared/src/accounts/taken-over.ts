import type { Booking } from '#shared/booking.ts';
import type { Refusal } from '#shared/protocol/errors.ts';

/** What has become of the holds that a visitor made before signing in: in the answer to the sign-in. */
export interface TakenOver {
  /** Holds that are the account's now. */
  adopted: Booking[];
  /** Holds that the account's limits do not allow: they stay as they are until their end, or until it releases them. */
  refused: { booking: Booking; error: Refusal }[];
}
