import { z } from 'zod';
import { user } from '#shared/account.ts';
import { booking } from '#shared/booking.ts';
import { availability, event } from '#shared/event.ts';
import { salesFigures } from '#shared/organiser.ts';
import { time } from './primitives.ts';
import { waitlistEntry } from '#shared/waitlist.ts';

export const PROTOCOL_VERSION = 1;

export const sessionEndReason = z.enum([
  'expired',
  'logged_out',
  'password_changed',
  'account_deleted',
  'role_changed',
  'server_closing',
]);
export type SessionEndReason = z.infer<typeof sessionEndReason>;

/** Every push of the wire contract, by name (PROTOCOL.md, "Pushes"). */
export const pushes = {
  welcome: z.object({
    protocol: z.literal(PROTOCOL_VERSION),
    serverTime: time,
    user: user.nullable(),
    payments: z.enum(['demo', 'stripe']),
  }),
  availabilityChanged: z.object({ changes: z.array(availability) }),
  eventChanged: event,
  bookingChanged: booking,
  waitlistChanged: waitlistEntry,
  salesChanged: z.object({ changes: z.array(salesFigures) }),
  sessionEnded: z.object({ reason: sessionEndReason }),
} as const satisfies Record<string, z.ZodType>;

export type PushName = keyof typeof pushes;
export type Push<N extends PushName> = z.output<(typeof pushes)[N]>;
