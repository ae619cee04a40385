import { refuse } from '#shared/protocol/errors.ts';
import { isSeatInside } from '#shared/tickets/personal-seats.ts';
import { repeatedOutcome, withChangeRequest } from './change-request.ts';
import type { CheckIn, Outcome } from './command.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import { nextVersion } from './state/booking-state.ts';
import { personalRefusal, withPersonal, withSeatsInside } from './tickets/personal.ts';

/**
 * Checks attendees in. The event's queue decides this like every other change of a booking, so that no cancellation
 * comes in between. If all seats are checked in already, or the one whose own ticket was scanned, nothing changes, and
 * the outcome says `repeated`. The same request again has the outcome that it had first. `INVALID_STATE` for a booking
 * that is not confirmed, for a cancelled event, for more seats than are left, and by `personalRefusal`.
 */
export function checkIn(draft: BatchDraft, command: CheckIn): Outcome {
  const { bookingId, actor, seats, personal } = command;
  const repeated = repeatedOutcome(draft, command);
  if (repeated) return repeated;
  const booking = draft.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'confirmed') return refuse('INVALID_STATE', { details: { status: booking.status } });
  if (draft.event.settings.status === 'cancelled') return refuse('INVALID_STATE', { details: { event: 'cancelled' } });
  const invalid = personal ? personalRefusal(booking, personal) : null;
  if (invalid) return { ok: false, error: invalid };
  const admitted = personal ? 1 : booking.seats;
  const inside = personal ? Number(isSeatInside(booking, personal)) : booking.checkedInSeats;
  const outside = admitted - inside;
  if (outside === 0) return { ok: true, booking, repeated: true };
  const entering = seats ?? outside;
  if (entering > outside) {
    return refuse('INVALID_STATE', { details: { seats: admitted, checkedInSeats: inside } });
  }
  const checkedInSeats = booking.checkedInSeats + entering;
  const personalTickets = personal
    ? withPersonal(booking, personal, { checkedInAt: draft.now })
    : withSeatsInside(booking, entering, draft.now);
  const changeRequests = withChangeRequest(booking, command);
  const checkedIn = { checkedInSeats, checkedInAt: draft.now, personalTickets, changeRequests };
  const after = { ...nextVersion(booking, draft.now), ...checkedIn };
  draft.changeBooking(booking, after, { kind: 'checkedIn', actor });
  return { ok: true, booking: after };
}
