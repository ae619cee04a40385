import { refuse } from '#shared/errors.ts';
import type { CancelEvent, Edit, Outcome } from './command.ts';
import { mayEdit } from './policies.ts';
import { settingsIssues } from './settings.ts';
import type { Work } from './work.ts';

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
  if (totalSeats !== undefined) work.resize(totalSeats, command.actor);
  return { ok: true, event: true };
}

/** Calling off twice is the same as once. */
export function cancelEvent(work: Work, { reason }: CancelEvent): Outcome {
  const { settings } = work.event;
  if (settings.status !== 'cancelled') work.edit({ ...settings, status: 'cancelled' }, { cancelReason: reason });
  return { ok: true, event: true };
}

function differs(a: Date | string | null, b: Date | string | null): boolean {
  return (a instanceof Date ? a.getTime() : a) !== (b instanceof Date ? b.getTime() : b);
}
