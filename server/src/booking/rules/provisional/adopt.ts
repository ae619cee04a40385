import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { AdoptHold, Outcome } from '../command.ts';
import { liveAttempt } from '../payments/attempt.ts';
import { cancelledRefusal, secondHoldRefusal, userLimitRefusal } from '../refusals.ts';
import type { BatchDraft } from '../state/batch-draft.ts';
import type { Held } from '../state/booking-state.ts';
import { isHoldOver, nextVersion, requestKey } from '../state/booking-state.ts';
import { adoptVoucherRefusal } from '../vouchers/resolve.ts';

/**
 * Gives a provisional account's hold to the account whose address was proved; where the provisional account itself has
 * become that account, the hold only stops being provisional. Seats, tickets, price and end stay. Repeating it changes
 * nothing. `INVALID_STATE` for what is no hold any more; else refused with the codes of `adoptRefusal`, and
 * the hold stays as it was.
 */
export function adoptHold(draft: BatchDraft, { bookingId, from, userId }: AdoptHold): Outcome {
  const booking = draft.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.userId === userId && !booking.provisional) return { ok: true, booking, repeated: true };
  // An offer of the waiting list, for one, is its entry's.
  if (booking.userId !== from || !booking.provisional) return refuse('NOT_FOUND');
  if (booking.status !== 'held') return refuse('INVALID_STATE', { details: { status: booking.status } });
  if (isHoldOver(booking, draft.now)) return refuse('INVALID_STATE', { details: { status: 'expired' } });
  const error = from === userId ? null : adoptRefusal(draft, booking, userId);
  if (error) return { ok: false, error };
  const owner = from === userId ? {} : { userId, adoptedFrom: from };
  const after: Held = { ...nextVersion(booking, draft.now), ...owner, provisional: false };
  draft.changeBooking(booking, after, { kind: 'adopted', actor: userId });
  return { ok: true, booking: after };
}

/**
 * The refusal to adopt a hold, whose limits are checked anew for the new owner: `SALES_CLOSED`, `LIMIT_EXCEEDED`,
 * `VOUCHER_INVALID`, `INVALID_STATE` while it is being paid for, or `REQUEST_ID_REUSED`.
 */
function adoptRefusal(draft: BatchDraft, hold: Held, userId: string): Refusal | null {
  const live = liveAttempt(draft.attempts.of(hold.id));
  if (live) return refuse('INVALID_STATE', { details: { status: 'held', payment: live.status } }).error;
  if (hold.requestId !== null && draft.requests.has(requestKey(userId, hold.requestId)))
    return refuse('REQUEST_ID_REUSED').error;
  const { event, now } = draft;
  return (
    cancelledRefusal(hold, { event }) ??
    secondHoldRefusal(hold, { liveHold: draft.liveHolds.get(userId) }) ??
    userLimitRefusal(hold, { event, now, seatsOfUser: draft.seatsOf(userId) }) ??
    adoptVoucherRefusal(draft, hold, userId)
  );
}
