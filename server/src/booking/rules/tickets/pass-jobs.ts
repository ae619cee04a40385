import type { EventSettings } from '#shared/event.ts';
import type { NewJob } from '../command.ts';
import type { EventState } from '../state/event-state.ts';

/** The kind of the jobs that bring tickets in wallets up to date. */
export const UPDATE_PASSES = 'update-passes';

/**
 * The job for the tickets of bookings that one change has changed; `change` names it. Cancellations are many, so their
 * notification jobs add it where there are tickets in wallets; whatever else changes a ticket adds it in its commit.
 */
export function changedPassesJob(eventId: string, bookingIds: readonly string[], change: string): NewJob {
  const payload = { eventId, change, bookingIds };
  return { key: `${UPDATE_PASSES}:${eventId}:${change}`, kind: UPDATE_PASSES, payload };
}

/** Settings that a ticket in a wallet shows; capacity and prices change more often. */
const SHOWN_SETTINGS = [
  'title',
  'venue',
  'address',
  'timeZone',
  'startsAt',
  'endsAt',
  'doorsAt',
  'minAge',
  'accessInfo',
] as const satisfies (keyof EventSettings)[];

type ShownEvent = Pick<EventState, 'settings' | 'ticketTypes' | 'image'>;

/** Whether tickets in wallets look otherwise after an edit. */
export function changesPasses(before: ShownEvent, after: ShownEvent): boolean {
  return shownText(before) !== shownText(after);
}

function shownText({ settings, ticketTypes, image }: ShownEvent): string {
  const names = ticketTypes.map(({ name }) => name);
  const { id, focusX, focusY } = image ?? {};
  return JSON.stringify([...SHOWN_SETTINGS.map((name) => settings[name] ?? null), names, id, focusX, focusY]);
}

/** The job for all tickets of an event that was edited. */
export function editedPassesJob(eventId: string, revision: number): NewJob {
  const change = `edit-${revision}`;
  const payload = { eventId, change, bookingIds: null };
  return { key: `${UPDATE_PASSES}:${eventId}:${change}`, kind: UPDATE_PASSES, payload };
}
