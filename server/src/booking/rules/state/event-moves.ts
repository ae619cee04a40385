import type { EventMove, TimeAndVenue } from './event-state.ts';

/** Beyond it the oldest are forgotten: the ledger repeats the moves in every batch of the event. */
const MOST_MOVES = 20;

/** Whether an event shows the same start, end and venue. Zones with the same clock at these times are no difference. */
export function isSameTimeAndVenue(a: TimeAndVenue, b: TimeAndVenue): boolean {
  if (a.venue !== b.venue || !isSameTime(a.startsAt, b.startsAt) || !isSameTime(a.endsAt, b.endsAt)) return false;
  // Formatting a time takes longer than all other decisions of an edit together.
  if (a.timeZone === b.timeZone) return true;
  const readsSame = (at: Date | null) => wallClock(at, a.timeZone) === wallClock(at, b.timeZone);
  return readsSame(a.startsAt) && readsSame(a.endsAt);
}

function isSameTime(a: Date | null, b: Date | null): boolean {
  return a?.getTime() === b?.getTime();
}

function wallClock(at: Date | null, timeZone: string): string | null {
  return at && at.toLocaleString('en-GB', { timeZone });
}

/** The event's moves with one more: `before` is what the buyers knew until now. */
export function withMove(moves: readonly EventMove[], { startsAt, endsAt, venue, timeZone }: TimeAndVenue, at: Date) {
  return [...moves, { at, startsAt, endsAt, venue, timeZone }].slice(-MOST_MOVES);
}

/**
 * Time and venue as the buyer last knew them, and when the last move since then was made; null if the event has not
 * moved since, or is back where it was.
 */
export function unseenMove(
  booking: { createdAt: Date; movesSeenAt: Date | null },
  event: TimeAndVenue & { moves: readonly EventMove[] },
): EventMove | null {
  const since = Math.max(booking.createdAt.getTime(), booking.movesSeenAt?.getTime() ?? 0);
  const unseen = event.moves.filter(({ at }) => at.getTime() > since);
  const [before, last] = [unseen[0], unseen.at(-1)];
  if (!before || !last || isSameTimeAndVenue(before, event)) return null;
  return { ...before, at: last.at };
}
