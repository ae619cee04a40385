import type { Reminders } from '#server/reminders/reminders.ts';
import { commands } from '#shared/protocol/commands.ts';
import { ok } from '#shared/protocol/errors.ts';
import type { CommandTable } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type ReminderCommands = Pick<CommandTable, 'remindMe' | 'forgetReminder' | 'listReminders'>;

export interface ReminderCommandDeps {
  reminders: Pick<Reminders, 'remind' | 'forget' | 'all'>;
}

/** Commands on a user's own reminders of the opening of sales. */
export function reminderCommands({ reminders }: ReminderCommandDeps): ReminderCommands {
  return {
    remindMe: {
      ...commands.remindMe,
      rate: 'write',
      run: (input, caller) => reminders.remind(input, signedIn(caller).userId),
    },
    forgetReminder: {
      ...commands.forgetReminder,
      rate: 'write',
      run: (input, caller) => reminders.forget(input, signedIn(caller).userId),
    },
    listReminders: {
      ...commands.listReminders,
      rate: 'read',
      run: async (_input, caller) => ok({ reminders: await reminders.all(signedIn(caller).userId) }),
    },
  };
}
