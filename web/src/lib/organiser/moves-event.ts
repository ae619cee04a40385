import type { Event, EventChanges } from '#shared/event.ts';
import { toWallClock } from '#shared/time/wall-clock.ts';

type WhenAndWhere = Pick<Event, 'startsAt' | 'endsAt' | 'venue' | 'timeZone'>;

/** Whether an edit changes what buyers know of time and venue; a zone with the same clock at these times does not. */
export function movesEvent(event: WhenAndWhere, changes: EventChanges): boolean {
  return JSON.stringify(shownOf(event)) !== JSON.stringify(shownOf(afterEdit(event, changes)));
}

/** Time and venue after an edit. */
export function afterEdit(event: WhenAndWhere, changes: EventChanges): WhenAndWhere {
  const { startsAt = event.startsAt, endsAt = event.endsAt, venue = event.venue, timeZone = event.timeZone } = changes;
  return { startsAt, endsAt, venue, timeZone };
}

function shownOf({ startsAt, endsAt, venue, timeZone }: WhenAndWhere): unknown[] {
  return [startsAt, endsAt, venue, toWallClock(startsAt, timeZone), endsAt && toWallClock(endsAt, timeZone)];
}
