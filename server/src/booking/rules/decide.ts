import { refuse } from '#shared/errors.ts';
import type { BookingState, Cancelled, Held } from './booking-state.ts';
import { requestKey } from './booking-state.ts';
import type { Book, Cancel, Command, Decision, Edit, Expire, Outcome } from './command.ts';
import type { State } from './event-state.ts';
import { invalidState, isRepeat, mayBook, mayCancel, mayEdit } from './policies.ts';
import { settingsIssues } from './settings.ts';
import { Work } from './work.ts';

const MINUTE_MS = 60_000;
const EDIT_MOVES = ['startsAt', 'endsAt', 'venue', 'timeZone'] as const;

/**
 * All rules of an event's seats: state and commands in, outcomes and changes out. Pure, synchronous and total:
 * every command gets exactly one outcome, in order, and one that cannot be met never stands in another's way.
 */
export function decide(state: State, commands: readonly Command[], now: Date): Decision {
  const work = new Work(state, now);
  const outcomes = commands.map((command) => decideOne(work, command));
  return work.finish(outcomes);
}

function decideOne(work: Work, command: Command): Outcome {
  switch (command.type) {
    case 'book':
      return book(work, command);
    case 'cancel':
      return cancel(work, command);
    case 'expire':
      return expire(work, command);
    case 'edit':
      return edit(work, command);
    default:
      return command satisfies never;
  }
}

function book(work: Work, command: Book): Outcome {
  const earlier = work.requests.get(requestKey(command.userId, command.requestId));
  if (earlier) {
    const booking = work.booking(earlier.id) ?? earlier;
    return isRepeat(command, work.event.id, earlier) ? { ok: true, booking } : refuse('REQUEST_ID_REUSED');
  }
  const error = mayBook(command, {
    event: work.event,
    now: work.now,
    liveHold: work.liveHolds.get(command.userId),
    seatsOfUser: work.seatsOf(command.userId),
  });
  if (error) return { ok: false, error };
  const booking = newBooking(work, command);
  work.create(booking, command.userId);
  return { ok: true, booking };
}

function newBooking(work: Work, command: Book): BookingState {
  const { price, holdMinutes } = work.event.settings;
  const facts = {
    id: command.bookingId,
    version: 1,
    code: command.code,
    eventId: work.event.id,
    userId: command.userId,
    seats: command.seats,
    price,
    source: 'direct' as const,
    requestId: command.requestId,
    requested: { seats: command.seats, price: command.price },
    checkedInSeats: 0,
    createdAt: work.now,
    updatedAt: work.now,
  };
  if (price.amount === 0) return { ...facts, status: 'confirmed' };
  const holdExpiresAt = new Date(work.now.getTime() + holdMinutes * MINUTE_MS);
  return { ...facts, status: 'held', holdExpiresAt, settling: false };
}

function cancel(work: Work, command: Cancel): Outcome {
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
      const after = keep > 0 ? { ...next(work, booking), seats: keep } : ended(work, booking, command.by);
      work.replace(booking, after, { kind: 'cancelled', actor: command.actor });
      return { ok: true, booking: after };
    }
    default:
      return booking satisfies never;
  }
}

function release(work: Work, command: Cancel, booking: Held): Outcome {
  if (command.seats !== null) return { ok: false, error: invalidState({ status: 'held' }) };
  const after = ended(work, booking, command.by);
  work.replace(booking, after, { kind: 'released', actor: command.actor });
  return { ok: true, booking: after };
}

function expire(work: Work, command: Expire): Outcome {
  const booking = work.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'held' || booking.holdExpiresAt > work.now) return { ok: true, booking };
  const after: BookingState = {
    ...facts(next(work, booking)),
    status: 'expired',
    holdExpiresAt: booking.holdExpiresAt,
    ended: { by: 'time', reason: null, at: work.now },
  };
  work.replace(booking, after, { kind: 'expired', actor: 'system' });
  return { ok: true, booking: after };
}

function edit(work: Work, command: Edit): Outcome {
  const error = mayEdit(command, work.event, work.everBooked);
  if (error) return { ok: false, error };
  const { totalSeats, ...changes } = command.changes;
  const settings = { ...work.event.settings, ...changes };
  const issues = settingsIssues(settings);
  if (issues.length > 0) {
    return refuse('INVALID_INPUT', { issues: issues.map((i) => ({ ...i, path: ['changes', ...i.path] })) });
  }
  work.edit(
    settings,
    EDIT_MOVES.some((key) => differs(work.event.settings[key], settings[key])),
  );
  if (totalSeats !== undefined) work.resize(totalSeats, command.actor);
  return { ok: true, booking: null };
}

function ended(work: Work, booking: BookingState, by: 'buyer' | 'organiser'): Cancelled {
  return { ...facts(next(work, booking)), status: 'cancelled', ended: { by, reason: null, at: work.now } };
}

function next<B extends BookingState>(work: Work, booking: B): B {
  return { ...booking, version: booking.version + 1, updatedAt: work.now };
}

/** What every state has in common: a field of the old state must not survive in the new one. */
function facts(booking: BookingState) {
  const { id, version, code, eventId, userId, seats, price, source, requestId, requested, checkedInSeats } = booking;
  const { createdAt, updatedAt } = booking;
  return {
    ...{ id, version, code, eventId, userId, seats, price, source, requestId, requested, checkedInSeats },
    ...{ createdAt, updatedAt },
  };
}

function differs(a: Date | string | null, b: Date | string | null): boolean {
  return (a instanceof Date ? a.getTime() : a) !== (b instanceof Date ? b.getTime() : b);
}
