import type { Selling } from '#server/booking/payments/selling.ts';
import type { EventCancellation } from '#server/events/cancel.ts';
import type { EventEditing } from '#server/events/edit.ts';
import type { Now } from '#server/clock.ts';
import type { EventReads } from '#server/events/reads.ts';
import { commands } from '#shared/protocol/commands.ts';
import { ok } from '#shared/protocol/errors.ts';
import type { Caller, CommandTable } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type Names = 'clock' | 'listEvents' | 'getEvent' | 'createEvent' | 'updateEvent' | 'cancelEvent';
type EventCommands = Pick<CommandTable, Names>;

export interface EventCommandDeps {
  eventReads: EventReads;
  eventEditing: EventEditing;
  eventCancellation: EventCancellation;
  isAdmin: (caller: Caller) => Promise<boolean>;
  selling: Pick<Selling, 'priceRefusal'>;
  now: Now;
}

/** Commands on events: every client reads them, organisers create, edit and cancel them. */
export function eventCommands(deps: EventCommandDeps): EventCommands {
  const { eventReads, eventEditing, eventCancellation, isAdmin, selling, now } = deps;
  return {
    clock: { ...commands.clock, rate: 'read', run: async () => ok({ serverTime: now().toISOString() }) },
    listEvents: {
      ...commands.listEvents,
      rate: 'read',
      run: async (input, caller) => eventReads.list(input, { admin: await isAdmin(caller) }),
    },
    getEvent: {
      ...commands.getEvent,
      rate: 'read',
      run: async (input, caller) => eventReads.get(input.eventId, { admin: await isAdmin(caller) }),
    },
    createEvent: {
      ...commands.createEvent,
      rate: 'write',
      run: async (input, caller) => {
        const error = selling.priceRefusal(input);
        return error ? { ok: false, error } : eventEditing.create(input, signedIn(caller).userId);
      },
    },
    updateEvent: {
      ...commands.updateEvent,
      rate: 'write',
      run: async (input, caller) => {
        const error = selling.priceRefusal(input.changes);
        return error ? { ok: false, error } : eventEditing.update(input, signedIn(caller).userId);
      },
    },
    cancelEvent: {
      ...commands.cancelEvent,
      rate: 'write',
      run: (input, caller) => eventCancellation.cancelEvent(input, signedIn(caller).userId),
    },
  };
}
