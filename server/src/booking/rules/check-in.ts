import { refuse } from '#shared/protocol/errors.ts';
import { repeatedOutcome, withChangeRequest } from './change-request.ts';
import type { CheckIn, Outcome } from './command.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import { nextVersion } from './state/booking-state.ts';

/**
 * Checks attendees in. The event's queue decides this like every other change of a booking, so that no cancellation
 * comes in between. If all seats are checked in already, nothing changes, and the outcome says `repeated`. The same
 * request again has the outcome that it had first. `INVALID_STATE` for a booking that is not confirmed, for a cancelled event, and for more seats than are left.
 */
export function checkIn(draft: BatchDraft, command: CheckIn): Outcome {
  const { bookingId, actor, seats } = command;
  const repeated = repeatedOutcome(draft, command);
  if (repeated) return repeated;
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
  const checkedInSeats = booking.checkedInSeats + entering;
  const changeRequests = withChangeRequest(booking, command);
  const after = { ...nextVersion(booking, draft.now), checkedInSeats, changeRequests };
  draft.changeBooking(booking, after, { kind: 'checkedIn', actor });
  return { ok: true, booking: after };
}
