import type { Event } from '#shared/event.ts';
import { REMINDER_LEAD_MINUTES } from '#shared/events/reminder-lead.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { TicketTypeState } from './state/event-state.ts';

/** The kind of the jobs that notify users of the opening of a sale. */
export const NOTIFY_REMINDERS = 'tell-reminders';

type RemindedType = Pick<TicketTypeState, 'id' | 'salesFrom' | 'salesUntil' | 'access' | 'archived'>;

/** What decides on the reminders of an event. */
export interface RemindedEvent {
  status: Event['status'];
  salesOpenAt: Date | null;
  salesCloseAt: Date | null;
  startsAt: Date;
  /** A document from before version 2 lacks them: its one type has no window. */
  ticketTypes?: readonly RemindedType[];
}

/** The sale that a reminder is of: that of the ticket type with this id, or, as null, that of the event. */
export type RemindedSale = string | null;

/**
 * The refusal of a reminder, or null. It is refused where no opening is later than `at`: the event is cancelled, or the
 * sale is open or over. A draft is refused like an unknown event, and a type that only a voucher opens like an unknown
 * type, so that the answer does not reveal it.
 */
export function reminderRefusal(event: RemindedEvent | null, sale: RemindedSale, at: Date): Refusal | null {
  if (!event || event.status === 'draft') return refuse('NOT_FOUND').error;
  const type = typeOf(event, sale);
  if (sale !== null && type?.access !== 'public') return refuse('NOT_FOUND').error;
  if (event.status === 'cancelled') return stateRefusal('cancelled', 'The event is cancelled.');
  if (isSaleOver(event, sale, at) || type?.archived) return stateRefusal('closed', 'The sale is over.');
  if (isOpen(event, sale, at)) return stateRefusal('open', 'The sale is open already.');
  return null;
}

function stateRefusal(reason: 'cancelled' | 'closed' | 'open', message: string): Refusal {
  return refuse('INVALID_STATE', { message, details: { reason } }).error;
}

/** When the sale opens: that of a type not before that of its event; null where nothing keeps it closed. */
export function openingOf(event: RemindedEvent, sale: RemindedSale): Date | null {
  const { salesOpenAt } = event;
  const from = typeOf(event, sale)?.salesFrom ?? null;
  return from !== null && (salesOpenAt === null || from > salesOpenAt) ? from : salesOpenAt;
}

export function isOpen(event: RemindedEvent, sale: RemindedSale, at: Date): boolean {
  const opening = openingOf(event, sale);
  return opening === null || opening <= at;
}

/**
 * Whether users are notified now: the opening is near, or an edit has brought it forward to a time that is past. Not of
 * a type that is hidden or archived now: it may be sold again.
 */
export function isReminderDue(event: RemindedEvent, sale: RemindedSale, at: Date): boolean {
  if (event.status !== 'published' || isSaleOver(event, sale, at)) return false;
  const type = typeOf(event, sale);
  if (sale !== null && (type?.access !== 'public' || type.archived)) return false;
  return isOpen(event, sale, new Date(at.getTime() + REMINDER_LEAD_MINUTES * 60_000));
}

/** Whether no notification will follow any more. A draft may be published again; a removed type never comes back. */
export function isReminderVoid(event: RemindedEvent | null, sale: RemindedSale, at: Date): boolean {
  if (!event || event.status === 'cancelled' || isSaleOver(event, sale, at)) return true;
  return sale !== null && typeOf(event, sale) === undefined;
}

function isSaleOver(event: RemindedEvent, sale: RemindedSale, at: Date): boolean {
  const { salesCloseAt, startsAt } = event;
  const until = typeOf(event, sale)?.salesUntil ?? null;
  return (salesCloseAt ?? startsAt) <= at || (until !== null && until <= at);
}

function typeOf({ ticketTypes = [] }: RemindedEvent, sale: RemindedSale): RemindedType | undefined {
  return sale === null ? undefined : ticketTypes.find(({ id }) => id === sale);
}
