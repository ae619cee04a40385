import { refuse } from '#shared/errors.ts';
import type { BookingState, Cancelled, Expired, Held } from './booking-state.ts';
import { facts, next } from './booking-state.ts';
import type { Cancel, Expire, Leave, Outcome } from './command.ts';
import { salesCloseAt } from './event-state.ts';
import { invalidState, mayCancel } from './policies.ts';
import { answerOffer } from './wait.ts';
import type { Work } from './work.ts';

export function cancel(work: Work, command: Cancel): Outcome {
  const booking = work.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  switch (booking.status) {
    case 'cancelled':
      return { ok: true, booking };
    case 'expired':
      return { ok: false, error: invalidState({ status: 'expired' }) };
    case 'held':
      return release(work, command, booking);
    case 'confirmed': {
      const error = mayCancel(command, booking, work.event, work.now);
      if (error) return { ok: false, error };
      const keep = booking.seats - (command.seats ?? booking.seats);
      const after = keep > 0 ? { ...next(booking, work.now), seats: keep } : ended(work, booking, command);
      work.replace(booking, after, { kind: 'cancelled', actor: command.actor, reason: command.reason });
      return { ok: true, booking: after };
    }
    default:
      return booking satisfies never;
  }
}

function release(work: Work, command: Cancel, booking: Held): Outcome {
  if (command.seats !== null) return { ok: false, error: invalidState({ status: 'held' }) };
  const after = ended(work, booking, command);
  work.replace(booking, after, { kind: 'released', actor: command.actor, reason: command.reason });
  answerOffer(work, booking.id, command.by === 'buyer' ? 'left' : 'closed');
  return { ok: true, booking: after };
}

export function expire(work: Work, command: Expire): Outcome {
  const booking = work.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'held' || booking.holdExpiresAt > work.now) return { ok: true, booking };
  const after: Expired = {
    ...facts(next(booking, work.now)),
    status: 'expired',
    holdExpiresAt: booking.holdExpiresAt,
    ended: { by: 'time', reason: null, at: work.now },
  };
  work.replace(booking, after, { kind: 'expired', actor: 'system' });
  answerOffer(work, booking.id, work.now >= salesCloseAt(work.event.settings) ? 'closed' : 'missed');
  return { ok: true, booking: after };
}

function ended(work: Work, booking: BookingState, { by, reason }: Cancel): Cancelled {
  return { ...facts(next(booking, work.now)), status: 'cancelled', ended: { by, reason, at: work.now } };
}

/** Leaves the waiting list; an offer that stands is declined, and its seats go to the next. */
export function leave(work: Work, { userId }: Leave): Outcome {
  const entry = work.activeParty(userId);
  if (!entry) return refuse('NOT_FOUND');
  if (entry.status === 'waiting') return { ok: true, entry: work.move(entry, { status: 'left' }) };
  const bookingId = entry.bookingId ?? '';
  const declined = cancel(work, { type: 'cancel', bookingId, actor: userId, by: 'buyer', seats: null, reason: null });
  return declined.ok ? { ok: true, entry: work.party(entry.id) ?? entry } : declined;
}
