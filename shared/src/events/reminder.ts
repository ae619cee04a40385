import { z } from 'zod';
import { id, time } from '../protocol/primitives.ts';
import { ticketTypeId } from '../tickets/ticket-type.ts';

/**
 * The status of a reminder. `waiting`: its notification follows; `sent`: the user was notified; `ended`: the user wants
 * none any more, or the event has no opening to remind of.
 */
const reminderStatus = z.enum(['waiting', 'sent', 'ended']);

/**
 * A user's wish to be notified before the sale of an event opens, as the user sees it; with `ticketType`, before the
 * sale of that type opens. `salesOpenAt`: the opening that the notification named, `null` before. `version` grows with
 * every change.
 */
export const reminder = z.object({
  eventId: id,
  ticketType: ticketTypeId.optional(),
  version: z.int(),
  status: reminderStatus,
  salesOpenAt: time.nullable(),
});
export type Reminder = z.infer<typeof reminder>;

/** `remindMe`, `forgetReminder`. */
export const reminderInput = z.strictObject({ eventId: id, ticketType: ticketTypeId.optional() });
export type ReminderInput = z.infer<typeof reminderInput>;

/** `listReminders`: the caller's own, ended ones of the last day among them. */
export const reminderList = z.object({ reminders: z.array(reminder) });
