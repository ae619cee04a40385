import { refuse } from '#shared/protocol/errors.ts';
import { nextVersion } from './state/booking-state.ts';
import type { CheckIn, Outcome } from './command.ts';
import { invalidStateRefusal } from './refusals.ts';
import type { BatchDraft } from './state/batch-draft.ts';

/**
 * Lets a party in. In the event's queue like everything else about a booking, so that no cancellation comes in between.
 * A party that is inside already is told so once more, and nothing changes.
 */
export function checkIn(draft: BatchDraft, { bookingId, actor, seats }: CheckIn): Outcome {
  const booking = draft.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'confirmed') return { ok: false, error: invalidStateRefusal({ status: booking.status }) };
  if (draft.event.settings.status === 'cancelled')
    return { ok: false, error: invalidStateRefusal({ event: 'cancelled' }) };
  const outside = booking.seats - booking.checkedInSeats;
  if (outside === 0) return { ok: true, booking, repeated: true };
  const entering = seats ?? outside;
  if (entering > outside) {
    return { ok: false, error: invalidStateRefusal({ seats: booking.seats, checkedInSeats: booking.checkedInSeats }) };
  }
  const after = { ...nextVersion(booking, draft.now), checkedInSeats: booking.checkedInSeats + entering };
  draft.changeBooking(booking, after, { kind: 'checkedIn', actor });
  return { ok: true, booking: after };
}
