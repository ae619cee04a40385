import { z } from 'zod';
import { user } from '#shared/account.ts';
import { booking } from '#shared/booking.ts';
import { providerName } from '#shared/checkout.ts';
import { availability, event } from '#shared/event.ts';
import { reminder } from '#shared/events/reminder.ts';
import { salesFigures } from '#shared/organiser.ts';
import { time } from './primitives.ts';
import { waitlistEntry } from '#shared/waitlist.ts';

/** The version of the wire contract; grows with a change that breaks clients. */
export const PROTOCOL_VERSION = 1;

/** Why the server ends a connection (PROTOCOL.md, "Namespaces"). */
export const sessionEndReason = z.enum([
  'expired',
  'logged_out',
  'password_changed',
  'account_deleted',
  'role_changed',
  'server_closing',
]);
export type SessionEndReason = z.infer<typeof sessionEndReason>;

/** The payload of every push of the wire contract, by the push's name (PROTOCOL.md, "Pushes"). */
export const pushes = {
  welcome: z.object({
    protocol: z.literal(PROTOCOL_VERSION),
    serverTime: time,
    user: user.nullable(),
    payments: providerName,
  }),
  availabilityChanged: z.object({ changes: z.array(availability) }),
  eventChanged: event,
  bookingChanged: booking,
  waitlistChanged: waitlistEntry,
  reminderChanged: reminder,
  salesChanged: z.object({ changes: z.array(salesFigures) }),
  sessionEnded: z.object({ reason: sessionEndReason }),
} as const satisfies Record<string, z.ZodType>;

export type PushName = keyof typeof pushes;
export type Push<N extends PushName> = z.output<(typeof pushes)[N]>;
