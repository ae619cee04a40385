import type { CallOff } from '#server/booking/call-off.ts';
import type { Organise } from '#server/booking/organise.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { getEvent } from '#server/events/get-event.ts';
import { listEvents } from '#server/events/list-events.ts';
import type { Models } from '#server/models/models.ts';
import { toStripeAmount } from '#server/payments/stripe/amounts.ts';
import { commands } from '#shared/commands.ts';
import { ok, refuse } from '#shared/errors.ts';
import type { Result } from '#shared/errors.ts';
import type { EventChanges } from '#shared/event.ts';
import type { Caller, CommandTable } from '../command-entry.ts';
import { signedIn } from '../command-entry.ts';

type Names = 'clock' | 'listEvents' | 'getEvent' | 'createEvent' | 'updateEvent' | 'cancelEvent';
type EventCommands = Pick<CommandTable, Names>;

export interface EventCommandOptions {
  models: Models;
  organise: Organise;
  callOff: CallOff;
  isAdmin: (caller: Caller) => Promise<boolean>;
  config: Pick<Config, 'payments' | 'production'>;
  now: Now;
}

/** Everyone reads events, organisers write them. */
export function eventCommands(options: EventCommandOptions): EventCommands {
  const { models, organise, callOff, isAdmin, config, now } = options;
  const reads = { models, now };
  return {
    clock: { ...commands.clock, rate: 'read', run: async () => ok({ serverTime: now().toISOString() }) },
    listEvents: {
      ...commands.listEvents,
      rate: 'read',
      run: async (input, caller) => ok(await listEvents(reads, input, { admin: await isAdmin(caller) })),
    },
    getEvent: {
      ...commands.getEvent,
      rate: 'read',
      run: async (input, caller) => getEvent(models, input.eventId, { admin: await isAdmin(caller) }),
    },
    createEvent: {
      ...commands.createEvent,
      rate: 'write',
      run: async (input, caller) => payable(config, input) ?? organise.create(input, signedIn(caller).userId),
    },
    updateEvent: {
      ...commands.updateEvent,
      rate: 'write',
      run: async (input, caller) => payable(config, input.changes) ?? organise.update(input, signedIn(caller).userId),
    },
    cancelEvent: {
      ...commands.cancelEvent,
      rate: 'write',
      run: (input, caller) => callOff.cancelEvent(input, signedIn(caller).userId),
    },
  };
}

/** A price needs somebody who takes it: in production a provider that is written out, and one that can charge it. */
function payable(
  { payments, production }: EventCommandOptions['config'],
  { price }: Pick<EventChanges, 'price'>,
): Result<never> | null {
  if (!price || price.amount === 0) return null;
  if (payments === null && production)
    return refuse('INVALID_STATE', { details: { payments, reason: 'PAYMENTS is not set' } });
  if (payments === 'stripe' && toStripeAmount(price) === null)
    return refuse('INVALID_STATE', { details: { payments, reason: 'Stripe cannot charge exactly this price' } });
  return null;
}
