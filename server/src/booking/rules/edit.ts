import { refuse } from '#shared/protocol/errors.ts';
import type { EventSettings } from '#shared/event.ts';
import type { CancelEvent, Edit, JobOrder, Outcome, Recount } from './command.ts';
import type { EventState, Recounted } from './state/event-state.ts';
import { invalidState, mayEdit } from './policies.ts';
import { settingsIssues } from './state/settings.ts';
import { TELL_MOVED } from './notify.ts';
import type { Work } from './state/batch-draft.ts';

/** A change of one of these gives every booker a new time to cancel. */
const MOVES = ['startsAt', 'endsAt', 'venue', 'timeZone'] as const;

export function edit(work: Work, command: Edit): Outcome {
  const error = mayEdit(command, work.event, work.everBooked);
  if (error) return { ok: false, error };
  const { totalSeats, ...changes } = command.changes;
  const before = work.event.settings;
  const settings = { ...before, ...changes };
  const issues = settingsIssues(settings);
  if (issues.length > 0) {
    return refuse('INVALID_INPUT', { issues: issues.map((i) => ({ ...i, path: ['changes', ...i.path] })) });
  }
  const moved = MOVES.some((key) => differs(before[key], settings[key]));
  work.edit(settings, moved ? { movedAt: work.now } : {});
  // A draft has no bookers.
  if (moved && work.everBooked) work.order(tellMoved(work, before));
  if (totalSeats !== undefined) work.resize(totalSeats, command.actor);
  return { ok: true, event: true };
}

/** Every booker is told, and shown what was and what is now. */
function tellMoved({ event, now }: Work, before: EventSettings): JobOrder {
  const payload = { eventId: event.id, revision: event.revision, at: now, before: placeOf(before) };
  const key = `${TELL_MOVED}:${event.id}:${event.revision}`;
  return { key, kind: TELL_MOVED, payload: { ...payload, now: placeOf(event.settings) } };
}

function placeOf({ startsAt, endsAt, venue, timeZone }: EventSettings) {
  return { startsAt, endsAt, venue, timeZone };
}

/** The one order to cancel an event's bookings. */
export function cancelEventKey(eventId: string): string {
  return `cancel-event:${eventId}`;
}

/** Calling off twice is the same as once. Bookings and waiting parties follow by a job, ordered in the same commit. */
export function cancelEvent(work: Work, { actor, reason }: CancelEvent): Outcome {
  const { settings, id } = work.event;
  if (settings.status !== 'cancelled') work.edit({ ...settings, status: 'cancelled' }, { cancelReason: reason });
  const payload = { eventId: id, actor, reason: work.event.cancelReason ?? reason, taken: work.state.stakes };
  work.order({ key: cancelEventKey(id), kind: 'cancel-event', payload });
  return { ok: true, event: true };
}

/** What the ledger says counts. Its own line moves no seats, so that the sums stay what they are. */
export function recount(work: Work, _: Recount): Outcome {
  const { recounted } = work.state;
  if (!recounted) return { ok: false, error: invalidState({ reason: 'ledger' }) };
  work.recount(recounted, corrections(work.event, recounted).join(', ') || 'no counter differed');
  return { ok: true, event: true };
}

function corrections({ counters, version, waitingCount }: EventState, to: Recounted): string[] {
  const before: Record<string, number> = { ...counters, version, waitingCount };
  const after: Record<string, number> = { ...to.counters, version: to.seq, waitingCount: to.waitingCount };
  const wrong = Object.keys(after).filter((name) => before[name] !== after[name]);
  return wrong.map((name) => `${name} ${before[name]} -> ${after[name]}`);
}

function differs(a: Date | string | null, b: Date | string | null): boolean {
  return (a instanceof Date ? a.getTime() : a) !== (b instanceof Date ? b.getTime() : b);
}
