import { refuse } from '#shared/protocol/errors.ts';
import type { CheckIn, Outcome } from './command.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import { nextVersion } from './state/booking-state.ts';

/**
 * Checks attendees in. The event's queue decides this like every other change of a booking, so that no cancellation
 * comes in between. If all seats are checked in already, nothing changes, and the outcome says `repeated`.
 * `INVALID_STATE` for a booking that is not confirmed, for a cancelled event, and for more seats than are left.
 */
export function checkIn(draft: BatchDraft, { bookingId, actor, seats }: CheckIn): Outcome {
  const booking = draft.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'confirmed') return refuse('INVALID_STATE', { details: { status: booking.status } });
  if (draft.event.settings.status === 'cancelled') return refuse('INVALID_STATE', { details: { event: 'cancelled' } });
  const outside = booking.seats - booking.checkedInSeats;
  if (outside === 0) return { ok: true, booking, repeated: true };
  const entering = seats ?? outside;
  if (entering > outside) {
    return refuse('INVALID_STATE', { details: { seats: booking.seats, checkedInSeats: booking.checkedInSeats } });
  }
  const after = { ...nextVersion(booking, draft.now), checkedInSeats: booking.checkedInSeats + entering };
  draft.changeBooking(booking, after, { kind: 'checkedIn', actor });
  return { ok: true, booking: after };
}
