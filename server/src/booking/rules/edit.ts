import { refuse } from '#shared/protocol/errors.ts';
import type { EventSettings } from '#shared/event.ts';
import type { CancelEvent, Edit, NewJob, Outcome, Recount } from './command.ts';
import type { EventState, Recounted } from './state/event-state.ts';
import { invalidStateRefusal, editRefusal } from './refusals.ts';
import { settingsIssues } from './state/settings.ts';
import { NOTIFY_MOVED } from './notify.ts';
import type { BatchDraft } from './state/batch-draft.ts';

/** A change of one of these gives every booker a new time to cancel. */
const MOVING_FIELDS = ['startsAt', 'endsAt', 'venue', 'timeZone'] as const;

export function edit(draft: BatchDraft, command: Edit): Outcome {
  const error = editRefusal(command, draft.event, draft.everBooked);
  if (error) return { ok: false, error };
  const { totalSeats, ...changes } = command.changes;
  const before = draft.event.settings;
  const settings = { ...before, ...changes };
  const issues = settingsIssues(settings);
  if (issues.length > 0) {
    return refuse('INVALID_INPUT', { issues: issues.map((i) => ({ ...i, path: ['changes', ...i.path] })) });
  }
  const moved = MOVING_FIELDS.some((key) => isDifferent(before[key], settings[key]));
  draft.editSettings(settings, moved ? { movedAt: draft.now } : {});
  // A draft has no bookers.
  if (moved && draft.everBooked) draft.addJob(movedJob(draft, before));
  if (totalSeats !== undefined) draft.changeCapacity(totalSeats, command.actor);
  return { ok: true, event: true };
}

/** Every booker is told, and shown what was and what is now. */
function movedJob({ event, now }: BatchDraft, before: EventSettings): NewJob {
  const payload = { eventId: event.id, revision: event.revision, at: now, before: timeAndVenue(before) };
  const key = `${NOTIFY_MOVED}:${event.id}:${event.revision}`;
  return { key, kind: NOTIFY_MOVED, payload: { ...payload, now: timeAndVenue(event.settings) } };
}

function timeAndVenue({ startsAt, endsAt, venue, timeZone }: EventSettings) {
  return { startsAt, endsAt, venue, timeZone };
}

/** The one order to cancel an event's bookings. */
export function cancelEventJobKey(eventId: string): string {
  return `cancel-event:${eventId}`;
}

/** Calling off twice is the same as once. Bookings and waiting parties follow by a job, ordered in the same commit. */
export function cancelEvent(draft: BatchDraft, { actor, reason }: CancelEvent): Outcome {
  const { settings, id } = draft.event;
  if (settings.status !== 'cancelled')
    draft.editSettings({ ...settings, status: 'cancelled' }, { cancelReason: reason });
  const payload = { eventId: id, actor, reason: draft.event.cancelReason ?? reason, taken: draft.state.cancellation };
  draft.addJob({ key: cancelEventJobKey(id), kind: 'cancel-event', payload });
  return { ok: true, event: true };
}

/** What the ledger says counts. Its own line moves no seats, so that the sums stay what they are. */
export function recount(draft: BatchDraft, _: Recount): Outcome {
  const { recounted } = draft.state;
  if (!recounted) return { ok: false, error: invalidStateRefusal({ reason: 'ledger' }) };
  draft.replaceCounters(recounted, corrections(draft.event, recounted).join(', ') || 'no counter differed');
  return { ok: true, event: true };
}

function corrections({ counters, version, waitingCount }: EventState, to: Recounted): string[] {
  const before: Record<string, number> = { ...counters, version, waitingCount };
  const after: Record<string, number> = { ...to.counters, version: to.seq, waitingCount: to.waitingCount };
  const wrong = Object.keys(after).filter((name) => before[name] !== after[name]);
  return wrong.map((name) => `${name} ${before[name]} -> ${after[name]}`);
}

function isDifferent(a: Date | string | null, b: Date | string | null): boolean {
  return (a instanceof Date ? a.getTime() : a) !== (b instanceof Date ? b.getTime() : b);
}
