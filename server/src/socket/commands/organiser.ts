import { findAccount, setRole } from '#server/accounts/roles.ts';
import type { CheckIns } from '#server/booking/check-in.ts';
import type { Now } from '#server/clock.ts';
import type { Attendees } from '#server/events/attendees.ts';
import type { Sales } from '#server/events/sales.ts';
import type { Models } from '#server/models/models.ts';
import { toUser } from '#server/models/views.ts';
import type { User } from '#shared/account.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { CommandTable } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type OrganiserCommands = Pick<CommandTable, 'listEventBookings' | 'eventStats' | 'checkIn' | 'setRole'>;

export interface OrganiserCommandDeps {
  models: Models;
  sales: Sales;
  attendees: Attendees;
  checkIns: CheckIns;
  now: Now;
}

/** Commands of organisers beside those on events: sales figures, attendees, check-in and roles. */
export function organiserCommands({
  models,
  sales,
  attendees,
  checkIns,
  now,
}: OrganiserCommandDeps): OrganiserCommands {
  return {
    listEventBookings: {
      ...commands.listEventBookings,
      rate: 'read',
      run: (input) => attendees.list(input),
    },
    eventStats: {
      ...commands.eventStats,
      rate: 'read',
      run: ({ eventId }) => sales.stats(eventId),
    },
    checkIn: {
      ...commands.checkIn,
      rate: 'write',
      run: (input, caller) => checkIns.checkIn(input, signedIn(caller).userId),
    },
    setRole: {
      ...commands.setRole,
      rate: 'write',
      run: (input) => changeRole(models, input, now()),
    },
  };
}

async function changeRole(models: Models, { email, role }: CommandInput<'setRole'>, at: Date): Promise<Result<User>> {
  const user = await findAccount(models, email);
  if (!user) return refuse('NOT_FOUND');
  const changed = await setRole(models, user, role, { at });
  return changed.ok ? ok(toUser(changed.data)) : changed;
}
