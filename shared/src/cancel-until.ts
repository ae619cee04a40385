const HOUR_MS = 3_600_000;
/** After a change of time or venue a booking can be cancelled for this long, at most until the start (PROTOCOL.md). */
const MOVED_GRACE_MS = 14 * 24 * HOUR_MS;

/** Until when its owner may cancel a confirmed booking: by the event's rule, or until 14 days after a later move. */
export function cancelUntil(
  booking: { createdAt: Date },
  event: { startsAt: Date; cancelBeforeHours: number; movedAt: Date | null },
): Date {
  const startsAt = event.startsAt.getTime();
  const byRule = startsAt - event.cancelBeforeHours * HOUR_MS;
  const movedAt = event.movedAt && event.movedAt > booking.createdAt ? event.movedAt.getTime() : null;
  const byMove = movedAt === null ? byRule : Math.min(movedAt + MOVED_GRACE_MS, startsAt);
  return new Date(Math.max(byRule, byMove));
}
