import type { Event } from '#shared/event.ts';
import { REMINDER_LEAD_MINUTES } from '#shared/events/reminder-lead.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';

/** The kind of the jobs that notify users of the opening of a sale. */
export const NOTIFY_REMINDERS = 'tell-reminders';

/** What decides on the reminders of an event. */
export interface RemindedEvent {
  status: Event['status'];
  salesOpenAt: Date | null;
  salesCloseAt: Date | null;
  startsAt: Date;
}

/**
 * The refusal of a reminder, or null. It is refused where no opening is later than `at`: the event is cancelled, or its
 * sale is open or over. A draft is refused like an unknown event.
 */
export function reminderRefusal(event: RemindedEvent | null, at: Date): Refusal | null {
  if (!event || event.status === 'draft') return refuse('NOT_FOUND').error;
  if (event.status === 'cancelled') return stateRefusal('cancelled', 'The event is cancelled.');
  if (isSaleOver(event, at)) return stateRefusal('closed', 'The sale is over.');
  if (event.salesOpenAt === null || event.salesOpenAt <= at) return stateRefusal('open', 'The sale is open already.');
  return null;
}

function stateRefusal(reason: 'cancelled' | 'closed' | 'open', message: string): Refusal {
  return refuse('INVALID_STATE', { message, details: { reason } }).error;
}

/** Whether users are notified now: the opening is near, or an edit has brought it forward to a time that is past. */
export function isReminderDue(event: RemindedEvent, at: Date): boolean {
  if (event.status !== 'published' || isSaleOver(event, at)) return false;
  return event.salesOpenAt === null || event.salesOpenAt.getTime() - REMINDER_LEAD_MINUTES * 60_000 <= at.getTime();
}

/** Whether no notification will follow any more. A draft may be published again. */
export function isReminderVoid(event: RemindedEvent | null, at: Date): boolean {
  return !event || event.status === 'cancelled' || isSaleOver(event, at);
}

function isSaleOver({ salesCloseAt, startsAt }: RemindedEvent, at: Date): boolean {
  return (salesCloseAt ?? startsAt) <= at;
}
