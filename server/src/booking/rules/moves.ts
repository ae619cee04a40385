import { refuse } from '#shared/protocol/errors.ts';
import type { AcknowledgeMove, Outcome } from './command.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import { nextVersion } from './state/booking-state.ts';

/** Notes that the buyer has seen the moves up to a time; a time that is known already changes nothing. */
export function acknowledgeMove(draft: BatchDraft, { bookingId, actor, at }: AcknowledgeMove): Outcome {
  const booking = draft.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  const movesSeenAt = at < draft.now ? at : draft.now;
  if (booking.movesSeenAt !== null && movesSeenAt <= booking.movesSeenAt) return { ok: true, booking, repeated: true };
  const after = { ...nextVersion(booking, draft.now), movesSeenAt };
  draft.changeBooking(booking, after, { kind: 'moveSeen', actor });
  return { ok: true, booking: after };
}
