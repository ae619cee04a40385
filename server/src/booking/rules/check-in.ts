import { refuse } from '#shared/protocol/errors.ts';
import { next } from './state/booking-state.ts';
import type { CheckIn, Outcome } from './command.ts';
import { invalidState } from './policies.ts';
import type { Work } from './state/batch-draft.ts';

/**
 * Lets a party in. In the event's queue like everything else about a booking, so that no cancellation comes in between.
 * A party that is inside already is told so once more, and nothing changes.
 */
export function checkIn(work: Work, { bookingId, actor, seats }: CheckIn): Outcome {
  const booking = work.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'confirmed') return { ok: false, error: invalidState({ status: booking.status }) };
  if (work.event.settings.status === 'cancelled') return { ok: false, error: invalidState({ event: 'cancelled' }) };
  const outside = booking.seats - booking.checkedInSeats;
  if (outside === 0) return { ok: true, booking, repeated: true };
  const entering = seats ?? outside;
  if (entering > outside) {
    return { ok: false, error: invalidState({ seats: booking.seats, checkedInSeats: booking.checkedInSeats }) };
  }
  const after = { ...next(booking, work.now), checkedInSeats: booking.checkedInSeats + entering };
  work.replace(booking, after, { kind: 'checkedIn', actor });
  return { ok: true, booking: after };
}
